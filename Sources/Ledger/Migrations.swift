package import Postgres

/// The migrations of this module, oldest first.
package enum LedgerMigrations {
  /// Schema `ledger`.
  package static let all = [
    Migration(version: 2, name: "ledger_create", sql: PackageResources.V0002__ledger_create_sql),
    Migration(
      version: 14,
      name: "ledger_chain_in_sets",
      sql: PackageResources.V0014__ledger_chain_in_sets_sql
    ),
  ]
}
