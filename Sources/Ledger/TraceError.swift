package import APIConventions
package import GRPCCore

/// Every expected failure of the trace.
package enum TraceError: RegistryError, Equatable {
  /// The event does not exist, or the caller may not see it; its name as asked for.
  case eventNotFound(String)
  /// A filter is malformed.
  case requestInvalid([Violation])
  /// The range is not one of the chain; its size, if that is why.
  case rangeInvalid(start: Int64, count: Int64, size: Int64?)

  /// The status by case.
  package var code: RPCError.Code {
    switch self {
    case .eventNotFound: .notFound
    case .requestInvalid, .rangeInvalid: .invalidArgument
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .eventNotFound: "EVENT_NOT_FOUND"
    case .requestInvalid, .rangeInvalid: "TRACE_REQUEST_INVALID"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .eventNotFound: "There is no such event, or the caller may not see it."
    case .requestInvalid: "A filter is malformed; the violations say which."
    case .rangeInvalid:
      "start_index and count must be a range of the chain, of at most 1,000,000 events."
    }
  }

  /// What was asked for.
  package var metadata: [String: String] {
    switch self {
    case .eventNotFound(let name): ["event": String(name.prefix(200))]
    case .requestInvalid: [:]
    case .rangeInvalid(let start, let count, let size):
      ["start_index": String(start), "count": String(count)]
        .merging(size.map { ["size": String($0)] } ?? [:]) { first, _ in first }
    }
  }

  /// What is wrong with which field.
  package var violations: [Violation] {
    switch self {
    case .eventNotFound, .rangeInvalid: []
    case .requestInvalid(let violations): violations
    }
  }
}
