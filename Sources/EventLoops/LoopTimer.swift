/// A timer of one event loop, armed and cancelled in constant time, and reusable.
///
/// Use it on its loop's thread only. An armed timer is kept alive by its loop. Ticks are
/// milliseconds; a timer never fires early, and fires late by whatever the loop's turn takes.
public final class LoopTimer: @unchecked Sendable {
  // Unchecked: every member but `loop` is used on the loop's thread only, which `arm` and `cancel`
  // check.

  /// The loop that fires this timer.
  public let loop: EventLoop

  private let action: () -> Void
  var deadline: UInt64 = 0
  var place = Place.idle
  var next: LoopTimer?
  unowned(unsafe) var previous: LoopTimer?

  /// Where the timer is.
  enum Place {
    case idle
    case slot(level: Int, index: Int)
    case due
  }

  init(loop: EventLoop, action: @escaping () -> Void) {
    self.loop = loop
    self.action = action
  }

  /// Whether the timer will still fire.
  public var isArmed: Bool {
    if case .idle = place { return false }
    return true
  }

  /// Fires the action once, after a time; a timer armed before is armed anew.
  ///
  /// - Parameter delay: From now. What is zero or negative fires in the next turn.
  public func arm(after delay: Duration) {
    loop.arm(self, after: delay)
  }

  /// Prevents the action; no effect if the timer isn't armed.
  public func cancel() {
    loop.disarm(self)
  }

  func fire() {
    action()
  }
}
