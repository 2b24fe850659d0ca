package import Postgres

/// The migrations of this module, oldest first.
package enum FilingsMigrations {
  /// Schema `filings`.
  package static let all = [
    Migration(version: 8, name: "filings_create", sql: PackageResources.V0008__filings_create_sql),
    Migration(
      version: 15,
      name: "filings_steps_in_place",
      sql: PackageResources.V0015__filings_steps_in_place_sql
    ),
  ]
}
