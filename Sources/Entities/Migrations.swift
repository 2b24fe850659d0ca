package import Postgres

/// The migrations of this room, oldest first.
package enum EntitiesMigrations {
  /// Schema `entities`.
  package static let all = [
    Migration(version: 5, name: "entities_create", sql: PackageResources.V0005__entities_create_sql)
  ]
}
