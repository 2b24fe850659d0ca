internal import RegistryTestKit
internal import Synchronization
internal import Testing

@testable internal import Postgres

@Suite("Commands in batches", .database())
struct CommandBatcherTests {
  @Test("what comes while a batch is under way is the next one, at most so many at once")
  func batchesForm() async throws {
    let shop = try await Shop("forms", sizeLimit: 4)
    let first = await shop.hold()
    let others = shop.order(1..<7)
    while shop.batcher.waiting < 6 { await Task.yield() }
    shop.release()
    #expect(try await first.value == 0)
    for (number, order) in zip(1..<7, others) { #expect(try await order.value == number) }
    #expect(shop.batches.map(\.count) == [1, 4, 2])
    #expect(shop.batches.flatMap(\.self).sorted() == Array(0..<7))
    #expect(try await shop.numbers() == Array(0..<7))
  }

  @Test("commands that share a key are never in one batch")
  func keysAreApart() async throws {
    let shop = try await Shop("keys")
    let first = await shop.hold()
    // 3, 13 and 23 are of one key.
    let orders = shop.order([3, 13, 4, 23, 5])
    while shop.batcher.waiting < 5 { await Task.yield() }
    shop.release()
    _ = try await first.value
    for order in orders { _ = try await order.value }
    let batches = shop.batches.map { Set($0) }
    #expect(batches.count == 4)
    let places = [3, 13, 23].map { number in batches.firstIndex { $0.contains(number) } }
    #expect(Set(places).count == 3)
    #expect(try await shop.numbers() == [0, 3, 4, 5, 13, 23])
  }

  @Test(
    "the statements of a batch are planned for arrays of any length; its connection forgets that"
  )
  func plansAreForAnyLength() async throws {
    let database = try TestDatabase.ofSuite()
    let setting: SQL = "SHOW plan_cache_mode"
    let batcher = CommandBatcher<Int, Int, [String]>(database, keys: { [$0] }) {
      transaction,
      commands,
      _ in
      // In a round trip of its own as well as in that of BEGIN.
      let settings = [
        try await transaction.query(setting), try await transaction.query(setting),
      ].flatMap(\.self)
      let values = try settings.map { try $0.decode(String.self) }
      try await transaction.finish([])
      return commands.map { _ in .decided(.success(values)) }
    }
    #expect(
      try await batcher.perform(1) == ["force_generic_plan", "force_generic_plan"]
    )
    let after = try await database.withTransaction { try await $0.queryOne(setting) }
    #expect(try after?.decode(String.self) == "auto")
  }

  @Test("a command that is refused leaves the others alone")
  func outcomesAreEachOnesOwn() async throws {
    let shop = try await Shop("refused")
    let first = await shop.hold()
    let orders = shop.order([1, -2, 3])
    while shop.batcher.waiting < 3 { await Task.yield() }
    shop.release()
    _ = try await first.value
    #expect(try await orders[0].value == 1)
    await #expect(throws: Shop.Refusal(number: -2)) { try await orders[1].value }
    #expect(try await orders[2].value == 3)
    #expect(shop.batches.count == 2)
    #expect(try await shop.numbers() == [0, 1, 3])
  }

  @Test("a batch that fails as a whole is done one by one, and each ends as it would alone")
  func failedBatches() async throws {
    let shop = try await Shop("failed")
    try await shop.database.commit("INSERT INTO failed VALUES (2)")
    let first = await shop.hold()
    let orders = shop.order([1, 2, 3])
    while shop.batcher.waiting < 3 { await Task.yield() }
    shop.release()
    _ = try await first.value
    #expect(try await orders[0].value == 1)
    let error = await #expect(throws: PostgresError.self) { try await orders[1].value }
    #expect(error?.sqlState == SQLState.uniqueViolation)
    #expect(try await orders[2].value == 3)
    #expect(shop.alone.sorted() == [1, 2, 3])
    #expect(try await shop.numbers() == [0, 1, 2, 3])
  }

  @Test("what can't be done together is done alone, once")
  func aloneIsAlone() async throws {
    let shop = try await Shop("apart")
    let first = await shop.hold()
    let orders = shop.order([1, Shop.apart, 3])
    while shop.batcher.waiting < 3 { await Task.yield() }
    shop.release()
    _ = try await first.value
    for order in orders { _ = try await order.value }
    #expect(shop.alone == [Shop.apart])
    #expect(try await shop.numbers() == [0, 1, 3, Shop.apart])
  }

  @Test("a connection that breaks under a batch costs nobody its command")
  func brokenConnections() async throws {
    let shop = try await Shop("broken")
    let first = await shop.hold()
    let orders = shop.order([1, Shop.breaker, 3])
    while shop.batcher.waiting < 3 { await Task.yield() }
    shop.release()
    _ = try await first.value
    for order in orders { _ = try await order.value }
    #expect(shop.alone.sorted() == [1, 3, Shop.breaker])
    #expect(try await shop.numbers() == [0, 1, 3, Shop.breaker])
  }

