internal import Foundation
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("Waiting for a connection")
struct PoolTests {
  /// One connection, one place in the queue.
  private func narrow(waitLimit: Duration = .seconds(5)) async throws -> TestDatabase {
    try await TestDatabase.create { configuration in
      configuration.writeConnections = 1
      configuration.writeQueueLimit = 1
      configuration.waitLimit = waitLimit
      configuration.statementTimeout = .seconds(1)
      configuration.lockTimeout = .milliseconds(200)
    }
  }

  @Test("one is served, one waits, the next is refused at once")
  func tooManyAreRefused() async throws {
    let narrow = try await narrow()
    let database = narrow.database
    let waiter = try await database.withTransaction { holder in
      _ = try await holder.query("SELECT 1")
      let waiter = Task { try await database.withTransaction { try await $0.execute("SELECT 2") } }
      while database.writePool.waiting == 0 { await Task.yield() }
      let error = await #expect(throws: PostgresError.self) {
        try await database.withTransaction { try await $0.execute("SELECT 3") }
      }
      #expect(error?.kind == .poolExhausted)
      return waiter
    }
    #expect(try await waiter.value == 1)
    #expect(try await database.withTransaction { try await $0.execute("SELECT 4") } == 1)
    #expect(database.writePool.connections == 1)
    #expect(database.writePool.waiting == 0)
    await narrow.drop()
  }

  @Test("waiting counts against the caller's deadline, and against the configured wait")
  func waitingEnds() async throws {
    let narrow = try await narrow(waitLimit: .seconds(2))
    let database = narrow.database
    try await database.withTransaction { holder in
      _ = try await holder.query("SELECT 1")
      let start = ContinuousClock.now
      let byDeadline = await #expect(throws: PostgresError.self) {
        try await database.withTransaction(deadline: start + .milliseconds(50)) {
          try await $0.execute("SELECT 2")
        }
      }
      #expect(byDeadline?.kind == .timedOut)
      #expect(start.duration(to: .now) >= .milliseconds(50))
      let byTask = await #expect(throws: PostgresError.self) {
        try await Database.$deadline.withValue(.now + .milliseconds(50)) {
          try await database.withTransaction { try await $0.execute("SELECT 2") }
        }
      }
      #expect(byTask?.kind == .timedOut)
      let second = ContinuousClock.now
      let byWait = await #expect(throws: PostgresError.self) {
        try await database.withTransaction { try await $0.execute("SELECT 2") }
      }
      #expect(byWait?.kind == .timedOut)
      #expect(second.duration(to: .now) >= .seconds(2))
    }
    #expect(database.writePool.waiting == 0)
    await narrow.drop()
  }

  @Test("a deadline that has passed is refused before anything is sent")
  func pastDeadlines() async throws {
    let narrow = try await narrow()
    var ran = false
    let error = await #expect(throws: PostgresError.self) {
      try await narrow.database.withTransaction(deadline: .now - .seconds(1)) { _ in ran = true }
    }
    #expect(error?.kind == .timedOut)
    #expect(!ran)
    await narrow.drop()
  }

  @Test("who leaves while waiting frees the place")
  func leavingFreesThePlace() async throws {
    let narrow = try await narrow()
    let database = narrow.database
    try await database.withTransaction { holder in
      _ = try await holder.query("SELECT 1")
      for _ in 0..<3 {
        let waiter = Task {
          try await database.withTransaction { try await $0.execute("SELECT 2") }
        }
        while database.writePool.waiting == 0 { await Task.yield() }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(database.writePool.waiting == 0)
      }
      let early = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await database.withTransaction { try await $0.execute("SELECT 2") }
      }
      await #expect(throws: CancellationError.self) { try await early.value }
    }
    await narrow.drop()
  }

  @Test("a deadline within a statement ends the wait, rolls back, and keeps the connection")
  func deadlinesWithinStatements() async throws {
    let narrow = try await narrow()
    let database = narrow.database
    try await database.runScript("CREATE TABLE t (n int)")
    let before = try await backend(database)
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction(deadline: .now + .milliseconds(100)) { transaction in
        try await transaction.execute("INSERT INTO t VALUES (1)")
        _ = try await transaction.query("SELECT pg_sleep(0.4)")
      }
    }
    #expect(error?.kind == .timedOut)
    #expect(try await backend(database) == before)
    #expect(try await database.queryOne("SELECT count(*) FROM t")?.decode(Int.self) == 0)
    await narrow.drop()
  }

  @Test("a caller cancelled within a statement is let go, its transaction rolled back")
  func cancellationWithinStatements() async throws {
    let narrow = try await narrow()
    let database = narrow.database
    try await database.runScript("CREATE TABLE t (n int)")
    let before = try await backend(database)
    let (started, begin) = AsyncStream<Void>.makeStream()
    let caller = Task {
      try await database.withTransaction { transaction in
        try await transaction.execute("INSERT INTO t VALUES (1)")
        begin.yield()
        _ = try await transaction.query("SELECT pg_sleep(0.4)")
      }
    }
    for await _ in started { break }
    caller.cancel()
    await #expect(throws: CancellationError.self) { try await caller.value }
    #expect(try await backend(database) == before)
    #expect(try await database.queryOne("SELECT count(*) FROM t")?.decode(Int.self) == 0)
    await narrow.drop()
  }

  @Test("a statement that takes too long, or waits too long for a lock, is the server's to end")
  func serverLimits() async throws {
    let narrow = try await TestDatabase.create { configuration in
      configuration.statementTimeout = .milliseconds(300)
      configuration.lockTimeout = .milliseconds(100)
    }
    let database = narrow.database
    let slow = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { try await $0.execute("SELECT pg_sleep(5)") }
    }
    #expect(slow?.kind == .timedOut)
    #expect(slow?.sqlState == SQLState.queryCanceled)
    let read = await #expect(throws: PostgresError.self) {
      try await database.query("SELECT pg_sleep(5)")
    }
    #expect(read?.sqlState == SQLState.queryCanceled)
    try await database.withTransaction { holder in
      _ = try await holder.query("SELECT pg_advisory_xact_lock(1)")
      let locked = await #expect(throws: PostgresError.self) {
        try await database.withTransaction {
          try await $0.execute("SELECT pg_advisory_xact_lock(1)")
        }
      }
      #expect(locked?.kind == .timedOut)
      #expect(locked?.sqlState == SQLState.lockNotAvailable)
    }
    #expect(try await database.slow { try await $0.execute("SELECT pg_sleep(0.5)") } == 1)
    await narrow.drop()
  }

  @Test("a connection past its time is replaced, unnoticed")
  func connectionsRetire() async throws {
    let shortLived = try await TestDatabase.create { configuration in
      configuration.writeConnections = 1
      configuration.readConnections = 1
      configuration.connectionLifetime = .zero
    }
    var backends: Set<Int> = []
    for _ in 0..<5 { backends.insert(try await backend(shortLived.database)) }
    #expect(backends.count == 5)
    for number in 0..<5 {
      let row = try await shortLived.database.queryOne("SELECT \(number)")
      #expect(try row?.decode(Int.self) == number)
    }
    await shortLived.drop()
  }

  @Test("a closed database refuses everything")
  func closedDatabases() async throws {
    let closed = try await narrow()
    closed.database.close()
    let write = await #expect(throws: PostgresError.self) {
      try await closed.database.withTransaction { try await $0.execute("SELECT 1") }
    }
    #expect(write?.kind == .closed)
    let read = await #expect(throws: PostgresError.self) {
      try await closed.database.query("SELECT 1")
    }
    #expect(read?.kind == .closed)
    await closed.drop()
  }

  private func backend(_ database: Database) async throws -> Int {
    let row = try await database.withTransaction {
      try await $0.queryOne("SELECT pg_backend_pid()")
    }
    return try #require(row).decode(Int.self)
  }
}
