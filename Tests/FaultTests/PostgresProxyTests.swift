internal import EventLoops
internal import Postgres
internal import RegistryTestKit
internal import Testing

@Suite("Stopping a COMMIT on its way", .serialized)
struct PostgresProxyTests {
  /// A database reached through a proxy, and the same without.
  private func withProxy(
    _ body: @escaping @Sendable (PostgresProxy, Database, MortalCluster) async throws -> Void
  ) async throws {
    let worker = try WorkerExecutor(threads: 1, queueLimit: 1)
    let cluster = try await worker.run { try MortalCluster.start() }
    let proxy = try PostgresProxy(to: cluster.socket)
    var configuration = DatabaseConfiguration(
      connectionString: "\(proxy.address) user=registry dbname=postgres"
    )
    configuration.transactionAttempts = 1
    let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
    try await database.start()
    try await database.runScript("CREATE TABLE t (n int PRIMARY KEY)")
    let result = await Task { try await body(proxy, database, cluster) }.result
    database.close()
    await proxy.close()
    await worker.shutDown()
    try result.get()
  }

  /// What is in the table, asked of the server itself.
  private func numbers(_ cluster: MortalCluster) async throws -> [Int] {
    let database = Database(
      configuration: DatabaseConfiguration(connectionString: cluster.connectionString),
      loops: try TestCluster.loops.get()
    )
    defer { database.close() }
    try await database.start()
    return try await database.query("SELECT n FROM t ORDER BY n").map { try $0.decode(Int.self) }
  }

  private func insert(_ number: Int, _ database: Database) async throws {
    try await database.withTransaction { try await $0.execute("INSERT INTO t VALUES (\(number))") }
  }

  private func insertAtOnce(_ number: Int, _ database: Database) async throws {
    try await database.commit("INSERT INTO t VALUES (\(number))")
  }

  @Test("everything passes as it is, large values in both directions too")
  func everythingPasses() async throws {
    try await withProxy { proxy, database, cluster in
      let text = String(repeating: "登记", count: 400_000)
      let row = try await database.queryOne("SELECT \(text) || \("!")")
      #expect(try row?.decode(String.self) == text + "!")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<100 { group.addTask { try await insert(number, database) } }
        try await group.waitForAll()
      }
      #expect(try await numbers(cluster) == Array(0..<100))
      await #expect(throws: PostgresError.self) { try await insert(7, database) }
    }
  }

  @Test(
    "the server is killed with the COMMIT before it or behind it, and keeps what it did",
    arguments: PostgresProxy.Moment.allCases,
    [true, false]
  )
  func serverIsKilled(moment: PostgresProxy.Moment, inOneRoundTrip: Bool) async throws {
    try await withProxy { proxy, database, cluster in
      let trap = proxy.arm(moment) { $0.contains { $0.hasPrefix("INSERT INTO t ") } }
      let writing = Task {
        try await inOneRoundTrip ? insertAtOnce(1, database) : insert(1, database)
      }
      for await _ in trap {}
      // Others go on.
      try await database.withTransaction { try await $0.execute("INSERT INTO t VALUES (2)") }
      let worker = try WorkerExecutor(threads: 1, queueLimit: 1)
      try await worker.run { try cluster.kill() }
      let error = await #expect(throws: PostgresError.self) { try await writing.value }
      #expect(error?.kind == .inDoubt)
      try await worker.run { try cluster.restart() }
      #expect(try await numbers(cluster) == (moment == .afterCommit ? [1, 2] : [2]))
      try await insert(3, database)
      await worker.shutDown()
    }
  }

  @Test("a trap is for what it matches, and springs once")
  func trapsAreChosen() async throws {
    try await withProxy { proxy, database, cluster in
      let trap = proxy.arm(.beforeCommit) { $0.contains { $0.hasSuffix("-- this") } }
      try await insert(1, database)
      let held = Task {
        try await database.withTransaction(deadline: .now + .milliseconds(500)) {
          try await $0.execute("INSERT INTO t VALUES (2) -- this")
        }
      }
      for await _ in trap {}
      let error = await #expect(throws: PostgresError.self) { try await held.value }
      #expect(error?.kind == .inDoubt)
      try await database.withTransaction {
        try await $0.execute("INSERT INTO t VALUES (3) -- this")
      }
      #expect(try await numbers(cluster) == [1, 3])
    }
  }

  @Test("a COMMIT that the server refuses doesn't spring a trap behind it")
  func refusedCommits() async throws {
    try await withProxy { proxy, database, cluster in
      try await database.runScript(
        "CREATE TABLE late (n int REFERENCES t DEFERRABLE INITIALLY DEFERRED)"
      )
      let trap = proxy.arm(.afterCommit) { $0.contains { $0.contains("INTO late") } }
      let refusal = await #expect(throws: PostgresError.self) {
        try await database.withTransaction { try await $0.execute("INSERT INTO late VALUES (5)") }
      }
      #expect(refusal?.sqlState == "23503")
      try await insert(6, database)
      let held = Task {
        try await database.withTransaction(deadline: .now + .milliseconds(500)) {
          try await $0.execute("INSERT INTO late VALUES (6)")
        }
      }
      for await _ in trap {}
      await #expect(throws: PostgresError.self) { try await held.value }
    }
  }

  @Test("a server that is away refuses, and is reached when it is back")
  func serverIsAway() async throws {
    try await withProxy { _, database, cluster in
      let worker = try WorkerExecutor(threads: 1, queueLimit: 1)
      try await worker.run { try cluster.kill() }
      await #expect(throws: PostgresError.self) {
        try await database.withTransaction(deadline: .now + .milliseconds(300)) {
          try await $0.execute("INSERT INTO t VALUES (0)")
        }
      }
      async let write: Void = insert(1, database)
      try await worker.run { try cluster.restart() }
      try await write
      #expect(try await numbers(cluster) == [1])
      await worker.shutDown()
    }
  }
}
