/// A queue that lets go of each element as it is taken.
struct FIFO<Element> {
  private var slots: [Element?] = []
  private var head = 0

  var count: Int { slots.count - head }

  var first: Element? { head < slots.count ? slots[head] : nil }

  var isEmpty: Bool { slots.count == head }

  mutating func append(_ element: Element) {
    slots.append(element)
  }

  mutating func popFirst() -> Element? {
    guard head < slots.count else { return nil }
    let element = slots[head]
    slots[head] = nil
    head += 1
    if head == slots.count {
      slots.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= slots.count {
      slots.removeSubrange(..<head)
      head = 0
    }
    return element
  }

  /// Changes the first element in place; nil if there is none.
  mutating func withFirst<Result>(_ body: (inout Element) -> Result) -> Result? {
    guard head < slots.count, slots[head] != nil else { return nil }
    return slots[head].mutate(body)
  }

  /// Takes out every element that a condition holds for, keeping the order of the others.
  mutating func removeAll(where isOut: (Element) -> Bool) {
    slots = slots[head...].filter { $0.map { !isOut($0) } ?? false }
    head = 0
  }

  mutating func removeAll() {
    slots = []
    head = 0
  }
}

extension Optional {
  fileprivate mutating func mutate<Result>(_ body: (inout Wrapped) -> Result) -> Result? {
    switch self {
    case .some(var wrapped):
      self = nil
      defer { self = wrapped }
      return body(&wrapped)
    case .none:
      return nil
    }
  }
}
