internal import EventLoops
internal import Logging
internal import Synchronization

/// One shared connection for reads, and the reads that wait for it.
///
/// What is asked for in one turn of the loop is sent as one group (at most 32 statements), ended by one Sync. When a
/// statement fails, those after it in its group weren't executed: they are sent again, each alone. When the connection
/// breaks, what is unanswered is sent again on the next one, twice at most. Both are safe because these connections are
/// read-only. It measures how many reads it answers, and has room for as many as it answers within the wanted wait.
final class ReadLane: ConnectionOwner, @unchecked Sendable {
  // Unchecked: all mutable state but the atomics is confined to the loop's thread.

  let loop: EventLoop
  /// Reads waiting or under way; counted at arrival, on any thread.
  let load = Atomic<Int>(0)
  /// Whether there is a connection, as far as other threads may know.
  let isLive = Atomic<Bool>(false)

  /// The measured rate in answers a second, rounded; for any thread.
  private let rate: Atomic<Int>
  private let floor: Int
  private let ceiling: Int
  private let configuration: DatabaseConfiguration
  private let logger: Logger
  private var connection: Connection?
  private var waiting = Queue<Request>()
  private var single = Queue<Request>()
  private var underWay = 0
  private var isTurnPlanned = false
  private var capacity: Capacity
  private var backoff = Backoff()
  private var sweep: LoopTimer?
  private var isClosed = false
  private var isReplacing = false
  private var lastFailure: PostgresError?

  private static let groupLimit = 32
  private static let underWayLimit = 256
  private static let attemptLimit = 3
  /// Two groups: one under way while the next is being made up.
  private static let roomAtLeast = 2 * groupLimit

  init(loop: EventLoop, configuration: DatabaseConfiguration, logger: Logger) {
    self.loop = loop
    self.configuration = configuration
    self.logger = logger
    ceiling = max(1, configuration.readLimit / max(1, configuration.readConnections))
    floor = min(Self.roomAtLeast, ceiling)
    capacity = Capacity(wantedWait: configuration.readWait, floor: floor, ceiling: ceiling)
    rate = Atomic(Int(capacity.rate))
  }

  /// Connects; on the loop.
  func open() {
    guard !isClosed, connection == nil else { return }
    let connection = Connection(
      loop: loop,
      role: .read,
      configuration: configuration,
      attempt: backoff.failures,
      owner: self
    )
    self.connection = connection
    connection.open()
  }

  /// Closes, on the loop; what waits is answered with an error.
  func close() {
    isClosed = true
    let error = PostgresError(.closed, "the database was closed")
    for request in waiting.removeAll(where: { _ in true }) { finish(request, .failure(error)) }
    for request in single.removeAll(where: { _ in true }) { finish(request, .failure(error)) }
    connection?.close(error)
    sweep?.cancel()
    sweep = nil
  }

  /// Takes a read up; on the loop, after it was admitted.
  func submit(_ request: Request, _ continuation: Request.Continuation) {
    guard request.wait(continuation) else { return finishAnswered(request) }
    guard !isClosed else {
      return finish(request, .failure(PostgresError(.closed, "the database was closed")))
    }
    waiting.append(request)
    planTurn()
  }

  private func finish(_ request: Request, _ outcome: Result<[ResultSet], any Error>) {
    load.subtract(1, ordering: .relaxed)
    request.answer(outcome)
  }
}

// MARK: Admission

extension ReadLane {
  /// Counts a read in, if there is room for it; on any thread.
  ///
  /// - Parameter deadline: When the caller no longer waits, if he has said so.
  /// - Returns: Whether it may be submitted.
  func admits(until deadline: ContinuousClock.Instant?) -> Bool {
    let newLoad = load.add(1, ordering: .relaxed).newValue
    if newLoad <= floor || newLoad <= room(until: deadline) {
      return true
    }
    load.subtract(1, ordering: .relaxed)
    return false
  }

  /// Counts a read in, room or not; on any thread.
  func admit() {
    load.add(1, ordering: .relaxed)
  }

  /// For how many reads there is room; on any thread.
  func room(until deadline: ContinuousClock.Instant? = nil) -> Int {
    Capacity.room(
      rate: Double(rate.load(ordering: .relaxed)),
      wait: configuration.readWait,
      deadline.map { ContinuousClock.now.duration(to: $0) },
      floor: floor,
      ceiling: ceiling
    )
  }

