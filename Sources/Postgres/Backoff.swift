internal import Logging

/// How long to wait before trying again: 20 ms, doubled with each failure to at most 1 s, half of it at random.
struct Backoff {
  private(set) var failures = 0

  /// How loudly to tell of the last failure: the first and then every sixteenth is news.
  var logLevel: Logger.Level { failures % 16 == 1 ? .warning : .debug }

  mutating func reset() {
    failures = 0
  }

  /// Counts a failure.
  ///
  /// - Returns: How long to wait.
  mutating func next() -> Duration {
    let ceiling = 20 << min(failures, 6)
    failures += 1
    let most = min(ceiling, 1_000)
    return .milliseconds(Int.random(in: most / 2...most))
  }
}
