internal import EventLoops
internal import GRPCCore

/// What a transport keeps: the connection that takes calls, those that end, who waits for one, and
/// when to try again.
///
/// Confined to its loop, but for what is marked. As gRPC's `pick_first`: while an attempt is under
/// way calls wait; once one has failed, calls that don't wait for readiness fail with its reason
/// until a connection stands again. A lost connection is made anew when a call asks for it.
final class ClientChannel: @unchecked Sendable {
  // Unchecked: mutable state is used on the loop only.

  private enum Phase {
    case unstarted, running, draining, stopped
  }

  let loop: EventLoop
  let workers: WorkerExecutor
  let host: String
  let port: Int
  /// What requests name as their authority.
  let authority: String
  let configuration: Nghttp2ClientTransport.Configuration
  /// How new connections speak TLS.
  private(set) var context: TLSContext
  let settings: HTTP2Settings
  let buffers = LoopBuffers()
  /// How the next connection is pinged.
  private(set) var keepalive: Nghttp2ClientTransport.Keepalive?

  private var phase = Phase.unstarted
  /// The connection that takes calls.
  private var ready: ClientConnection?
  /// All that aren't closed.
  private var connections: [ObjectIdentifier: ClientConnection] = [:]
  private var attempt: ConnectAttempt?
  private var retry: LoopTimer?
  private var backoff: Backoff
  private var randomness = SystemRandomNumberGenerator()
  /// Why the last attempt failed, until one succeeds.
  private var failure: RPCError?
  private var waiters: [ConnectionWaiter] = []
  private var whenStopped: UnsafeContinuation<Void, any Error>?

  /// - Throws: `TLSError` if certificate, key or trust roots can't be used.
  init(
    host: String,
    port: Int,
    configuration: Nghttp2ClientTransport.Configuration,
    loop: EventLoop,
    workers: WorkerExecutor
  ) throws(TLSError) {
    self.loop = loop
    self.workers = workers
    self.host = host
    self.port = port
    self.configuration = configuration
    keepalive = configuration.keepalive
    context = try TLSContext(client: configuration.tls)
    let name = configuration.tls.serverName ?? host
    authority = name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    backoff = Backoff(configuration.reconnection)
    var settings = HTTP2Settings()
    settings.maxHeaderListSize = configuration.headerListBytes
    settings.streamWindow = max(65_535, configuration.streamWindowBytes)
    settings.connectionWindow = max(settings.connectionWindow, settings.streamWindow)
    settings.inputBudget = configuration.heldResponseBytes
    self.settings = settings
  }

  // MARK: Any thread

