internal import CLinux
internal import EventLoops
internal import Glibc

/// One HTTP/2 connection over TLS over a connected, non-blocking socket; the base of a server's and
/// a client's connection.
///
/// Confined to its loop. It reads when the socket is readable, lets its streams queue what they
/// send, and writes once a turn (`scheduleFlush`). Subclasses override the hooks. The loop keeps it
/// from `start` until it is closed.
class HTTP2Connection: @unchecked Sendable {
  // Unchecked: used on its loop only.

  /// How far the connection is.
  enum Phase {
    case handshake, open
    /// Everything is sent; waiting for the peer to close, so that nothing on its way to it is lost.
    case lingering
    case closed
  }

  final let loop: EventLoop
  final let descriptor: Int32
  final let buffers: LoopBuffers
  final let tls: TLSEngine
  final private(set) var phase = Phase.handshake
  /// The streams that are open, by number.
  final var streams: [Int32: HTTP2Stream] = [:]
  /// Bytes of messages that came and that applications haven't taken, over all streams.
  final var heldInput = 0
  /// The most of `heldInput`; a stream that exceeds it is told.
  final let inputBudget: Int
  /// Whether bytes have come since it was last reset.
  final var hasReceived = false
  /// Whether headers or data have been sent since it was last reset.
  final var hasSentBody = false
  /// Whether the peer has been told which compression this side takes.
  final var hasAnnouncedEncodings = false
  /// The headers of the block being received.
  final var headers: HeaderBlock

  final private let isServer: Bool
  final private let settings: HTTP2Settings
  final private var madeSession: HTTP2Session?
  final private var registration: Registration?
  final private var unsent = ArraySlice<UInt8>()
  final private var isFlushScheduled = false
  final private var lingerTimer: LoopTimer?
  /// Bytes of ciphertext that the socket took.
  final private(set) var bytesSent = 0
  /// How many header blocks have begun, and whether the last is incomplete.
  final var headerBlocks = 0
  final var isWithinHeaderBlock = false
  /// What the peer is thrown out for, once it is.
  final var misconduct: Misconduct?
  /// Why the connection ends, while it lingers.
  final var ending: TransportFailure?
  /// The stream whose RST_STREAM is being taken in.
  final var streamBeingReset: Int32 = 0

  /// A connection on a connected, non-blocking socket, which it owns from here on (also if this
  /// throws).
  ///
  /// The context decides the side; `serverName` is what a client demands of the certificate.
  ///
  /// - Throws: `TransportFailure.tls`.
  init(
    descriptor: Int32,
    loop: EventLoop,
    buffers: LoopBuffers,
    context: TLSContext,
    serverName: String?,
    settings: HTTP2Settings
  ) throws(TransportFailure) {
    self.loop = loop
    self.descriptor = descriptor
    self.buffers = buffers
    inputBudget = settings.inputBudget
    headers = HeaderBlock(limit: settings.maxHeaderListSize)
    do {
      tls = try TLSEngine(context, serverName: serverName, buffers: buffers)
    } catch {
      Glibc.close(descriptor)
      throw .tls(error)
    }
    isServer = context.isServer
    self.settings = settings
    var one: Int32 = 1
    setsockopt(
      descriptor,
      Int32(IPPROTO_TCP),
      TCP_NODELAY,
      &one,
      socklen_t(MemoryLayout<Int32>.size)
    )
  }

  /// The HTTP/2 session.
  ///
  /// There is one once TLS is set up: those who never get so far need none.
  final var session: HTTP2Session {
    guard let madeSession else { preconditionFailure("no session before the handshake's end") }
    return madeSession
  }

  // MARK: Hooks

  /// TLS is set up; frames may be queued.
  func handshakeCompleted() {}

  /// The peer opened a stream (server).
  ///
  /// Return its object, or nil to refuse it.
  func makeStream(id: Int32) -> HTTP2Stream? { nil }

  /// A stream was closed and is out of `streams`.
  func streamEnded(_ stream: HTTP2Stream) {}

  /// The peer's settings came; the first time they end its connection preface.
  func receivedSettings() {}

