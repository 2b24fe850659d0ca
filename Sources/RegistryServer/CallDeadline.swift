internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Postgres

/// Lets every wait for the database count against the call's deadline.
struct CallDeadline: ServerInterceptor, UnaryInterceptor {
  func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse {
    let connection = context.transportSpecific as? Nghttp2ServerTransport.Context
    guard let deadline = connection?.deadline else { return try await next(metadata, context) }
    return try await Database.$deadline.withValue(deadline) { try await next(metadata, context) }
  }

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
