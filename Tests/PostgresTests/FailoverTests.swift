internal import EventLoops
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("Losing the server's favor", .timeLimit(.minutes(2)))
struct RefusalTests {
  @Test(
    "without a connection left on the server, calls share those that there are; without any they are told, and recover"
  )
  func outOfConnections() async throws {
    let role = "guest_\(UInt32.random(in: 0 ... .max))"
    try await ProxiedDatabase.with(
      starts: false,
      user: role,
      script:
        "CREATE ROLE \(role) LOGIN CONNECTION LIMIT 2; CREATE TABLE t (n int); GRANT ALL ON t TO \(role)"
    ) { configuration in
      configuration.readConnections = 1
      configuration.writeConnections = 4
    } _: { stage in
      try await stage.database.start()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          group.addTask {
            _ = try await stage.database.withTransaction {
              try await $0.execute("INSERT INTO t VALUES (\(number))")
            }
          }
        }
        try await group.waitForAll()
      }
      try await stage.direct.runScript("ALTER ROLE \(role) CONNECTION LIMIT 0")
      await stage.proxy.cut()
      var write: PostgresError?
      // The first to hear of it may hear of the connection that was being opened when it was cut.
      while write?.message.contains("too many connections") != true {
        write = await #expect(throws: PostgresError.self) {
          try await stage.database.withTransaction(deadline: .now + .milliseconds(500)) {
            try await $0.execute("SELECT 1")
          }
        }
        #expect(write?.kind == .connectionLost)
      }
      let read = await #expect(throws: PostgresError.self) {
        try await Database.$deadline.withValue(.now + .milliseconds(500)) {
          try await stage.read(1)
        }
      }
      #expect(read?.kind == .connectionLost)
      try await stage.direct.runScript("ALTER ROLE \(role) CONNECTION LIMIT 2")
      try await stage.database.start()
      try await stage.database.withTransaction { try await $0.execute("SELECT 1") }
      try await stage.read(2)
      stage.database.close()
      try await stage.direct.runScript("DROP OWNED BY \(role)")
    }
  }

  @Test(
    "a server that takes no writes any more is left: the transaction runs again on a new connection, free ones are closed"
  )
  func readOnlyServers() async throws {
    let own = try await TestDatabase.create { $0.writeConnections = 2 }
    let database = own.database
    try await database.runScript("CREATE TABLE t (n int)")
    let readOnly: SQL = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    for inOneStatement in [true, false] {
      // Both connections are as if their server had become a standby.
      try await database.withTransaction { outer in
        try await outer.execute(readOnly)
        try await database.withTransaction { try await $0.execute(readOnly) }
      }
      if inOneStatement {
        try await database.commit("INSERT INTO t VALUES (1)")
      } else {
        try await database.withTransaction { try await $0.execute("INSERT INTO t VALUES (2)") }
      }
      // Whoever has the next ones gets fresh ones, both.
      try await database.withTransaction { outer in
        try await outer.execute("INSERT INTO t VALUES (3)")
        try await database.withTransaction { try await $0.execute("INSERT INTO t VALUES (4)") }
      }
    }
    let rows = try await database.query("SELECT n FROM t ORDER BY n")
    #expect(try rows.map { try $0.decode(Int.self) } == [1, 2, 3, 3, 4, 4])
    await own.drop()
  }

  @Test("where only reading is ever possible, a write ends after the configured attempts")
  func readOnlyForGood() async throws {
    let own = try await TestDatabase.create { $0.transactionAttempts = 3 }
    let database = own.database
    try await database.runScript(
      "CREATE TABLE t (n int); ALTER DATABASE \(own.name) SET default_transaction_read_only = on"
    )
    let fresh = Database(configuration: database.configuration, loops: try TestCluster.loops.get())
    var attempts = 0
    let error = await #expect(throws: PostgresError.self) {
      try await fresh.withTransaction { transaction in
        attempts += 1
        try await transaction.execute("INSERT INTO t VALUES (1)")
      }
    }
    #expect(error?.sqlState == SQLState.readOnlyTransaction)
    #expect(attempts == 3)
    fresh.close()
    await own.drop()
  }

  @Test(
    "a transaction whose body dawdles is ended by the server, not committed, and its connection not handed on"
  )
  func idleTransactions() async throws {
    let own = try await TestDatabase.create { configuration in
      configuration.writeConnections = 1
      configuration.idleInTransactionTimeout = .milliseconds(100)
      configuration.transactionAttempts = 1
    }
    let database = own.database
    try await database.runScript("CREATE TABLE t (n int)")
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        try await transaction.execute("INSERT INTO t VALUES (1)")
        let pid = try await transaction.queryOne("SELECT pg_backend_pid()")?.decode(Int32.self)
        // Until the server has ended it.
        while try await database.queryOne("SELECT 1 FROM pg_stat_activity WHERE pid = \(pid)")
          != nil
        {}
        try await transaction.execute("INSERT INTO t VALUES (2)")
      }
    }
    #expect(error?.kind == .timedOut)
    #expect(error?.sqlState == "25P03")
    #expect(error?.isCallersDeadline == false)
    // In one round trip, lest this one dawdles too.
    try await database.commit("INSERT INTO t VALUES (3)")
    let rows = try await database.query("SELECT n FROM t")
    #expect(try rows.map { try $0.decode(Int.self) } == [3])
    await own.drop()
  }
}

