internal import EventLoops
internal import Glibc

/// Whoever decides what a connection does next: a `ReadLane` or an `ExclusivePool`.
///
/// Called on the connection's loop.
protocol ConnectionOwner: AnyObject, Sendable {
  /// The connection can be used.
  func connectionOpened(_ connection: Connection)

  /// The connection is gone for good; `unanswered` were sent and their callers know nothing yet.
  func connectionLost(_ connection: Connection, _ error: PostgresError, unanswered: [Request])

  /// A request sent without a group of its own has ended; the owner answers it.
  func requestEnded(_ request: Request, on connection: Connection)

  /// Nothing is under way any more.
  func connectionDrained(_ connection: Connection)
}

/// A connection to PostgreSQL in pipeline mode, on one event loop.
///
/// connecting → ready → closed. What was sent is answered in order; a caller who leaves doesn't disturb the order. A
/// connection that libpq, the protocol or the watchdog calls into doubt is closed, never mended.
final class Connection: @unchecked Sendable {
  // Unchecked: all mutable state is confined to the loop's thread.

  enum State {
    case connecting
    case ready
    case closed
  }

  /// What the next answer of the server belongs to.
  enum Step {
    case prepare(StatementCache.Entry, Request)
    case execute(Request, StatementCache.Entry, last: Bool)
    case deallocate
    /// The end of a group; of a request with a group of its own, that request.
    case sync(Request?)
    case script(Request)
  }

  let loop: EventLoop
  let role: ConnectionRole
  let configuration: DatabaseConfiguration
  /// When to make place for a fresh connection.
  let retirement: ContinuousClock.Instant
  private(set) weak var owner: (any ConnectionOwner)?

  var state = State.connecting
  var link: Link?
  var steps = Queue<Step>()
  var statements: StatementCache
  /// The transaction that may use an exclusive connection, by count; a late statement of an earlier one is refused.
  var lease = 0
  /// Whether that transaction has sent anything.
  var isLent = false
  /// Whether BEGIN has been sent for it.
  var leaseHasBegun = false
  private(set) var wasReady = false
  /// Why it is closed.
  private(set) var end: PostgresError?

  private let attempt: Int
  private var registration: Registration?
  private var timer: LoopTimer?
  private var timerDue: ContinuousClock.Instant?
  private var lastProgress: ContinuousClock.Instant
  private var lastError: PostgresError?
  private var isDraining = false

  /// Prepares to connect, after a number of failed attempts; call `open` on the loop.
  init(
    loop: EventLoop,
    role: ConnectionRole,
    configuration: DatabaseConfiguration,
    attempt: Int,
    owner: any ConnectionOwner
  ) {
    self.attempt = attempt
    self.loop = loop
    self.role = role
    self.configuration = configuration
    self.owner = owner
    lastProgress = .now
    retirement = lastProgress + configuration.connectionLifetime * Double.random(in: 0.9...1.1)
    statements = StatementCache(limit: configuration.preparedStatementLimit)
  }

  deinit {
    // Only a connection that its owner has forgotten still watches here.
    guard let registration else { return }
    loop.now {
      registration.cancel()
      Glibc.close(registration.descriptor)
    }
  }

  /// How long a statement may stay without an answer before the connection is given up; nil for ever.
  private var patience: Duration? {
    role == .script ? nil : configuration.statementTimeout(for: role) + configuration.silenceLimit
  }
}

// MARK: Opening and closing

extension Connection {
  /// Connects.
  func open() {
    timer = loop.makeTimer { [weak self] in self?.timerFired() }
    timer?.arm(after: configuration.connectTimeout)
    do {
      link = try Link(configuration, role: role, attempt: attempt)
      // libpq wants to be treated as if the last poll had said: writing.
      try watch(.writable)
    } catch let error as PostgresError {
      close(error)
    } catch {
      close(PostgresError(.connectionLost, "\(error)"))
    }
  }

  private func watch(_ interest: Readiness) throws {
    guard let link, link.descriptor >= 0 else { return }
    // Of a copy: libpq closes its socket by itself when the connection breaks. If a child process is just being started,
    // the socket lives on in it, and epoll would report it for a registration that can't be removed any more.
    let copy = fcntl(link.descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw EventLoopError.system(call: "fcntl", code: errno) }
    do {
      registration = try loop.register(copy, for: interest) { [weak self] readiness in
        self?.ready(readiness)
      }
    } catch {
      Glibc.close(copy)
      throw error
    }
  }

  private func unwatch() {
    guard let registration else { return }
    self.registration = nil
    registration.cancel()
    Glibc.close(registration.descriptor)
  }

  private func ready(_ readiness: Readiness) {
    switch state {
    case .connecting: advance()
    case .ready: readAndWrite(readiness)
    case .closed: break
    }
  }

  /// A step of connecting.
  private func advance() {
    guard let link else { return }
    // libpq may close its socket and open another under the same number, so the watch ends before each poll.
    unwatch()
    do {
      switch link.poll() {
      case .wantsReading: try watch(.readable)
      case .wantsWriting: try watch(.writable)
      case .failed: close(link.lost())
      case .connected:
        guard link.makeNonBlocking(), link.enterPipelineMode() else {
          return close(link.lost())
        }
        try watch(.readable)
        timer?.cancel()
        timerDue = nil
        state = .ready
        wasReady = true
        owner?.connectionOpened(self)
      }
    } catch {
      close(PostgresError(.connectionLost, "\(error)"))
    }
  }

