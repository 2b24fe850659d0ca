/// The connections of one loop whose handshake isn't complete, oldest first.
///
/// There is room for so many. One more makes the oldest give way: a client in good faith needs a few
/// round trips for its handshake, one that says nothing is the oldest soon.
struct HandshakeQueue {
  private let limit: Int
  private var members: [UInt64: ServerConnection] = [:]
  private var order = FIFO<UInt64>()

  /// - Parameter limit: 1 or more.
  init(limit: Int) {
    self.limit = limit
  }

  var count: Int { members.count }

  /// Adds a connection; returns the one that has to give way, if any.
  mutating func append(_ connection: ServerConnection) -> ServerConnection? {
    members[connection.id] = connection
    order.append(connection.id)
    // Those that have shaken hands are still in the order; it may be twice as long as the limit.
    while let first = order.first, members[first] == nil { _ = order.popFirst() }
    if order.count > 2 * limit { order.removeAll { members[$0] == nil } }
    guard members.count > limit, let oldest = order.popFirst() else { return nil }
    return members.removeValue(forKey: oldest)
  }

  /// Takes out a connection that has shaken hands or is closed.
  mutating func remove(_ connection: ServerConnection) {
    members[connection.id] = nil
  }
}
