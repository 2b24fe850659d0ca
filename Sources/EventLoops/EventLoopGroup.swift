internal import Glibc
internal import Synchronization

/// A number of event loops, each with a thread of its own.
///
/// Shut it down when done; the threads of a group that is merely released end once their queues are
/// empty.
public final class EventLoopGroup: Sendable {
  /// The loops, at least one.
  public let loops: [EventLoop]

  private let turn = Atomic<Int>(0)

  /// Starts the loops.
  ///
  /// `SIGPIPE` is ignored from then on in the whole process: a peer that closes its socket is an
  /// error of one write, not the end.
  ///
  /// - Parameters:
  ///   - count: How many loops; 1 or more. Default: one a processor.
  ///   - name: What the threads are called; a number is added. At most 12 bytes are shown.
  /// - Throws: `EventLoopError.system` when the system gives no descriptor or thread.
  public init(
    count: Int = EventLoopGroup.processorCount,
    name: String = "loop"
  ) throws(EventLoopError) {
    precondition(count > 0, "a group has at least one loop")
    signal(SIGPIPE, SIG_IGN)
    var loops: [EventLoop] = []
    do {
      for index in 0..<count {
        let loop = try EventLoop(index: index)
        try loop.start(name: "\(name.prefix(12))-\(index)")
        loops.append(loop)
      }
    } catch {
      for loop in loops { loop.stop {} }
      throw error
    }
    self.loops = loops
  }

  deinit {
    for loop in loops { loop.stop {} }
  }

  /// How many processors this process may use.
  public static var processorCount: Int {
    max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// How many loops there are.
  public var count: Int { loops.count }

  /// The loops in turn; any thread.
  public func next() -> EventLoop {
    let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
  }

  /// Ends the loops and waits for their threads.
  ///
  /// Idempotent; any task may call it. Each loop still runs what is queued. Descriptors that are
  /// registered then are forgotten, not closed, and armed timers dropped. Tasks that prefer an
  /// ended loop go on in Swift's global pool.
  public func shutDown() async {
    for loop in loops {
      await withUnsafeContinuation { continuation in
        loop.stop { continuation.resume() }
      }
    }
  }
}
