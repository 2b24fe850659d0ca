internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("A network that fails", .timeLimit(.minutes(2)))
struct NetworkFaultTests {
  private let table = "CREATE TABLE t (n int PRIMARY KEY)"

  private func insert(_ number: Int, _ stage: ProxiedDatabase) async throws {
    try await stage.database.withTransaction {
      try await $0.execute("INSERT INTO t VALUES (\(number))")
    }
  }

  private func numbers(_ stage: ProxiedDatabase) async throws -> [Int] {
    try await stage.direct.query("SELECT n FROM t ORDER BY n").map { try $0.decode(Int.self) }
  }

  /// Repeats a call that doesn't wait for as long as the next attempt to connect may be away.
  private func untilReached(_ call: () async throws -> Void) async throws {
    while true {
      do { return try await call() } catch let error as PostgresError {
        guard [.connectionLost, .timedOut].contains(error.kind) else { throw error }
      }
    }
  }

  /// Limits in which a connection without an answer is given up soon.
  private func impatient(_ configuration: inout DatabaseConfiguration) {
    configuration.readConnections = 1
    configuration.writeConnections = 1
    configuration.statementTimeout = .milliseconds(300)
    configuration.silenceLimit = .milliseconds(100)
    configuration.connectTimeout = .milliseconds(500)
  }

