internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import GRPCProtobuf

/// gRPC's test service as the interoperability test descriptions want it.
///
/// Source: gRPC, `doc/interop-test-descriptions.md`.
struct InteropService: Grpc_Testing_TestService.ServiceProtocol {
  func emptyCall(
    request: ServerRequest<Grpc_Testing_Empty>,
    context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_Empty> {
    ServerResponse(message: Grpc_Testing_Empty(), metadata: [:])
  }

  func unaryCall(
    request: ServerRequest<Grpc_Testing_SimpleRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_SimpleResponse> {
    let message = request.message
    if message.hasExpectCompressed { try context.require(compressed: message.expectCompressed) }
    if message.hasResponseCompressed { context.compress(message.responseCompressed.value) }
    if message.hasResponseStatus {
      let error = RPCError(message.responseStatus)
      throw request.metadata[stringValues: "x-with-details"].contains("yes")
        ? error.withDetails : error
    }
    var response = Grpc_Testing_SimpleResponse()
    response.payload = .zeros(Int(message.responseSize))
    return ServerResponse(
      message: response,
      metadata: Echo.initial(request.metadata),
      trailingMetadata: Echo.trailing(request.metadata, context)
    )
  }

  func cacheableUnaryCall(
    request: ServerRequest<Grpc_Testing_SimpleRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_SimpleResponse> {
    var response = try await unaryCall(request: request, context: context)
    response.metadata.addString("max-age=60, public", forKey: "cache-control")
    return response
  }

  func streamingOutputCall(
    request: ServerRequest<Grpc_Testing_StreamingOutputCallRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Testing_StreamingOutputCallResponse> {
    let parameters = request.message.responseParameters
    context.compress(parameters.contains { $0.compressed.value })
    return StreamingServerResponse(metadata: Echo.initial(request.metadata)) { writer in
      try await Self.write(parameters, to: writer, context)
      return Echo.trailing(request.metadata)
    }
  }

  func streamingInputCall(
    request: StreamingServerRequest<Grpc_Testing_StreamingInputCallRequest>,
    context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_StreamingInputCallResponse> {
    var size = 0
    for try await message in request.messages {
      if message.hasExpectCompressed { try context.require(compressed: message.expectCompressed) }
      size += message.payload.body.count
    }
    var response = Grpc_Testing_StreamingInputCallResponse()
    response.aggregatedPayloadSize = Int32(size)
    return ServerResponse(message: response, metadata: Echo.initial(request.metadata))
  }

  func fullDuplexCall(
    request: StreamingServerRequest<Grpc_Testing_StreamingOutputCallRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Testing_StreamingOutputCallResponse> {
    StreamingServerResponse(metadata: Echo.initial(request.metadata)) { writer in
      for try await message in request.messages {
        if message.hasResponseStatus { throw RPCError(message.responseStatus) }
        try await Self.write(message.responseParameters, to: writer, context)
      }
      return Echo.trailing(request.metadata)
    }
  }

  func halfDuplexCall(
    request: StreamingServerRequest<Grpc_Testing_StreamingOutputCallRequest>,
    context: ServerContext
  ) async throws -> StreamingServerResponse<Grpc_Testing_StreamingOutputCallResponse> {
    StreamingServerResponse(metadata: Echo.initial(request.metadata)) { writer in
      var parameters: [Grpc_Testing_ResponseParameters] = []
      for try await message in request.messages { parameters += message.responseParameters }
      try await Self.write(parameters, to: writer, context)
      return Echo.trailing(request.metadata)
    }
  }

  func unimplementedCall(
    request: ServerRequest<Grpc_Testing_Empty>,
    context: ServerContext
  ) async throws -> ServerResponse<Grpc_Testing_Empty> {
    throw RPCError(code: .unimplemented, message: "No server implements this method.")
  }

  private static func write(
    _ parameters: [Grpc_Testing_ResponseParameters],
    to writer: RPCWriter<Grpc_Testing_StreamingOutputCallResponse>,
    _ context: ServerContext
  ) async throws {
    for wanted in parameters {
      if wanted.intervalUs > 0, let loop = EventLoop.current {
        await withUnsafeContinuation { continuation in
          loop.schedule(after: .microseconds(wanted.intervalUs)) { continuation.resume() }
        }
      }
      if wanted.hasCompressed { context.compress(wanted.compressed.value) }
      var response = Grpc_Testing_StreamingOutputCallResponse()
      response.payload = .zeros(Int(wanted.size))
      try await writer.write(response)
    }
  }
}

extension ServerContext {
  fileprivate var call: Nghttp2ServerTransport.Context? {
    transportSpecific as? Nghttp2ServerTransport.Context
  }

  /// Refuses a message that wasn't sent as its sender says.
  fileprivate func require(compressed: Grpc_Testing_BoolValue) throws {
    guard call?.isRequestMessageCompressed != compressed.value else { return }
    let words = compressed.value ? "The message isn't compressed." : "The message is compressed."
    throw RPCError(code: .invalidArgument, message: words)
  }

  fileprivate func compress(_ wanted: Bool) {
    call?.compressResponse(with: wanted ? .gzip : .none)
  }
}

extension RPCError {
  /// The same with a `google.rpc.ErrorInfo`.
  fileprivate var withDetails: any Error {
    GoogleRPCStatus(
      code: code,
      message: message,
      details: .errorInfo(reason: "TEST_REASON", domain: "interop.example", metadata: [:])
    )
  }

  fileprivate init(_ status: Grpc_Testing_EchoStatus) {
    let code = Status.Code(rawValue: Int(status.code)).flatMap { RPCError.Code($0) }
    self.init(code: code ?? .unknown, message: status.message)
  }
}

extension Grpc_Testing_Payload {
  /// So many zeros.
  static func zeros(_ count: Int) -> Self {
    var payload = Self()
    payload.body.append(contentsOf: repeatElement(0, count: count))
    return payload
  }
}

/// The metadata that the service gives back.
enum Echo {
  static let initialKey = "x-grpc-test-echo-initial"
  static let trailingKey = "x-grpc-test-echo-trailing-bin"

  static func initial(_ metadata: Metadata) -> Metadata {
    var echoed = Metadata()
    for value in metadata[stringValues: initialKey] { echoed.addString(value, forKey: initialKey) }
    return echoed
  }

  /// Also tells the connection's number, if a context is given.
  static func trailing(_ metadata: Metadata, _ context: ServerContext? = nil) -> Metadata {
    var echoed = Metadata()
    if let call = context?.call { echoed.addString("\(call.connectionID)", forKey: "x-connection") }
    for value in metadata[binaryValues: trailingKey] {
      echoed.addBinary(value, forKey: trailingKey)
    }
    return echoed
  }
}
