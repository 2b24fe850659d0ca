internal import Dispatch
internal import Glibc
internal import Synchronization

/// SIGTERM and SIGINT: the first asks the server to drain, the second ends the process at once.
package final class TerminationSignals: @unchecked Sendable {
  // Unchecked: never changed after its making, and dispatch's sources may be used on any thread.

  private let arrivals: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  /// Takes the signals over for the rest of the process.
  ///
  /// By dispatch, because an asynchronous main leaves no thread to wait in `sigwait`.
  package init() {
    let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
    self.arrivals = arrivals
    let count = Count()
    sources = [SIGTERM, SIGINT].map { number in
      // Until dispatch has taken a signal over, which it does on a thread of its own, it ends the
      // process as always: ignored, it would be lost.
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if count.next() > 1 { _exit(128 + number) }
        arrival.finish()
      }
      source.activate()
      return source
    }
  }

  /// Waits for the first signal; returns at once if it has come.
  package func first() async {
    for await _ in arrivals {}
  }

  private final class Count: Sendable {
    private let value = Atomic<Int>(0)
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
  }
}
