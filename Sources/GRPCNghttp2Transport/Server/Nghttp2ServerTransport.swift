public import EventLoops
public import GRPCCore
internal import Synchronization

/// A gRPC server's transport: HTTP/2 over TLS 1.3, one listener a loop.
///
/// Use it with any initialiser of `GRPCServer`. The cheapest is the one that takes a router, filled
/// where service and transport are both concrete types: it spares a fifth of a unary call's
/// instructions, because the compiler then specialises the service.
///
/// ```swift
/// var router = RPCRouter<Nghttp2ServerTransport>()
/// service.registerMethods(with: &router)
/// let server = GRPCServer(transport: transport, router: router)
/// ```
///
/// Unary methods may pass the router by, which halves what a call costs again: `UnaryMethods`.
///
/// A handler's task runs on its connection's loop: it must not block, and what it awaits keeps it
/// there. `ServerContext.transportSpecific` is a `Nghttp2ServerTransport.Context`.
///
/// Deadlines are kept here: `grpc-timeout` is taken out of the metadata; when it has passed, the
/// client gets DEADLINE_EXCEEDED, `context.cancellation` fires and the handler's writes throw. A
/// client that goes away fires `context.cancellation` too. A graceful shutdown doesn't, until its
/// drain period is over.
public final class Nghttp2ServerTransport: ServerTransport {
  /// Messages are arrays of bytes.
  public typealias Bytes = [UInt8]

  private enum Phase {
    case idle
    case listening([ServerWorker], SocketAddress)
    case stopped
  }

  private struct State {
    var phase = Phase.idle
    var methods: [MethodDescriptor] = []
    var directCalls: [(method: MethodDescriptor, call: UnaryCall)] = []
    var tls: TLSContext
    var awaitingAddress: [CheckedContinuation<SocketAddress, any Error>] = []
  }

  /// What the transport refused by itself, counted.
  public let refusals = Refusals()

  private let address: SocketAddress
  private let configuration: Configuration
  private let eventLoops: EventLoopGroup
  private let shutdown = ShutdownNotice()
  private let tickets: TicketKeys?
  private let state: Mutex<State>

  /// A transport that doesn't listen yet.
  ///
  /// - Parameters:
  ///   - address: Where to listen; port 0 lets the system choose, see `listeningAddress`.
  ///   - configuration: TLS and limits.
  ///   - eventLoops: The loops it listens on, all of them; not shut down by the transport, and
  ///     needed until `listen` has returned.
  /// - Throws: `TLSError` if certificates, key or trust roots can't be used.
  public init(
    address: SocketAddress,
    configuration: Configuration,
    eventLoops: EventLoopGroup
  ) throws(TLSError) {
    self.address = address
    self.configuration = configuration
    self.eventLoops = eventLoops
    var tickets: TicketKeys?
    if let lifetime = configuration.tls.sessionLifetime {
      tickets = try TicketKeys(lifetime: lifetime)
    }
    self.tickets = tickets
    state = Mutex(State(tls: try TLSContext(server: configuration.tls, tickets: tickets)))
  }

  /// The address listened on, with its real port; waits until it is bound.
  ///
  /// Throws `RuntimeError` if the transport stops before, or `EventLoopError` if it can't bind.
  public var listeningAddress: SocketAddress {
    get async throws {
      try await withCheckedThrowingContinuation { continuation in
        let known = state.withLock { state -> Result<SocketAddress, any Error>? in
          switch state.phase {
          case .listening(_, let address): return .success(address)
          case .stopped: return .failure(Self.stoppedError)
          case .idle:
            state.awaitingAddress.append(continuation)
            return nil
          }
        }
        if let known { continuation.resume(with: known) }
      }
    }
  }

  /// Uses other certificates, keys, trust roots and revocation lists from now on, without dropping
  /// a connection that they still allow.
  ///
  /// Then does what `endRefusedConnections` does. Sessions begun before can be resumed if their
  /// certificates are still accepted.
  ///
  /// - Parameter options: All of them count but `sessionLifetime`.
  /// - Throws: `TLSError` if they can't be used; the present ones stay.
  /// - Returns: The certificates that were refused, one a connection ended.
  @discardableResult
  public func replaceTLS(
    _ options: ServerTLSOptions
  ) async throws(TLSError) -> [PeerCertificate] {
    let context = try TLSContext(server: options, tickets: tickets)
    state.withLock { $0.tls = context }
    return await endRefusedConnections()
  }

  /// Ends the open connections whose client showed a certificate that would be refused now: revoked,
  /// expired, or no longer leading to a root.
  ///
  /// Their running calls end with UNAUTHENTICATED (a call whose response is half-way through a
  /// message is reset with CANCEL), their handlers are cancelled, a GOAWAY follows, and the
  /// connection closes, after a second at the latest. Connections without a certificate stay. Call
  /// it now and then, since certificates and revocation lists run out.
  ///
  /// - Returns: The certificates, one a connection ended.
  @discardableResult
  public func endRefusedConnections() async -> [PeerCertificate] {
    let workers = state.withLock { state -> [ServerWorker] in
      if case .listening(let workers, _) = state.phase { return workers }
      return []
    }
    var refused: [PeerCertificate] = []
    for worker in workers {
      refused += await withUnsafeContinuation { continuation in
        worker.loop.execute { worker.judgePeers { continuation.resume(returning: $0) } }
      }
    }
    return refused
  }

