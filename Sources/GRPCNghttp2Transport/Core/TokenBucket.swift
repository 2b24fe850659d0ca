/// An allowance of events: so many at once, and so many more each second.
struct TokenBucket {
  private let burst: Double
  private let perSecond: Double
  private var left: Double
  private var lastInstant: ContinuousClock.Instant?

  /// A full bucket.
  ///
  /// - Parameters:
  ///   - burst: How many events may come at once; 0 or more.
  ///   - perSecond: How many more each second; 0 or more.
  init(burst: Int, perSecond: Int) {
    self.burst = Double(burst)
    self.perSecond = Double(perSecond)
    left = Double(burst)
  }

  /// Takes one event; false if there have been too many.
  mutating func take(at now: ContinuousClock.Instant) -> Bool {
    if let lastInstant {
      let (seconds, attoseconds) = lastInstant.duration(to: now).components
      left = min(burst, left + perSecond * (Double(seconds) + Double(attoseconds) * 1e-18))
    }
    lastInstant = now
    guard left >= 1 else { return false }
    left -= 1
    return true
  }
}
