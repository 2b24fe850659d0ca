package import Postgres

/// The migrations of this module, oldest first.
package enum OutboxMigrations {
  /// Schema `outbox`.
  package static let all = [
    Migration(version: 3, name: "outbox_create", sql: PackageResources.V0003__outbox_create_sql)
  ]
}
