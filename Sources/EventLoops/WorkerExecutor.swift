internal import CLinux
internal import Glibc
internal import Synchronization

/// A fixed number of threads with a bounded queue, for work that may block or burn: rendering, file
/// reads, `PQcancel`.
public final class WorkerExecutor: @unchecked Sendable {
  // Unchecked: the queue and the flags are used under `mutex` only.

  /// Why work was refused before it began.
  public enum Refusal: Error, Equatable, Sendable {
    /// As much work waits as may; nothing was queued.
    case queueFull(limit: Int)
    /// The executor is shut down.
    case shutDown
  }

  /// How many threads work.
  public let threads: Int
  /// How many pieces of work may wait for a thread.
  public let queueLimit: Int

  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var queue: [Work] = []
  private var head = 0
  private var idle: Int
  private var alive: Int
  private var ends = false
  private var whenEnded: [UnsafeContinuation<Void, Never>] = []

  private struct Work {
    let isCancelled: @Sendable () -> Bool
    let perform: @Sendable (_ cancelled: Bool) -> Void
  }

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - threads: 1 or more.
  ///   - queueLimit: How many pieces of work may wait beside those being done; 0 or more.
  ///   - name: What the threads are called; a number is added.
  /// - Throws: `EventLoopError.system` when the system gives no thread.
  public init(threads: Int, queueLimit: Int, name: String = "worker") throws(EventLoopError) {
    precondition(threads > 0 && queueLimit >= 0, "at least one thread, and no negative queue")
    self.threads = threads
    self.queueLimit = queueLimit
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
    idle = threads
    alive = threads
    for index in 0..<threads {
      do {
        try Thread.start(name: "\(name.prefix(12))-\(index)") { self.work() }
      } catch {
        lock {
          alive -= threads - index
          ends = true
          pthread_cond_broadcast(condition)
        }
        throw error
      }
    }
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Does a piece of work on one of the threads.
  ///
  /// If the calling task is cancelled before a thread takes the work up, the work isn't done and
  /// `CancellationError` is thrown.
  ///
  /// - Parameter work: What to do; it may block.
  /// - Throws: `WorkerExecutor.Refusal`, `CancellationError`, or what the work throws.
  /// - Returns: What the work returns.
  public func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let cancellation = CancellationFlag()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        let item = Work(isCancelled: { cancellation.isSet }) { cancelled in
          continuation.resume(
            with: cancelled ? .failure(CancellationError()) : Result(catching: work)
          )
        }
        if let refusal = submit(item) { continuation.resume(throwing: refusal) }
      }
    } onCancel: {
      cancellation.set()
    }
  }

  /// Ends the threads once the queued work is done, and waits for them.
  ///
  /// Idempotent. Don't call it from work of this executor.
  public func shutDown() async {
    await withUnsafeContinuation { continuation in
      let done = lock {
        ends = true
        pthread_cond_broadcast(condition)
        if alive > 0 { whenEnded.append(continuation) }
        return alive == 0
      }
      if done { continuation.resume() }
    }
  }

  private func submit(_ item: Work) -> Refusal? {
    lock {
      if ends { return .shutDown }
      // Idle threads will take up one waiting item each.
      if queue.count - head >= queueLimit + idle { return .queueFull(limit: queueLimit) }
      queue.append(item)
      pthread_cond_signal(condition)
      return nil
    }
  }

  private func work() {
    while let item = next() {
      item.perform(item.isCancelled())
      lock { idle += 1 }
    }
    let waiting = lock {
      alive -= 1
      guard alive == 0 else { return [UnsafeContinuation<Void, Never>]() }
      defer { whenEnded = [] }
      return whenEnded
    }
    for continuation in waiting { continuation.resume() }
  }

  private func next() -> Work? {
    lock {
      while queue.count == head {
        if ends { return nil }
        pthread_cond_wait(condition, mutex)
      }
      let item = queue[head]
      head += 1
      if head == queue.count || head > 1024 {
        queue.removeFirst(head)
        head = 0
      }
      idle -= 1
      return item
    }
  }

  private func lock<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}

/// Set when a caller no longer wants its work.
private final class CancellationFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() { flag.store(true, ordering: .releasing) }
}
