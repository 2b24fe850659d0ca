package import Postgres

/// The migrations of this room, oldest first.
package enum NamesMigrations {
  /// Schema `names`, with its scopes.
  package static let all = [
    Migration(version: 6, name: "names_create", sql: PackageResources.V0006__names_create_sql)
  ]
}
