internal import EventLoops
internal import GRPCCore

/// One client's connection.
///
/// Confined to its loop.
final class ServerConnection: HTTP2Connection, @unchecked Sendable {
  // Unchecked: as HTTP2Connection.

  private let worker: ServerWorker
  private let id: UInt64
  /// By which settings the client's certificate was last judged.
  private var judge: TLSContext
  private var peer: ConnectionPeer?
  private var handshakeTimer: LoopTimer?
  private var idleTimer: LoopTimer?
  private var drainTimer: LoopTimer?
  private var cutTimer: LoopTimer?
  private var isDraining = false
  /// Looks for late requests while there are streams.
  ///
  /// One for all of them, so that a call whose request is complete at once, as nearly all are,
  /// needs no timer.
  private var requestTimer: LoopTimer?
  /// The last request's headers and what they were judged to be: clients mostly repeat them.
  private var lastHeaders: HeaderBlock?
  private var lastHead: RequestHead?

  /// Tells the PING of a drain from others.
  private static let drainPing: UInt64 = 0x6472_6169_6E69_6E67

  init(
    descriptor: Int32,
    id: UInt64,
    worker: ServerWorker,
    context: TLSContext
  ) throws(TransportFailure) {
    self.worker = worker
    self.id = id
    judge = context
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
    if let limit = worker.shared.limits.idleTimeout {
      idleTimer = loop.schedule(after: limit) { [unowned self] in drain() }
    }
  }

  override func makeStream(id: Int32) -> HTTP2Stream? {
    guard let peer else { return nil }
    idleTimer?.cancel()
    watchRequests()
    return ServerStream(worker: worker, peer: peer)
  }

  override func streamEnded(_ stream: HTTP2Stream) {
    guard streams.isEmpty else { return }
    if isDraining {
      scheduleFlush()
    } else if let limit = worker.shared.limits.idleTimeout {
      idleTimer?.arm(after: limit)
    }
  }

  override func receivedPingAcknowledgement(_ payload: UInt64) {
    if payload == Self.drainPing { refuseNewStreams() }
  }

  override func closed(_ failure: TransportFailure) {
    for timer in [handshakeTimer, idleTimer, drainTimer, cutTimer, requestTimer] { timer?.cancel() }
    worker.connectionClosed(self)
  }

  // MARK: Requests

  func head(of headers: HeaderBlock) -> RequestHead {
    if let lastHeaders, let lastHead, lastHeaders.hasSameFields(as: headers) { return lastHead }
    let head = RequestHead(headers, methods: worker.shared.methods)
    lastHeaders = headers.isTooLarge ? nil : headers
    lastHead = head
    return head
  }

  private func watchRequests() {
    let timer =
      requestTimer
      ?? loop.makeTimer { [unowned self] in
        let now = ContinuousClock.now
        for case let stream as ServerStream in Array(streams.values) {
          stream.endIfRequestIsLate(now)
        }
        if !streams.isEmpty { watchRequests() }
      }
    requestTimer = timer
    if !timer.isArmed { timer.arm(after: worker.shared.limits.requestTimeout / 4) }
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
