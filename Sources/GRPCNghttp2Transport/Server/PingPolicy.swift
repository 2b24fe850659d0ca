/// Whether a client pings too often.
///
/// Source: gRFC A8, "Server enforcement".
struct PingPolicy {
  /// What a client may ping without calls, where that isn't allowed: no keepalive, but what TCP
  /// would do.
  static let intervalWithoutCalls = Duration.seconds(7200)
  /// Pings too early that are let pass.
  static let allowedStrikes = 2

  private let keepalive: Nghttp2ServerTransport.Keepalive
  private var last: ContinuousClock.Instant?
  private var strikes = 0

  init(_ keepalive: Nghttp2ServerTransport.Keepalive) {
    self.keepalive = keepalive
  }

  /// Judges a ping.
  ///
  /// - Parameters:
  ///   - now: When it came.
  ///   - hasCalls: Whether the connection has calls.
  ///   - hasAnswered: Whether headers or data were sent since the ping before, which it may be
  ///     measuring.
  /// - Returns: Whether it is the one too many; those after it no longer matter.
  mutating func isTooMany(
    at now: ContinuousClock.Instant,
    hasCalls: Bool,
    hasAnswered: Bool
  ) -> Bool {
    defer { last = now }
    if hasAnswered {
      strikes = 0
      return false
    }
    let least =
      hasCalls || keepalive.allowsPingsWithoutCalls
      ? keepalive.minimumPingInterval : Self.intervalWithoutCalls
    guard let last, last.duration(to: now) < least else { return false }
    strikes += 1
    return strikes == Self.allowedStrikes + 1
  }
}
