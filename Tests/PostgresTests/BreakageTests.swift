internal import EventLoops
internal import Foundation
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("Losing a connection", .database())
struct BreakageTests {
  private let killOthers: SQL =
    """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE '%' || \("write")
    """

  @Test("reads in flight when their connections are killed are answered by the next ones")
  func readsSurvive() async throws {
    let own = try await TestDatabase.create()
    let database = own.database
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<300 {
        group.addTask {
          let row = try await database.queryOne("SELECT \(number), pg_sleep(0.001)::text")
          let (echoed, _) = try #require(row).decode(Int.self, String.self)
          #expect(echoed == number)
        }
      }
      group.addTask {
        try await database.runScript(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE '% read'
          """
        )
      }
      try await group.waitForAll()
    }
    await own.drop()
  }

  @Test("a transaction whose connection is killed before COMMIT is run again, once whole")
  func transactionsAreRepeated() async throws {
    let own = try await TestDatabase.create()
    let database = own.database
    try await database.runScript("CREATE TABLE t (n int)")
    var attempts = 0
    try await database.withTransaction { transaction in
      attempts += 1
      try await transaction.execute("INSERT INTO t VALUES (\(attempts))")
      if attempts == 1 {
        let pid = try #require(try await transaction.queryOne("SELECT pg_backend_pid()")).decode(
          Int32.self
        )
        try await database.slow { _ = try await $0.query("SELECT pg_terminate_backend(\(pid))") }
      }
      try await transaction.execute("INSERT INTO t VALUES (\(10 * attempts))")
    }
    #expect(attempts == 2)
    let rows = try await database.query("SELECT n FROM t ORDER BY n")
    #expect(try rows.map { try $0.decode(Int.self) } == [2, 20])
    await own.drop()
  }

  @Test("a connection killed while free is noticed, and nobody gets it")
  func freeConnectionsAreReplaced() async throws {
    let own = try await TestDatabase.create { $0.writeConnections = 1 }
    let database = own.database
    try await database.withTransaction { _ = try await $0.query("SELECT 1") }
    for _ in 0..<5 {
      try await database.slow { _ = try await $0.query(killOthers) }
      #expect(try await database.withTransaction { try await $0.execute("SELECT 2") } == 1)
    }
    await own.drop()
  }

  @Test("connections break while programs are being started, which hold their sockets for a moment")
  func breakingWhileSpawning() async throws {
    let own = try await TestDatabase.create { $0.readConnections = 8 }
    let database = own.database
    let worker = try WorkerExecutor(threads: 2, queueLimit: 2)
    async let spawning: Void = withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          try await worker.run {
            for _ in 0..<200 { _ = try Child(["/bin/true"]).exitCode() }
          }
        }
      }
      try await group.waitForAll()
    }
    for number in 0..<40 {
      try await database.runScript(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE '% read'
        """
      )
      #expect(try await database.queryOne("SELECT \(number)")?.decode(Int.self) == number)
    }
    try await spawning
    await worker.shutDown()
    await own.drop()
  }

