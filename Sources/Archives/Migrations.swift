package import Postgres

/// The migrations of this module, oldest first.
package enum ArchivesMigrations {
  /// Schema `archives`.
  package static let all = [
    Migration(
      version: 11,
      name: "archives_create",
      sql: PackageResources.V0011__archives_create_sql
    )
  ]
}