  @Test("more than may wait are refused at arrival")
  func queueIsBounded() async throws {
    let shop = try await Shop("bounded", queueLimit: 2)
    let first = await shop.hold()
    let orders = shop.order([1, 2])
    while shop.batcher.waiting < 2 { await Task.yield() }
    let error = await #expect(throws: PostgresError.self) { try await shop.batcher.perform(3) }
    #expect(error?.kind == .poolExhausted)
    shop.release()
    _ = try await first.value
    for order in orders { _ = try await order.value }
    #expect(try await shop.numbers() == [0, 1, 2])
  }

  @Test("two batches are under way at once where two may be")
  func lanes() async throws {
    let shop = try await Shop("lanes", laneCount: 2)
    let first = await shop.hold()
    #expect(try await shop.batcher.perform(1) == 1)
    shop.release()
    _ = try await first.value
    #expect(shop.batches == [[0], [1]])
  }

  @Test("a thousand callers are all answered, whatever the batches")
  func many() async throws {
    let shop = try await Shop("many", laneCount: 2)
    // No batch is held, whoever leads it.
    shop.release()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<1_000 {
        group.addTask {
          let done = try await shop.batcher.perform(number)
          #expect(done == number)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await shop.numbers() == Array(0..<1_000))
    #expect(shop.batches.allSatisfy { $0.count <= 64 })
    #expect(shop.batcher.waiting == 0)
  }
}

/// Takes orders, each a row, in batches.
final class Shop: Sendable {
  /// Why an order below zero isn't taken.
  struct Refusal: Error, Equatable {
    let number: Int
  }

  /// An order that is done only alone.
  static let apart = 1_002
  /// An order under which the connection breaks, unless it is alone.
  static let breaker = 1_004

  /// What the orders have met.
  private struct Record {
    var batches: [[Int]] = []
    var alone: [Int] = []
  }

  private final class Ledger: Sendable {
    let record = Mutex(Record())
  }

  let database: Database
  let batcher: CommandBatcher<Int, Int, Int>
  private let table: SQL
  private let ledger: Ledger
  private let gate: AsyncStream<Void>.Continuation
  private let entered: AsyncStream<Void>

  /// A shop with a table of its own in the suite's database.
  ///
  /// - Parameters:
  ///   - name: The table, made here.
  ///   - database: If not the suite's.
  ///   - sizeLimit: The batcher's.
  ///   - laneCount: The batcher's.
  ///   - queueLimit: The batcher's.
  /// - Throws: What the server says.
  init(
    _ name: StaticString,
    in database: Database? = nil,
    sizeLimit: Int = 64,
    laneCount: Int = 1,
    queueLimit: Int = 1_024
  ) async throws {
    let database = try database ?? TestDatabase.ofSuite()
    let table = SQL(stringLiteral: "\(name)")
    let ledger = Ledger()
    let (opened, gate) = AsyncStream<Void>.makeStream()
    let (entered, enter) = AsyncStream<Void>.makeStream()
    try await database.commit("CREATE TABLE \(table) (n bigint PRIMARY KEY)")
    self.database = database
    (self.table, self.ledger, self.gate, self.entered) = (table, ledger, gate, entered)
    batcher = CommandBatcher(
      database,
      sizeLimit: sizeLimit,
      laneCount: laneCount,
      queueLimit: queueLimit,
      keys: { $0 < 100 ? [$0 % 10 + 1_000_000, $0] : [$0] },
      work: { transaction, numbers, isAlone in
        ledger.record.withLock { record in
          if isAlone { record.alone += numbers } else { record.batches.append(numbers) }
        }
        if numbers.first == 0, !isAlone {
          enter.finish()
          for await _ in opened {}
        }
        if numbers.contains(Shop.breaker), !isAlone {
          _ = try await transaction.query("SELECT pg_terminate_backend(pg_backend_pid())")
        }
        let isApart = { (number: Int) in number == Shop.apart && !isAlone }
        let taken = numbers.filter { $0 >= 0 && !isApart($0) }
        try await transaction.finish(["INSERT INTO \(table) SELECT unnest(\(taken))"])
        return numbers.map { number in
          if isApart(number) { return .alone }
          return .decided(number < 0 ? .failure(Refusal(number: number)) : .success(number))
        }
      }
    )
  }

  /// Which batches there were, those of one too.
  var batches: [[Int]] { ledger.record.withLock { $0.batches } }
  /// Which were done alone.
  var alone: [Int] { ledger.record.withLock { $0.alone } }

  /// Begins a batch of order 0, which stays under way until `release`.
  func hold() async -> Task<Int, any Error> {
    let first = Task { [batcher] in try await batcher.perform(0) }
    for await _ in entered {}
    return first
  }

  /// Lets the batch that is held go on.
  func release() { gate.finish() }

  /// Orders, without waiting for what becomes of them.
  func order(_ numbers: some Sequence<Int>) -> [Task<Int, any Error>] {
    numbers.map { number in Task { [batcher] in try await batcher.perform(number) } }
  }

  /// What was written.
  func numbers() async throws -> [Int] {
    try await database.query("SELECT n FROM \(table) ORDER BY n").map { try $0.decode(Int.self) }
  }
}
