internal import EventLoops
internal import GRPCCore
internal import Glibc
internal import Synchronization

/// What all loops of a listening server share.
final class ServerShared: Sendable {
  typealias Handler =
    @Sendable (
      RPCStream<Nghttp2ServerTransport.Inbound, Nghttp2ServerTransport.Outbound>, ServerContext
    ) async -> Void

  let limits: Nghttp2ServerTransport.Limits
  let settings: HTTP2Settings
  let drainPeriod: Duration
  let methods: MethodTable
  let handle: Handler
  let shutdown: ShutdownNotice
  let tls: @Sendable () -> TLSContext
  private let connections = Atomic<Int>(0)
  private let lastConnectionID = Atomic<UInt64>(0)

  init(
    configuration: Nghttp2ServerTransport.Configuration,
    methods: [MethodDescriptor],
    shutdown: ShutdownNotice,
    tls: @escaping @Sendable () -> TLSContext,
    handle: @escaping Handler
  ) {
    limits = configuration.limits
    drainPeriod = configuration.drainPeriod
    settings = HTTP2Settings(
      maxConcurrentStreams: UInt32(clamping: limits.concurrentStreams),
      maxHeaderListSize: limits.headerListBytes,
      inputBudget: limits.heldRequestBytes
    )
    self.methods = MethodTable(methods, limits: configuration.limits)
    self.shutdown = shutdown
    self.tls = tls
    self.handle = handle
  }

  /// How many connections there are.
  var connectionCount: Int { connections.load(ordering: .relaxed) }

  /// A number for one more connection, or nil if there are as many as allowed.
  func admit() -> UInt64? {
    let before = connections.wrappingAdd(1, ordering: .relaxed).oldValue
    guard before < limits.connections else {
      connections.wrappingSubtract(1, ordering: .relaxed)
      return nil
    }
    return lastConnectionID.wrappingAdd(1, ordering: .relaxed).newValue
  }

  func release() {
    connections.wrappingSubtract(1, ordering: .relaxed)
  }
}

/// A server's part on one loop: its listener, its connections, its running calls.
///
/// Confined to the loop but for making it.
final class ServerWorker: @unchecked Sendable {
  // Unchecked: see above.

  let loop: EventLoop
  let shared: ServerShared
  let buffers = LoopBuffers()

  private let listener: Listener

  /// The address listened on.
  var address: SocketAddress { listener.address }

  private var connections: [ObjectIdentifier: ServerConnection] = [:]
  /// Calls whose handler's task runs, also when their stream is closed.
  private var runningCalls: [ObjectIdentifier: ServerStream] = [:]
  private var drainTimer: LoopTimer?
  private var isDraining = false
  private var whenEnded: (@Sendable () -> Void)?

  init(loop: EventLoop, shared: ServerShared, listener: Listener) {
    self.loop = loop
    self.shared = shared
    self.listener = listener
  }

  /// Begins to accept; `whenEnded` is called once, after a drain or abort, when no connection and
  /// no call is left.
  func start(whenEnded: @escaping @Sendable () -> Void) throws(EventLoopError) {
    self.whenEnded = whenEnded
    // The shutdown may have been faster.
    if isDraining { return endIfDone() }
    try listener.start(on: loop) { [unowned self] in accept($0) }
  }

  private func accept(_ socket: Int32) {
    guard let id = shared.admit() else {
      Glibc.close(socket)
      return
    }
    do {
      let connection = try ServerConnection(
        descriptor: socket,
        id: id,
        worker: self,
        context: shared.tls()
      )
      connections[ObjectIdentifier(connection)] = connection
      connection.start()
      if isDraining { connection.drain() }
    } catch {
      shared.release()
    }
  }

  func connectionClosed(_ connection: ServerConnection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    shared.release()
    endIfDone()
  }

  func callStarted(_ stream: ServerStream) {
    runningCalls[ObjectIdentifier(stream)] = stream
  }

  func callEnded(_ stream: ServerStream) {
    runningCalls[ObjectIdentifier(stream)] = nil
    endIfDone()
  }

  /// Ends the connections whose client's certificate would be refused now.
  ///
  /// Some a turn, so that other connections aren't kept waiting.
  ///
  /// - Parameter whenDone: Told the certificates refused.
  func judgePeers(_ whenDone: @escaping @Sendable ([PeerCertificate]) -> Void) {
    judge(
      Array(connections.values)[...],
      PeerJudgement(shared.tls()),
      refused: [],
      whenDone
    )
  }

  private static let judgedPerTurn = 32

  private func judge(
    _ waiting: ArraySlice<ServerConnection>,
    _ judgement: PeerJudgement,
    refused: [PeerCertificate],
    _ whenDone: @escaping @Sendable ([PeerCertificate]) -> Void
  ) {
    let due = waiting.prefix(Self.judgedPerTurn)
    let refused = refused + due.compactMap { $0.endUnlessAccepted(by: judgement) }
    let rest = waiting.dropFirst(due.count)
    if rest.isEmpty { return whenDone(refused) }
    loop.execute { self.judge(rest, judgement, refused: refused, whenDone) }
  }

  /// Accepts no more, lets running calls finish for the drain period, then aborts.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    listener.stop(on: loop) { accept($0) }
    drainTimer = loop.schedule(after: shared.drainPeriod) { [unowned self] in abort() }
    for connection in Array(connections.values) { connection.drain() }
    endIfDone()
  }

  /// Ends every call and connection now; a peer that doesn't take its last bytes within a second is
  /// cut off.
  func abort() {
    if !isDraining {
      isDraining = true
      listener.stop(on: loop) { Glibc.close($0) }
    }
    drainTimer?.cancel()
    for call in Array(runningCalls.values) { call.abort() }
    for connection in Array(connections.values) { connection.abort() }
    drainTimer = loop.schedule(after: .seconds(1)) { [unowned self] in
      for connection in Array(connections.values) { connection.close(.closedHere) }
    }
    endIfDone()
  }

  private func endIfDone() {
    guard isDraining, connections.isEmpty, runningCalls.isEmpty, let whenEnded else { return }
    drainTimer?.cancel()
    self.whenEnded = nil
    whenEnded()
  }
}
