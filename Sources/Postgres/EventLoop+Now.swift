internal import EventLoops

extension EventLoop {
  /// Calls a closure on the loop's thread: at once if that is where the caller is.
  func now(_ work: @escaping @Sendable () -> Void) {
    if isCurrent { work() } else { execute(work) }
  }
}
