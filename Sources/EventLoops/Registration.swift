internal import CLinux

/// What a file descriptor is ready for.
public struct Readiness: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt8

  /// A set of given bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Reading gives bytes, the end, or the error.
  public static let readable = Readiness(rawValue: 1)
  /// Writing takes bytes or gives the error; a pending connect has ended.
  public static let writable = Readiness(rawValue: 2)
  /// Both directions are closed or the descriptor has failed.
  ///
  /// Reported whether wanted or not.
  public static let hangUp = Readiness(rawValue: 4)

  init(events: UInt32) {
    var bits: UInt8 = 0
    if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { bits |= 1 }
    if events & EPOLLOUT.rawValue != 0 { bits |= 2 }
    if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { bits |= 4 }
    rawValue = bits
  }

  var events: UInt32 {
    (contains(.readable) ? EPOLLIN.rawValue : 0) | (contains(.writable) ? EPOLLOUT.rawValue : 0)
  }
}

/// A file descriptor watched by an event loop, level-triggered.
///
/// Use it on its loop's thread only. Cancel it before closing the descriptor, which it doesn't own.
/// The loop keeps it (and what its handler captures) until then.
public final class Registration: @unchecked Sendable {
  // Unchecked: used on the loop's thread only, which every method checks.

  /// The loop that watches.
  public let loop: EventLoop
  /// The descriptor watched.
  public let descriptor: Int32
  /// What the handler is called for; hang-ups always.
  public private(set) var interest: Readiness
  /// Whether the loop still watches.
  public private(set) var isActive = true

  private var handler: ((Readiness) -> Void)?

  init(
    loop: EventLoop,
    descriptor: Int32,
    interest: Readiness,
    handler: @escaping (Readiness) -> Void
  ) {
    self.loop = loop
    self.descriptor = descriptor
    self.interest = interest
    self.handler = handler
  }

  /// Changes what the handler is called for.
  ///
  /// - Throws: `EventLoopError.system` if the descriptor was closed behind the loop's back.
  public func update(_ interest: Readiness) throws(EventLoopError) {
    guard isActive, interest != self.interest else { return }
    try loop.control(EPOLL_CTL_MOD, self, events: interest.events)
    self.interest = interest
  }

  /// Ends the watch; the handler isn't called again, not even in this turn.
  ///
  /// Idempotent.
  public func cancel() {
    guard isActive else { return }
    isActive = false
    loop.retire(self)
  }

  func ready(_ events: UInt32) {
    guard isActive, let handler else { return }
    handler(Readiness(events: events))
  }

  /// Drops the handler and what it holds; called between turns.
  func clear() {
    handler = nil
  }
}
