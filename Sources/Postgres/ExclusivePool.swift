internal import EventLoops
internal import Logging
internal import Synchronization

/// A bounded number of connections, each lent to one transaction at a time, and a bounded queue of those who wait.
///
/// Connections are opened when wanted, two at once at most, and kept. A connection that comes back with a transaction open
/// or an answer missing isn't handed on. Who would wait longer than wanted, at the rate at which connections come back, is
/// refused at once; who waits is refused at its deadline or after the configured wait, whichever is first.
final class ExclusivePool: Sendable {
  let role: ConnectionRole
  private let configuration: DatabaseConfiguration
  private let loops: EventLoopGroup
  private let logger: Logger
  private let limit: Int
  private let state: Mutex<State>

  private static let openingLimit = 2

  private struct State: Sendable {
    var idle: [Lease] = []
    /// All connections, being opened, idle or lent.
    var connections: [ObjectIdentifier: Connection] = [:]
    var opening = 0
    var waiters = Queue<Waiter>()
    var nextWaiter: UInt64 = 0
    var backoff = Backoff()
    var nextAttempt: ContinuousClock.Instant?
    var lastFailure: PostgresError?
    var isSweeping = false
    var isClosed = false
    /// How often connections were discarded; those opened before the last time aren't handed on.
    var generation = 0
    var generations: [ObjectIdentifier: Int] = [:]
    var capacity: Capacity

    mutating func takeIdle(on loop: EventLoop?) -> Lease? {
      // The last one back is the one whose memory is still warm.
      if let loop, let index = idle.lastIndex(where: { $0.connection.loop === loop }) {
        return idle.remove(at: index)
      }
      return idle.popLast()
    }
  }

  private struct Waiter: Sendable {
    let number: UInt64
    let due: ContinuousClock.Instant
    let isCallersDeadline: Bool
    let continuation: UnsafeContinuation<Lease, any Error>
  }

  init(
    role: ConnectionRole,
    limit: Int,
    queueLimit: Int,
    configuration: DatabaseConfiguration,
    loops: EventLoopGroup,
    logger: Logger
  ) {
    self.role = role
    self.limit = max(1, limit)
    let wantedWait: Duration =
      switch role {
      case .read, .write: configuration.writeWait
      case .slow: configuration.slowWait
      case .script: configuration.waitLimit
      }
    // Scripts are few, and nobody waits for their next one.
    let floor = role == .script ? queueLimit : 4 * limit
    state = Mutex(
      State(capacity: Capacity(wantedWait: wantedWait, floor: floor, ceiling: queueLimit))
    )
    self.configuration = configuration
    self.loops = loops
    self.logger = logger
  }

  /// How many connections there are, how many of them are free, and how many callers wait.
  var census: (connections: Int, idle: Int, waiting: Int) {
    state.withLock { ($0.connections.count, $0.idle.count, $0.waiters.count) }
  }

  /// Refuses whoever waits or comes, and closes the connections; lent ones when they come back.
  func close() {
    let (waiters, connections) = state.withLock { state in
      state.isClosed = true
      state.idle = []
      return (state.waiters.removeAll(where: { _ in true }), Array(state.connections.values))
    }
    for waiter in waiters { waiter.continuation.resume(throwing: Self.closed) }
    for connection in connections {
      connection.loop.now { if !connection.isLent { connection.close(Self.closed) } }
    }
  }

  private static let closed = PostgresError(.closed, "the database was closed")
}

// MARK: Lending

