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
  private var pingTimer: LoopTimer?
  private var awaitsPing = false

  init(
    descriptor: Int32,
    channel: ClientChannel,
    attempt: ConnectAttempt
  ) throws(TransportFailure) {
    self.channel = channel
    self.attempt = attempt
    responseMessageBytes = channel.configuration.responseMessageBytes
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
    if let keepalive = channel.configuration.keepalive { startPings(keepalive) }
    attempt.succeeded(self)
  }

  override func receivedGoAway(lastStreamID: Int32, code: UInt32) {
    takesCalls = false
    channel.retired(self)
  }

  override func receivedPingAcknowledgement(_ payload: UInt64) {
    awaitsPing = false
    guard let keepalive = channel.configuration.keepalive else { return }
    pingTimer?.arm(after: keepalive.interval)
  }

  override func closed(_ failure: TransportFailure) {
    takesCalls = false
    pingTimer?.cancel()
    pingTimer = nil
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

  // MARK: Pings

  private func startPings(_ keepalive: Nghttp2ClientTransport.Keepalive) {
    pingTimer = loop.makeTimer { [unowned self] in
      if awaitsPing {
        close(.socket(ETIMEDOUT))
      } else if calls == 0, !keepalive.pingsWithoutCalls {
        pingTimer?.arm(after: keepalive.interval)
      } else if phase == .open {
        awaitsPing = true
        session.ping(0x6B65_6570)
        scheduleFlush()
        pingTimer?.arm(after: keepalive.timeout)
      }
    }
    pingTimer?.arm(after: keepalive.interval)
  }
}
