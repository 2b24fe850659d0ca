internal import Foundation
internal import Postgres
internal import RegistryTestKit

/// What a database holds, seen without proxy and server.
struct DatabaseWitness: Sendable {
  private let database: Database

  init(_ cluster: MortalCluster) async throws {
    database = Database(
      configuration: DatabaseConfiguration(connectionString: cluster.connectionString),
      loops: try TestCluster.loops.get()
    )
    try await database.start()
  }

  func close() { database.close() }

  /// Tables that change beside the calls: the chain grows behind them, deliveries are tried, and each start of a registry of
  /// development fills the pool of codes.
  private static let restless = ["ledger.chain_link", "outbox.delivery", "entities.code_pool"]

  /// A digest of the rows of each table that only calls change, and what is to be delivered.
  func state() async throws -> [String: String] {
    let tables = try await database.query(
      """
      SELECT schemaname || '.' || tablename,
        substring(query_to_xml(
          format('SELECT md5(coalesce(string_agg(md5(t::text), '''' ORDER BY md5(t::text)), '''')) AS rows FROM %I.%I t',
            schemaname, tablename), false, true, '')::text FROM '<rows>(.*)</rows>')
      FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
        AND schemaname || '.' || tablename <> ALL (\(Self.restless))
      ORDER BY 1
      LIMIT 1000
      """
    ).map { try $0.decode(String.self, String.self) }
    var state = Dictionary(uniqueKeysWithValues: tables)
    state["outbox.delivery"] = try await database.queryOne(
      """
      SELECT coalesce(string_agg(delivery_id || ' ' || receiver || ' ' || kind || ' ' || subject, E'\\n'
        ORDER BY delivery_id), '')
      FROM outbox.delivery
      """
    )?.decode(String.self)
    return state
  }

  /// The reply that is remembered for a request, serialized.
  func reply(to requestID: String) async throws -> [UInt8]? {
    guard let id = UUID(uuidString: requestID) else { return nil }
    return try await database.queryOne(
      "SELECT reply FROM apiconventions.request_log WHERE request_id = \(id)"
    )?.decode([UInt8]?.self)
  }

  /// How many events there are, and how many deliveries, all and different ones.
  func counts() async throws -> (events: Int, deliveries: Int, distinctDeliveries: Int) {
    guard
      let row = try await database.queryOne(
        """
        SELECT (SELECT count(*) FROM ledger.event), count(*),
          count(DISTINCT (receiver, kind, subject))
        FROM outbox.delivery
        """
      )
    else { return (0, 0, 0) }
    return try row.decode(Int.self, Int.self, Int.self)
  }
  /// Whether all deliveries were made.
  func isDelivered() async throws -> Bool {
    try await database.queryOne(
      "SELECT count(*) FROM outbox.delivery WHERE state <> 'delivered'"
    )?.decode(Int.self) == 0
  }
}
