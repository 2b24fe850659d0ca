/// A queue that lets go of each element as it is taken.
///
/// The first element lies apart, so that a queue which never holds a second, as most of a unary
/// call's, allocates nothing.
struct FIFO<Element> {
  private(set) var first: Element?
  /// What follows the first, from `head` on.
  private var slots: [Element?] = []
  private var head = 0

  var count: Int { first == nil ? 0 : 1 + slots.count - head }

  var isEmpty: Bool { first == nil }

  mutating func append(_ element: Element) {
    if first == nil {
      first = element
    } else {
      slots.append(element)
    }
  }

  mutating func popFirst() -> Element? {
    guard let element = first else { return nil }
    first = slots.isEmpty ? nil : popSlot()
    return element
  }

  private mutating func popSlot() -> Element? {
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
    first.mutate(body)
  }

  /// Takes out every element that a condition holds for, keeping the order of the others.
  mutating func removeAll(where isOut: (Element) -> Bool) {
    let kept = ([first] + slots[head...]).compactMap { $0 }.filter { !isOut($0) }
    removeAll()
    for element in kept { append(element) }
  }

  mutating func removeAll() {
    first = nil
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
