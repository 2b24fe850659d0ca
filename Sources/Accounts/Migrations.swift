package import Postgres

/// The migrations of this room, oldest first.
package enum AccountsMigrations {
  /// Schema `accounts`, with the handling agreement and the authorities of the province.
  package static let all = [
    Migration(
      version: 4,
      name: "accounts_create",
      sql: PackageResources.V0004__accounts_create_sql
    ),
    Migration(
      version: 13,
      name: "accounts_people",
      sql: PackageResources.V0013__accounts_people_sql
    ),
  ]
}
