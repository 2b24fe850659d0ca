internal import EventLoops
internal import Postgres
internal import RegistryTestKit
internal import Synchronization
internal import Testing

@Suite("Killing the server under a batch", .serialized)
struct BatchFaultTests {
  private typealias Batcher = CommandBatcher<Int, Int, Int>

  /// Writes numbers, each once however often it is asked.
  private func batcher(_ database: Database) -> Batcher {
    Batcher(
      database,
      laneCount: 1,
      keys: { [$0] },
      work: { transaction, numbers, _ in
        let known = try await transaction.query(
          "SELECT n FROM t WHERE n = ANY (\(numbers)) ORDER BY n FOR UPDATE"
        ).map { try $0.decode(Int.self) }
        let new = numbers.filter { !known.contains($0) }
        try await transaction.finish(["INSERT INTO t SELECT unnest(\(new))"])
        return numbers.map { .decided(.success($0)) }
      }
    )
  }

  private func numbers(_ database: Database) async throws -> [Int] {
    try await database.query("SELECT n FROM t ORDER BY n").map { try $0.decode(Int.self) }
  }

  @Test(
    "all of a batch is there or nothing, all its callers are in doubt, and repeats settle it",
    arguments: PostgresProxy.Moment.allCases
  )
  func killed(moment: PostgresProxy.Moment) async throws {
    let worker = try WorkerExecutor(threads: 1, queueLimit: 1)
    let cluster = try await worker.run { try MortalCluster.start() }
    let proxy = try PostgresProxy(to: cluster.socket)
    let database = Database(
      configuration: DatabaseConfiguration(
        connectionString: "\(proxy.address) user=registry dbname=postgres"
      ),
      loops: try TestCluster.loops.get()
    )
    try await database.start()
    try await database.runScript("CREATE TABLE t (n bigint PRIMARY KEY)")
    let batcher = batcher(database)
    // The first batch is one command, held until the others wait behind it: they are the second.
    let (first, others, trap) = try await database.withTransaction { holder in
      try await holder.execute("LOCK TABLE t IN EXCLUSIVE MODE")
      let first = Task { try await batcher.perform(0) }
      while try await blocked(database) == 0 { await Task.yield() }
      let others = (1...20).map { number in Task { try await batcher.perform(number) } }
      while batcher.waiting < 20 { await Task.yield() }
      let commits = Commits()
      let trap = proxy.arm(moment) { statements in
        statements.contains { $0.contains("INTO t SELECT unnest") }
          && commits.count.add(1, ordering: .relaxed).newValue == 2
      }
      return (first, others, trap)
    }
    for await _ in trap {}
    try await worker.run { try cluster.kill() }
    #expect(try await first.value == 0)
    for other in others {
      let error = await #expect(throws: PostgresError.self) { try await other.value }
      #expect(error?.kind == .inDoubt)
    }
    try await worker.run { try cluster.restart() }
    let held = try await numbers(database)
    #expect(held == (moment == .afterCommit ? Array(0...20) : [0]))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0...20 {
        group.addTask {
          let done = try await batcher.perform(number)
          #expect(done == number)
        }
      }
      try await group.waitForAll()
    }
    #expect(try await numbers(database) == Array(0...20))
    database.close()
    await proxy.close()
    await worker.shutDown()
  }

  /// Counts the batches that were about to commit.
  private final class Commits: Sendable {
    let count = Atomic(0)
  }

  private func blocked(_ database: Database) async throws -> Int {
    let row = try await database.queryOne(
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    )
    return try row?.decode(Int.self) ?? 0
  }
}
