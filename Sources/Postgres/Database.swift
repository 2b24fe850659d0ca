package import EventLoops
package import Logging
internal import Synchronization

/// PostgreSQL, as this process uses it.
///
/// Reads share pipelined connections, transactions have one each for their time, reports have their own few. Every wait is
/// bounded, by `Database.deadline` too. Callers may be on any executor; on one of the loops they save a hop.
package final class Database: Sendable {
  /// When the present task's caller no longer waits.
  ///
  /// Bind it once where the call comes in; every wait here counts against it.
  @TaskLocal package static var deadline: ContinuousClock.Instant?

  /// Why the present task reads, if not for a caller; such reads are let in however many wait.
  @TaskLocal package static var errand: Errand?

  /// What the house reads for itself, a read at a time.
  package enum Errand: Sendable {
    /// Whether the database answers.
    case health
  }

  /// Where the database is, and all limits.
  package let configuration: DatabaseConfiguration
  private let lanes: [ReadLane]
  private let writers: ExclusivePool
  private let reporters: ExclusivePool
  private let scripters: ExclusivePool
  private let nextLane = Atomic<Int>(0)
  private let logger: Logger

  /// Prepares the pools; nothing is connected before `start`.
  ///
  /// - Parameters:
  ///   - configuration: Where the database is, and all limits.
  ///   - loops: On which the connections live. Close the database before shutting them down.
  ///   - logger: Hears of lost connections; never of values.
  package init(
    configuration: DatabaseConfiguration,
    loops: EventLoopGroup,
    logger: Logger = Logger(label: "postgres")
  ) {
    self.configuration = configuration
    self.logger = logger
    lanes = (0..<max(1, configuration.readConnections)).map { _ in
      ReadLane(loop: loops.next(), configuration: configuration, logger: logger)
    }
    func pool(_ role: ConnectionRole, _ limit: Int, _ queueLimit: Int) -> ExclusivePool {
      ExclusivePool(
        role: role,
        limit: limit,
        queueLimit: queueLimit,
        configuration: configuration,
        loops: loops,
        logger: logger
      )
    }
    writers = pool(.write, configuration.writeConnections, configuration.writeQueueLimit)
    reporters = pool(.slow, configuration.slowConnections, configuration.slowQueueLimit)
    scripters = pool(.script, configuration.scriptConnections, configuration.scriptQueueLimit)
  }

  deinit {
    close()
  }

  /// Connects, and waits for one connection for reads and one for writes.
  ///
  /// - Throws: `PostgresError` of kind `connectionLost` if there is none within the configured wait. It may be called again.
  package func start() async throws {
    for lane in lanes { lane.loop.now { lane.open() } }
    writers.giveBack(try await writers.borrow(deadline: nil), rollsBack: false)
    try await Database.$deadline.withValue(.now + configuration.waitLimit) {
      _ = try await query("SELECT 1")
    }
  }

  /// Ends all connections; transactions that are under way keep theirs to their end.
  ///
  /// Idempotent. Close before the loops are shut down.
  package func close() {
    for lane in lanes { lane.loop.now { lane.close() } }
    writers.close()
    reporters.close()
    scripters.close()
  }

  /// The writers' connections, those of them free, and the callers who wait for one; for metrics.
  package var writePool: (connections: Int, idle: Int, waiting: Int) { writers.census }

  /// The connections for reports, those of them free, and the callers who wait for one; for metrics.
  package var slowPool: (connections: Int, idle: Int, waiting: Int) { reporters.census }

  /// How many reads wait or are under way; for metrics.
  package var readsUnderWay: Int {
    lanes.reduce(0) { $0 + $1.load.load(ordering: .relaxed) }
  }

  /// For how many reads there is room, at the rate that was measured last; for metrics.
  package var readRoom: Int { lanes.reduce(0) { $0 + $1.room() } }
}

// MARK: Reads

extension Database {
  /// Executes a reading statement on a shared connection.
  ///
  /// The connection refuses writes (25006). The statement may be sent again if its group or connection fails.
  ///
  /// - Throws: `PostgresError`, of kind `poolExhausted` when too many reads wait; `CancellationError`.
  /// - Returns: All rows; put a LIMIT where there may be many.
  package nonisolated(nonsending) func query(_ sql: SQL) async throws -> [Row] {
    try await read(sql).rows
  }

  /// Executes a reading statement for the only row it can return.
  ///
  /// - Throws: As `query`; `PostgresError` of kind `tooManyRows` if there are more.
  /// - Returns: The row, or nil if there is none.
  package nonisolated(nonsending) func queryOne(_ sql: SQL) async throws -> Row? {
    try await read(sql).onlyRow(of: sql)
  }

