internal import EventLoops
internal import GRPCCore

/// One client's connection.
///
/// Confined to its loop.
final class ServerConnection: HTTP2Connection, @unchecked Sendable {
  // Unchecked: as HTTP2Connection.

  let id: UInt64
  /// Whose connection it is, for the count of connections.
  let address: AddressKey
  private let worker: ServerWorker
  /// By which settings the client's certificate was last judged.
  private var judge: TLSContext
  private var peer: ConnectionPeer?
  private var handshakeTimer: LoopTimer?
  private var idleTimer: LoopTimer?
  private var drainTimer: LoopTimer?
  private var cutTimer: LoopTimer?
  private var ageTimer: LoopTimer?
  private var pings: KeepalivePings?
  private var pingPolicy: PingPolicy
  private var isDraining = false
  /// Calls whose handler runs though their stream is closed.
  private var abandonedCalls = 0
  private var resets: TokenBucket
  private var controlFrames: TokenBucket
  /// Looks for a peer that is late while there are streams, or bytes that wait for the socket.
  ///
  /// One for all of them, so that a call whose request is complete at once, as nearly all are,
  /// needs no timer.
  private var watch: LoopTimer?
  /// Since when the socket has taken too few bytes, and how many it had taken then.
  private var socketMark: ProgressMark?
  /// Since when the header block of that number has been incomplete.
  private var headerMark: ProgressMark?
  /// The last request's headers and what they were judged to be: clients mostly repeat them.
  private var lastHeaders: HeaderBlock?
  private var lastHead: RequestHead?

  /// Tells the PING of a drain from others.
  private static let drainPing: UInt64 = 0x6472_6169_6E69_6E67

  init(
    descriptor: Int32,
    id: UInt64,
    address: AddressKey,
    worker: ServerWorker,
    context: TLSContext
  ) throws(TransportFailure) {
    self.worker = worker
    self.id = id
    judge = context
    self.address = address
    let limits = worker.shared.limits
    resets = TokenBucket(burst: limits.resetsAtOnce, perSecond: limits.resetsPerSecond)
    controlFrames = TokenBucket(
      burst: limits.controlFramesAtOnce,
      perSecond: limits.controlFramesPerSecond
    )
    pingPolicy = PingPolicy(worker.shared.keepalive)
    try super.init(
      descriptor: descriptor,
      loop: worker.loop,
      buffers: worker.buffers,
      context: context,
      serverName: nil,
      settings: worker.shared.settings
    )
    handshakeTimer = loop.schedule(after: worker.shared.limits.handshakeTimeout) {
      [unowned self] in close(.handshakeTimeout)
    }
  }

  // MARK: Hooks

  override func handshakeCompleted() {
    peer = ConnectionPeer(
      connectionID: id,
      remotePeer: SocketAddress.of(descriptor, peer: true)?.description ?? "unknown",
      localPeer: SocketAddress.of(descriptor, peer: false)?.description ?? "unknown",
      certificate: tls.peerCertificate,
      isResumedSession: tls.isResumed,
      shutdown: worker.shared.shutdown
    )
    // Certificates may have been replaced since the handshake began.
    let present = worker.shared.tls()
    if present !== judge { _ = endUnlessAccepted(by: PeerJudgement(present)) }
  }

  override func receivedSettings() {
    guard let timer = handshakeTimer else { return }
    timer.cancel()
    handshakeTimer = nil
    worker.connectionShookHands(self)
    if let limit = worker.shared.limits.idleTimeout {
      idleTimer = loop.schedule(after: limit) { [unowned self] in drain() }
    }
    if let age = worker.shared.limits.connectionAge {
      let drawn = age * Double.random(in: 0.9...1.1)
      ageTimer = loop.schedule(after: drawn) { [unowned self] in grewOld() }
    }
    let keepalive = worker.shared.keepalive
    if let interval = keepalive.interval {
      pings = KeepalivePings(self, interval: interval, timeout: keepalive.timeout)
    }
  }

  override func makeStream(id: Int32) -> HTTP2Stream? {
    // A client that gives its calls up sooner than their handlers do must not have any number of
    // them run. One that gives up all and opens as many at once is well-meant: the handlers have had
    // no turn to hear of it.
    guard let peer, abandonedCalls / 2 < worker.shared.limits.concurrentStreams else { return nil }
    idleTimer?.cancel()
    beginWatch()
    return ServerStream(worker: worker, peer: peer)
  }

  override func streamEnded(_ stream: HTTP2Stream) {
    (stream as? ServerStream)?.left(self)
    guard streams.isEmpty else { return }
    if isDraining {
      scheduleFlush()
    } else if let limit = worker.shared.limits.idleTimeout {
      idleTimer?.arm(after: limit)
    }
  }

  override func receivedReset() {
    if !resets.take(at: .now) { condemn(.resetsTooOften) }
  }

  override func receivedControlFrame() {
    if !controlFrames.take(at: .now) { condemn(.sendsTooManyControlFrames) }
  }

  override func outputStalled() {
    beginWatch()
  }

  override func receivedPingAcknowledgement(_ payload: UInt64) {
    if payload == Self.drainPing { refuseNewStreams() }
    pings?.acknowledged(payload)
  }

  override func receivedPing() {
    let isTooMany = pingPolicy.isTooMany(
      at: .now,
      hasCalls: !streams.isEmpty,
      hasAnswered: hasSentBody
    )
    hasSentBody = false
    guard isTooMany else { return }
    worker.shared.refusals.count(.tooManyPings)
    condemn(.pingsTooOften)
  }

