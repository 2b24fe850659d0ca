internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import Testing

@Suite("Migrating a database")
struct MigratorTests {
  private let first = Migration(
    version: 1,
    name: "names_create",
    sql: "CREATE SCHEMA names; CREATE TABLE names.name (id int); INSERT INTO names.name VALUES (1);"
  )
  private let second = Migration(
    version: 2,
    name: "names_note",
    sql: Array("ALTER TABLE names.name ADD COLUMN note text DEFAULT '登记; -- $1';".utf8)
  )

  private func withDatabase(_ body: (Database) async throws -> Void) async throws {
    let fresh = try await TestDatabase.create()
    try await body(fresh.database)
    await fresh.drop()
  }

  @Test("each step is taken once, in the order of the numbers")
  func stepsAreTakenOnce() async throws {
    try await withDatabase { database in
      let migrator = Migrator(database)
      #expect(try await migrator.migrate([second, first]) == [first, second])
      #expect(try await migrator.migrate([first, second]) == [])
      #expect(
        try await database.queryOne("SELECT note FROM names.name")?.decode(String.self)
          == "登记; -- $1"
      )
      let landed = try await database.query(
        "SELECT version, name FROM migrations.landed ORDER BY version"
      )
      #expect(try landed.map { try $0.decode(Int.self, String.self).0 } == [1, 2])
    }
  }

  @Test("servers that start together take each step once")
  func racesAreWon() async throws {
    try await withDatabase { database in
      let slow = Migration(
        version: 3,
        name: "slow",
        sql: "SELECT pg_sleep(0.2); CREATE TABLE third ()"
      )
      let all = [first, second, slow]
      let loops = try TestCluster.loops.get()
      let taken = try await withThrowingTaskGroup(of: [Migration].self) { group in
        for _ in 0..<5 {
          group.addTask {
            let own = Database(configuration: database.configuration, loops: loops)
            defer { own.close() }
            return try await Migrator(own).migrate(all)
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(taken.sorted { $0.version < $1.version } == all)
    }
  }

  @Test("an edited step is refused", arguments: [true, false])
  func editsAreRefused(text: Bool) async throws {
    try await withDatabase { database in
      try await Migrator(database).migrate([first, second])
      let edited = Migration(
        version: 1,
        name: text ? first.name : "names_made",
        sql: text ? first.sql + " " : first.sql
      )
      await #expect(throws: MigrationError.edited(version: 1, name: "names_create")) {
        try await Migrator(database).migrate([edited, second])
      }
    }
  }

  @Test("a step that this program doesn't know is refused")
  func unknownStepsAreRefused() async throws {
    try await withDatabase { database in
      try await Migrator(database).migrate([first, second])
      await #expect(throws: MigrationError.unknown(version: 2, name: "names_note")) {
        try await Migrator(database).migrate([first])
      }
    }
  }

  @Test("a step that comes after later ones is refused, and two of one number")
  func disorderIsRefused() async throws {
    try await withDatabase { database in
      try await Migrator(database).migrate([Migration(version: 2, name: "b", sql: "SELECT 1")])
      await #expect(throws: MigrationError.outOfOrder(version: 1, name: "a")) {
        try await Migrator(database).migrate([
          Migration(version: 1, name: "a", sql: "SELECT 1"),
          Migration(version: 2, name: "b", sql: "SELECT 1"),
        ])
      }
      await #expect(throws: MigrationError.duplicate(version: 1)) {
        try await Migrator(database).migrate([first, first])
      }
    }
  }

  @Test("a step that fails leaves nothing behind, and those before it")
  func failuresLeaveNothing() async throws {
    try await withDatabase { database in
      let broken = Migration(version: 2, name: "broken", sql: "CREATE TABLE half (); SELECT 1 / 0;")
      let error = await #expect(throws: MigrationError.self) {
        try await Migrator(database).migrate([first, broken])
      }
      guard case .failed(2, "broken", let cause) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(cause.sqlState == "22012")
      let half = try await database.queryOne("SELECT to_regclass('half')::text")
      #expect(try half?.decode(String?.self) == .some(.none))
      let taken = try await Migrator(database).migrate([first, second])
      #expect(taken == [second])
    }
  }

  @Test("a step that ends its transaction is refused", arguments: ["COMMIT", "ROLLBACK"])
  func endingTheTransactionIsRefused(end: String) async throws {
    try await withDatabase { database in
      let rogue = Migration(version: 1, name: "rogue", sql: "CREATE TABLE stays (); \(end);")
      await #expect(throws: MigrationError.endedTransaction(version: 1, name: "rogue")) {
        try await Migrator(database).migrate([rogue])
      }
      let landed = try await database.queryOne("SELECT 1 FROM migrations.landed")
      #expect(landed == nil)
    }
  }
}
