package import GRPCCore
internal import Synchronization

/// Calls by method and outcome since the start.
package final class CallCounter: Sendable {
  private let tallies = Mutex<[String: Tally]>([:])

  /// Nothing counted yet.
  package init() {}

  /// The calls of one method, always the same object.
  package func tally(of method: MethodDescriptor) -> Tally {
    tallies.withLock { tallies in
      let name = method.fullyQualifiedMethod
      if let known = tallies[name] { return known }
      let tally = Tally()
      tallies[name] = tally
      return tally
    }
  }

  /// The calls of one method by outcome.
  package final class Tally: Sendable {
    private let successes = Atomic(0)
    private let failures = Mutex<[RPCError.Code: Int]>([:])

    /// Counts a call that ended well.
    package func countSuccess() {
      successes.add(1, ordering: .relaxed)
    }

    /// Counts a call that failed.
    package func count(_ code: RPCError.Code) {
      failures.withLock { $0[code, default: 0] += 1 }
    }

    fileprivate func lines(of method: String) -> [Line] {
      let good = successes.load(ordering: .relaxed)
      let lines = failures.withLock { $0 }.map {
        Line(method: method, outcome: "\($0.key)", count: $0.value)
      }
      return good == 0 ? lines : lines + [Line(method: method, outcome: "OK", count: good)]
    }
  }

  /// A number of calls of one method with one outcome.
  package struct Line: Hashable, Sendable {
    /// `{service}/{method}`.
    package let method: String
    /// `OK`, or the code's name.
    package let outcome: String
    /// How many.
    package let count: Int
  }

  /// The counts, by method and outcome.
  package var lines: [Line] {
    tallies.withLock { $0 }.flatMap { $1.lines(of: $0) }
      .sorted { ($0.method, $0.outcome) < ($1.method, $1.outcome) }
  }
}
