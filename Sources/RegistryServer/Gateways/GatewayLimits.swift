internal import Synchronization

/// How long and how many calls the gateways get.
package struct GatewayLimits: Sendable {
  /// After which a library counts as not answering: an applicant waits for it.
  package var answerTimeout = Duration.seconds(3)
  /// After which a message counts as not taken; nobody waits for it.
  package var receiptTimeout = Duration.seconds(10)
  /// How many questions to the libraries may be under way; what comes then is not asked.
  package var concurrentQuestions = 64
  /// The longest pause between two attempts to connect.
  package var longestReconnectionPause = Duration.seconds(5)

  /// The defaults.
  package init() {}
}

/// Counts who is in, and lets in no more than a limit.
final class CallGate: Sendable {
  private let limit: Int
  private let inside = Mutex(0)

  /// An empty gate.
  init(limit: Int) {
    self.limit = limit
  }

  /// Whether there is room; then the caller is in, until `leave()`.
  func enter() -> Bool {
    inside.withLock { inside in
      guard inside < limit else { return false }
      inside += 1
      return true
    }
  }

  /// Makes room.
  func leave() {
    inside.withLock { $0 -= 1 }
  }
}
