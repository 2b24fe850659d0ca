/// For how many callers a pool, or a loop, has room: for those whom it serves within the wait that is wanted.
///
/// The pool measures the rate of its answers itself, in windows during which it always has something to do. By Little's law,
/// `load = rate × wait`: a load above the measured rate times the wanted wait means that who comes now waits longer than wanted,
/// and the estimate moves to what was measured. A load below says only that the pool can do that much at least: the estimate
/// rises, slowly beyond what was seen, until the ceiling.
package struct Capacity: Sendable {
  /// How long a caller should wait at most.
  package let wantedWait: Duration
  /// For how many there is room whatever was measured; 1 or more.
  package let floor: Int
  /// For how many there is room at most.
  package let ceiling: Int
  /// Answers a second.
  package private(set) var rate: Double

  private var answered = 0
  private var start: ContinuousClock.Instant?
  private var loadAtStart = 0

  /// Nothing is measured yet: there is room up to the ceiling.
  package init(wantedWait: Duration, floor: Int, ceiling: Int) {
    self.wantedWait = max(wantedWait, .milliseconds(1))
    self.ceiling = max(1, ceiling)
    self.floor = min(max(1, floor), self.ceiling)
    rate = Double(self.ceiling) / self.wantedWait.inSeconds
  }

  /// Counts an answer.
  package mutating func countAnswer() {
    answered += 1
  }

  /// Ends a window of measuring, if it has been long enough.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - load: How many callers wait or are being served.
  package mutating func measure(at now: ContinuousClock.Instant, load: Int) {
    guard load > 0, let start else {
      begin(at: load > 0 ? now : nil, load: load)
      return
    }
    let spent = start.duration(to: now)
    guard spent >= wantedWait / 5, answered >= 16 || spent >= wantedWait * 2 else { return }
    let sample = Double(answered) / spent.inSeconds
    let steadyLoad = min(load, loadAtStart)
    if steadyLoad >= floor, Double(steadyLoad) > sample * wantedWait.inSeconds {
      rate += (sample - rate) / 2
    } else {
      rate = max(sample, rate * 1.02)
    }
    rate = min(rate, Double(ceiling) / wantedWait.inSeconds)
    begin(at: now, load: load)
  }

  private mutating func begin(at now: ContinuousClock.Instant?, load: Int) {
    start = now
    loadAtStart = load
    answered = 0
  }

  /// For how many callers there is room.
  ///
  /// - Parameter patience: How long the newest of them can wait; half of it is spent on waiting at most, so that his answer
  ///   still comes in time. Nil for as long as wanted.
  /// - Returns: From the floor to the ceiling.
  package func room(within patience: Duration? = nil) -> Int {
    Self.room(rate: rate, wait: wantedWait, patience, floor: floor, ceiling: ceiling)
  }

  /// As `room(within:)`, for who knows the rate from elsewhere.
  ///
  /// - Returns: From the floor to the ceiling.
  package static func room(
    rate: Double,
    wait: Duration,
    _ patience: Duration?,
    floor: Int,
    ceiling: Int
  ) -> Int {
    let wait = min(wait, patience.map { $0 / 2 } ?? wait)
    return min(ceiling, max(floor, Int(rate * max(0, wait.inSeconds))))
  }

  /// After which time a refused caller should come again: when those who are here have been served, with as much again by
  /// chance, so that the refused don't come back all at once.
  ///
  /// - Returns: 0.2 to 10 s.
  package static func retryDelay(load: Int, rate: Double) -> Duration {
    let served = Double(load) / max(rate, 1)
    return .seconds(min(max(served, 0.2) * Double.random(in: 1...2), 10))
  }
}

extension Duration {
  /// As a number of seconds.
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}
