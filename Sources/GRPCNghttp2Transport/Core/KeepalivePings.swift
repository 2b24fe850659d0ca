internal import EventLoops
internal import Glibc

/// Pings a peer of which nothing was heard for a while, and gives the connection up if nothing comes
/// then either.
///
/// Confined to the connection's loop, and owned by the connection.
///
/// Source: gRFC A8.
final class KeepalivePings {
  /// What its PINGs carry.
  static let payload: UInt64 = 0x6B65_6570_616C_6976

  private unowned let connection: HTTP2Connection
  private let interval: Duration
  private let timeout: Duration
  private var awaitsAnswer = false
  private var timer: LoopTimer?

  /// Begins.
  ///
  /// - Parameters:
  ///   - connection: What is watched.
  ///   - interval: How long the peer may be silent; it is pinged after one to two of these.
  ///   - timeout: How long an answer may take.
  ///   - isWanted: Whether to ping now; asked each time.
  init(
    _ connection: HTTP2Connection,
    interval: Duration,
    timeout: Duration,
    isWanted: @escaping () -> Bool = { true }
  ) {
    self.connection = connection
    self.interval = interval
    self.timeout = timeout
    timer = connection.loop.schedule(after: interval) { [unowned self] in
      if awaitsAnswer, !connection.hasReceived {
        connection.close(.socket(ETIMEDOUT))
      } else if connection.hasReceived || !isWanted() {
        wait()
      } else {
        ping()
      }
    }
  }

  /// The peer answered a PING.
  func acknowledged(_ payload: UInt64) {
    if payload == Self.payload, awaitsAnswer { wait() }
  }

  /// Pings no more.
  func end() {
    timer?.cancel()
    timer = nil
  }

  private func wait() {
    awaitsAnswer = false
    connection.hasReceived = false
    timer?.arm(after: interval)
  }

  private func ping() {
    guard connection.phase == .open else { return }
    awaitsAnswer = true
    connection.session.ping(Self.payload)
    connection.scheduleFlush()
    timer?.arm(after: timeout)
  }
}
