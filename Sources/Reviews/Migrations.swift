package import Postgres

/// The migrations of this module, oldest first.
package enum ReviewsMigrations {
  /// Schema `reviews`.
  package static let all = [
    Migration(version: 10, name: "reviews_create", sql: PackageResources.V0010__reviews_create_sql),
    Migration(
      version: 16,
      name: "reviews_decision_numbers",
      sql: PackageResources.V0016__reviews_decision_numbers_sql
    ),
  ]
}
