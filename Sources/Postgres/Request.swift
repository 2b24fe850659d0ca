/// One caller's wait for the answers to one or more statements.
///
/// Created by the caller, then confined to the loop of the connection that serves it; the caller's task hears of it
/// exactly once.
final class Request: @unchecked Sendable {
  // Unchecked: everything mutable is used on one loop's thread only, once the request is submitted there.

  typealias Continuation = UnsafeContinuation<[ResultSet], any Error>

  private(set) var statements: [SQL]
  let deadline: ContinuousClock.Instant?
  /// Whether the deadline is the caller's own, not a limit of ours.
  let isCallersDeadline: Bool
  /// Until when it must have been sent; nil for no other time than the deadline, and once it is.
  private var sendBy: ContinuousClock.Instant?
  /// The answers so far, in the order of the statements.
  private(set) var results: [ResultSet] = []
  /// The first error among the statements.
  private(set) var failure: PostgresError?
  /// Whether a statement wasn't executed because an earlier one of its group failed.
  private(set) var wasSkipped = false
  /// How often it was sent.
  private(set) var attempts = 0
  private var waiter: Continuation?
  private(set) var isAnswered = false
  private var isOpening = false

  init(
    _ statements: [SQL],
    deadline: ContinuousClock.Instant?,
    isCallersDeadline: Bool = true,
    sendBy: ContinuousClock.Instant? = nil
  ) {
    self.statements = statements
    self.deadline = deadline
    self.isCallersDeadline = isCallersDeadline
    self.sendBy = sendBy
  }

  /// The caller waits from now on.
  ///
  /// - Returns: Whether there is something to do: the caller hasn't given up meanwhile, nor has its time run out.
  func wait(_ continuation: Continuation) -> Bool {
    guard !isAnswered else {
      continuation.resume(throwing: CancellationError())
      return false
    }
    waiter = continuation
    if deadline != nil { expire(at: .now) }
    return !isAnswered
  }

  /// Puts the statement that begins a transaction in front; its result isn't the caller's.
  func open(with beginning: SQL) {
    isOpening = true
    statements.insert(beginning, at: 0)
  }

  /// Forgets what an earlier sending brought.
  func begin() {
    attempts += 1
    sendBy = nil
    results.removeAll()
    failure = nil
    wasSkipped = false
  }

  /// It has to be sent again, until a time.
  func wait(toBeSentBy instant: ContinuousClock.Instant) {
    sendBy = instant
  }

  func receive(_ result: ResultSet) {
    results.append(result)
  }

  func fail(_ error: PostgresError) {
    if failure == nil { failure = error }
  }

  func skip() {
    wasSkipped = true
  }

  /// Answers the caller, unless it was answered before.
  func answer(_ outcome: Result<[ResultSet], any Error>) {
    guard !isAnswered else { return }
    isAnswered = true
    waiter?.resume(with: outcome)
    waiter = nil
  }

  /// Answers the caller with what was received or the first error.
  func answer() {
    if let failure {
      answer(.failure(failure))
    } else if results.count < statements.count {
      answer(.failure(Self.unanswered))
    } else {
      answer(.success(isOpening ? Array(results.dropFirst()) : results))
    }
  }

  /// Answers a caller whose deadline has passed; what still comes in is dropped.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - reason: Why it could not even be sent, if that is known.
  func expire(at now: ContinuousClock.Instant, because reason: PostgresError? = nil) {
    if let deadline, deadline <= now {
      var error = reason ?? (isCallersDeadline ? Self.timedOut : Self.waitedTooLong)
      error.isUnsent = attempts == 0
      answer(.failure(error))
    } else if let sendBy, sendBy <= now {
      var error = reason ?? Self.waitedTooLong
      error.isUnsent = attempts == 0
      answer(.failure(error))
    }
  }

  static let timedOut = {
    var error = PostgresError(.timedOut, "the caller's deadline has passed")
    error.isCallersDeadline = true
    return error
  }()
  static let waitedTooLong = PostgresError(.timedOut, "the database hasn't answered in time")
  static let unanswered = PostgresError(.connectionLost, "a statement was left without an answer")
}
