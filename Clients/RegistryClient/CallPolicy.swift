/// How long a call may take in all, and how often it is tried.
///
/// Only `UNAVAILABLE` is tried again: reads always, writes with the same `request_id`, and what has
/// no `request_id` and changes something never.
public struct CallPolicy: Sendable {
  /// The most time of a call, all tries and waits together.
  ///
  /// Default 30 s.
  public var deadline = Duration.seconds(30)
  /// The most tries of a call, the first included; 1 for no repeats.
  ///
  /// Default 5.
  public var tries = 5
  /// The wait before the second try, if the server names none that is longer.
  ///
  /// Default 200 ms.
  public var firstWait = Duration.milliseconds(200)
  /// The longest wait that the client chooses by itself, before jitter.
  ///
  /// Default 5 s.
  public var longestWait = Duration.seconds(5)
  /// By how much each wait is longer than the one before; 1 or more.
  public var growth = 2.0
  /// The share by which a wait is drawn longer or shorter; 0 to 1.
  public var jitter = 0.2
  /// Whether a call waits for a connection that cannot be made at once, as long as the deadline
  /// lets it.
  ///
  /// Default false: it fails with `UNAVAILABLE`, and is tried again.
  public var waitsForConnection = false

  /// The defaults.
  public init() {}

  /// The wait before a try.
  ///
  /// - Parameters:
  ///   - number: Which try has failed, from 1.
  ///   - serverDelay: What the server asked for (`google.rpc.RetryInfo`).
  /// - Returns: At least what the server asked for.
  func wait(afterTry number: Int, serverDelay: Duration?) -> Duration {
    var wait = firstWait
    for _ in 1..<max(number, 1) where wait < longestWait { wait = wait * growth }
    wait = min(wait, longestWait)
    if jitter > 0 { wait = wait * Double.random(in: (1 - jitter)...(1 + jitter)) }
    return max(wait, serverDelay ?? .zero)
  }
}

extension Duration {
  fileprivate static func * (duration: Duration, factor: Double) -> Duration {
    let (seconds, attoseconds) = duration.components
    return .seconds((Double(seconds) + Double(attoseconds) / 1e18) * factor)
  }
}

/// The time that a client goes by; tests have their own.
struct Timekeeper: Sendable {
  var now: @Sendable () -> ContinuousClock.Instant
  var pause: @Sendable (Duration) async throws -> Void

  static let system = Timekeeper(
    now: { .now },
    pause: { try await Task.sleep(for: $0) }
  )
}
