internal import Synchronization

/// Tells that a server has begun to shut down.
///
/// Running calls are let finish; a call that would go on for ever (a watch) waits for this beside
/// its own events and ends.
public final class ShutdownNotice: Sendable {
  private struct State {
    var hasBegun = false
    var lastNumber = 0
    var waiting: [Int: UnsafeContinuation<Void, Never>] = [:]
    var cancelled: Set<Int> = []
  }

  private let state = Mutex(State())

  init() {}

  /// Whether the shutdown has begun.
  public var hasBegun: Bool { state.withLock { $0.hasBegun } }

  /// Returns once the shutdown has begun, or the calling task is cancelled.
  public func begun() async {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let goesOn = state.withLock { state in
          if state.hasBegun || state.cancelled.remove(number) != nil { return true }
          state.waiting[number] = continuation
          return false
        }
        if goesOn { continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        if let waiting = state.waiting.removeValue(forKey: number) {
          return waiting as UnsafeContinuation<Void, Never>?
        }
        if !state.hasBegun { state.cancelled.insert(number) }
        return nil
      }
      waiting?.resume()
    }
    state.withLock { _ = $0.cancelled.remove(number) }
  }

  func begin() {
    let waiting = state.withLock { state in
      state.hasBegun = true
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume() }
  }
}
