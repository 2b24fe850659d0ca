internal import Synchronization

/// An open database transaction, on a connection of its own.
///
/// Get one from `Database.withTransaction`; it is of no use after the body has returned. Statements are sent in the order of
/// the calls, one group a call; the first carries BEGIN with it. After a failed statement nothing more is sent, and the
/// transaction can't commit.
package final class Transaction: Sendable {
  /// When the caller no longer waits; nil if it waits for as long as the server's limits allow.
  package let deadline: ContinuousClock.Instant?

  private let lease: Lease
  private let beginning: SQL
  private let preliminaries: [SQL]
  private let isShared: Bool
  private let state = Mutex(State())

  private struct State {
    var trouble: PostgresError?
    var isFinished = false
    var hasBegun = false
  }

  /// A transaction on a connection.
  ///
  /// - Parameters:
  ///   - lease: The right to the connection.
  ///   - deadline: When the caller no longer waits.
  ///   - beginning: The statement that begins it.
  ///   - preliminaries: Statements that go with the first ones, before them.
  ///   - isShared: Whether others wait for it too, so that it goes on when the caller is cancelled.
  init(
    _ lease: Lease,
    deadline: ContinuousClock.Instant?,
    beginning: SQL,
    preliminaries: [SQL] = [],
    isShared: Bool = false
  ) {
    self.lease = lease
    self.deadline = deadline
    self.beginning = beginning
    self.preliminaries = preliminaries
    self.isShared = isShared
  }

  /// Executes a statement for its effect.
  ///
  /// - Throws: `PostgresError`, `CancellationError`.
  /// - Returns: How many rows it affected.
  @discardableResult
  package nonisolated(nonsending) func execute(_ sql: SQL) async throws -> Int {
    try await perform([sql])[0].affectedRows
  }

  /// Executes a statement for its rows.
  ///
  /// - Throws: `PostgresError`, `CancellationError`.
  /// - Returns: All rows; put a LIMIT where there may be many.
  package nonisolated(nonsending) func query(_ sql: SQL) async throws -> [Row] {
    try await perform([sql])[0].rows
  }

  /// Executes a statement for the only row it can return.
  ///
  /// - Throws: `PostgresError`, of kind `tooManyRows` if there are more; `CancellationError`.
  /// - Returns: The row, or nil if there is none.
  package nonisolated(nonsending) func queryOne(_ sql: SQL) async throws -> Row? {
    try await perform([sql])[0].onlyRow(of: sql)
  }

  /// Executes statements in one round trip.
  ///
  /// All are sent before the first has ended, so none may depend on a row count of another: the guard and what depends on it
  /// belong into one statement. If one fails, the later ones aren't executed.
  ///
  /// - Throws: `PostgresError` of the first that fails, `CancellationError`.
  /// - Returns: How many rows each affected.
  @discardableResult
  package nonisolated(nonsending) func run(_ statements: [SQL]) async throws -> [Int] {
    guard !statements.isEmpty else { return [] }
    return try await perform(statements).map(\.affectedRows)
  }

  /// Executes statements in one round trip, and reads the answer of each.
  ///
  /// As with `run(_:)`, none may depend on the answer to another.
  ///
  /// - Throws: `PostgresError` of the first that fails, `CancellationError`; what reading an answer throws.
  /// - Returns: What the answers mean.
  package nonisolated(nonsending) func run<each Value: Sendable>(
    _ queries: repeat Query<each Value>
  ) async throws -> (repeat each Value) {
    var statements: [SQL] = []
    for query in repeat each queries { statements.append(query.sql) }
    var answers = try await perform(statements)[...]
    func next<One: Sendable>(_ query: Query<One>) throws -> One {
      try query.read(answers.removeFirst())
    }
    return (repeat try next(each queries))
  }

  private nonisolated(nonsending) func perform(_ statements: [SQL]) async throws -> [ResultSet] {
    try requireOpen(statements)
    do {
      if let fault = statements.lazy.compactMap(\.fault).first { throw fault }
      let first = takePreliminaries()
      let answers = try await lease.perform(
        .statements(first + statements, beginning: beginning),
        deadline: deadline,
        abandonsOnCancellation: !isShared
      )
      return Array(answers.dropFirst(first.count))
    } catch let error as PostgresError {
      note(error)
      throw error
    } catch {
      // Its statement may still be under way, so the rest can't count on anything.
      note(PostgresError(.timedOut, "the caller was cancelled"))
      throw error
    }
  }

  /// The preliminaries, once.
  private func takePreliminaries() -> [SQL] {
    let hasBegun = state.withLock { state in
      defer { state.hasBegun = true }
      return state.hasBegun
    }
    return hasBegun ? [] : preliminaries
  }

  /// - Throws: `PostgresError` if a statement has failed, or the transaction has ended.
  private func requireOpen(_ statements: [SQL]) throws {
    let (earlier, isFinished) = state.withLock { ($0.trouble, $0.isFinished) }
    if let earlier {
      throw PostgresError(
        .server,
        "an earlier statement of this transaction failed: \(earlier.message)",
        sqlState: SQLState.inFailedTransaction,
        statement: statements.first?.text
      )
    }
    if isFinished { throw PostgresError(.closed, "the transaction has ended") }
  }

  private func note(_ error: PostgresError) {
    state.withLock { $0.trouble = $0.trouble ?? error }
  }
}

