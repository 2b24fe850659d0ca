package import Postgres

/// The migrations of this module, oldest first.
package enum APIConventionsMigrations {
  /// Schema `apiconventions`.
  package static let all = [
    Migration(
      version: 1,
      name: "apiconventions_create",
      sql: PackageResources.V0001__apiconventions_create_sql
    )
  ]
}