  /// What is said to who isn't admitted.
  var refusal: PostgresError {
    let load = load.load(ordering: .relaxed)
    var error = PostgresError(.poolExhausted, "\(load) reads are already under way")
    error.retryDelay = Capacity.retryDelay(
      load: load,
      rate: Double(rate.load(ordering: .relaxed))
    )
    return error
  }
}

// MARK: Sending

extension ReadLane {
  private func planTurn() {
    if connection?.state != .ready { watchWaiting() }
    guard !isTurnPlanned else { return }
    isTurnPlanned = true
    loop.atEndOfTurn { [self] in
      isTurnPlanned = false
      flush()
      measure()
    }
  }

  private func measure() {
    capacity.measure(at: .now, load: load.load(ordering: .relaxed))
    rate.store(Int(capacity.rate), ordering: .relaxed)
  }

  private func flush() {
    while let connection, connection.state == .ready, underWay < Self.underWayLimit {
      let group = nextGroup()
      guard !group.isEmpty else { return }
      underWay += group.count
      let taken = connection.sendGroup(group)
      // The rest was never sent: it keeps its place.
      for request in group[taken...].reversed() {
        underWay -= 1
        waiting.prepend(request)
      }
    }
    if !waiting.isEmpty || !single.isEmpty { watchWaiting() }
  }

  private func nextGroup() -> [Request] {
    while let request = single.popFirst() {
      if request.isAnswered { finishAnswered(request) } else { return [request] }
    }
    var group: [Request] = []
    while group.count < Self.groupLimit, let request = waiting.popFirst() {
      if request.isAnswered { finishAnswered(request) } else { group.append(request) }
    }
    return group
  }

  private func finishAnswered(_ request: Request) {
    load.subtract(1, ordering: .relaxed)
  }

  /// Sees to it that what can't be sent yet is told when its time is up.
  private func watchWaiting() {
    let timer = sweep ?? loop.makeTimer { [weak self] in self?.sweepWaiting() }
    sweep = timer
    if !timer.isArmed { timer.arm(after: .milliseconds(5)) }
  }

  private func sweepWaiting() {
    let now = ContinuousClock.now
    for request in waiting { request.expire(at: now, because: lastFailure) }
    for request in single { request.expire(at: now, because: lastFailure) }
    for request in waiting.removeAll(where: \.isAnswered) { finishAnswered(request) }
    for request in single.removeAll(where: \.isAnswered) { finishAnswered(request) }
    measure()
    if !waiting.isEmpty || !single.isEmpty { watchWaiting() }
  }
}

// MARK: What the connection tells

extension ReadLane {
  func connectionOpened(_ connection: Connection) {
    backoff.reset()
    lastFailure = nil
    isLive.store(true, ordering: .relaxed)
    planTurn()
  }

  func requestEnded(_ request: Request, on connection: Connection) {
    underWay -= 1
    capacity.countAnswer()
    let again = request.failure?.isTransient ?? request.wasSkipped
    if again, !request.isAnswered, request.attempts < Self.attemptLimit, !isClosed {
      request.wait(toBeSentBy: .now + configuration.waitLimit)
      single.append(request)
    } else {
      load.subtract(1, ordering: .relaxed)
      request.answer()
    }
    planTurn()
  }

  func connectionDrained(_ connection: Connection) {
    // Between two turns' groups is the time to replace a connection of age.
    guard connection.isRetired || !connection.isInOrder else { return }
    isReplacing = true
    connection.close(PostgresError(.connectionLost, "the connection's time was up"))
  }

  func connectionLost(_ lost: Connection, _ error: PostgresError, unanswered: [Request]) {
    connection = nil
    isLive.store(false, ordering: .relaxed)
    underWay -= unanswered.count
    let outcome: Result<[ResultSet], any Error> = .failure(error)
    for request in unanswered.reversed() {
      if request.attempts < Self.attemptLimit, !request.isAnswered, !isClosed {
        request.wait(toBeSentBy: .now + configuration.waitLimit)
        waiting.prepend(request)
      } else {
        finish(request, outcome)
      }
    }
    guard !isClosed else { return }
    if isReplacing {
      isReplacing = false
      return open()
    }
    lastFailure = error
    let delay = backoff.next()
    logger.log(level: backoff.logLevel, "no read connection, opening one in \(delay): \(error)")
    loop.schedule(after: delay) { [weak self] in self?.open() }
    if !waiting.isEmpty || !single.isEmpty { watchWaiting() }
  }
}
