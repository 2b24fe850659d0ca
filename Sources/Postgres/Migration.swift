/// One step of the schema, as a room brings it along.
package struct Migration: Sendable, Hashable {
  /// Its number across the house, 1 or more.
  package let version: Int
  /// What it does, in words of a file name: `filings_create`.
  package let name: String
  /// One or more statements, none of which ends the transaction.
  package let sql: String

  /// A step.
  package init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
  }

  /// A step from a resource embedded in the program: `PackageResources.V0002__filings_create_sql`.
  package init(version: Int, name: String, sql resource: [UInt8]) {
    self.init(version: version, name: name, sql: String(decoding: resource, as: UTF8.self))
  }
}

/// Why a database can't be brought to the schema asked for; nothing was changed by the step named.
package enum MigrationError: Error, Sendable, Hashable {
  /// Two steps have this number.
  case duplicate(version: Int)
  /// The step landed with another name or text.
  case edited(version: Int, name: String)
  /// The database has a step that this program doesn't know: it belongs to a newer one.
  case unknown(version: Int, name: String)
  /// The step is new, but later ones have already landed.
  case outOfOrder(version: Int, name: String)
  /// The step ended the transaction it runs in.
  case endedTransaction(version: Int, name: String)
  /// A statement of the step failed.
  case failed(version: Int, name: String, PostgresError)
}
