internal import Foundation
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

/// A database whose connections pass a fault proxy.
struct ProxiedDatabase {
  let proxy: FaultProxy
  /// Through the proxy.
  let database: Database
  /// The same, past the proxy.
  let direct: Database

  /// Gives a body such a database, prepared by a script, started unless that is not wanted.
  static func with(
    starts: Bool = true,
    user: String = "registry",
    script: String = "",
    adjust: (inout DatabaseConfiguration) -> Void = { _ in },
    _ body: (ProxiedDatabase) async throws -> Void
  ) async throws {
    let own = try await TestDatabase.create()
    let address = own.database.configuration.connectionString
    let folder = try #require(address.firstMatch(of: /host='([^']*)'/)).1
    if !script.isEmpty { try await own.database.runScript(script) }
    let proxy = try FaultProxy(to: .unix(path: "\(folder)/.s.PGSQL.5432"))
    var configuration = own.database.configuration
    configuration.connectionString = try Self.address(of: proxy, user: user)
    configuration.applicationName += " proxied"
    adjust(&configuration)
    let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
    do {
      if starts { try await database.start() }
      try await body(ProxiedDatabase(proxy: proxy, database: database, direct: own.database))
    } catch {
      database.close()
      await proxy.close()
      await own.drop()
      throw error
    }
    database.close()
    await proxy.close()
    await own.drop()
  }

  /// A connection string that leads through a proxy.
  static func address(of proxy: FaultProxy, user: String = "registry") throws -> String {
    guard case .tcp(let host, let port) = proxy.address else { throw POSIXError(.EINVAL) }
    return
      "host=\(host) port=\(port) user=\(user) dbname=postgres sslmode=disable gssencmode=disable"
  }

  /// Sets a course for the connections that there are, not for those to come.
  func disturb(_ course: FaultProxy.Course, _ directions: FaultProxy.Direction...) async {
    let directions = directions.isEmpty ? FaultProxy.Direction.allCases : directions
    for connection in await proxy.census() {
      for direction in directions { await proxy.set(course, direction, of: connection.number) }
    }
  }

  /// Reads a number; the answer must be that number's.
  func read(_ number: Int) async throws {
    let row = try await database.queryOne("SELECT \(number) + 1")
    #expect(try row?.decode(Int.self) == number + 1)
  }
}

/// What became of many calls.
struct Outcomes: Sendable {
  var answered = 0
  var refused = 0
  var others: [String] = []

  /// Notes a call's result; whoever is refused must be told when to come again.
  mutating func note(_ result: Result<Void, any Error>) {
    switch result {
    case .success: answered += 1
    case .failure(let error as PostgresError) where error.kind == .poolExhausted:
      refused += 1
      if error.retryDelay == nil { others.append("no delay: \(error)") }
    case .failure(let error): others.append("\(error)")
    }
  }
}