// MARK: The end

extension Transaction {
  /// The first failure of a statement, whatever the body made of it.
  var failure: PostgresError? {
    state.withLock { $0.trouble }
  }

  /// Executes the last statements and commits, in one round trip.
  ///
  /// - Throws: `PostgresError`: of the first statement that fails; what a deferred constraint says; `inDoubt`.
  /// - Returns: How many rows each affected.
  @discardableResult
  package nonisolated(nonsending) func finish(_ statements: [SQL]) async throws -> [Int] {
    try requireOpen(statements)
    do {
      if let fault = statements.lazy.compactMap(\.fault).first { throw fault }
      let first = takePreliminaries()
      // Whoever is cancelled now still gets the truth, as with a COMMIT alone.
      let answers = try await lease.perform(
        .statements(first + statements + ["COMMIT"], beginning: beginning),
        deadline: deadline,
        abandonsOnCancellation: false
      )
      guard answers.last?.command == "COMMIT" else { throw Self.rolledBack }
      state.withLock { $0.isFinished = true }
      return answers.dropFirst(first.count).dropLast().map(\.affectedRows)
    } catch let error as PostgresError {
      let verdict = error.afterCommit
      note(verdict)
      throw verdict
    }
  }

  private static let rolledBack = PostgresError(
    .server,
    "the server rolled back instead of committing"
  )

  /// Commits, unless the last statements did so.
  ///
  /// - Throws: `PostgresError`: the first failed statement's; what a deferred constraint says; `inDoubt`.
  nonisolated(nonsending) func commit() async throws {
    let (failure, isFinished) = state.withLock { ($0.trouble, $0.isFinished) }
    if let failure { throw failure }
    if isFinished { return }
    do {
      // Whoever is cancelled now still gets the truth: it is on its way.
      let answers = try await lease.perform(
        .commit,
        deadline: deadline,
        abandonsOnCancellation: false
      )
      guard let answer = answers.first, answer.command != "COMMIT" else { return }
      throw Self.rolledBack
    } catch let error as PostgresError {
      let verdict = error.afterCommit
      note(verdict)
      throw verdict
    }
  }
}

extension PostgresError {
  /// What an error in answer to COMMIT means: only an answer of the server that lets the session live is one.
  var afterCommit: PostgresError {
    switch kind {
    case .connectionLost where isUnsent, .timedOut where isUnsent:
      return self
    case .timedOut where sqlState != nil && !isFatal:
      return self
    case .connectionLost, .timedOut:
      var doubt = PostgresError(
        .inDoubt,
        "COMMIT was sent and not answered: \(message)",
        sqlState: sqlState
      )
      doubt.isFatal = isFatal
      return doubt
    case .server where isFatal:
      return PostgresError(
        .inDoubt,
        "the session ended with COMMIT: \(message)",
        sqlState: sqlState
      )
    case .server, .encoding, .decoding, .tooManyRows, .inDoubt, .poolExhausted, .closed:
      return self
    }
  }
}

extension ResultSet {
  /// The only row.
  ///
  /// - Throws: `PostgresError` of kind `tooManyRows`.
  func onlyRow(of sql: SQL) throws -> Row? {
    guard rowCount <= 1 else {
      throw PostgresError(
        .tooManyRows,
        "\(rowCount) rows, at most one expected",
        statement: sql.text
      )
    }
    return rowCount == 1 ? Row(results: self, number: 0) : nil
  }
}
