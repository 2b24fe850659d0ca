internal import GRPCCore

/// Gives back what it gets, written against grpc-swift-2's generated protocol and nothing else.
struct EchoService: Liaoning_Bench_V1_EchoService.SimpleServiceProtocol {
  func echo(
    request: Liaoning_Bench_V1_EchoRequest,
    context: ServerContext
  ) async throws -> Liaoning_Bench_V1_EchoResponse {
    var response = Liaoning_Bench_V1_EchoResponse()
    response.text = request.text
    response.payload = request.payload
    return response
  }

  func expand(
    request: Liaoning_Bench_V1_ExpandRequest,
    response writer: RPCWriter<Liaoning_Bench_V1_ExpandResponse>,
    context: ServerContext
  ) async throws {
    guard (0...1_000_000).contains(request.count) else {
      let message = "count is 0 to 1,000,000, not \(request.count)."
      throw RPCError(code: .invalidArgument, message: message)
    }
    for index in 0..<request.count {
      var response = Liaoning_Bench_V1_ExpandResponse()
      response.payload = request.payload
      response.index = index
      try await writer.write(response)
    }
  }

  func collect(
    request: RPCAsyncSequence<Liaoning_Bench_V1_CollectRequest, any Error>,
    context: ServerContext
  ) async throws -> Liaoning_Bench_V1_CollectResponse {
    var response = Liaoning_Bench_V1_CollectResponse()
    for try await message in request {
      response.messageCount += 1
      response.payloadByteCount += Int64(message.payload.count)
    }
    return response
  }

  func converse(
    request: RPCAsyncSequence<Liaoning_Bench_V1_ConverseRequest, any Error>,
    response writer: RPCWriter<Liaoning_Bench_V1_ConverseResponse>,
    context: ServerContext
  ) async throws {
    for try await message in request {
      var response = Liaoning_Bench_V1_ConverseResponse()
      response.payload = message.payload
      try await writer.write(response)
    }
  }
}
