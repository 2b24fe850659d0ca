/// When a delivery that failed is tried again.
package enum RetrySchedule {
  /// After so many attempts a delivery is dead.
  package static let attemptLimit: Int32 = 20

  /// How long to wait: 1 s, doubled with each attempt, give or take a quarter, 1 s to 1 h.
  ///
  /// - Parameters:
  ///   - attempt: How many attempts there were, from 1.
  ///   - chance: 0 to 1, at random, so that what failed together is not tried again together.
  /// - Returns: Seconds.
  package static func seconds(afterAttempt attempt: Int32, chance: Double) -> Double {
    let doubled = Double(1 << min(max(attempt - 1, 0), 12))
    return min(max(doubled * (0.75 + chance / 2), 1), 3_600)
  }
}
