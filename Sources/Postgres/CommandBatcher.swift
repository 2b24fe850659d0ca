internal import EventLoops
internal import Synchronization

/// What became of a command in its batch.
package enum BatchAnswer<Outcome: Sendable>: Sendable {
  /// It is decided: done, or refused for a reason of its own.
  case decided(Result<Outcome, any Error>)
  /// It couldn't be done together with the others; its caller does it in a transaction of its own.
  case alone
}

/// Does commands of one kind that come together in one transaction, with an outcome for each.
///
/// There is no timer: the first command goes at once, what comes while transactions are under way forms the next batch. A
/// caller leads the batch that it is in front of, the others wait for it. Commands that share a key, for instance those about
/// one row, are never in one batch: the later one waits for the next.
///
/// A batch is all or nothing. If it fails as a whole, each of its callers runs its own command alone, which then ends as it
/// would have without a batch; only a commit without an answer is told to all as `inDoubt`. A caller who leaves, or whose
/// deadline passes, before its command is taken into a batch leaves nothing behind; afterwards the command takes effect, and
/// the caller waits for the truth.
package final class CommandBatcher<Command: Sendable, Key: Hashable & Sendable, Outcome: Sendable>:
  Sendable
{
  /// Does commands in an open transaction.
  ///
  /// In a batch it doesn't wait for what others hold but answers `alone`; for a command that is alone it waits, and decides it.
  package typealias Work =
    nonisolated(nonsending) @Sendable (
      _ transaction: Transaction, _ commands: [Command], _ isAlone: Bool
    ) async throws -> [BatchAnswer<Outcome>]

  private let database: Database
  private let sizeLimit: Int
  private let laneCount: Int
  private let queueLimit: Int
  private let keys: @Sendable (Command) -> [Key]
  private let work: Work
  private let state = Mutex(State())

  private struct State {
    var waiters = Queue<Waiter>()
    /// How many batches are under way or about to begin.
    var busyLanes = 0
    var nextNumber: UInt64 = 0
    /// When the queue is looked through next for those whose time is up.
    var sweep: ContinuousClock.Instant?

    /// Sees to it that a deadline is noticed.
    ///
    /// - Returns: When to look through the queue, if that is still to be planned.
    mutating func planSweep(_ deadline: ContinuousClock.Instant?) -> ContinuousClock.Instant? {
      guard let deadline, sweep.map({ deadline < $0 }) ?? true else { return nil }
      sweep = deadline
      return deadline
    }
  }

  private struct Waiter: Sendable {
    let number: UInt64
    let command: Command
    let deadline: ContinuousClock.Instant?
    let continuation: UnsafeContinuation<Turn, any Error>
  }

  /// What a waiting caller hears.
  private enum Turn: Sendable {
    case answered(BatchAnswer<Outcome>)
    /// It leads the next batch.
    case leads
  }

  /// A batcher.
  ///
  /// - Parameters:
  ///   - database: Where the transactions are.
  ///   - sizeLimit: How many commands a batch has at most; 1 or more.
  ///   - laneCount: How many batches are under way at once; 1 or more, and fewer than there are connections for writing.
  ///   - queueLimit: How many callers may wait for a batch; more are refused at arrival.
  ///   - keys: What no two commands of a batch may share.
  ///   - work: Does commands, and answers each in its place.
  package init(
    _ database: Database,
    sizeLimit: Int = 64,
    laneCount: Int = 2,
    queueLimit: Int = 1_024,
    keys: @escaping @Sendable (Command) -> [Key],
    work: @escaping Work
  ) {
    self.database = database
    self.sizeLimit = max(1, sizeLimit)
    self.laneCount = max(1, laneCount)
    self.queueLimit = max(0, queueLimit)
    self.keys = keys
    self.work = work
  }

  /// How many callers wait for a batch; for metrics.
  package var waiting: Int { state.withLock { $0.waiters.count } }

  /// Does a command together with others that come at the same time.
  ///
  /// - Throws: Why it was refused; `PostgresError`, of kind `poolExhausted` if too many wait, `inDoubt` if its batch's commit
  ///   stays without an answer; `CancellationError` if the caller left before it was begun.
  /// - Returns: Its outcome.
  package nonisolated(nonsending) func perform(_ command: Command) async throws -> Outcome {
    let answer: BatchAnswer<Outcome>
    switch try await turn(of: command) {
    case .answered(let given): answer = given
    case .leads: answer = try await lead(command)
    }
    switch answer {
    case .decided(let result): return try result.get()
    case .alone: return try await performAlone(command)
    }
  }

  /// Does a command in a transaction of its own.
  ///
  /// - Throws: Why it was refused; `PostgresError`; `CancellationError`.
  /// - Returns: Its outcome.
  private nonisolated(nonsending) func performAlone(_ command: Command) async throws -> Outcome {
    try await database.withTransaction { transaction in
      // What is refused is thrown, so that nothing of it stays.
      switch try await work(transaction, [command], true).first {
      case .decided(let result): try result.get()
      case .alone, nil: throw PostgresError(.closed, "a command alone was left undecided")
      }
    }
  }
}

// MARK: Waiting

