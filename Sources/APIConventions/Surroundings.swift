package import Foundation
package import Postgres
package import Vocabulary

/// What a room is handed instead of reaching for it: database, time, ids, law.
package struct Surroundings: Sendable {
  /// The database.
  package let database: Database
  /// The time now, by the server's clock.
  package let now: @Sendable () -> Date
  /// A new UUID v7.
  package let newUUID: @Sendable () -> UUID
  /// The law in force.
  package let law: LawProfile

  /// What a room is handed.
  package init(
    database: Database,
    now: @escaping @Sendable () -> Date,
    newUUID: @escaping @Sendable () -> UUID,
    law: LawProfile
  ) {
    self.database = database
    self.now = now
    self.newUUID = newUUID
    self.law = law
  }

  /// A new id in `region`.
  package func newID(in region: RegionCode) -> RegionalID {
    RegionalID(region: region, uuid: newUUID())
  }
}
