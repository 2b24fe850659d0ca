internal import APIConventions
internal import Foundation
internal import Postgres
internal import Vocabulary

/// The SQL of the pool.
struct CodePoolStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// How many codes of a prefix are free, and the last of that prefix.
  func census(of prefix: String) async throws -> (free: Int, last: String?) {
    let row = try await transaction.queryOne(
      """
      SELECT count(*) FILTER (WHERE entity_id IS NULL), max(left(subject_code, 8) COLLATE "C")
      FROM entities.code_pool
      WHERE region_code = 210000 AND left(subject_code, 2) = \(prefix)
      """
    )
    return try row?.decode(Int.self, String?.self) ?? (0, nil)
  }

  /// Adds codes that are not there yet.
  func insert(_ codes: [String]) async throws {
    try await transaction.execute(
      """
      INSERT INTO entities.code_pool (region_code, subject_code)
      SELECT 210000, c.subject_code
      FROM unnest(\(codes)::text[]) c (subject_code)
      ON CONFLICT (region_code, subject_code) DO NOTHING
      """
    )
  }

  /// Takes the next free code for an entity; nothing if there is none.
  func take(for entity: RegionalID) async throws -> String? {
    try await transaction.queryOne(
      """
      UPDATE entities.code_pool
      SET entity_region = \(entity.region.rawValue), entity_id = \(entity.uuid)
      WHERE region_code = 210000 AND subject_code = (
        SELECT subject_code
        FROM entities.code_pool
        WHERE region_code = 210000 AND entity_id IS NULL
        ORDER BY region_code, subject_code
        LIMIT 1
        FOR UPDATE SKIP LOCKED
      )
      RETURNING subject_code
      """
    ).map { try $0.decode(String.self) }
  }
}
