internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Identity
internal import Logging
internal import Synchronization

/// What each call of the echo service passes through: the registry's whole call policy, and within it
/// the header that the other peers' interceptors check too.
enum EchoPolicy {
  /// The registry's policy, with anyone admitted to the echo service and nobody to anything else.
  static func make(counter: CallCounter) -> CallPolicy {
    let service = Liaoning_Bench_V1_EchoService.descriptor
    let anyone = Permissions.Rule(roles: [.outer: [.anyone]])
    return CallPolicy(
      on: .outer,
      directory: CallerDirectory(session: { _ in nil }, certificate: { _, _ in nil }),
      counter: counter,
      logger: Logger(label: "echo-server"),
      ruledBy: { $0.service == service ? anyone : nil }
    )
  }
}

/// Refuses who doesn't send the header `caller: bench`, and counts the calls let through that were
/// answered.
struct HeaderCheck: ServerInterceptor, UnaryInterceptor {
  /// Calls answered.
  let answered: Counter

  func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse {
    try check(metadata)
    let response = try await next(metadata, context)
    answered.increment()
    return response
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
    try check(request.metadata)
    let response = try await next(request, context)
    if case .success = response.accepted { answered.increment() }
    return response
  }

  private func check(_ metadata: Metadata) throws(RPCError) {
    guard metadata[stringValues: "caller"].first(where: { _ in true }) == "bench" else {
      throw RPCError(code: .permissionDenied, message: "Send the header caller: bench.")
    }
  }
}

/// Counts from all threads.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  /// One more.
  func increment() {
    count.add(1, ordering: .relaxed)
  }

  /// How many so far.
  var value: Int { count.load(ordering: .relaxed) }
}
