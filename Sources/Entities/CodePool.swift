internal import APIConventions
internal import Foundation
package import Postgres
internal import Vocabulary

/// Subject codes (主体标识码) that the code center has assigned in advance, each to be used once.
package struct CodePool: Sendable {
  private let transaction: Transaction

  /// The pool, in an open transaction.
  package init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Fills the pool with made-up codes, for development and tests; a real pool is loaded from the code
  /// center.
  ///
  /// - Parameters:
  ///   - prefix: What the codes begin with, 2 characters of the code's alphabet, for instance `XX`.
  ///   - count: How many free codes of that prefix there are to be afterwards.
  /// - Throws: `PostgresError`, or `CodePool.Misuse` if the prefix is none.
  package func replenish(prefix: String, upTo count: Int) async throws {
    guard prefix.count == 2, prefix.allSatisfy(SubjectCode.alphabet.contains) else {
      throw Misuse.prefix
    }
    let row = try await transaction.queryOne(
      """
      SELECT count(*) FILTER (WHERE entity_id IS NULL), max(left(subject_code, 8) COLLATE "C")
      FROM entities.code_pool
      WHERE region_code = 210000 AND left(subject_code, 2) = \(prefix)
      """
    )
    let (free, last) = try row?.decode(Int.self, String?.self) ?? (0, nil)
    let next = (last.flatMap { SubjectCode.number(in: $0) } ?? SubjectCode.firstNumber - 1) + 1
    let missing = max(0, count - free)
    for start in stride(from: 0, to: missing, by: 10_000) {
      let codes = (start..<min(start + 10_000, missing)).map {
        SubjectCode.text(prefix: prefix, number: next + $0)
      }
      try await transaction.execute(
        """
        INSERT INTO entities.code_pool (region_code, subject_code)
        SELECT 210000, c.subject_code
        FROM unnest(\(codes)::text[]) c (subject_code)
        ON CONFLICT (region_code, subject_code) DO NOTHING
        """
      )
    }
  }

  /// A pool that cannot be filled as asked.
  package enum Misuse: Error, Equatable {
    /// The prefix is not two characters of the alphabet.
    case prefix
  }

  /// Takes the next free code for an entity; callers at once take different ones and none waits.
  ///
  /// - Throws: `EntityError.codePoolEmpty`.
  func take(for entity: RegionalID) async throws -> String {
    let row = try await transaction.queryOne(
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
    )
    guard let row else { throw EntityError.codePoolEmpty }
    return try row.decode(String.self)
  }
}