  /// Ends the connection; everything under way is handed to the owner?.
  func close(_ error: PostgresError) {
    guard state != .closed else { return }
    state = .closed
    end = lastError ?? error
    unwatch()
    timer?.cancel()
    timer = nil
    link = nil
    var unanswered: [Request] = []
    while let step = steps.popFirst() {
      switch step {
      case .execute(let request, _, last: true), .script(let request): unanswered.append(request)
      case .sync(let request?) where unanswered.last !== request: request.answer()
      case .prepare, .execute, .deallocate, .sync: break
      }
    }
    owner?.connectionLost(self, lastError ?? error, unanswered: unanswered)
  }
}

// MARK: Time

extension Connection {
  /// Sees to it that a deadline, and the connection's patience, are noticed.
  func watchTime(_ deadline: ContinuousClock.Instant?) {
    let now = ContinuousClock.now
    if steps.isEmpty { lastProgress = now }
    guard let due = [deadline, patience.map { now + $0 }].compactMap(\.self).min() else { return }
    if let timerDue, timerDue <= due { return }
    timerDue = due
    timer?.arm(after: now.duration(to: due))
  }

  private func timerFired() {
    guard state == .ready else {
      return close(
        PostgresError(.connectionLost, "no connection within \(configuration.connectTimeout)")
      )
    }
    timerDue = nil
    let now = ContinuousClock.now
    var next: ContinuousClock.Instant?
    for step in steps {
      guard case .execute(let request, _, last: true) = step, !request.isAnswered else { continue }
      request.expire(at: now)
      if !request.isAnswered, let deadline = request.deadline {
        next = min(next ?? deadline, deadline)
      }
    }
    guard !steps.isEmpty else { return }
    if let patience {
      guard now < lastProgress + patience else {
        return close(PostgresError(.connectionLost, "the server hasn't answered for \(patience)"))
      }
      next = min(next ?? lastProgress + patience, lastProgress + patience)
    }
    guard let next else { return }
    timerDue = next
    timer?.arm(after: now.duration(to: next))
  }
}

// MARK: Reading and writing

extension Connection {
  private func readAndWrite(_ readiness: Readiness) {
    guard let link else { return }
    if readiness.contains(.writable) { flush() }
    guard readiness.contains(.readable) || readiness.contains(.hangUp) else { return }
    // What came before a broken connection's end is still read: it says why.
    let isAlive = link.consumeInput()
    drain()
    guard state == .ready else { return }
    if !isAlive || link.isBroken {
      if steps.isEmpty { link.hearFarewell() }
      return close(link.lost())
    }
    flush()
  }

  /// Sends what libpq holds; watches for writability while it can't.
  func flush() {
    guard let link, let registration else { return }
    guard let isDone = link.flush() else { return close(link.lost()) }
    do {
      try registration.update(isDone ? .readable : [.readable, .writable])
    } catch {
      close(PostgresError(.connectionLost, "\(error)"))
    }
  }

  /// Takes in every answer that is complete.
  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    defer { isDraining = false }
    var progressed = false
    var empties = 0
    while state == .ready, let link, let step = steps.first, !link.isBusy {
      let answer = link.nextAnswer()
      if case .end = answer {
        empties += 1
        // One end a statement is libpq's way; many in a row mean that we and it disagree.
        if empties > 4 { return close(confusion) }
      } else {
        empties = 0
        progressed = true
      }
      take(answer, for: step)
    }
    if progressed { lastProgress = .now }
    if progressed, steps.isEmpty, state == .ready { owner?.connectionDrained(self) }
  }

  private func take(_ answer: Link.Answer, for step: Step) {
    switch (answer, step) {
    case (.end, .script(let request)):
      steps.popFirst()
      request.answer(request.failure.map { .failure($0) } ?? .success(request.results))
      if link?.enterPipelineMode() != true { close(confusion) }
    case (.end, _):
      break
    case (.result(let result), .script(let request)):
      request.receive(result)
    case (.failure(let error), .script(let request)):
      note(error)
      request.fail(error)
    case (.synced, .sync(let request)):
      steps.popFirst()
      request?.answer()
    case (.result, .prepare(let entry, _)):
      steps.popFirst()
      entry.isPrepared = true
    case (.failure(let error), .prepare(let entry, let request)):
      steps.popFirst()
      statements.remove(entry)
      let error = noted(error, statement: entry.key.text)
      entry.failure = error
      request.fail(error)
    case (.skipped, .prepare(let entry, let request)):
      steps.popFirst()
      statements.remove(entry)
      request.skip()
    case (.result(let result), .execute(let request, _, let last)):
      steps.popFirst()
      request.receive(result)
      if last { ended(request) }
    case (.failure(let error), .execute(let request, let entry, let last)):
      steps.popFirst()
      if error.isStalePlan { statements.remove(entry) }
      // Sent on the strength of a preparation that has failed meanwhile: that failure is the answer.
      request.fail(entry.failure ?? noted(error, statement: entry.key.text))
      if last { ended(request) }
    case (.skipped, .execute(let request, _, let last)):
      steps.popFirst()
      request.skip()
      if last { ended(request) }
    case (.result, .deallocate), (.failure, .deallocate), (.skipped, .deallocate):
      steps.popFirst()
    default:
      close(confusion)
    }
  }

  /// A request without a group of its own is the owner's to answer, once its last statement has ended.
  private func ended(_ request: Request) {
    if role == .read { owner?.requestEnded(request, on: self) }
  }

  private func note(_ error: PostgresError) {
    if error.isFatal { lastError = error }
  }

  private func noted(_ error: PostgresError, statement: String?) -> PostgresError {
    var error = error
    error.statement = statement
    note(error)
    return error
  }

  private var confusion: PostgresError {
    PostgresError(.connectionLost, "the server answered out of order")
  }
}
