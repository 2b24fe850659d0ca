internal import APIConventions
internal import Foundation
internal import Postgres
internal import Vocabulary

/// An event and where it stands in the chain, once it does.
struct ChainedEvent: Hashable, Sendable {
  let event: StoredEvent
  let chainIndex: Int64?
  let chainSM3: [UInt8]?
}

/// The SQL of reading events.
struct EventStore: Sendable {
  private let database: Database

  init(_ database: Database) {
    self.database = database
  }

  /// The event, if the viewer may see it.
  func event(_ id: RegionalID, for viewer: EventViewer) async throws -> ChainedEvent? {
    try await database.queryOne(
      """
      SELECT \(StoredEvent.columns), l.chain_index, l.chain_sm3
      FROM ledger.event e
      LEFT JOIN ledger.chain_link l
        ON l.region_code = e.region_code AND l.event_id = e.event_id
      WHERE e.region_code = \(id.region.rawValue) AND e.event_id = \(id.uuid)
        AND \(visible(to: viewer))
      """
    ).map { try ChainedEvent($0) }
  }

  /// Events that the viewer may see, by time and id.
  func events(
    _ filter: EventFilter,
    for viewer: EventViewer,
    after position: EventPosition?,
    limit: Int
  ) async throws -> [ChainedEvent] {
    let condition = condition(filter, after: position)
    return try await database.query(
      """
      SELECT \(StoredEvent.columns), l.chain_index, l.chain_sm3
      FROM (\(keys(condition, for: viewer, limit: limit))) AS k
      JOIN ledger.event e ON e.region_code = k.region_code AND e.event_id = k.event_id
      LEFT JOIN ledger.chain_link l
        ON l.region_code = e.region_code AND l.event_id = e.event_id
      ORDER BY e.event_time, e.event_id
      LIMIT \(limit)
      """
    ).map { try ChainedEvent($0) }
  }

  /// The head of the chain.
  func head() async throws -> ChainHead {
    let row = try await database.queryOne(
      """
      SELECT chain_index, chain_sm3, chain_time
      FROM ledger.chain_link
      ORDER BY chain_index DESC
      LIMIT 1
      """
    )
    guard let row else { return .empty }
    let (index, hash, time) = try row.decode(Int64.self, [UInt8].self, Date.self)
    return ChainHead(size: index + 1, chainSM3: hash, time: time)
  }

  private func visible(to viewer: EventViewer) -> SQL {
    switch viewer {
    case .staff: "true"
    case .account(let name):
      """
      (e.actor = \(name) OR e.subject = \(name) OR EXISTS (
        SELECT 1
        FROM ledger.event c
        WHERE c.subject = e.filing AND c.subject_version = 1 AND c.actor = \(name)))
      """
    }
  }

  /// The keys of a page.
  ///
  /// An account's come from three index scans, each no longer than the page,
  /// because one scan under a disjunction would read the whole trace.
  private func keys(_ condition: SQL, for viewer: EventViewer, limit: Int) -> SQL {
    switch viewer {
    case .staff: page("true", condition, limit)
    case .account(let name):
      """
      (\(page("e.actor = \(name)", condition, limit)))
      UNION
      (\(page("e.subject = \(name)", condition, limit)))
      UNION
      (SELECT own.region_code, own.event_id, own.event_time
      FROM ledger.event c
      CROSS JOIN LATERAL (\(page("e.filing = c.subject", condition, limit))) AS own
      WHERE c.actor = \(name) AND c.subject_version = 1 AND c.subject LIKE 'filings/%'
      ORDER BY own.event_time, own.event_id
      LIMIT \(limit))
      """
    }
  }

  private func page(_ first: SQL, _ condition: SQL, _ limit: Int) -> SQL {
    """
    SELECT e.region_code, e.event_id, e.event_time
    FROM ledger.event e
    WHERE \(first)\(condition)
    ORDER BY e.event_time, e.event_id
    LIMIT \(limit)
    """
  }

  private func condition(_ filter: EventFilter, after position: EventPosition?) -> SQL {
    let parts: [SQL] = [
      filter.filing.map { " AND e.filing = \($0)" },
      filter.entity.map { " AND e.entity = \($0)" },
      filter.actor.map { " AND e.actor = \($0)" },
      filter.subject.map { " AND e.subject = \($0)" },
      filter.start.map { " AND e.event_time >= \($0)" },
      filter.end.map { " AND e.event_time < \($0)" },
      position.map { " AND (e.event_time, e.event_id) > (\($0.time), \($0.id))" },
    ].compactMap(\.self)
    return parts.reduce("") { "\($0)\($1)" }
  }
}

extension ChainedEvent {
  fileprivate init(_ row: Row) throws {
    event = try StoredEvent(row)
    chainIndex = try row.decode(Int64?.self, at: StoredEvent.columnCount)
    chainSM3 = try row.decode([UInt8]?.self, at: StoredEvent.columnCount + 1)
  }
}
