/// First replies by id; the oldest are forgotten.
struct Replies<Reply: Sendable>: Sendable {
  /// How many are remembered.
  static var limit: Int { 100_000 }

  private var byID: [String: Reply] = [:]
  private var order: [String] = []
  private var oldest = 0

  /// The first reply to an id; setting it again changes nothing.
  subscript(id: String) -> Reply? {
    get { byID[id] }
    set {
      guard byID[id] == nil, let newValue else { return }
      byID[id] = newValue
      if order.count < Self.limit {
        order.append(id)
      } else {
        byID[order[oldest]] = nil
        order[oldest] = id
        oldest = (oldest + 1) % Self.limit
      }
    }
  }
}
