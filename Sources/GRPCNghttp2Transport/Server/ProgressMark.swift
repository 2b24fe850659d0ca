/// When a peer was last seen to have moved enough, and how much it had moved then.
struct ProgressMark {
  let instant: ContinuousClock.Instant
  let moved: Int

  /// Looks again.
  ///
  /// - Parameters:
  ///   - mark: The last one; nil while nothing is waited for.
  ///   - waits: Whether something is waited for.
  ///   - moved: A count that only grows.
  ///   - least: By how much it must grow in each period.
  ///   - period: How long the peer has for that.
  ///   - now: The present.
  /// - Returns: Whether the peer has had a whole period and moved too little in it.
  static func update(
    _ mark: inout ProgressMark?,
    waits: Bool,
    moved: Int,
    atLeast least: Int,
    in period: Duration,
    now: ContinuousClock.Instant
  ) -> Bool {
    guard waits else {
      mark = nil
      return false
    }
    guard let last = mark, moved - last.moved < least else {
      mark = ProgressMark(instant: now, moved: moved)
      return false
    }
    return last.instant.duration(to: now) >= period
  }
}
