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
  let compression: MessageCompression
  /// `grpc-accept-encoding`.
  let acceptedEncodings: String
  let settings: HTTP2Settings
  let drainPeriod: Duration
  let methods: MethodTable
  let handle: Handler
  /// How many loops serve.
  let loops: Int
  let keepalive: Nghttp2ServerTransport.Keepalive
  let shutdown: ShutdownNotice
  let refusals: Nghttp2ServerTransport.Refusals
  let tls: @Sendable () -> TLSContext
  let overload: Nghttp2ServerTransport.Overload?
  /// All connections of the listener.
  let count: Mutex<ConnectionCount>

  init(
    configuration: Nghttp2ServerTransport.Configuration,
    methods: [MethodDescriptor],
    calledDirectly calls: [(method: MethodDescriptor, call: UnaryCall)],
    loops: Int,
    shutdown: ShutdownNotice,
    refusals: Nghttp2ServerTransport.Refusals,
    tls: @escaping @Sendable () -> TLSContext,
    handle: @escaping Handler
  ) {
    limits = configuration.limits
    compression = configuration.compression
    acceptedEncodings = compression.acceptedNames
    drainPeriod = configuration.drainPeriod
    settings = HTTP2Settings(
      maxConcurrentStreams: UInt32(clamping: limits.concurrentStreams),
      maxHeaderListSize: limits.headerListBytes,
      inputBudget: limits.heldRequestBytes
    )
    count = Mutex(
      ConnectionCount(
        limit: limits.connections,
        limitOfAddress: limits.connectionsPerAddress
      )
    )
    self.methods = MethodTable(
      methods,
      calledDirectly: calls,
      limits: configuration.limits,
      overload: configuration.overload
    )
    overload = configuration.overload
    self.loops = loops
    keepalive = configuration.keepalive
    self.shutdown = shutdown
    self.refusals = refusals
    self.tls = tls
    self.handle = handle
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
  private var handshakes: HandshakeQueue
  private var totals = ServerTotals()
  private var overload: OverloadGuard?
  /// Calls whose handler's task runs, also when their stream is closed.
  private var runningCalls: [ObjectIdentifier: ServerStream] = [:]
  private var drainTimer: LoopTimer?
  private var isDraining = false
  private var whenEnded: (@Sendable () -> Void)?

  init(loop: EventLoop, shared: ServerShared, listener: Listener) {
    self.loop = loop
    self.shared = shared
    self.listener = listener
    handshakes = HandshakeQueue(limit: max(1, shared.limits.handshakes / shared.loops))
    overload = shared.overload.map(OverloadGuard.init)
  }

  /// Begins to accept; `whenEnded` is called once, after a drain or abort, when no connection and
  /// no call is left.
  func start(whenEnded: @escaping @Sendable () -> Void) throws(EventLoopError) {
    self.whenEnded = whenEnded
    // The shutdown may have been faster.
    if isDraining { return endIfDone() }
    try listener.start(on: loop) { [unowned self] in accept($0, $1) }
  }

  private func accept(_ socket: Int32, _ address: AddressKey) {
    guard let id = shared.count.withLock({ $0.admit(address) }) else {
      Glibc.close(socket)
      return
    }
    do {
      let connection = try ServerConnection(
        descriptor: socket,
        id: id,
        address: address,
        worker: self,
        context: shared.tls()
      )
      connections[ObjectIdentifier(connection)] = connection
      let oldest = handshakes.append(connection)
      oldest?.close(.misconduct(.hasTakenTooLongToShakeHands))
      connection.start()
      if isDraining { connection.drain() }
    } catch {
      shared.count.withLock { $0.release(address) }
    }
  }

  func connectionShookHands(_ connection: ServerConnection) {
    handshakes.remove(connection)
  }

  func connectionClosed(_ connection: ServerConnection, _ failure: TransportFailure) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    handshakes.remove(connection)
    totals.count(failure)
    shared.count.withLock { $0.release(connection.address) }
    endIfDone()
  }

  /// The response to a call that comes when there is no room for it.
  func refusal(of method: MethodEntry) -> HeaderList? {
    guard method.isBounded, let refusal = overload?.refusal() else { return nil }
    shared.refusals.count(.overload)
    return refusal
  }

  func callStarted(_ stream: ServerStream) {
    runningCalls[ObjectIdentifier(stream)] = stream
    if stream.method?.isBounded == true { overload?.callStarted() }
  }

  func callEnded(_ stream: ServerStream) {
    runningCalls[ObjectIdentifier(stream)] = nil
    if stream.method?.isBounded == true { overload?.callEnded(served: stream.isServed) }
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
    listener.stop(on: loop) { accept($0, $1) }
    drainTimer = loop.schedule(after: shared.drainPeriod) { [unowned self] in abort() }
    for connection in Array(connections.values) { connection.drain() }
    endIfDone()
  }

  /// Ends every call and connection now; a peer that doesn't take its last bytes within a second is
  /// cut off.
  func abort() {
    if !isDraining {
      isDraining = true
      listener.stop(on: loop) { socket, _ in Glibc.close(socket) }
    }
    drainTimer?.cancel()
    for call in Array(runningCalls.values) { call.abort() }
    for connection in Array(connections.values) { connection.abort() }
    drainTimer = loop.schedule(after: .seconds(1)) { [unowned self] in
      for connection in Array(connections.values) { connection.close(.closedHere) }
    }
    endIfDone()
  }

  /// What this loop's connections hold at the moment, and what has become of others.
  func statistics() -> Nghttp2ServerTransport.Statistics {
    var sum = Nghttp2ServerTransport.Statistics()
    sum.connections = connections.count
    sum.handshakes = handshakes.count
    sum.runningCalls = runningCalls.count
    sum.expelledConnections = totals.expelled
    sum.displacedHandshakes = totals.displaced
    sum.lateHandshakes = totals.late
    for connection in connections.values { connection.addUp(&sum) }
    return sum
  }

  private func endIfDone() {
    guard isDraining, connections.isEmpty, runningCalls.isEmpty, let whenEnded else { return }
    drainTimer?.cancel()
    self.whenEnded = nil
    whenEnded()
  }
}
