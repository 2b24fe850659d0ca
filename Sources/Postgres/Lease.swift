internal import EventLoops

/// The right to use an exclusive connection until it is given back.
struct Lease: Sendable {
  let connection: Connection
  /// Which of the connection's leases.
  let number: Int

  /// What is sent.
  enum Message: Sendable {
    /// Statements of the transaction, with the text that begins it.
    case statements([SQL], beginning: SQL)
    /// COMMIT.
    case commit
    /// A text of several statements, on a connection for scripts.
    case script(String)

    fileprivate var statements: [SQL] {
      switch self {
      case .statements(let statements, _): statements
      case .commit: ["COMMIT"]
      case .script: []
      }
    }
  }

  /// Sends a message and waits for the answer.
  ///
  /// - Parameters:
  ///   - message: What to send.
  ///   - deadline: When the caller no longer wants to wait; what was sent takes effect nevertheless.
  ///   - abandonsOnCancellation: Whether the caller's cancellation ends the wait.
  /// - Throws: `PostgresError`, `CancellationError`.
  /// - Returns: The answers, one a statement.
  nonisolated(nonsending) func perform(
    _ message: Message,
    deadline: ContinuousClock.Instant?,
    abandonsOnCancellation: Bool
  ) async throws -> [ResultSet] {
    let request = Request(message.statements, deadline: deadline)
    guard abandonsOnCancellation else { return try await perform(message, request) }
    return try await withTaskCancellationHandler {
      try await perform(message, request)
    } onCancel: {
      connection.loop.now { request.answer(.failure(CancellationError())) }
    }
  }

  /// Whether a transaction is open that can still commit.
  nonisolated(nonsending) func isInTransaction() async throws -> Bool {
    try await connection.loop.run { [connection] in connection.link?.isInTransaction ?? false }
  }

  private nonisolated(nonsending) func perform(
    _ message: Message,
    _ request: Request
  ) async throws -> [ResultSet] {
    try await withUnsafeThrowingContinuation { continuation in
      connection.loop.now {
        guard request.wait(continuation) else { return }
        guard connection.lease == number else {
          return request.answer(.failure(PostgresError(.closed, "the transaction has ended")))
        }
        connection.isLent = true
        switch message {
        case .statements(_, let beginning): connection.send(request, beginning: beginning)
        case .commit: connection.sendCommit(request)
        case .script(let text): connection.sendScript(text, request)
        }
      }
    }
  }
}
