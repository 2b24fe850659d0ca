internal import EventLoops
internal import Foundation
package import Postgres
package import Testing

/// A database of its own for a suite, or a single test, on the test process's server.
///
/// `@Suite("…", .database(FilingsMigrations.all))`, then `let database = try TestDatabase.ofSuite()`.
package struct TestDatabase: Sendable {
  /// The one of the suite or test that is running.
  @TaskLocal package static var current: TestDatabase?

  /// The database, started.
  package let database: Database
  /// Its name on the server.
  package let name: String

  /// The running suite's database.
  ///
  /// - Throws: An error if neither the suite nor the test has the trait `.database`.
  package static func ofSuite() throws -> Database {
    guard let current else { throw MissingTrait() }
    return current.database
  }

  private struct MissingTrait: Error, CustomStringConvertible {
    let description = "the suite has no trait .database"
  }

  /// Creates a database and brings it to a schema; `drop` it at the end.
  ///
  /// - Parameters:
  ///   - migrations: The schema.
  ///   - adjust: Changes limits before the database is opened.
  /// - Throws: What the server or the migrator says.
  /// - Returns: The database, started.
  package static func create(
    _ migrations: [Migration] = [],
    adjust: @Sendable (inout DatabaseConfiguration) -> Void = { _ in }
  ) async throws -> TestDatabase {
    let administrator = try await TestCluster.shared.administrator()
    let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "_")
    try await administrator.runScript("CREATE DATABASE \(name)")
    var configuration = DatabaseConfiguration(
      connectionString: administrator.configuration.connectionString
    )
    configuration.databaseName = name
    configuration.applicationName = name
    adjust(&configuration)
    let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
    let created = TestDatabase(database: database, name: name)
    do {
      try await database.start()
      try await Migrator(database).migrate(migrations)
    } catch {
      await created.drop()
      throw error
    }
    return created
  }

  /// Closes and removes the database.
  package func drop() async {
    database.close()
    let administrator = try? await TestCluster.shared.administrator()
    try? await administrator?.runScript("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
  }
}

/// Gives a suite a database of its own.
package struct DatabaseTrait: SuiteTrait, TestTrait, TestScoping {
  /// The database's schema.
  let migrations: [Migration]

  /// Creates the database, runs the suite or test, and drops the database.
  package func provideScope(
    for test: Test,
    testCase: Test.Case?,
    performing function: @Sendable () async throws -> Void
  ) async throws {
    let database = try await TestDatabase.create(migrations)
    do {
      try await TestDatabase.$current.withValue(database) { try await function() }
    } catch {
      await database.drop()
      throw error
    }
    await database.drop()
  }
}

extension Trait where Self == DatabaseTrait {
  /// A database for the whole suite, with the schema of some migrations.
  package static func database(_ migrations: [Migration] = []) -> DatabaseTrait {
    DatabaseTrait(migrations: migrations)
  }
}