  private nonisolated(nonsending) func read(_ sql: SQL) async throws -> ResultSet {
    if let fault = sql.fault { throw fault }
    let deadline = Database.deadline
    let lane = try admittingLane(until: deadline)
    let sendBy = ContinuousClock.now + configuration.waitLimit
    let patience = sendBy + configuration.statementTimeout
    let request = Request(
      [sql],
      deadline: min(deadline ?? patience, patience),
      isCallersDeadline: deadline.map { $0 <= patience } ?? false,
      sendBy: sendBy
    )
    let answers = try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        lane.loop.now {
          lane.submit(request, continuation)
        }
      }
    } onCancel: {
      lane.loop.now { request.answer(.failure(CancellationError())) }
    }
    return answers[0]
  }

  /// The lane that is nearest, or another if that has no room.
  ///
  /// - Throws: `PostgresError` of kind `poolExhausted` if none has, `timedOut` if it is too late anyway.
  private func admittingLane(until deadline: ContinuousClock.Instant?) throws -> ReadLane {
    let nearest = lane()
    if Database.errand != nil {
      nearest.admit()
      return nearest
    }
    if nearest.admits(until: deadline) { return nearest }
    for lane in lanes where lane !== nearest && lane.isLive.load(ordering: .relaxed) {
      if lane.admits(until: deadline) { return lane }
    }
    guard let deadline, deadline <= .now else { throw nearest.refusal }
    var late = Request.timedOut
    late.isUnsent = true
    throw late
  }

  /// A lane with a connection: on the caller's loop if there is one, else the lanes in turn.
  private func lane() -> ReadLane {
    let here = EventLoop.current
    let start = nextLane.wrappingAdd(1, ordering: .relaxed).oldValue
    var fallback: ReadLane?
    for offset in 0..<lanes.count {
      let lane = lanes[Int(UInt(bitPattern: start &+ offset) % UInt(lanes.count))]
      guard lane.isLive.load(ordering: .relaxed) else { continue }
      if here == nil || lane.loop === here { return lane }
      fallback = fallback ?? lane
    }
    return fallback ?? lanes[Int(UInt(bitPattern: start) % UInt(lanes.count))]
  }
}

// MARK: Transactions

extension Database {
  private static let begin: SQL = "BEGIN"
  /// A batch's statements take arrays: plans for each array's length cost more than they save.
  private static let batchPlans: SQL = "SET LOCAL plan_cache_mode = force_generic_plan"
  private static let beginReport: SQL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

  /// Runs a body in one transaction, and commits when it returns.
  ///
  /// If the body throws, the transaction is rolled back. If a statement fails by a conflict with another transaction (40001,
  /// 40P01), because the connection breaks before COMMIT is sent, or because its server has handed over to another (25006), the whole body is run again on a fresh transaction, a bounded
  /// number of times: it should have no effects but those on the transaction.
  ///
  /// - Parameters:
  ///   - deadline: When the caller no longer waits; the task's `Database.deadline` if that is earlier.
  ///   - body: What to do in the transaction.
  /// - Throws: What the body throws; `PostgresError`, of kind `inDoubt` when COMMIT stays without an answer.
  /// - Returns: What the body returns.
  @discardableResult
  package nonisolated(nonsending) func withTransaction<Value: Sendable>(
    deadline: ContinuousClock.Instant? = nil,
    _ body: nonisolated(nonsending) (Transaction) async throws -> Value
  ) async throws -> Value {
    try await transact(in: writers, Self.begin, deadline, body)
  }

  /// Runs a body in one read-only transaction that sees one moment of the database, with time for long statements.
  ///
  /// For reports and exports; it waits for one of few connections.
  ///
  /// - Parameters:
  ///   - deadline: When the caller no longer waits; the task's `Database.deadline` if that is earlier.
  ///   - body: What to do in the transaction.
  /// - Throws: What the body throws; `PostgresError`.
  /// - Returns: What the body returns.
  @discardableResult
  package nonisolated(nonsending) func slow<Value: Sendable>(
    deadline: ContinuousClock.Instant? = nil,
    _ body: nonisolated(nonsending) (Transaction) async throws -> Value
  ) async throws -> Value {
    try await transact(in: reporters, Self.beginReport, deadline, body)
  }

  /// Executes one writing statement as a transaction of its own, in one round trip.
  ///
  /// Half the time of `withTransaction`, for commands that are one statement: a guarded change with all that depends on it.
  /// Conflicts are repeated as there.
  ///
  /// - Throws: `PostgresError`; of kind `inDoubt` when it was sent and not answered, or not by the deadline.
  /// - Returns: The rows of its RETURNING clause.
  @discardableResult
  package nonisolated(nonsending) func commit(_ sql: SQL) async throws -> [Row] {
    if let fault = sql.fault { throw fault }
    var backoff = Backoff()
    while true {
      let lease = try await writers.borrow(deadline: Database.deadline)
      do {
        let answers = try await lease.perform(
          .statements([sql, "COMMIT"], beginning: Self.begin),
          deadline: Database.deadline,
          abandonsOnCancellation: false
        )
        writers.giveBack(lease, rollsBack: false)
        return answers[0].rows
      } catch let error as PostgresError {
        let verdict = error.afterCommit
        discard(lease, after: verdict)
        writers.giveBack(lease, rollsBack: verdict.kind != .inDoubt)
        try await pause(&backoff, before: verdict, orThrow: verdict, deadline: Database.deadline)
      }
    }
  }

