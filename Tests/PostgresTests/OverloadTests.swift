internal import RegistryTestKit
internal import Synchronization
internal import Testing

@testable internal import Postgres

@Suite("More callers than can be served", .timeLimit(.minutes(2)))
struct OverloadTests {
  /// Starts many calls at once while the database's answers are held back; lets the answers go when all are refused who will be.
  private func calls(
    _ count: Int,
    to stage: ProxiedDatabase,
    admitted: ClosedRange<Int>,
    _ call: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> Outcomes {
    await stage.proxy.set(.hold, .toClient)
    return await withTaskGroup(of: Result<Void, any Error>.self) { group in
      for number in 0..<count {
        group.addTask {
          do { return .success(try await call(number)) } catch { return .failure(error) }
        }
      }
      var outcomes = Outcomes()
      while outcomes.refused < count - admitted.upperBound, let result = await group.next() {
        outcomes.note(result)
      }
      // Nobody is answered yet, and all others have been refused.
      #expect(outcomes.answered == 0)
      await stage.proxy.set(.pass, .toClient)
      for await result in group { outcomes.note(result) }
      return outcomes
    }
  }

  @Test(
    "of 10,000 reads at once as many as there is room for are answered, the others refused at arrival"
  )
  func manyReads() async throws {
    try await ProxiedDatabase.with { configuration in
      configuration.readConnections = 1
      configuration.readLimit = 100
    } _: { stage in
      let outcomes = try await calls(10_000, to: stage, admitted: 64...100) {
        let row = try await stage.database.queryOne("SELECT \($0) + 1")
        #expect(try row?.decode(Int.self) == $0 + 1)
      }
      #expect(outcomes.others == [])
      #expect(outcomes.answered + outcomes.refused == 10_000)
      #expect((64...100).contains(outcomes.answered))
      #expect(stage.database.readsUnderWay == 0)
      try await stage.read(1)
    }
  }

  @Test(
    "of 10,000 transactions at once as many as there is room for are done, the others refused at arrival"
  )
  func manyTransactions() async throws {
    try await ProxiedDatabase.with(
      script: "CREATE TABLE t (n int PRIMARY KEY)"
    ) { configuration in
      configuration.writeConnections = 2
      configuration.writeQueueLimit = 30
    } _: { stage in
      // Both connections, so that none has yet to be opened through the held-up proxy.
      try await stage.database.withTransaction { _ in
        try await stage.database.withTransaction { try await $0.execute("SELECT 1") }
      }
      let outcomes = try await calls(10_000, to: stage, admitted: 10...32) { number in
        _ = try await stage.database.withTransaction {
          try await $0.execute("INSERT INTO t VALUES (\(number))")
        }
      }
      #expect(outcomes.others == [])
      #expect(outcomes.answered + outcomes.refused == 10_000)
      #expect((10...32).contains(outcomes.answered))
      let rows = try await stage.direct.queryOne("SELECT count(*) FROM t")
      #expect(try rows?.decode(Int.self) == outcomes.answered)
      #expect(stage.database.writePool.waiting == 0)
    }
  }

  @Test(
    "reports that take their time keep neither reads nor transactions waiting, and crowd only each other out"
  )
  func reportsStayAmongThemselves() async throws {
    try await ProxiedDatabase.with { configuration in
      configuration.slowConnections = 2
      configuration.slowQueueLimit = 3
      configuration.waitLimit = .seconds(100)
    } _: { stage in
      let others = Set(await stage.proxy.census().map(\.number))
      let (entered, enter) = AsyncStream<Void>.makeStream()
      let (leaving, leave) = AsyncStream<Void>.makeStream()
      let reports = (0..<2).map { _ in
        Task {
          try await stage.database.slow { report in
            try await report.execute("SELECT 1")
            enter.yield()
            for await _ in leaving {}
            return try await report.query("SELECT generate_series(1, 1000)").count
          }
        }
      }
      var entries = entered.makeAsyncIterator()
      for _ in 0..<2 { await entries.next() }
      for connection in await stage.proxy.census() where !others.contains(connection.number) {
        await stage.proxy.set(.hold, .toClient, of: connection.number)
      }
      leave.finish()
      let waiting = (0..<3).map { _ in
        Task { try await stage.database.slow { try await $0.execute("SELECT 2") } }
      }
      while stage.database.slowPool.waiting < 3 { await Task.yield() }
      let refusal = await #expect(throws: PostgresError.self) {
        try await stage.database.slow { try await $0.execute("SELECT 3") }
      }
      #expect(refusal?.kind == .poolExhausted)
      for number in 0..<200 {
        try await stage.read(number)
        try await stage.database.withTransaction { try await $0.execute("SELECT 4") }
      }
      await stage.proxy.set(.pass, .toClient)
      for report in reports { #expect(try await report.value == 1_000) }
      for waiter in waiting { #expect(try await waiter.value == 1) }
    }
  }

  @Test("the room is what the database answers: little while it stands still, more when it goes on")
  func roomIsMeasured() async throws {
    try await ProxiedDatabase.with { configuration in
      configuration.readConnections = 1
      configuration.readLimit = 1_000
      configuration.readWait = .milliseconds(20)
    } _: { stage in
      #expect(stage.database.readRoom == 1_000)
      await stage.proxy.set(.hold, .toClient)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 { group.addTask { try await stage.read(number) } }
        while stage.database.readsUnderWay < 200 { await Task.yield() }
        // Those who come while nothing is answered find less and less room, until there is none.
        var refusal: PostgresError?
        while refusal?.kind != .poolExhausted {
          refusal = await #expect(throws: PostgresError.self) {
            try await Database.$deadline.withValue(.now + .milliseconds(45)) {
              try await stage.database.query("SELECT 1")
            }
          }
        }
        #expect(stage.database.readRoom < 1_000)
        #expect(refusal?.retryDelay != nil)
        await stage.proxy.set(.pass, .toClient)
        try await group.waitForAll()
      }
      let room = stage.database.readRoom
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<16 {
          group.addTask {
            while stage.database.readRoom <= min(room, 900) { try await stage.read(worker) }
          }
        }
        try await group.waitForAll()
      }
    }
  }
}