extension CommandBatcher {
  /// Waits for what becomes of a command, or for its turn to lead a batch.
  private nonisolated(nonsending) func turn(of command: Command) async throws -> Turn {
    try Task.checkCancellation()
    let (number, leads) = state.withLock { state in
      state.nextNumber += 1
      guard state.busyLanes < laneCount else { return (state.nextNumber, false) }
      state.busyLanes += 1
      return (state.nextNumber, true)
    }
    if leads { return .leads }
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        wait(
          Waiter(
            number: number,
            command: command,
            deadline: Database.deadline,
            continuation: continuation
          )
        )
      }
    } onCancel: {
      cancelWait(number)
    }
  }

  private enum Entry {
    case leads
    case waits(sweep: ContinuousClock.Instant?)
    case refused(PostgresError)
  }

  private func wait(_ waiter: Waiter) {
    let now = ContinuousClock.now
    let entry: Entry = state.withLock { state in
      if let deadline = waiter.deadline, deadline <= now { return .refused(Self.timedOut) }
      // A lane has become free meanwhile: nobody would wake this one.
      guard state.busyLanes == laneCount else {
        state.busyLanes += 1
        return .leads
      }
      guard state.waiters.count < queueLimit else {
        let message = "\(queueLimit) callers already wait for a batch"
        return .refused(PostgresError(.poolExhausted, message))
      }
      state.waiters.append(waiter)
      return .waits(sweep: state.planSweep(waiter.deadline))
    }
    switch entry {
    case .leads: waiter.continuation.resume(returning: .leads)
    case .refused(let error): waiter.continuation.resume(throwing: error)
    case .waits(let sweep):
      if let sweep { plan(sweep) }
      // A cancellation that came before the waiter was in the queue found nothing to remove.
      if Task.isCancelled { cancelWait(waiter.number) }
    }
  }

  private func cancelWait(_ number: UInt64) {
    let gone = state.withLock { $0.waiters.removeAll { $0.number == number } }
    for waiter in gone { waiter.continuation.resume(throwing: CancellationError()) }
  }

  private static var timedOut: PostgresError {
    var error = Request.timedOut
    error.isUnsent = true
    return error
  }

  private func plan(_ instant: ContinuousClock.Instant) {
    database.schedule(at: instant) { [weak self] in self?.sweep() }
  }

  /// Refuses those whose time is up.
  private func sweep() {
    let now = ContinuousClock.now
    let (late, next) = state.withLock { state in
      let late = state.waiters.removeAll { $0.deadline.map { $0 <= now } ?? false }
      state.sweep = nil
      return (late, state.planSweep(state.waiters.lazy.compactMap(\.deadline).min()))
    }
    for waiter in late { waiter.continuation.resume(throwing: Self.timedOut) }
    if let next { plan(next) }
  }
}

// MARK: Batches

extension CommandBatcher {
  /// Leads a batch: takes what waits once there is a connection, has it done, and answers the others.
  ///
  /// - Parameter command: The leader's own.
  /// - Returns: What became of it.
  /// - Throws: `PostgresError`, `CancellationError`: the leader's, when nothing was begun.
  private nonisolated(nonsending) func lead(
    _ command: Command
  ) async throws -> BatchAnswer<Outcome> {
    // Whatever becomes of this batch, the next in the queue is woken.
    defer { passOn() }
    try Task.checkCancellation()
    let lease = try await database.borrowForBatch()
    let others = takeBatch(with: command)
    let answers = await answers(to: [command] + others.map { $0.command }, others, lease)
    for (waiter, answer) in zip(others, answers.dropFirst()) {
      waiter.continuation.resume(returning: .answered(answer))
    }
    return answers[0]
  }

  /// Takes from the queue, in its order, what may be in one batch with a command.
  private func takeBatch(with command: Command) -> [Waiter] {
    var seen = Set(keys(command))
    let now = ContinuousClock.now
    return state.withLock { state in
      guard !state.waiters.isEmpty else { return [] }
      var room = sizeLimit - 1
      return state.waiters.removeAll { waiter in
        guard room > 0, waiter.deadline.map({ now < $0 }) ?? true else { return false }
        let keys = keys(waiter.command)
        guard seen.isDisjoint(with: keys) else { return false }
        seen.formUnion(keys)
        room -= 1
        return true
      }
    }
  }

  /// Has a batch done; the leader's cancellation doesn't end it, for others wait for it too.
  private nonisolated(nonsending) func answers(
    to commands: [Command],
    _ others: [Waiter],
    _ lease: Lease
  ) async -> [BatchAnswer<Outcome>] {
    let deadlines = [Database.deadline] + others.map { $0.deadline }
    let latest = deadlines.contains(nil) ? nil : deadlines.compactMap(\.self).max()
    do {
      return try await database.performBatch(on: lease, until: latest) { transaction in
        let answers = try await work(transaction, commands, false)
        guard answers.count == commands.count else {
          throw PostgresError(.closed, "a batch was answered in part")
        }
        return answers
      }
    } catch let error as PostgresError where error.kind == .inDoubt {
      return commands.map { _ in .decided(.failure(error)) }
    } catch {
      // Nothing of it took effect.
      return commands.map { _ in .alone }
    }
  }

  /// Gives the lane to whoever waits longest, or leaves it free.
  private func passOn() {
    let next = state.withLock { state in
      let next = state.waiters.popFirst()
      if next == nil { state.busyLanes -= 1 }
      return next
    }
    next?.continuation.resume(returning: .leads)
  }
}
