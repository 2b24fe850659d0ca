internal import APIConventions
package import Postgres

/// Subject codes (主体标识码) that the code center has assigned in advance, each to be used once.
package struct CodePool: Sendable {
  private let store: CodePoolStore

  /// The pool, in an open transaction.
  package init(_ transaction: Transaction) {
    store = CodePoolStore(transaction)
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
    let (free, last) = try await store.census(of: prefix)
    let next = (last.flatMap { SubjectCode.number(in: $0) } ?? SubjectCode.firstNumber - 1) + 1
    let missing = max(0, count - free)
    for start in stride(from: 0, to: missing, by: 10_000) {
      let codes = (start..<min(start + 10_000, missing)).map {
        SubjectCode.text(prefix: prefix, number: next + $0)
      }
      try await store.insert(codes)
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
    guard let code = try await store.take(for: entity) else { throw EntityError.codePoolEmpty }
    return code
  }
}
