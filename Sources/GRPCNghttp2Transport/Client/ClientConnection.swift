internal import EventLoops
internal import Glibc
internal import GRPCCore

/// A client's connection.
///
/// Confined to its loop.
final class ClientConnection: HTTP2Connection, @unchecked Sendable {
  // Unchecked: as HTTP2Connection.

  /// The most bytes of a response message, where a call sets no limit.
  let responseMessageBytes: Int
  /// How messages are compressed.
  let compression: MessageCompression
  private let acceptedEncodings: String
  /// This end and the other in gRPC's form; set before the first call.
  private(set) var localPeer = "unknown"
  private(set) var remotePeer = "unknown"
  /// Whether calls may be opened.
  private(set) var takesCalls = false

  private let channel: ClientChannel
  /// Who waits for the server's settings; nil once they came.
  private var attempt: ConnectAttempt?
  private var calls = 0
  private var isDraining = false
  private var pings: KeepalivePings?

  init(
    descriptor: Int32,
    channel: ClientChannel,
    attempt: ConnectAttempt
  ) throws(TransportFailure) {
    self.channel = channel
    self.attempt = attempt
    responseMessageBytes = channel.configuration.responseMessageBytes
    compression = channel.configuration.compression
    acceptedEncodings = compression.acceptedNames
    try super.init(
      descriptor: descriptor,
      loop: channel.loop,
      buffers: channel.buffers,
      context: channel.context,
      serverName: channel.configuration.tls.serverName ?? channel.host,
      settings: channel.settings
    )
  }

  // MARK: Hooks

  override func receivedSettings() {
    guard let attempt else { return }
    self.attempt = nil
    localPeer = SocketAddress.of(descriptor, peer: false)?.description ?? "unknown"
    remotePeer = SocketAddress.of(descriptor, peer: true)?.description ?? "unknown"
    takesCalls = true
    if let keepalive = channel.keepalive {
      pings = KeepalivePings(self, interval: keepalive.interval, timeout: keepalive.timeout) {
        [unowned self] in calls > 0 || keepalive.pingsWithoutCalls
      }
    }
    attempt.succeeded(self)
  }

  override func receivedGoAway(
    lastStreamID: Int32,
    code: UInt32,
    reason: UnsafeRawBufferPointer
  ) {
    takesCalls = false
    // ENHANCE_YOUR_CALM
    if code == 11, reason.elementsEqual("too_many_pings".utf8) { channel.pingedTooOften() }
    channel.retired(self)
  }

  override func receivedPingAcknowledgement(_ payload: UInt64) {
    pings?.acknowledged(payload)
  }

  override func closed(_ failure: TransportFailure) {
    takesCalls = false
    pings?.end()
    if let attempt {
      self.attempt = nil
      attempt.failed(failure)
    } else {
      channel.closed(self)
    }
  }

  // MARK: Calls

  /// Counts one more call, which ends with `release`.
  func reserve() {
    calls += 1
  }

  /// A call has ended.
  func release() {
    calls -= 1
    endIfDrained()
  }

  /// The session takes no more requests, after 2^30 of them for one: the next call gets another
  /// connection, and this one ends with its last call.
  func retire() {
    guard takesCalls else { return }
    channel.retired(self)
    drain()
  }

  /// The headers of a request, but for metadata and timeout.
  func requestHeaders(_ descriptor: MethodDescriptor) -> HeaderList {
    var list = HeaderList()
    list.append(":method", "POST")
    list.append(":scheme", "https")
    list.append(":path", "/\(descriptor.service.fullyQualifiedService)/\(descriptor.method)")
    list.append(":authority", channel.authority)
    list.append("te", "trailers")
    list.append("content-type", "application/grpc")
    list.append("user-agent", channel.configuration.userAgent)
    list.append("grpc-accept-encoding", acceptedEncodings)
    return list
  }

  // MARK: The end

  /// Ends the connection once its last call has ended.
  func drain() {
    takesCalls = false
    isDraining = true
    endIfDrained()
  }

  private func endIfDrained() {
    guard isDraining, calls == 0, phase == .open else { return }
    session.terminate(code: 0)
    scheduleFlush()
  }
}
