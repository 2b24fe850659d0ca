package import Postgres

/// The migrations of this room, oldest first.
package enum LicensesMigrations {
  /// Schema `licenses`.
  package static let all = [
    Migration(version: 9, name: "licenses_create", sql: PackageResources.V0009__licenses_create_sql)
  ]
}
