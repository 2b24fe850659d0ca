internal import APIConventions
internal import EventLoops
internal import GRPCCore
internal import Postgres
internal import SwiftProtobuf

/// A failure below the rooms that is expected and no fault to be looked into: mostly what the server
/// cannot do now and may do later.
enum CallFailure: RegistryError, Equatable {
  /// The database cannot be reached, or is not the one that takes writes.
  case databaseUnavailable
  /// The database took too long, or conflicts had no end.
  case busy
  /// More callers wait than can be served in time; nothing was done.
  case overloaded(retryAfter: Duration)
  /// The caller's own deadline has passed; the change was not made.
  case deadlineExceeded
  /// The connection broke while the change was being committed.
  case inDoubt
  /// The request's bytes are no message of the method.
  case unreadableRequest

  var code: RPCError.Code {
    switch self {
    case .databaseUnavailable, .busy, .overloaded, .inDoubt: .unavailable
    case .deadlineExceeded: .deadlineExceeded
    case .unreadableRequest: .invalidArgument
    }
  }

  var reason: String {
    switch self {
    case .databaseUnavailable: "DATABASE_UNAVAILABLE"
    case .busy, .overloaded: "SERVER_BUSY"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .inDoubt: "OUTCOME_IN_DOUBT"
    case .unreadableRequest: "REQUEST_UNREADABLE"
    }
  }

  var message: String {
    switch self {
    case .databaseUnavailable: "The registry's database cannot be reached. Repeat later."
    case .busy: "The registry is busy. Repeat later."
    case .overloaded: "More callers wait than can be served in time. Repeat later."
    case .deadlineExceeded: "The call's deadline has passed."
    case .inDoubt:
      "It is not known whether the change was made. Repeat with the same request_id to find out."
    case .unreadableRequest: "The request is no message of this method."
    }
  }

  var retryDelay: Duration? {
    switch self {
    case .databaseUnavailable: .seconds(2)
    case .busy, .inDoubt: .seconds(1)
    case .overloaded(let delay): delay
    case .deadlineExceeded, .unreadableRequest: nil
    }
  }

  /// What a caller is told of an error: the error itself unless it is one of these.
  static func translated(_ error: any Error) -> any Error {
    if error is WorkerExecutor.Refusal { return CallFailure.busy }
    if let cause = (error as? RPCError)?.cause,
      cause is BinaryDecodingError || cause is SwiftProtobufError
    {
      return CallFailure.unreadableRequest
    }
    guard let error = error as? PostgresError else { return error }
    return failure(of: error) ?? error
  }

  private static func failure(of error: PostgresError) -> CallFailure? {
    switch error.kind {
    case .connectionLost, .closed: .databaseUnavailable
    case .poolExhausted: error.retryDelay.map { .overloaded(retryAfter: $0) } ?? .busy
    case .timedOut: error.isCallersDeadline ? .deadlineExceeded : .busy
    case .inDoubt: .inDoubt
    case .server: failure(ofState: error.sqlState ?? "")
    case .encoding, .decoding, .tooManyRows: nil
    }
  }

  /// By SQLSTATE: conflicts that repeats did not settle, resources at their end, a server that stops or
  /// takes no writes.
  private static func failure(ofState state: String) -> CallFailure? {
    if [SQLState.serializationFailure, SQLState.deadlockDetected].contains(state) { return .busy }
    if state.hasPrefix("53") || state == "57014" || state == "55P03" { return .busy }
    if state.hasPrefix("57P") || state == "25006" { return .databaseUnavailable }
    return nil
  }
}
