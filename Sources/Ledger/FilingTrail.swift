internal import Postgres

/// An event and where it stands in the chain, for whoever files the trace away.
package struct TrailEvent: Hashable, Sendable {
  /// The event.
  package let event: StoredEvent
  /// Its place in the chain, from 0; nothing while the sequencer has not come to it.
  package let chainIndex: Int64?
  /// The chain's hash after it, 32 bytes.
  package let chainSM3: [UInt8]?
}

extension Ledger {
  /// What happened to a filing and to everything that belongs to it, in the order of time.
  ///
  /// - Parameters:
  ///   - filing: The filing's name.
  ///   - limit: The most events.
  /// - Returns: The first events, as the transaction sees them.
  /// - Throws: `PostgresError`.
  package func trail(of filing: String, limit: Int) async throws -> [TrailEvent] {
    try await transaction.query(
      """
      SELECT \(StoredEvent.columns), l.chain_index, l.chain_sm3
      FROM ledger.event e
      LEFT JOIN ledger.chain_link l
        ON l.region_code = e.region_code AND l.event_id = e.event_id
      WHERE e.filing = \(filing)
      ORDER BY e.event_time, e.event_id
      LIMIT \(limit)
      """
    ).map { row in
      TrailEvent(
        event: try StoredEvent(row),
        chainIndex: try row.decode(Int64?.self, at: StoredEvent.columnCount),
        chainSM3: try row.decode([UInt8]?.self, at: StoredEvent.columnCount + 1)
      )
    }
  }
}