  /// Calls these methods past the router from the time that it listens, also those that the router
  /// knows.
  ///
  /// Before `listen`; methods of several calls add up.
  public func callDirectly(_ methods: UnaryMethods<some UnaryInterceptor>) {
    state.withLock { $0.directCalls += methods.calls }
  }

  /// Learns which methods are registered; `GRPCServer` calls it before it listens.
  public func configure(context: GRPCServerContext) {
    state.withLock { $0.methods = context.methods }
  }

  /// Listens, and hands each call to the handler in a task on its connection's loop.
  ///
  /// Returns after `beginGracefulShutdown` when the last call has ended, or when its task is
  /// cancelled, which cancels the calls and closes the connections at once; in both cases no call's
  /// task runs any more.
  ///
  /// - Parameter streamHandler: Called once a call.
  /// - Throws: `EventLoopError` if the address can't be bound, `RuntimeError` if the transport has
  ///   listened before.
  public func listen(
    streamHandler:
      @escaping @Sendable (
        _ stream: RPCStream<Inbound, Outbound>,
        _ context: ServerContext
      ) async -> Void
  ) async throws {
    guard let workers = try openListeners(streamHandler) else { return }
    let ended = Countdown(workers.count)
    do {
      for worker in workers {
        try await worker.loop.run { try worker.start { ended.countDown() } }
      }
    } catch {
      for worker in workers { worker.loop.execute { worker.abort() } }
      throw error
    }
    await withTaskCancellationHandler {
      await ended.wait()
    } onCancel: {
      shutdown.begin()
      for worker in workers { worker.loop.execute { worker.abort() } }
    }
    state.withLock { $0.phase = .stopped }
  }

  /// Stops listening and lets running calls finish; then `listen` returns.
  ///
  /// After the drain period the calls that still run are cancelled. Any thread; idempotent.
  public func beginGracefulShutdown() {
    shutdown.begin()
    let (workers, waiting) = state.withLock { state in
      defer { state.awaitingAddress = [] }
      switch state.phase {
      case .listening(let workers, _):
        return (workers, state.awaitingAddress)
      case .idle, .stopped:
        state.phase = .stopped
        return ([], state.awaitingAddress)
      }
    }
    for worker in workers { worker.loop.execute { worker.drain() } }
    for continuation in waiting { continuation.resume(throwing: Self.stoppedError) }
  }

  /// What the transport's connections hold at the moment, and how many were turned away since it
  /// listens; zeros unless it listens.
  ///
  /// Takes a turn of each loop and a look at each connection: for metrics, not for each call.
  public func statistics() async -> Statistics {
    let workers = state.withLock { state in
      guard case .listening(let workers, _) = state.phase else { return [ServerWorker]() }
      return workers
    }
    var sum = Statistics()
    for worker in workers {
      guard let part = try? await worker.loop.run({ worker.statistics() }) else { continue }
      sum.add(part)
    }
    sum.refusedConnections = workers.first?.shared.count.withLock { $0.refused } ?? 0
    return sum
  }

  /// Binds a socket for each loop; nil if the transport was shut down before.
  private func openListeners(_ handle: @escaping ServerShared.Handler) throws -> [ServerWorker]? {
    let opened = state.withLock { state -> Result<[ServerWorker]?, any Error> in
      switch state.phase {
      case .stopped: return .success(nil)
      case .listening:
        let message = "The transport listens already."
        return .failure(RuntimeError(code: .serverIsAlreadyRunning, message: message))
      case .idle: break
      }
      let shared = ServerShared(
        configuration: configuration,
        methods: state.methods,
        calledDirectly: state.directCalls,
        loops: eventLoops.count,
        shutdown: shutdown,
        refusals: refusals,
        tls: { [unowned self] in self.state.withLock { $0.tls } },
        handle: handle
      )
      do {
        let workers = try makeWorkers(shared)
        let bound = workers.first.map { $0.address } ?? address
        state.phase = .listening(workers, bound)
        return .success(workers)
      } catch {
        state.phase = .stopped
        return .failure(error)
      }
    }
    let waiting = state.withLock { state in
      defer { state.awaitingAddress = [] }
      return (state.awaitingAddress, state.phase)
    }
    for continuation in waiting.0 {
      if case .listening(_, let address) = waiting.1 {
        continuation.resume(returning: address)
      } else if case .failure(let error) = opened {
        continuation.resume(throwing: error)
      } else {
        continuation.resume(throwing: Self.stoppedError)
      }
    }
    return try opened.get()
  }

  private func makeWorkers(_ shared: ServerShared) throws(EventLoopError) -> [ServerWorker] {
    try Listener.requireFree(address)
    var wanted = address
    var workers: [ServerWorker] = []
    for loop in eventLoops.loops {
      let listener = try Listener(wanted)
      wanted = listener.address
      workers.append(ServerWorker(loop: loop, shared: shared, listener: listener))
    }
    return workers
  }

  private static var stoppedError: RuntimeError {
    RuntimeError(code: .serverIsStopped, message: "The transport has stopped.")
  }
}

/// Lets one task wait until a number of things have happened.
final class Countdown: Sendable {
  private struct State {
    var left: Int
    var waiting: UnsafeContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    state = Mutex(State(left: count))
  }

  func countDown() {
    let waiting = state.withLock { state in
      state.left -= 1
      return state.left == 0 ? state.waiting : nil
    }
    waiting?.resume()
  }

  func wait() async {
    await withUnsafeContinuation { continuation in
      let isDone = state.withLock { state in
        if state.left <= 0 { return true }
        state.waiting = continuation
        return false
      }
      if isDone { continuation.resume() }
    }
  }
}
