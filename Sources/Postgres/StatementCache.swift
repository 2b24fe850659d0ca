/// Which statements a connection has prepared, by text and parameter types; bounded.
struct StatementCache {
  /// A statement under its name on the server.
  final class Entry {
    let key: StatementKey
    let name: String
    /// Whether the server has confirmed it.
    var isPrepared = false
    /// Why the server refused it.
    var failure: PostgresError?
    var lastUse: UInt64 = 0

    init(key: StatementKey, name: String) {
      self.key = key
      self.name = name
    }
  }

  private let limit: Int
  private var entries: [StatementKey: Entry] = [:]
  private var uses: UInt64 = 0
  private var named: UInt64 = 0

  init(limit: Int) {
    self.limit = max(1, limit)
    entries.reserveCapacity(self.limit)
  }

  /// The entry of a statement, if it was ever sent to be prepared and not forgotten since.
  mutating func entry(for key: StatementKey) -> Entry? {
    guard let entry = entries[key] else { return nil }
    uses += 1
    entry.lastUse = uses
    return entry
  }

  /// Makes an entry.
  ///
  /// - Returns: It, and the one that had to give way, to be deallocated.
  mutating func add(_ key: StatementKey) -> (entry: Entry, evicted: Entry?) {
    var evicted: Entry?
    if entries.count >= limit {
      evicted = entries.values.min { $0.lastUse < $1.lastUse }
      if let evicted { entries[evicted.key] = nil }
    }
    named += 1
    uses += 1
    let entry = Entry(key: key, name: "s\(named)")
    entry.lastUse = uses
    entries[key] = entry
    return (entry, evicted)
  }

  /// Forgets an entry, so that its statement is prepared anew.
  mutating func remove(_ entry: Entry) {
    if entries[entry.key] === entry { entries[entry.key] = nil }
  }
}
