internal import EventLoops
internal import Foundation
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("Reading on shared connections", .database())
struct ReadingTests {
  @Test("each of a thousand callers at once gets its own answer")
  func everyoneGetsTheirOwn() async throws {
    let own = try await TestDatabase.create { $0.readWait = .seconds(30) }
    let database = own.database
    try await withThrowingTaskGroup(of: (Int, Int).self) { group in
      for number in 0..<1_000 {
        group.addTask(
          executorPreference: number % 3 == 0 ? try TestCluster.loops.get().next() : nil
        ) {
          let row = try await database.queryOne("SELECT \(number) * 2")
          return (number, try #require(row).decode(Int.self))
        }
      }
      for try await (number, doubled) in group { #expect(doubled == number * 2) }
    }
    await own.drop()
  }

  @Test("a failing statement harms nobody who shares its group")
  func failuresStayAlone() async throws {
    let database = try TestDatabase.ofSuite()
    let loop = try TestCluster.loops.get().next()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask(executorPreference: loop) {
          switch number % 5 {
          case 0:
            let error = await #expect(throws: PostgresError.self) {
              try await database.query("SELECT 1 / (\(number) - \(number))")
            }
            #expect(error?.sqlState == "22012")
          case 1:
            let error = await #expect(throws: PostgresError.self) {
              try await database.query("SELECT no_such_column + \(number)")
            }
            #expect(error?.sqlState == "42703")
          default:
            let row = try await database.queryOne("SELECT \(number) + 1")
            #expect(try row?.decode(Int.self) == number + 1)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("a write is refused here")
  func writesAreRefused() async throws {
    let database = try TestDatabase.ofSuite()
    try await database.runScript("CREATE TABLE guarded (n int)")
    let error = await #expect(throws: PostgresError.self) {
      try await database.query("INSERT INTO guarded VALUES (1) RETURNING n")
    }
    #expect(error?.sqlState == SQLState.readOnlyTransaction)
  }

  @Test("one row is one row: none is nil, two are an error")
  func oneRowIsOne() async throws {
    let database = try TestDatabase.ofSuite()
    #expect(try await database.queryOne("SELECT 1 WHERE false") == nil)
    #expect(try await database.queryOne("SELECT 1")?.decode(Int.self) == 1)
    let error = await #expect(throws: PostgresError.self) {
      try await database.queryOne("SELECT generate_series(1, 2)")
    }
    #expect(error?.kind == .tooManyRows)
  }

  @Test("more reads than may be under way are refused at once, the others answered")
  func tooManyAreRefused() async throws {
    let small = try await TestDatabase.create { configuration in
      configuration.readConnections = 1
      configuration.readLimit = 10
    }
    let database = small.database
    let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<30 {
        group.addTask {
          do {
            _ = try await database.query("SELECT pg_sleep(0.05)")
            return false
          } catch let error as PostgresError where error.kind == .poolExhausted {
            return true
          }
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    // 50 ms a read are long against the start of 30 tasks; but only the limit itself is certain.
    #expect((0...20).contains(refused))
    #expect(refused > 0)
    #expect(try await database.queryOne("SELECT 1") != nil)
    await small.drop()
  }

  @Test("who leaves is let go at once, and the connection stays in order")
  func whoLeavesIsLetGo() async throws {
    let single = try await TestDatabase.create { $0.readConnections = 1 }
    let database = single.database
    try await database.withTransaction { holder in
      _ = try await holder.query("SELECT pg_advisory_xact_lock(1)")
      let waiter = Task { try await database.query("SELECT pg_advisory_xact_lock(1)") }
      let waits: SQL =
        """
        SELECT 1 FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
      while try await holder.queryOne(waits) == nil {}
      waiter.cancel()
      await #expect(throws: CancellationError.self) { try await waiter.value }
      let error = await #expect(throws: PostgresError.self) {
        try await Database.$deadline.withValue(.now + .milliseconds(50)) {
          try await database.query("SELECT 2")
        }
      }
      #expect(error?.kind == .timedOut)
    }
    #expect(try await database.queryOne("SELECT 3")?.decode(Int.self) == 3)
    #expect(database.readsUnderWay == 0)
    await single.drop()
  }

  @Test("a deadline that has passed is refused before anything is sent")
  func pastDeadlines() async throws {
    let database = try TestDatabase.ofSuite()
    let error = await #expect(throws: PostgresError.self) {
      try await Database.$deadline.withValue(.now - .seconds(1)) {
        try await database.query("SELECT 1")
      }
    }
    #expect(error?.kind == .timedOut)
    #expect(error?.isUnsent == true)
  }

  @Test("a connection keeps few statements prepared, and any number works")
  func statementsGiveWay() async throws {
    let frugal = try await TestDatabase.create { configuration in
      configuration.readConnections = 1
      configuration.preparedStatementLimit = 3
    }
    for round in 0..<3 {
      for number in 0..<10 {
        let sql = SQL(stringLiteral: "SELECT \(number)")
        let row = try #require(try await frugal.database.queryOne(sql))
        #expect(try row.decode(Int.self) == number, "round \(round)")
      }
    }
    let kept = try await frugal.database.queryOne("SELECT count(*) FROM pg_prepared_statements")
    #expect(try #require(kept).decode(Int.self) <= 3)
    await frugal.drop()
  }

  @Test("a statement whose table has changed is prepared anew")
  func stalePlansAreRenewed() async throws {
    let database = try TestDatabase.ofSuite()
    try await database.runScript("CREATE TABLE shape (n int); INSERT INTO shape VALUES (1)")
    let sql: SQL = "SELECT * FROM shape"
    for _ in 0..<4 { #expect(try await database.queryOne(sql)?.count == 1) }
    try await database.runScript("ALTER TABLE shape ADD COLUMN m int DEFAULT 2")
    for _ in 0..<4 { #expect(try await database.queryOne(sql)?.count == 2) }
    let seen = try await database.withTransaction { transaction in
      try await transaction.queryOne(sql)?.count
    }
    #expect(seen == 2)
  }
}