  /// Keeps connections until shut down and the last has closed; a cancelled task closes them at
  /// once.
  func run() async throws {
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        loop.execute { self.start(continuation) }
      }
    } onCancel: {
      loop.execute { self.abandon() }
    }
  }

  /// Refuses new calls; the connections end with their last call.
  func beginShutdown() {
    loop.execute { self.drain() }
  }

  /// Connects by other settings from now on; connections whose server these refuse take no more
  /// calls and end with their last one.
  func replace(_ context: TLSContext) {
    loop.execute {
      self.context = context
      for connection in Array(self.connections.values)
      where connection.tls.objection(under: context) != nil {
        connection.retire()
      }
    }
  }

  /// A connection with room reserved for a call, waiting for it as long as the rules say.
  func reserveConnection(waitsForReady: Bool) async throws -> ClientConnection {
    if loop.isCurrent, let ready, ready.takesCalls, !Task.isCancelled {
      ready.reserve()
      return ready
    }
    let waiter = ConnectionWaiter(waitsForReady: waitsForReady)
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        loop.execute {
          waiter.continuation = continuation
          self.serve(waiter)
        }
      }
    } onCancel: {
      loop.execute { self.cancel(waiter) }
    }
  }

  // MARK: Calls

  private func serve(_ waiter: ConnectionWaiter) {
    if waiter.isCancelled {
      waiter.resume(throwing: Self.cancelled)
    } else if phase == .draining || phase == .stopped {
      waiter.resume(throwing: Self.shutDown)
    } else if let ready {
      ready.reserve()
      waiter.resume(returning: ready)
    } else if let failure, !waiter.waitsForReady {
      waiter.resume(throwing: failure)
    } else {
      waiters.append(waiter)
      if retry == nil { connect() }
    }
  }

  private func cancel(_ waiter: ConnectionWaiter) {
    waiter.isCancelled = true
    waiters.removeAll { $0 === waiter }
    waiter.resume(throwing: Self.cancelled)
  }

  private static let cancelled = RPCError(
    code: .cancelled,
    message: "The call was cancelled while it waited for a connection."
  )
  private static let shutDown = RPCError(
    code: .failedPrecondition,
    message: "The client's transport is shut down."
  )

  // MARK: Connecting

  private func start(_ continuation: UnsafeContinuation<Void, any Error>) {
    switch phase {
    case .unstarted:
      phase = .running
      whenStopped = continuation
      connect()
    case .stopped where whenStopped == nil:
      // Shut down before it began.
      continuation.resume()
    case .running, .draining, .stopped:
      continuation.resume(
        throwing: RPCError(
          code: .failedPrecondition,
          message: "A client's transport connects only once."
        )
      )
    }
  }

  private func connect() {
    guard phase == .running, attempt == nil, ready == nil else { return }
    let attempt = ConnectAttempt(channel: self)
    self.attempt = attempt
    attempt.start()
  }

  /// An attempt gave a connection.
  func connected(_ connection: ClientConnection) {
    attempt = nil
    failure = nil
    backoff.reset()
    ready = connection
    connections[ObjectIdentifier(connection)] = connection
    let waiting = waiters
    waiters = []
    for waiter in waiting {
      connection.reserve()
      waiter.resume(returning: connection)
    }
  }

  /// An attempt gave none.
  func attemptFailed(_ error: RPCError) {
    attempt = nil
    failure = error
    let failing = waiters.filter { !$0.waitsForReady }
    waiters.removeAll { !$0.waitsForReady }
    for waiter in failing { waiter.resume(throwing: error) }
    retry = loop.schedule(after: backoff.next(using: &randomness)) { [self] in
      retry = nil
      connect()
    }
  }

  // MARK: Connections

  /// A connection takes no more calls.
  func retired(_ connection: ClientConnection) {
    if ready === connection { ready = nil }
  }

  /// A server ended its connection for its pings.
  ///
  /// The next ones are pinged half as often (gRFC A8).
  func pingedTooOften() {
    keepalive?.interval *= 2
  }

  /// A connection that stood is closed.
  func closed(_ connection: ClientConnection) {
    retired(connection)
    connections[ObjectIdentifier(connection)] = nil
    stopIfDrained()
  }

  // MARK: The end

  private func drain() {
    switch phase {
    case .unstarted: phase = .stopped
    case .running: phase = .draining
    case .draining, .stopped: return
    }
    retry?.cancel()
    retry = nil
    attempt?.cancel()
    attempt = nil
    ready = nil
    let waiting = waiters
    waiters = []
    for waiter in waiting { waiter.resume(throwing: Self.shutDown) }
    for connection in Array(connections.values) { connection.drain() }
    stopIfDrained()
  }

  private func abandon() {
    drain()
    for connection in Array(connections.values) { connection.close(.closedHere) }
  }

  private func stopIfDrained() {
    guard phase == .draining, connections.isEmpty else { return }
    phase = .stopped
    whenStopped?.resume()
  }
}

/// A call that waits for a connection.
final class ConnectionWaiter: @unchecked Sendable {
  // Unchecked: used on the loop only, but for what is immutable.

  let waitsForReady: Bool
  var continuation: UnsafeContinuation<ClientConnection, any Error>?
  var isCancelled = false

  init(waitsForReady: Bool) {
    self.waitsForReady = waitsForReady
  }

  func resume(returning connection: ClientConnection) {
    continuation?.resume(returning: connection)
    continuation = nil
  }

  func resume(throwing error: RPCError) {
    continuation?.resume(throwing: error)
    continuation = nil
  }
}