extension ExclusivePool {
  /// Lends a connection, one on the caller's loop if such a one is free.
  ///
  /// - Throws: `PostgresError` of kind `poolExhausted`, `timedOut`, `connectionLost` or `closed`; `CancellationError`.
  nonisolated(nonsending) func borrow(deadline: ContinuousClock.Instant?) async throws -> Lease {
    let here = EventLoop.current
    if let lease = state.withLock({ $0.takeIdle(on: here) }) { return lease }
    try Task.checkCancellation()
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        wait(number, deadline: deadline, continuation)
      }
    } onCancel: {
      cancelWait(number)
    }
  }

  private func cancelWait(_ number: UInt64) {
    let gone = state.withLock { $0.waiters.removeAll { $0.number == number } }
    for waiter in gone { waiter.continuation.resume(throwing: CancellationError()) }
  }

  private enum Entry {
    case lent(Lease)
    case refused(PostgresError)
    case waits(startSweep: Bool)
  }

  private func wait(
    _ number: UInt64,
    deadline: ContinuousClock.Instant?,
    _ continuation: UnsafeContinuation<Lease, any Error>
  ) {
    let now = ContinuousClock.now
    let patience = now + configuration.waitLimit
    let due = min(deadline ?? patience, patience)
    let isCallersDeadline = deadline.map { $0 <= patience } ?? false
    let entry: Entry = state.withLock { state in
      if state.isClosed { return .refused(Self.closed) }
      if let lease = state.takeIdle(on: nil) { return .lent(lease) }
      guard now < due else { return .refused(Request.timedOut) }
      let load = state.waiters.count
      state.capacity.measure(at: now, load: load)
      guard load < state.capacity.room(within: deadline.map { now.duration(to: $0) }) else {
        return .refused(refusal(load, rate: state.capacity.rate))
      }
      state.waiters.append(
        Waiter(
          number: number,
          due: due,
          isCallersDeadline: isCallersDeadline,
          continuation: continuation
        )
      )
      defer { state.isSweeping = true }
      return .waits(startSweep: !state.isSweeping)
    }
    switch entry {
    case .lent(let lease): continuation.resume(returning: lease)
    case .refused(let error): continuation.resume(throwing: error)
    case .waits(let startSweep):
      openIfWanted()
      if startSweep { planSweep() }
      // A cancellation that came before the waiter was in the queue found nothing to remove.
      if Task.isCancelled { cancelWait(number) }
    }
  }

  private func refusal(_ load: Int, rate: Double) -> PostgresError {
    let message = "\(load) callers already wait for a \(role.rawValue) connection"
    var error = PostgresError(.poolExhausted, message)
    error.retryDelay = Capacity.retryDelay(load: load, rate: rate)
    return error
  }

  /// Takes a connection back, from any thread; whatever is still under way on it ends first.
  ///
  /// - Parameters:
  ///   - lease: The connection.
  ///   - rollsBack: Whether its transaction, if it has begun, is still to be ended.
  func giveBack(_ lease: Lease, rollsBack: Bool) {
    let connection = lease.connection
    connection.loop.now { [self] in
      guard connection.lease == lease.number else { return }
      if role == .slow, !connection.isAtRest {
        // The statement's reader has left, and it may run for minutes: the server notices the closed socket.
        connection.close(PostgresError(.connectionLost, "the caller left a slow statement"))
      }
      connection.endLease(rollsBack: rollsBack)
      if connection.isAtRest { settle(connection) }
    }
  }

  /// Hands a connection that has come to rest to whoever waits longest, or keeps it; closes it if it isn't in order.
  private func settle(_ connection: Connection) {
    guard connection.state == .ready else { return }
    // A new one serves once, however short its time.
    guard connection.isInOrder, connection.lease == 0 || !connection.isRetired else {
      let message = "the connection is retired or wasn't in order"
      return connection.close(PostgresError(.connectionLost, message))
    }
    let lease = Lease(connection: connection, number: connection.lease)
    let (waiter, reason) = state.withLock { state -> (Waiter?, PostgresError?) in
      state.capacity.countAnswer()
      if state.isClosed { return (nil, Self.closed) }
      guard state.generations[ObjectIdentifier(connection)] == state.generation else {
        return (nil, Self.handedOver)
      }
      if let waiter = state.waiters.popFirst() { return (waiter, nil) }
      state.idle.append(lease)
      return (nil, nil)
    }
    if let reason { return connection.close(reason) }
    waiter?.continuation.resume(returning: lease)
  }
}

