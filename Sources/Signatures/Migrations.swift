package import Postgres

/// The migrations of this module, oldest first.
package enum SignaturesMigrations {
  /// Schema `signatures`.
  package static let all = [
    Migration(
      version: 7,
      name: "signatures_create",
      sql: PackageResources.V0007__signatures_create_sql
    )
  ]
}
