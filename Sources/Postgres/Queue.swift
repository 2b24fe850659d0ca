/// First in, first out, in constant time at either end.
struct Queue<Element> {
  private var items: [Element?] = []
  private var head = 0

  init() {}

  var isEmpty: Bool { head == items.count }
  var count: Int { items.count - head }
  var first: Element? { isEmpty ? nil : items[head] }

  mutating func append(_ element: Element) {
    items.append(element)
  }

  /// Puts an element in front of all others.
  mutating func prepend(_ element: Element) {
    if head == 0 {
      items.insert(element, at: 0)
    } else {
      head -= 1
      items[head] = element
    }
  }

  @discardableResult
  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    defer {
      items[head] = nil
      head += 1
      if head == items.count {
        items.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 1024 {
        items.removeFirst(head)
        head = 0
      }
    }
    return items[head]
  }

  /// Takes out all that fulfil a condition, in order.
  mutating func removeAll(where condition: (Element) -> Bool) -> [Element] {
    var removed: [Element] = []
    var kept: [Element?] = []
    for case .some(let item) in items[head...] {
      if condition(item) { removed.append(item) } else { kept.append(item) }
    }
    items = kept
    head = 0
    return removed
  }
}

extension Queue: Sequence {
  func makeIterator() -> AnyIterator<Element> {
    var rest = items[head...].makeIterator()
    return AnyIterator { rest.next() ?? nil }
  }
}

extension Queue: Sendable where Element: Sendable {}