  /// A server that no longer takes writes has handed over to another one.
  private func discard(_ lease: Lease, after failure: PostgresError?) {
    if failure?.isFailedOver == true { writers.discard(lease) }
  }

  /// Waits before a transaction is run again.
  ///
  /// - Throws: The error, if it shouldn't be run again.
  private nonisolated(nonsending) func pause(
    _ backoff: inout Backoff,
    before failure: PostgresError?,
    orThrow error: any Error,
    deadline: ContinuousClock.Instant?
  ) async throws {
    guard let failure, failure.isTransient || failure.isFailedOver,
      backoff.failures + 1 < configuration.transactionAttempts, !Task.isCancelled
    else { throw error }
    let delay = backoff.next()
    if let deadline, ContinuousClock.now + delay >= deadline { throw error }
    try await Task.sleep(for: delay)
  }

  private nonisolated(nonsending) func transact<Value: Sendable>(
    in pool: ExclusivePool,
    _ beginning: SQL,
    _ deadline: ContinuousClock.Instant?,
    _ body: nonisolated(nonsending) (Transaction) async throws -> Value
  ) async throws -> Value {
    let deadline = [deadline, Database.deadline].compactMap(\.self).min()
    var backoff = Backoff()
    while true {
      if let deadline, deadline <= .now { throw Request.timedOut }
      let lease = try await pool.borrow(deadline: deadline)
      let transaction = Transaction(lease, deadline: deadline, beginning: beginning)
      do {
        let value = try await body(transaction)
        try await transaction.commit()
        pool.giveBack(lease, rollsBack: false)
        return value
      } catch {
        let failure = transaction.failure
        if pool.role == .write { discard(lease, after: failure) }
        pool.giveBack(lease, rollsBack: failure?.kind != .inDoubt)
        try await pause(
          &backoff,
          // What a report is refused it will always be refused.
          before: pool.role == .write || failure?.isFailedOver == false ? failure : nil,
          orThrow: error,
          deadline: deadline
        )
      }
    }
  }

  /// Lends a connection to a batch.
  nonisolated(nonsending) func borrowForBatch() async throws -> Lease {
    try await writers.borrow(deadline: Database.deadline)
  }

  /// Runs the body of a batch in one transaction, once, and commits; the cancellation of whoever leads it doesn't end it.
  ///
  /// - Parameters:
  ///   - lease: The connection, which goes back.
  ///   - deadline: When the last of its callers no longer waits.
  ///   - body: What to do in the transaction.
  /// - Throws: What the body throws; `PostgresError`, of kind `inDoubt` when COMMIT stays without an answer.
  /// - Returns: What the body returns.
  nonisolated(nonsending) func performBatch<Value: Sendable>(
    on lease: Lease,
    until deadline: ContinuousClock.Instant?,
    _ body: nonisolated(nonsending) (Transaction) async throws -> Value
  ) async throws -> Value {
    let transaction = Transaction(
      lease,
      deadline: deadline,
      beginning: Self.begin,
      preliminaries: [Self.batchPlans],
      isShared: true
    )
    do {
      let value = try await body(transaction)
      try await transaction.commit()
      writers.giveBack(lease, rollsBack: false)
      return value
    } catch {
      let failure = transaction.failure
      discard(lease, after: failure)
      writers.giveBack(lease, rollsBack: failure?.kind != .inDoubt)
      throw failure ?? error
    }
  }

  /// Calls a closure once, on a loop, at a time.
  func schedule(at instant: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) {
    let loop = lanes[0].loop
    loop.now {
      loop.schedule(after: max(.zero, ContinuousClock.now.duration(to: instant))) { action() }
    }
  }

  /// Executes a text of several statements, as `psql` would, on a connection without time limits.
  ///
  /// For migrations and administration only: nothing is bound, so the text must hold nothing from outside.
  ///
  /// - Throws: `PostgresError` of the first statement that fails.
  package func runScript(_ text: String) async throws {
    try await withScriptLease { lease in
      _ = try await lease.perform(.script(text), deadline: nil, abandonsOnCancellation: false)
    }
  }

  /// Lends the connection for scripts.
  nonisolated(nonsending) func withScriptLease<Value: Sendable>(
    _ body: nonisolated(nonsending) (Lease) async throws -> Value
  ) async throws -> Value {
    let lease = try await scripters.borrow(deadline: Database.deadline)
    defer { scripters.giveBack(lease, rollsBack: true) }
    return try await body(lease)
  }
}
