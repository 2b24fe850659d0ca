internal import GRPCCore
internal import RegistryClient

/// The classes of failure, as exit codes.
enum ExitClass: Int32, CaseIterable, Sendable {
  case done = 0
  case otherwise = 1
  case usage = 2
  case invalid = 3
  case notFound = 4
  case conflict = 5
  case permission = 6
  case unavailable = 7
  case `internal` = 8
  case local = 9

  /// The class of any error.
  init(_ error: any Error) {
    switch error {
    case let failure as RegistryFailure: self.init(failure)
    case let error as ShellError: self = error.exitCode
    case is UsageFailure: self = .usage
    case is CancellationError: self = .unavailable
    default: self = .internal
    }
  }

  /// The class of a failed call.
  init(_ failure: RegistryFailure) {
    // The client's own refusals, before anything was sent.
    if failure.reason.hasPrefix("KEY_") || failure.reason.hasPrefix("ENDPOINT_") {
      self = .local
    } else {
      self = Self.classes[failure.code] ?? .internal
    }
  }

  private static let classes: [RPCError.Code: ExitClass] = [
    .invalidArgument: .invalid, .outOfRange: .invalid,
    .notFound: .notFound,
    .failedPrecondition: .conflict, .aborted: .conflict, .alreadyExists: .conflict,
    .permissionDenied: .permission, .unauthenticated: .permission,
    .unavailable: .unavailable, .deadlineExceeded: .unavailable, .resourceExhausted: .unavailable,
    .cancelled: .unavailable,
    .internalError: .internal, .unknown: .internal, .dataLoss: .internal, .unimplemented: .internal,
  ]

  /// What the class means, for the help.
  var meaning: String {
    switch self {
    case .done: "done"
    case .otherwise: "something is otherwise than the journey expects"
    case .usage: "the command line is wrong"
    case .invalid: "the request is wrong whatever the state (INVALID_ARGUMENT, OUT_OF_RANGE)"
    case .notFound: "not found (NOT_FOUND)"
    case .conflict: "the state forbids it (FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS)"
    case .permission: "who you are forbids it (UNAUTHENTICATED, PERMISSION_DENIED)"
    case .unavailable:
      "may succeed later (UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, CANCELLED)"
    case .internal: "a fault of server or client (INTERNAL, UNKNOWN, DATA_LOSS, UNIMPLEMENTED)"
    case .local: "a file, key or context on this machine"
    }
  }

  /// The table of the help.
  static var table: String {
    allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
  }
}