  /// What carries nothing came: SETTINGS, PING, PRIORITY, DATA without data, or a message of TLS.
  ///
  /// To be allowed in small numbers; `condemn` it if there are more.
  func receivedControlFrame() {}

  /// A stream came to nothing by the peer's doing: it reset or refused to follow the rules of it.
  ///
  /// To be allowed in small numbers; `condemn` it if there are more.
  func receivedReset() {}

  /// The socket takes no more for now.
  func outputStalled() {}

  /// The peer sent a PING, which is answered already.
  func receivedPing() {}

  /// The peer answered a PING.
  func receivedPingAcknowledgement(_ payload: UInt64) {}

  /// The peer opens or accepts no more streams; those of this side above `lastStreamID` are closed
  /// by now or will be.
  ///
  /// `reason` is the frame's debug data, valid during the call.
  func receivedGoAway(lastStreamID: Int32, code: UInt32, reason: UnsafeRawBufferPointer) {}

  /// The connection is closed; all streams were told before.
  ///
  /// Called exactly once, also when `start` threw.
  func closed(_ failure: TransportFailure) {}

  // MARK: Life

  /// Starts reading; a client begins the handshake.
  final func start() {
    do {
      registration = try loop.register(descriptor, for: .readable) { self.ready($0) }
    } catch {
      close(.loop(error))
      return
    }
    advanceHandshake()
    sendCiphertext()
  }