  @Test("a COMMIT that isn't answered is in doubt, and not repeated")
  func lostCommits() async throws {
    let own = try await TestDatabase.create()
    let database = own.database
    try await database.runScript(
      """
      CREATE TABLE t (n int);
      CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER die_at_commit AFTER INSERT ON t
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
      """
    )
    var attempts = 0
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        attempts += 1
        try await transaction.execute("INSERT INTO t VALUES (1)")
      }
    }
    #expect(error?.kind == .inDoubt)
    #expect(attempts == 1)
    let single = await #expect(throws: PostgresError.self) {
      try await database.commit("INSERT INTO t VALUES (1)")
    }
    #expect(single?.kind == .inDoubt)
    #expect(try await database.queryOne("SELECT count(*) FROM t")?.decode(Int.self) == 0)
    await own.drop()
  }

  @Test("a COMMIT not answered by the deadline is in doubt; the connection serves again when it is")
  func lateCommits() async throws {
    let own = try await TestDatabase.create { $0.writeConnections = 1 }
    let database = own.database
    try await database.runScript(
      """
      CREATE TABLE t (n int);
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER dawdle_at_commit AFTER INSERT ON t
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle();
      """
    )
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction(deadline: .now + .milliseconds(200)) { transaction in
        try await transaction.execute("INSERT INTO t VALUES (1)")
      }
    }
    #expect(error?.kind == .inDoubt)
    let count = try await database.withTransaction { transaction in
      try await transaction.queryOne("SELECT count(*) FROM t")?.decode(Int.self)
    }
    #expect(count == 1)
    await own.drop()
  }

  @Test("where nothing listens, the start fails with what libpq says")
  func nobodyThere() async throws {
    for (address, part) in [
      ("host=/nonexistent dbname=x", "No such file"), ("host=127.0.0.1 port=1", "refused"),
      ("host='", "malformed"), ("not a connection string", "malformed"),
    ] {
      var configuration = DatabaseConfiguration(connectionString: address)
      configuration.waitLimit = .milliseconds(200)
      let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
      let error = await #expect(throws: PostgresError.self) { try await database.start() }
      #expect(error?.kind == .connectionLost)
      #expect(error?.message.contains(part) == true, "\(address): \(error?.message ?? "")")
      database.close()
    }
  }

  @Test(
    "of several hosts the next is tried, for reads too, which can't be told to want a writing server"
  )
  func severalHosts() async throws {
    let own = try await TestDatabase.create()
    let address = own.database.configuration.connectionString
    let host = try #require(address.firstMatch(of: /host='([^']*)'/)).1
    var configuration = own.database.configuration
    configuration.connectionString = address.replacing(
      "host='\(host)'",
      with: "host='/nonexistent,\(host)' target_session_attrs=read-write"
    )
    let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
    try await database.start()
    #expect(try await database.queryOne("SELECT 1") != nil)
    database.close()
    #expect(Link.rotated("a,b,c", by: 0) == "a,b,c")
    #expect(Link.rotated("a,b,c", by: 4) == "b,c,a")
    #expect(Link.rotated("a", by: 7) == "a")
    await own.drop()
  }

  @Test("a server that answers nothing is given up within the time for connecting")
  func silentServers() async throws {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    let folder =
      FileManager.default.temporaryDirectory.path + "/silent-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.copyBytes(from: Array("\(folder)/.s.PGSQL.5432".utf8))
    }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0 && listen(listener, 1_000) == 0)
    var configuration = DatabaseConfiguration(connectionString: "host=\(folder)")
    configuration.waitLimit = .milliseconds(500)
    configuration.connectTimeout = .milliseconds(100)
    let database = Database(configuration: configuration, loops: try TestCluster.loops.get())
    let error = await #expect(throws: PostgresError.self) { try await database.start() }
    #expect(error?.kind == .connectionLost)
    #expect(error?.message.contains("no connection within") == true, "\(error?.message ?? "")")
    database.close()
  }
}

@Suite("Restarting the server")
struct RestartTests {
  @Test("transactions and reads go on after a crash and a restart of the server")
  func crashesAreSurvived() async throws {
    let worker = try WorkerExecutor(threads: 1, queueLimit: 4)
    let (cluster, folder) = try await worker.run {
      // What is committed is to outlive the server's crash, if not the machine's.
      let cluster = try TemporaryCluster.start(settings: ["synchronous_commit": "on"])
      return (cluster, cluster.folder)
    }
    let database = Database(
      configuration: DatabaseConfiguration(connectionString: cluster.connectionString),
      loops: try TestCluster.loops.get()
    )
    try await database.start()
    try await database.runScript("CREATE TABLE t (n int)")
    for mode in [PrivateCluster.StopMode.immediate, .fast] {
      try await worker.run { try cluster.stop(mode) }
      let error = await #expect(throws: PostgresError.self) {
        try await database.withTransaction(deadline: .now + .milliseconds(300)) {
          try await $0.execute("INSERT INTO t VALUES (0)")
        }
      }
      #expect(error?.kind == .connectionLost)
      async let write = database.withTransaction {
        try await $0.execute("INSERT INTO t VALUES (1)")
      }
      async let read = database.queryOne("SELECT 1")
      let again = try await worker.run {
        try PrivateCluster.start(PrivateCluster.Configuration(folder: folder))
      }
      #expect(again.origin == .started)
      #expect(try await write == 1)
      #expect(try await read != nil)
    }
    #expect(
      try await database.queryOne("SELECT count(*) FROM t WHERE n = 1")?.decode(Int.self) == 2
    )
    database.close()
    try await worker.run { try cluster.stop(.immediate) }
    await worker.shutDown()
  }
}
