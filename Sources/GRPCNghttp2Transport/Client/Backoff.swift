/// How long to wait before each attempt to connect: growing, capped and jittered.
///
/// Source: gRPC connection backoff protocol (`doc/connection-backoff.md`).
struct Backoff: Sendable {
  private let initial: Duration
  private let maximum: Duration
  private let multiplier: Double
  private let jitter: Double
  private var current: Duration

  /// The waits that a configuration asks for.
  init(_ limits: Nghttp2ClientTransport.Reconnection) {
    initial = limits.initialBackoff
    maximum = limits.maximumBackoff
    multiplier = limits.multiplier
    jitter = limits.jitter
    current = initial
  }

  /// The wait before the next attempt.
  ///
  /// - Parameter generator: What the jitter is drawn from.
  /// - Returns: The nominal wait, changed by at most the jitter's share in either direction.
  mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
    let nominal = current
    current = min(maximum, current * multiplier)
    return nominal * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator)
  }

  /// Starts anew after a connection that stood.
  mutating func reset() {
    current = initial
  }
}