  /// Closes the socket at once.
  ///
  /// Streams are closed with the failure.
  final func close(_ failure: TransportFailure) {
    guard phase != .closed else { return }
    let failure = ending ?? failure
    phase = .closed
    lingerTimer?.cancel()
    registration?.cancel()
    if !unsent.isEmpty {
      // What the peer hasn't read is lost; the system needn't keep it for a peer that never will.
      var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        descriptor,
        SOL_SOCKET,
        SO_LINGER,
        &linger,
        socklen_t(MemoryLayout<Glibc.linger>.size)
      )
      unsent = []
    }
    Glibc.close(descriptor)
    let open = streams.values
    streams = [:]
    for stream in open { stream.close(code: 0, error: failure) }
    closed(failure)
  }

  /// Sends what can be sent, says farewell and waits up to a second for the peer to close.
  final func closeGently() {
    guard phase == .open || phase == .handshake else { return }
    phase = .lingering
    tls.end()
    sendCiphertext()
    guard phase == .lingering else { return }
    if unsent.isEmpty { shutdown(descriptor, Int32(SHUT_WR)) }
    lingerTimer = loop.schedule(after: .seconds(1)) { [weak self] in self?.close(.closedHere) }
  }

  // MARK: Reading

  private final func ready(_ readiness: Readiness) {
    if readiness.contains(.writable) { sendUnsent() }
    guard phase != .closed, !readiness.isDisjoint(with: [.readable, .hangUp]) else { return }
    receive()
  }

  private final func receive() {
    let count = recv(descriptor, buffers.received.baseAddress, buffers.received.count, 0)
    if count < 0 {
      if errno != EAGAIN && errno != EINTR { close(.socket(errno)) }
      return
    }
    if count == 0 {
      close(.peerClosed)
      return
    }
    if phase == .lingering { return }
    hasReceived = true
    tls.feed(UnsafeRawBufferPointer(rebasing: buffers.received[..<count]))
    if phase == .handshake { advanceHandshake() }
    if phase == .open { decrypt() }
    if phase == .open, session.wantsToWrite || session.isOver { scheduleFlush() }
    sendCiphertext()
    watchSocket()
  }

  private final func advanceHandshake() {
    do {
      guard try tls.handshake() else { return }
    } catch {
      // The alert, if any, is worth a try.
      sendCiphertext()
      close(.tls(error))
      return
    }
    madeSession = HTTP2Session(
      isServer: isServer,
      settings: settings,
      memory: buffers.sessions,
      connection: self
    )
    // NGHTTP2_ERR_NOMEM
    guard madeSession != nil else { return close(.http2(-901)) }
    phase = .open
    handshakeCompleted()
    scheduleFlush()
  }

  private final func decrypt() {
    while phase == .open {
      do {
        let result = try tls.read(into: buffers.plaintext)
        if tls.takeMessages(receivedControlFrame), let misconduct { return expel(misconduct) }
        switch result {
        case .bytes(let count):
          let bytes = UnsafeRawBufferPointer(rebasing: buffers.plaintext[..<count])
          let code = session.receive(bytes)
          if code < 0 { failedToReceive(code) }
        case .wantsInput:
          return
        case .ended:
          close(.peerClosed)
        }
      } catch {
        sendCiphertext()
        close(.tls(error))
      }
    }
  }

  // MARK: Writing

  /// Sends what the session has queued when the loop's turn ends.
  final func scheduleFlush() {
    guard !isFlushScheduled, phase == .open else { return }
    isFlushScheduled = true
    loop.atEndOfTurn {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  final func flush() {
    guard phase == .open, unsent.isEmpty else { return }
    do {
      try packRecords()
    } catch {
      close(error)
      return
    }
    sendCiphertext()
    if let misconduct, ending == nil { return expel(misconduct) }
    watchSocket()
    if phase == .open, unsent.isEmpty, session.isOver { closeGently() }
  }

  private final func packRecords() throws(TransportFailure) {
    let staging = buffers.staging
    var staged = 0
    do {
      while phase == .open, unsent.isEmpty {
        guard var frame = session.nextOutput() else { throw TransportFailure.http2(0) }
        if frame.isEmpty { break }
        while !frame.isEmpty {
          let part = min(staging.count - staged, frame.count)
          UnsafeMutableRawBufferPointer(rebasing: staging[staged..<staged + part])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: frame[..<part]))
          frame = UnsafeRawBufferPointer(rebasing: frame[part...])
          staged += part
          guard staged == staging.count else { continue }
          try tls.write(UnsafeRawBufferPointer(staging))
          staged = 0
          if buffers.ciphertextCount >= LoopBuffers.sendThreshold { sendCiphertext() }
        }
      }
      if staged > 0, phase == .open {
        try tls.write(UnsafeRawBufferPointer(rebasing: staging[..<staged]))
      }
    } catch let error as TLSError {
      throw .tls(error)
    } catch {
      throw .http2(0)
    }
  }

  private final func sendCiphertext() {
    guard buffers.ciphertextCount > 0 else { return }
    let bytes = buffers.takeCiphertext()
    guard phase != .closed else { return }
    var sent = 0
    if unsent.isEmpty {
      sent = send(bytes)
      if sent < 0 { return }
    }
    guard sent < bytes.count else { return }
    unsent.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[sent...]))
    watchSocket()
    outputStalled()
  }

  /// Bytes that wait for the socket.
  final var unsentBytes: Int { unsent.count }

  /// Whether so much waits for a peer that doesn't read that it isn't listened to either: what it
  /// says would only add to it.
  private final var isClogged: Bool {
    guard phase == .open, !unsent.isEmpty else { return false }
    return unsent.count > 2 * LoopBuffers.sendThreshold || session.queuedFrames > 256
  }

  private final func sendUnsent() {
    guard !unsent.isEmpty else { return watchSocket() }
    let sent = unsent.withUnsafeBytes { send($0) }
    guard sent >= 0 else { return }
    unsent = unsent.dropFirst(sent)
    guard unsent.isEmpty else { return }
    unsent = []
    watchSocket()
    if phase == .lingering { shutdown(descriptor, Int32(SHUT_WR)) }
    scheduleFlush()
  }

  /// How many bytes the socket took; -1 if the connection was closed over it.
  private final func send(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let count = Glibc.send(
        descriptor,
        bytes.baseAddress,
        bytes.count,
        Int32(MSG_NOSIGNAL)
      )
      if count >= 0 {
        bytesSent += count
        return count
      }
      if errno == EINTR { continue }
      if errno == EAGAIN { return 0 }
      close(.socket(errno))
      return -1
    }
  }

  private final func watchSocket() {
    var interest: Readiness = isClogged ? [] : .readable
    if !unsent.isEmpty { interest.insert(.writable) }
    guard phase != .closed, let registration, registration.interest != interest else { return }
    do {
      try registration.update(interest)
    } catch {
      close(.loop(error))
    }
  }
}
