internal import GRPCCore
internal import Synchronization

/// Gives back what it gets, to callers that send the header `caller: bench`.
///
/// The header stands for the least that a call policy does; the baseline checks the same.
struct EchoService: Liaoning_Bench_V1_EchoService.ServiceProtocol {
  /// How many calls of Echo were answered.
  let answered: Counter

  func echo(
    request: ServerRequest<Liaoning_Bench_V1_EchoRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<Liaoning_Bench_V1_EchoResponse> {
    try authorize(request.metadata)
    var response = Liaoning_Bench_V1_EchoResponse()
    response.text = request.message.text
    response.payload = request.message.payload
    answered.increment()
    return ServerResponse(message: response)
  }

  func expand(
    request: ServerRequest<Liaoning_Bench_V1_ExpandRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<Liaoning_Bench_V1_ExpandResponse> {
    try authorize(request.metadata)
    let (payload, count) = (request.message.payload, request.message.count)
    guard (0...1_000_000).contains(count) else {
      throw RPCError(code: .invalidArgument, message: "count is 0 to 1,000,000, not \(count).")
    }
    return StreamingServerResponse { writer in
      for index in 0..<count {
        var response = Liaoning_Bench_V1_ExpandResponse()
        response.payload = payload
        response.index = index
        try await writer.write(response)
      }
      return [:]
    }
  }

  func collect(
    request: StreamingServerRequest<Liaoning_Bench_V1_CollectRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<Liaoning_Bench_V1_CollectResponse> {
    try authorize(request.metadata)
    var response = Liaoning_Bench_V1_CollectResponse()
    for try await message in request.messages {
      response.messageCount += 1
      response.payloadByteCount += Int64(message.payload.count)
    }
    return ServerResponse(message: response)
  }

  func converse(
    request: StreamingServerRequest<Liaoning_Bench_V1_ConverseRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<Liaoning_Bench_V1_ConverseResponse> {
    try authorize(request.metadata)
    return StreamingServerResponse { writer in
      for try await message in request.messages {
        var response = Liaoning_Bench_V1_ConverseResponse()
        response.payload = message.payload
        try await writer.write(response)
      }
      return [:]
    }
  }

  private func authorize(_ metadata: Metadata) throws(RPCError) {
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