// MARK: Opening

extension ExclusivePool: ConnectionOwner {
  /// Opens a connection if more callers wait than are being opened, and the limits and the back-off allow it.
  private func openIfWanted() {
    let connection = state.withLock { state -> Connection? in
      guard !state.isClosed, state.waiters.count > state.opening,
        state.opening < Self.openingLimit, state.connections.count < limit
      else { return nil }
      if let next = state.nextAttempt, ContinuousClock.now < next { return nil }
      let connection = Connection(
        loop: loops.next(),
        role: role,
        configuration: configuration,
        attempt: state.backoff.failures,
        owner: self
      )
      state.connections[ObjectIdentifier(connection)] = connection
      state.generations[ObjectIdentifier(connection)] = state.generation
      state.opening += 1
      return connection
    }
    guard let connection else { return }
    connection.loop.now { connection.open() }
  }

  func connectionOpened(_ connection: Connection) {
    state.withLock { state in
      state.opening -= 1
      state.backoff.reset()
      state.nextAttempt = nil
      state.lastFailure = nil
    }
    settle(connection)
    openIfWanted()
  }

  func connectionDrained(_ connection: Connection) {
    // A lent connection's holder goes on; one that was given back with something under way is now at rest.
    if !connection.isLent { settle(connection) }
  }

  func requestEnded(_ request: Request, on connection: Connection) {}

  func connectionLost(_ connection: Connection, _ error: PostgresError, unanswered: [Request]) {
    let retry = state.withLock { state -> (Duration, Logger.Level)? in
      state.connections[ObjectIdentifier(connection)] = nil
      state.generations[ObjectIdentifier(connection)] = nil
      state.idle.removeAll { $0.connection === connection }
      guard !connection.wasReady else { return nil }
      state.opening -= 1
      state.lastFailure = error
      let delay = state.backoff.next()
      state.nextAttempt = .now + delay
      return (delay, state.backoff.logLevel)
    }
    for request in unanswered { request.answer(.failure(request.failure ?? error)) }
    if let (delay, level) = retry {
      logger.log(level: level, "no \(role.rawValue) connection, trying again in \(delay): \(error)")
    } else {
      logger.debug("\(role.rawValue) connection closed: \(error)")
    }
    openIfWanted()
  }

  /// Closes a connection whose server no longer takes writes, and those that were opened before it was found out; lent ones
  /// when they come back.
  func discard(_ lease: Lease) {
    let idle = state.withLock { state -> [Lease] in
      // Whoever comes second with the same news must not close those to the new server.
      guard state.generations[ObjectIdentifier(lease.connection)] == state.generation else {
        return []
      }
      state.generation += 1
      defer { state.idle = [] }
      return state.idle
    }
    for lease in idle { lease.connection.loop.now { lease.connection.close(Self.handedOver) } }
  }

  private static let handedOver = PostgresError(
    .connectionLost,
    "the server no longer takes writes"
  )
}

// MARK: Time

extension ExclusivePool {
  private func planSweep() {
    let loop = loops.next()
    loop.now { [self] in
      loop.schedule(after: .milliseconds(5)) { [self] in
        sweep()
        openIfWanted()
        let goesOn = state.withLock { state in
          state.isSweeping = !state.waiters.isEmpty
          return state.isSweeping
        }
        if goesOn { planSweep() }
      }
    }
  }

  /// Refuses those whose time is up.
  private func sweep() {
    let now = ContinuousClock.now
    let (expired, failure) = state.withLock { state in
      state.capacity.measure(at: now, load: state.waiters.count)
      let expired = state.waiters.removeAll { $0.due <= now }
      return (expired, state.connections.count == state.opening ? state.lastFailure : nil)
    }
    for waiter in expired {
      let reason = waiter.isCallersDeadline ? Request.timedOut : Request.waitedTooLong
      waiter.continuation.resume(throwing: failure ?? reason)
    }
  }
}
