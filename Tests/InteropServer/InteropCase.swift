internal import GRPCCore
internal import GRPCNghttp2Transport

/// The client that runs cases.
typealias InteropClient = GRPCClient<Nghttp2ClientTransport>

/// A case of gRPC's interoperability tests.
///
/// Source: gRPC, `doc/interop-test-descriptions.md`.
struct InteropCase: Sendable {
  /// The name in the descriptions.
  let name: String
  /// Runs it; throws what is wrong.
  let run: @Sendable (InteropClient) async throws -> Void

  /// All cases that need no cloud account.
  static let all = unary + statuses + streams + endings + compressed

  private static let unary = [
    InteropCase(name: "empty_unary") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      try check(try await service.emptyCall(Grpc_Testing_Empty()) == Grpc_Testing_Empty(), "reply")
    },
    InteropCase(name: "large_unary") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let reply = try await service.unaryCall(.large)
      try check(reply.payload == .zeros(314_159), "payload")
    },
    InteropCase(name: "cacheable_unary") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      var request = Grpc_Testing_SimpleRequest()
      request.responseSize = 10
      let reply = try await service.cacheableUnaryCall(request)
      try check(reply.payload == .zeros(10), "payload")
    },
    InteropCase(name: "custom_metadata") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let bytes: [UInt8] = [0xAB, 0xAB, 0xAB]
      var metadata: Metadata = [Echo.initialKey: "test_initial_metadata_value"]
      metadata.addBinary(bytes, forKey: Echo.trailingKey)
      let sent = metadata
      try await service.unaryCall(.large, metadata: sent) { response in
        let initial = Array(response.metadata[stringValues: Echo.initialKey])
        try check(initial == ["test_initial_metadata_value"], "initial metadata: \(initial)")
        let trailing = Array(response.trailingMetadata[binaryValues: Echo.trailingKey])
        try check(trailing == [bytes], "trailing metadata: \(trailing)")
      }
      let request = Grpc_Testing_StreamingOutputCallRequest.asking([(314_159, nil)], 271_828)
      try await service.fullDuplexCall(metadata: sent) {
        try await $0.write(request)
      } onResponse: { response in
        let initial = Array(response.metadata[stringValues: Echo.initialKey])
        try check(initial == ["test_initial_metadata_value"], "initial metadata: \(initial)")
        var trailing: [[UInt8]] = []
        for try await part in response.bodyParts {
          if case .trailingMetadata(let found) = part {
            trailing = Array(found[binaryValues: Echo.trailingKey])
          }
        }
        try check(trailing == [bytes], "trailing metadata: \(trailing)")
      }
    },
  ]

  private static let statuses = [
    InteropCase(name: "status_code_and_message") {
      try await echoesStatus("test status message", $0)
    },
    InteropCase(name: "special_status_message") {
      let words = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
      try await echoesStatus(words, $0)
    },
    InteropCase(name: "unimplemented_method") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let error = try await failure { try await service.unimplementedCall(Grpc_Testing_Empty()) }
      try check(error.code == .unimplemented, "\(error)")
    },
    InteropCase(name: "unimplemented_service") { client in
      let service = Grpc_Testing_UnimplementedService.Client(wrapping: client)
      let error = try await failure { try await service.unimplementedCall(Grpc_Testing_Empty()) }
      try check(error.code == .unimplemented, "\(error)")
    },
  ]

  private static func echoesStatus(_ words: String, _ client: InteropClient) async throws {
    let service = Grpc_Testing_TestService.Client(wrapping: client)
    var request = Grpc_Testing_SimpleRequest()
    request.responseStatus.code = 2
    request.responseStatus.message = words
    let unary = request
    let error = try await failure { try await service.unaryCall(unary) }
    try check(error.code == .unknown && error.message == words, "unary: \(error)")
    var streamed = Grpc_Testing_StreamingOutputCallRequest()
    streamed.responseStatus = request.responseStatus
    let single = streamed
    let second = try await failure {
      try await service.fullDuplexCall {
        try await $0.write(single)
      } onResponse: { response in
        for try await _ in response.messages {}
      }
    }
    try check(second.code == .unknown && second.message == words, "stream: \(second)")
  }
}

/// Why a case failed.
struct Wrong: Error, CustomStringConvertible {
  let description: String
}

/// Ends the case unless something holds.
func check(_ holds: Bool, _ what: @autoclosure () -> String) throws {
  guard holds else { throw Wrong(description: "\(what()) is wrong") }
}

/// Runs what must fail, and gives its error back.
func failure<Value>(of work: () async throws -> Value) async throws -> RPCError {
  do {
    _ = try await work()
  } catch let error as RPCError {
    return error
  }
  throw Wrong(description: "a call that had to fail succeeded")
}

extension Grpc_Testing_SimpleRequest {
  /// What the large unary cases send.
  static var large: Self {
    var request = Self()
    request.responseSize = 314_159
    request.payload = .zeros(271_828)
    return request
  }
}

extension Grpc_Testing_StreamingOutputCallRequest {
  /// Asks for responses of these sizes, compressed or not, with a payload of its own.
  static func asking(_ responses: [(size: Int, compressed: Bool?)], _ payload: Int = 0) -> Self {
    var request = Self()
    request.responseParameters = responses.map { size, compressed in
      var parameters = Grpc_Testing_ResponseParameters()
      parameters.size = Int32(size)
      if let compressed { parameters.compressed.value = compressed }
      return parameters
    }
    if payload > 0 { request.payload = .zeros(payload) }
    return request
  }
}