@Suite("Failing over", .timeLimit(.minutes(3)))
struct FailoverTests {
  @Test(
    "of two servers, writes and reads follow the one that takes writes, however the other one goes and comes back"
  )
  func failingOver() async throws {
    let worker = try WorkerExecutor(threads: 1, queueLimit: 4)
    let (first, second) = try await worker.run {
      (try MortalCluster.start(), try MortalCluster.start())
    }
    let proxies = [
      try FaultProxy(to: .unix(path: first.socket)), try FaultProxy(to: .unix(path: second.socket)),
    ]
    let ports = proxies.compactMap { proxy -> String? in
      if case .tcp(_, let port) = proxy.address { "\(port)" } else { nil }
    }
    // The second stands by until the first is gone.
    let standby = try await direct(second)
    try await direct(first).runScript("CREATE TABLE t (n int)")
    try await standby.runScript("CREATE TABLE t (n int)")
    try await set(standby, readOnly: true)
    var configuration = DatabaseConfiguration(
      connectionString: """
        host=127.0.0.1,127.0.0.1 port=\(ports.joined(separator: ",")) user=registry dbname=postgres \
        sslmode=disable gssencmode=disable target_session_attrs=read-write
        """
    )
    configuration.connectTimeout = .milliseconds(500)
    configuration.waitLimit = .seconds(20)
    let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
    try await database.start()
    try await write(1, database)
    let writing = Task {
      for number in 2..<200 { try await write(number, database) }
    }
    try await worker.run { try first.kill() }
    try await set(standby, readOnly: false)
    try await writing.value
    try await write(200, database)
    #expect(try await database.queryOne("SELECT 200 FROM t WHERE n = 200") != nil)
    // The second hands over while it lives: its connections are refused writes, and the first is back.
    try await worker.run { try first.restart() }
    try await set(standby, readOnly: true)
    for number in 300..<320 { try await write(number, database) }
    let back = try await direct(first)
    #expect(
      try await back.queryOne("SELECT count(*) FROM t WHERE n >= 300")?.decode(Int.self) == 20
    )
    #expect(
      try await standby.queryOne("SELECT count(*) FROM t WHERE n >= 300")?.decode(Int.self) == 0
    )
    for database in [database, standby, back] { database.close() }
    for proxy in proxies { await proxy.close() }
    await worker.shutDown()
  }

  /// Writes as a caller does who repeats what is in doubt.
  private func write(_ number: Int, _ database: Database) async throws {
    while true {
      do {
        try await database.withTransaction {
          try await $0.execute("INSERT INTO t VALUES (\(number))")
        }
        return
      } catch let error as PostgresError where error.kind == .inDoubt {}
    }
  }

  /// Makes a server refuse writes, in sessions that there are too, and waits until it does.
  private func set(_ server: Database, readOnly: Bool) async throws {
    let value = readOnly ? "on" : "off"
    try await server.runScript("ALTER SYSTEM SET default_transaction_read_only = \(value)")
    try await server.runScript("SELECT pg_reload_conf()")
    // A session that begins now has what all will have; ours for reads has its own setting.
    while try await server.slow({
      try await $0.queryOne(
        "SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only'"
      )
    })?.decode(String.self) != value {}
  }

  private func direct(_ cluster: MortalCluster) async throws -> Database {
    let database = Database(
      configuration: DatabaseConfiguration(connectionString: cluster.connectionString),
      loops: try TestCluster.loops.get()
    )
    try await database.start()
    return database
  }
}
