package import Postgres

/// The migrations of this room, oldest first.
package enum LicensesMigrations {
  /// Schema `licenses`.
  package static let all = [
    Migration(
      version: 9,
      name: "licenses_create",
      sql: PackageResources.V0009__licenses_create_sql
    ),
    Migration(version: 12, name: "licenses_seal", sql: PackageResources.V0012__licenses_seal_sql),
  ]
}
