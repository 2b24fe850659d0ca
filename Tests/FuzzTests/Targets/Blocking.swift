internal import Glibc
internal import Synchronization

/// Runs a task from a thread that may block, and waits for its result.
///
/// - Throws: What the body throws.
/// - Returns: What the body returns.
func blocking<Value: Sendable>(
  _ body: @escaping @Sendable () async throws -> Value
) throws -> Value {
  let box = ResultBox<Value>()
  Task {
    do {
      box.put(.success(try await body()))
    } catch {
      box.put(.failure(error))
    }
  }
  return try box.take()
}

/// Hands one result from a task to a thread that waits for it.
private final class ResultBox<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  func put(_ value: Result<Value, any Error>) {
    result.withLock { $0 = value }
  }

  func take() throws -> Value {
    while true {
      if let result = result.withLock({ $0 }) { return try result.get() }
      sched_yield()
    }
  }
}