  @Test(
    "a database that is away at the start is found when it comes, by the start and by calls that wait"
  )
  func awayAtTheStart() async throws {
    try await ProxiedDatabase.with(starts: false) { configuration in
      configuration.waitLimit = .milliseconds(300)
    } _: { stage in
      try await stage.proxy.set(.refusing)
      let error = await #expect(throws: PostgresError.self) { try await stage.database.start() }
      #expect(error?.kind == .connectionLost)
      let read = await #expect(throws: PostgresError.self) { try await stage.read(1) }
      #expect(read?.kind == .connectionLost)
      let write = await #expect(throws: PostgresError.self) {
        try await stage.database.withTransaction { try await $0.execute("SELECT 1") }
      }
      #expect(write?.kind == .connectionLost)
      try await stage.proxy.set(.open)
      try await untilReached { try await stage.database.start() }
      try await stage.read(2)
    }
  }

  @Test(
    "calls without a deadline wait for a database that is away no longer than the configured wait"
  )
  func waitsAreBounded() async throws {
    try await ProxiedDatabase.with(starts: false) { configuration in
      configuration.waitLimit = .milliseconds(200)
      // Were it for this limit, they would wait for minutes.
      configuration.statementTimeout = .seconds(600)
    } _: { stage in
      // On a busy machine one wait may not be enough to connect.
      try await untilReached { try await stage.database.start() }
      try await stage.proxy.set(.refusing)
      await stage.proxy.cut()
      for number in 0..<3 {
        let read = await #expect(throws: PostgresError.self) { try await stage.read(number) }
        #expect(read?.kind == .connectionLost)
        let write = await #expect(throws: PostgresError.self) {
          try await stage.database.withTransaction { try await $0.execute("SELECT 1") }
        }
        #expect(write?.kind == .connectionLost)
      }
      try await stage.proxy.set(.open)
      try await untilReached {
        _ = try await stage.database.withTransaction { try await $0.execute("SELECT 1") }
      }
      try await untilReached { try await stage.read(1) }
    }
  }

  @Test("a read that was sent in vain waits no longer for another connection than one that wasn't")
  func resentReadsWaitsAreBounded() async throws {
    try await ProxiedDatabase.with { configuration in
      configuration.readConnections = 1
      configuration.waitLimit = .seconds(2)
      configuration.statementTimeout = .seconds(600)
    } _: { stage in
      await stage.proxy.set(.hold, .toServer)
      let read = Task { try await stage.read(1) }
      await stage.proxy.untilKept(1, .toServer)
      try await stage.proxy.set(.refusing)
      await stage.proxy.cut()
      let error = await #expect(throws: PostgresError.self) { try await read.value }
      #expect(error?.kind == .connectionLost)
    }
  }

  @Test(
    "over a slow network that overtakes itself, everyone gets his own answer and every change is made once"
  )
  func slowNetworks() async throws {
    try await ProxiedDatabase.with(script: table) { stage in
      await stage.proxy.set(.delay(.zero ... .milliseconds(20)))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<300 { group.addTask { try await stage.read(number) } }
        for number in 0..<60 { group.addTask { try await insert(number, stage) } }
        try await group.waitForAll()
      }
      #expect(try await numbers(stage) == Array(0..<60))
    }
  }

  @Test("an answer that comes a few bytes at a time is whole in the end")
  func trickledAnswers() async throws {
    try await ProxiedDatabase.with { stage in
      await stage.proxy.set(.trickle(bytes: 97, every: .milliseconds(1)), .toClient)
      let rows = try await stage.database.query(
        "SELECT n, repeat('登', n) FROM generate_series(1, 60) n"
      )
      for (index, row) in rows.enumerated() {
        let (number, text) = try row.decode(Int.self, String.self)
        #expect(number == index + 1 && text == String(repeating: "登", count: number))
      }
      #expect(rows.count == 60)
    }
  }

  @Test(
    "connections cut after so many bytes of answers: reads are asked again, transactions run again, once whole",
    arguments: [0, 1, 7, 40, 200]
  )
  func cutAnswers(limit: Int) async throws {
    try await ProxiedDatabase.with(script: table) { stage in
      await stage.disturb(.cut(after: limit), .toClient)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<100 { group.addTask { try await stage.read(number) } }
        try await group.waitForAll()
      }
      await stage.disturb(.pass)
      try await insert(1, stage)
      let numbers = await stage.proxy.census().map(\.number)
      var attempts = 0
      try await stage.database.withTransaction { transaction in
        attempts += 1
        if attempts == 1 {
          for number in numbers { await stage.proxy.set(.cut(after: limit), .toClient, of: number) }
        }
        try await transaction.execute("INSERT INTO t VALUES (\(10 * attempts))")
        // A longer answer than any that may pass.
        _ = try await transaction.query("SELECT repeat('x', 1000)")
      }
      #expect(attempts == 2)
      #expect(try await self.numbers(stage) == [1, 20])
    }
  }

  @Test(
    "a statement cut on its way isn't done, and the connection isn't handed on",
    arguments: [0, 3, 30]
  )
  func cutStatements(limit: Int) async throws {
    try await ProxiedDatabase.with(script: table) { configuration in
      configuration.writeConnections = 1
      configuration.transactionAttempts = 1
    } _: { stage in
      await stage.disturb(.cut(after: limit), .toServer)
      let error = await #expect(throws: PostgresError.self) { try await insert(1, stage) }
      #expect(error?.kind == .connectionLost)
      try await insert(2, stage)
      #expect(try await numbers(stage) == [2])
    }
  }

  @Test("what a black hole swallows is given up in time and asked again on a new connection")
  func blackHoles() async throws {
    try await ProxiedDatabase.with(script: table) {
      impatient(&$0)
    } _: { stage in
      await stage.disturb(.discard)
      let byDeadline = await #expect(throws: PostgresError.self) {
        try await Database.$deadline.withValue(.now + .milliseconds(50)) { try await stage.read(1) }
      }
      #expect(byDeadline?.kind == .timedOut)
      #expect(byDeadline?.isCallersDeadline == true)
      async let read: Void = stage.read(2)
      async let write: Void = insert(1, stage)
      try await read
      try await write
      #expect(try await numbers(stage) == [1])
    }
  }

  @Test(
    "a COMMIT that goes into a black hole, or whose answer does, is in doubt; it is done if it arrived",
    arguments: FaultProxy.Direction.allCases
  )
  func commitsIntoBlackHoles(direction: FaultProxy.Direction) async throws {
    try await ProxiedDatabase.with(script: table) {
      impatient(&$0)
    } _: { stage in
      var attempts = 0
      let error = await #expect(throws: PostgresError.self) {
        try await stage.database.withTransaction { transaction in
          attempts += 1
          try await transaction.execute("INSERT INTO t VALUES (1)")
          await stage.disturb(.discard, direction)
        }
      }
      #expect(error?.kind == .inDoubt)
      #expect(attempts == 1)
      try await insert(2, stage)
      // A COMMIT that arrived may be done a moment later than it is given up.
      var seen = try await numbers(stage)
      while direction == .toClient, seen.count < 2 { seen = try await numbers(stage) }
      #expect(seen == (direction == .toClient ? [1, 2] : [2]))
    }
  }

  @Test(
    "free connections that are cut or half-closed meanwhile are noticed, and nobody gets them",
    arguments: [true, false]
  )
  func freeConnections(halfClosed: Bool) async throws {
    try await ProxiedDatabase.with(script: table) { stage in
      for number in 0..<20 {
        if halfClosed {
          await stage.proxy.halfClose(.toClient)
        } else {
          await stage.proxy.cut()
        }
        try await stage.read(number)
        try await insert(number, stage)
      }
      #expect(try await numbers(stage) == Array(0..<20))
    }
  }

  @Test(
    "whatever is cut and when, what was said to be done is there, and what was said to have failed is not"
  )
  func wordsAreKept() async throws {
    try await ProxiedDatabase.with(script: table) { configuration in
      configuration.writeConnections = 4
      configuration.transactionAttempts = 2
    } _: { stage in
      let cutter = Task {
        var dice = SystemRandomNumberGenerator()
        while !Task.isCancelled {
          if let victim = await stage.proxy.census().randomElement(using: &dice) {
            let course = FaultProxy.Course.cut(after: .random(in: 0...400))
            await stage.proxy.set(course, Bool.random() ? .toServer : .toClient, of: victim.number)
          }
          _ = try await stage.direct.query("SELECT pg_sleep(0.002)")
        }
      }
      let words = try await withThrowingTaskGroup(of: [Int: Bool?].self) { group in
        for worker in 0..<6 {
          group.addTask {
            var words: [Int: Bool?] = [:]
            for number in worker * 100..<worker * 100 + 60 {
              words[number] = try await word(of: number, stage)
            }
            return words
          }
        }
        return try await group.reduce(into: [:]) { $0.merge($1) { one, _ in one } }
      }
      cutter.cancel()
      _ = await cutter.result
      let there = Set(try await numbers(stage))
      for case (let number, .some(let isDone)) in words {
        #expect(there.contains(number) == isDone, "\(number)")
      }
      #expect(words.count == 360)
      #expect(words.values.contains(true))
      #expect(stage.database.writePool.waiting == 0)
      #expect(stage.database.writePool.connections <= 4)
    }
  }

  /// Whether an insert was said to be done or to have failed; nil in doubt.
  private func word(of number: Int, _ stage: ProxiedDatabase) async throws -> Bool? {
    do {
      try await insert(number, stage)
      return true
    } catch let error as PostgresError {
      switch error.kind {
      case .inDoubt: return .none
      case .connectionLost: return false
      case .server, .encoding, .decoding, .tooManyRows, .poolExhausted, .timedOut, .closed:
        throw error
      }
    }
  }
}
