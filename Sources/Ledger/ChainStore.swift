internal import Foundation
internal import Postgres

/// How far the sequencer has come: the last chained event's transaction and number.
struct Watermark: Hashable, Sendable {
  let transactionID: Int64
  let number: Int64

  /// Before the first event.
  static let start = Watermark(transactionID: 0, number: 0)
}

/// The SQL of the chain.
struct ChainStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The last link and the place of its event in the order of writing.
  ///
  /// - Returns: The head, where to go on reading, and whether the server's transaction ids have fallen
  ///   behind it, as after a restored dump.
  func head() async throws -> (head: ChainHead, watermark: Watermark, isAhead: Bool) {
    let row = try await transaction.queryOne(
      """
      SELECT l.chain_index, l.chain_sm3, l.chain_time, e.transaction_id::text::bigint,
        e.event_number, e.transaction_id >= pg_snapshot_xmax(pg_current_snapshot())
      FROM ledger.chain_link l
      JOIN ledger.event e ON e.region_code = l.region_code AND e.event_id = l.event_id
      ORDER BY l.chain_index DESC
      LIMIT 1
      """
    )
    guard let row else { return (.empty, .start, false) }
    let (index, hash, time, transactionID, number, isAhead) = try row.decode(
      Int64.self,
      [UInt8].self,
      Date.self,
      Int64.self,
      Int64.self,
      Bool.self
    )
    return (
      ChainHead(size: index + 1, chainSM3: hash, time: time),
      Watermark(transactionID: transactionID, number: number), isAhead
    )
  }

  /// Committed events that no transaction under way can still precede, in the order of writing.
  ///
  /// Every transaction below the snapshot's xmin has ended when the snapshot is taken, so the set read
  /// can never grow again. The watermark travels as parameters: joined from a table it would lose the
  /// index condition.
  func settledEvents(after watermark: Watermark, limit: Int) async throws -> [StoredEvent] {
    try await transaction.query(
      """
      SELECT \(StoredEvent.columns)
      FROM ledger.event e
      WHERE (e.transaction_id, e.event_number)
          > (\(String(watermark.transactionID))::xid8, \(watermark.number))
        AND e.transaction_id < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY e.transaction_id, e.event_number
      LIMIT \(limit)
      """
    ).map { try StoredEvent($0) }
  }

  /// Writes links; the primary key keeps two sequencers from continuing the same head.
  func append(_ links: [ChainLink], at instant: Date) async throws {
    try await transaction.execute(
      """
      INSERT INTO ledger.chain_link (chain_index, region_code, event_id, leaf_sm3, chain_sm3,
        chain_time)
      SELECT link.chain_index, link.region_code, link.event_id, link.leaf_sm3, link.chain_sm3,
        \(instant)
      FROM unnest(\(links.map(\.index)), \(links.map(\.region)), \(links.map(\.eventID)),
        \(links.map(\.leafSM3)), \(links.map(\.chainSM3)))
        AS link (chain_index, region_code, event_id, leaf_sm3, chain_sm3)
      ORDER BY link.chain_index
      """
    )
  }

  /// The link at `index`.
  func link(at index: Int64) async throws -> ChainLink? {
    try await transaction.queryOne(
      """
      SELECT chain_index, region_code, event_id, leaf_sm3, chain_sm3
      FROM ledger.chain_link
      WHERE chain_index = \(index)
      """
    ).map { try ChainLink($0) }
  }

  /// Links from `index` on, in their order.
  func links(from index: Int64, limit: Int) async throws -> [ChainLink] {
    try await transaction.query(
      """
      SELECT chain_index, region_code, event_id, leaf_sm3, chain_sm3
      FROM ledger.chain_link
      WHERE chain_index >= \(index)
      ORDER BY chain_index
      LIMIT \(limit)
      """
    ).map { try ChainLink($0) }
  }

  /// The events of links, by id; those that are gone are missing.
  func events(of links: [ChainLink]) async throws -> [UUID: StoredEvent] {
    let events = try await transaction.query(
      """
      SELECT \(StoredEvent.columns)
      FROM unnest(\(links.map(\.region)), \(links.map(\.eventID))) AS link (region_code, event_id)
      JOIN ledger.event e ON e.region_code = link.region_code AND e.event_id = link.event_id
      ORDER BY e.region_code, e.event_id
      """
    ).map { try StoredEvent($0) }
    return Dictionary(events.map { ($0.id, $0) }) { first, _ in first }
  }
}

extension ChainLink {
  fileprivate init(_ row: Row) throws {
    (index, region, eventID, leafSM3, chainSM3) = try row.decode(
      Int64.self,
      Int32.self,
      UUID.self,
      [UInt8].self,
      [UInt8].self
    )
  }
}

extension StoredEvent {
  /// Every column of `ledger.event`, which the statement calls `e`.
  static let columns: SQL =
    """
    e.region_code, e.event_id, e.subject_id, e.subject_version, e.subject, e.kind, e.filing,
    e.entity, e.actor, e.event_time, e.salt, e.state_sm3, e.details,
    e.transaction_id::text::bigint, e.event_number
    """

  /// How many they are.
  static let columnCount = 15

  /// The event in the first columns of a row.
  init(_ row: Row) throws {
    region = try row.decode(Int32.self, at: 0)
    id = try row.decode(UUID.self, at: 1)
    subjectID = try row.decode(UUID.self, at: 2)
    subjectVersion = try row.decode(Int64.self, at: 3)
    subject = try row.decode(String.self, at: 4)
    kind = try row.decode(String.self, at: 5)
    filing = try row.decode(String?.self, at: 6)
    entity = try row.decode(String?.self, at: 7)
    actor = try row.decode(String.self, at: 8)
    time = try row.decode(Date.self, at: 9)
    salt = try row.decode([UInt8].self, at: 10)
    stateSM3 = try row.decode([UInt8].self, at: 11)
    details = try row.decode(String.self, at: 12)
    transactionID = try row.decode(Int64.self, at: 13)
    number = try row.decode(Int64.self, at: 14)
  }
}