  override func closed(_ failure: TransportFailure) {
    for timer in [handshakeTimer, idleTimer, drainTimer, cutTimer, ageTimer, watch] {
      timer?.cancel()
    }
    pings?.end()
    worker.connectionClosed(self, failure)
  }

  // MARK: Requests

  func head(of headers: HeaderBlock) -> RequestHead {
    // What is too large isn't all there, so it may look like the one before.
    if let lastHeaders, let lastHead, !headers.isTooLarge, lastHeaders.hasSameFields(as: headers) {
      return lastHead
    }
    let head = RequestHead(
      headers,
      methods: worker.shared.methods,
      compression: worker.shared.compression
    )
    lastHeaders = headers.isTooLarge ? nil : headers
    lastHead = head
    return head
  }

  /// A call's stream is closed and its handler still runs; or such a handler has returned.
  func abandonedCalls(changeBy change: Int) {
    abandonedCalls += change
  }

  private func beginWatch() {
    let timer = watch ?? loop.makeTimer { [unowned self] in lookForLateness() }
    watch = timer
    if !timer.isArmed { timer.arm(after: worker.shared.limits.watchInterval) }
  }

  /// Ends the calls whose client takes too long, or the connection.
  private func lookForLateness() {
    let (now, limits) = (ContinuousClock.now, worker.shared.limits)
    let isStuck = ProgressMark.update(
      &socketMark,
      waits: unsentBytes > 0,
      moved: bytesSent,
      atLeast: limits.progressBytes,
      in: limits.progressPeriod,
      now: now
    )
    if isStuck { return expel(.readsTooSlowly) }
    // The number of the block is what "moves": another block than the last one seen is progress.
    let isIncomplete = ProgressMark.update(
      &headerMark,
      waits: isWithinHeaderBlock,
      moved: headerBlocks,
      atLeast: 1,
      in: limits.headersTimeout,
      now: now
    )
    if isIncomplete { return expel(.sendsHeadersTooSlowly) }
    for case let stream as ServerStream in Array(streams.values) { stream.endIfLate(now) }
    if phase == .open, !streams.isEmpty || unsentBytes > 0 { beginWatch() }
  }

  /// Adds what this connection holds.
  func addUp(_ sum: inout Nghttp2ServerTransport.Statistics) {
    sum.streams += streams.count
    sum.heldRequestBytes += heldInput
    sum.queuedResponseBytes += streams.values.reduce(0) { $0 + $1.outbox.queuedBytes }
    sum.unsentBytes += unsentBytes
    sum.queuedFrames += phase == .open ? session.queuedFrames : 0
    sum.abandonedCalls += abandonedCalls
  }

  // MARK: Shutdown

  /// Lets running calls finish and takes no new ones: announces it, and once the client has
  /// answered (or a second has passed) what it opened before knowing is accepted too, and the
  /// connection ends with its last stream.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    idleTimer?.cancel()
    guard phase == .open else {
      if phase == .handshake { close(.closedHere) }
      return
    }
    session.announceShutdown()
    session.ping(Self.drainPing)
    drainTimer = loop.schedule(after: .seconds(1)) { [unowned self] in refuseNewStreams() }
    scheduleFlush()
  }

  /// Drains, and after the grace ends what is left.
  private func grewOld() {
    drain()
    guard let grace = worker.shared.limits.connectionAgeGrace else { return }
    ageTimer = loop.schedule(after: grace) { [unowned self] in
      let message = "The connection has reached its age."
      for case let stream as ServerStream in streams.values {
        stream.end(early: .init(code: .unavailable, message: message))
      }
      refuseNewStreams()
      // For a client that doesn't take its last bytes.
      ageTimer = loop.schedule(after: .seconds(1)) { [unowned self] in close(.closedHere) }
    }
  }

  private func refuseNewStreams() {
    guard isDraining, let timer = drainTimer else { return }
    timer.cancel()
    drainTimer = nil
    guard phase == .open else { return }
    session.goAway(code: 0)
    scheduleFlush()
  }

  /// Ends every call and, once their statuses are sent, the connection.
  func abort() {
    drain()
    refuseNewStreams()
    for case let stream as ServerStream in streams.values { stream.abort() }
  }

  // MARK: Certificates

  /// Ends the connection if its client's certificate would be refused now: running calls end with
  /// UNAUTHENTICATED, a GOAWAY follows, and a client that doesn't take these within a second is cut
  /// off.
  ///
  /// - Returns: The certificate, if it was refused.
  func endUnlessAccepted(by judgement: PeerJudgement) -> PeerCertificate? {
    guard phase == .open else { return nil }
    judge = judgement.context
    guard cutTimer == nil, let certificate = peer?.certificate,
      judgement.objection(to: certificate, of: tls) != nil
    else { return nil }
    drain()
    refuseNewStreams()
    let reason = RPCError(
      code: .unauthenticated,
      message: "The client's certificate is no longer accepted."
    )
    for case let stream as ServerStream in Array(streams.values) { stream.abort(because: reason) }
    cutTimer = loop.schedule(after: .seconds(1)) { [unowned self] in close(.closedHere) }
    return certificate
  }
}

/// One look over open connections: each certificate is judged once.
///
/// Confined to its loop.
final class PeerJudgement: @unchecked Sendable {
  // Unchecked: see above.

  let context: TLSContext
  private var objections: [[UInt8]: String?] = [:]

  init(_ context: TLSContext) {
    self.context = context
  }

  /// Why a certificate isn't accepted; nil if it is.
  func objection(to certificate: PeerCertificate, of engine: TLSEngine) -> String? {
    if let known = objections[certificate.der] { return known }
    let objection = engine.objection(under: context)
    objections[certificate.der] = .some(objection)
    return objection
  }
}
