internal import Synchronization

/// What other threads leave for a loop: jobs and calls, under a lock.
final class Mailbox: Sendable {
  /// What the loop takes out at once.
  struct Mail: Sendable {
    var jobs: [UnownedJob] = []
    var calls: [@Sendable () -> Void] = []

    var isEmpty: Bool { jobs.isEmpty && calls.isEmpty }
  }

  /// What the sender has to do after posting.
  enum Posted {
    /// Nothing: the loop is awake and will look.
    case taken
    /// Wake the loop.
    case loopSleeps
    /// The loop has ended; the post was not taken.
    case loopEnded
  }

  private struct State {
    var mail = Mail()
    var sleeps = false
    var stops = false
    var ended = false
    var whenEnded: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())

  func post(job: UnownedJob) -> Posted {
    state.withLock { state in
      if state.ended { return .loopEnded }
      state.mail.jobs.append(job)
      return Self.posted(&state)
    }
  }

  func post(call: @escaping @Sendable () -> Void) -> Posted {
    state.withLock { state in
      if state.ended { return .loopEnded }
      state.mail.calls.append(call)
      return Self.posted(&state)
    }
  }

  /// Asks the loop to end; calls `whenEnded` after it has, or at once if it already has.
  func postStop(whenEnded: @escaping @Sendable () -> Void) -> Posted {
    state.withLock { state in
      if state.ended { return .loopEnded }
      state.stops = true
      state.whenEnded.append(whenEnded)
      return Self.posted(&state)
    }
  }

  private static func posted(_ state: inout State) -> Posted {
    guard state.sleeps else { return .taken }
    state.sleeps = false
    return .loopSleeps
  }

  /// The loop is about to wait; false when there is mail, so that it must not.
  func mayGoToSleep() -> Bool {
    state.withLock { state in
      guard state.mail.isEmpty, !state.stops else { return false }
      state.sleeps = true
      return true
    }
  }

  /// Takes everything out, leaving `empty` (whose storage is used again) in its place.
  func swap(_ empty: inout Mail) {
    state.withLock { state in
      state.sleeps = false
      Swift.swap(&state.mail, &empty)
    }
  }

  /// Ends the loop if it was asked to stop and no mail has come since.
  ///
  /// - Returns: What to call once the thread is done, or nil if the loop has to go on.
  func endIfStopped() -> [@Sendable () -> Void]? {
    state.withLock { state in
      guard state.stops, state.mail.isEmpty else { return nil }
      state.ended = true
      let calls = state.whenEnded
      state.whenEnded = []
      return calls
    }
  }
}
