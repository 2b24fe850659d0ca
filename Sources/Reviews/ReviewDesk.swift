package import APIConventions
package import Postgres
package import RegistryAPI

/// The reviews: the door for later rooms, in the caller's transaction.
package struct ReviewDesk: Sendable {
  private let store: ReviewStore

  /// The reviews, in an open transaction.
  package init(_ transaction: Transaction) {
    store = ReviewStore(transaction)
  }

  /// What staff recorded about a filing; nothing before the first step.
  ///
  /// - Throws: `PostgresError`.
  package func review(of filing: RegionalID) async throws -> Liaoning_Registry_V1_Review? {
    try await store.review(of: filing)?.proto
  }
}
