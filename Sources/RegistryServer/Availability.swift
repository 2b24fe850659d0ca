internal import APIConventions
internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Postgres

/// What the server cannot do now and may do later: no room's failure, and no fault to be looked into.
enum Availability: RegistryError, Equatable {
  /// The database cannot be reached, or is not the one that takes writes.
  case databaseUnavailable
  /// As many callers wait as may, or the database took too long.
  case busy
  /// The connection broke while the change was being committed.
  case inDoubt

  var code: RPCError.Code {
    switch self {
    case .databaseUnavailable, .busy, .inDoubt: .unavailable
    }
  }

  var reason: String {
    switch self {
    case .databaseUnavailable: "DATABASE_UNAVAILABLE"
    case .busy: "SERVER_BUSY"
    case .inDoubt: "OUTCOME_IN_DOUBT"
    }
  }

  var message: String {
    switch self {
    case .databaseUnavailable: "The registry's database cannot be reached. Repeat later."
    case .busy: "The registry is busy. Repeat later."
    case .inDoubt:
      "It is not known whether the change was made. Repeat with the same request_id to find out."
    }
  }

  var retryDelay: Duration? {
    switch self {
    case .databaseUnavailable: .seconds(2)
    case .busy: .seconds(1)
    case .inDoubt: .seconds(1)
    }
  }

  /// What a caller is told of an error: the error itself unless it is one of these.
  static func translated(_ error: any Error) -> any Error {
    if error is WorkerExecutor.Refusal { return Availability.busy }
    guard let error = error as? PostgresError else { return error }
    return availability(of: error) ?? error
  }

  private static func availability(of error: PostgresError) -> Availability? {
    switch error.kind {
    case .connectionLost, .closed: .databaseUnavailable
    case .poolExhausted, .timedOut: .busy
    case .inDoubt: .inDoubt
    case .server: availability(ofState: error.sqlState ?? "")
    case .encoding, .decoding, .tooManyRows: nil
    }
  }

  /// By SQLSTATE: conflicts that repeats did not settle, resources at their end, a server that stops or
  /// takes no writes.
  private static func availability(ofState state: String) -> Availability? {
    if [SQLState.serializationFailure, SQLState.deadlockDetected].contains(state) { return .busy }
    if state.hasPrefix("53") || state == "57014" || state == "55P03" { return .busy }
    if state.hasPrefix("57P") || state == "25006" { return .databaseUnavailable }
    return nil
  }
}

/// Lets every wait for the database count against the call's deadline.
struct CallDeadline: ServerInterceptor {
  func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>,
        _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let connection = context.transportSpecific as? Nghttp2ServerTransport.Context
    guard let deadline = connection?.deadline else { return try await next(request, context) }
    var response = try await Database.$deadline.withValue(deadline) {
      try await next(request, context)
    }
    guard context.descriptor.type?.isResponseStreaming == true,
      case .success(let contents) = response.accepted
    else { return response }
    response.accepted = .success(
      .init(metadata: contents.metadata) { writer in
        try await Database.$deadline.withValue(deadline) { try await contents.producer(writer) }
      }
    )
    return response
  }
}
