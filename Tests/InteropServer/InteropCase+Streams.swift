internal import GRPCCore
internal import GRPCNghttp2Transport

extension InteropCase {
  private static let requestSizes = [27_182, 8, 1828, 45_904]
  private static let responseSizes = [31_415, 9, 2653, 58_979]

  /// Conversations that end by themselves.
  static let streams = [
    InteropCase(name: "client_streaming") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let reply = try await service.streamingInputCall { writer in
        for size in requestSizes { try await writer.write(.of(size)) }
      }
      try check(reply.aggregatedPayloadSize == 74_922, "size \(reply.aggregatedPayloadSize)")
    },
    InteropCase(name: "server_streaming") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let request = Grpc_Testing_StreamingOutputCallRequest.asking(responseSizes.map { ($0, nil) })
      let payloads = try await service.streamingOutputCall(request) { response in
        try await response.messages.reduce(into: []) { $0.append($1.payload) }
      }
      try check(payloads == responseSizes.map { .zeros($0) }, "payloads")
    },
    InteropCase(name: "ping_pong") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let (turns, turn) = AsyncStream.makeStream(of: Void.self)
      turn.yield()
      let sizes = try await service.fullDuplexCall { writer in
        var rest = zip(requestSizes, responseSizes).makeIterator()
        for await _ in turns {
          guard let (request, response) = rest.next() else { break }
          try await writer.write(.asking([(response, nil)], request))
        }
      } onResponse: { response in
        var sizes: [Int] = []
        for try await message in response.messages {
          sizes.append(message.payload.body.count)
          turn.yield()
        }
        return sizes
      }
      try check(sizes == responseSizes, "sizes \(sizes)")
    },
    InteropCase(name: "empty_stream") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let count = try await service.fullDuplexCall { _ in
      } onResponse: { response in
        try await response.messages.reduce(0) { count, _ in count + 1 }
      }
      try check(count == 0, "\(count) responses")
    },
  ]

  /// Calls that are given up.
  static let endings = [
    InteropCase(name: "cancel_after_begin") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let (begun, begin) = AsyncStream.makeStream(of: Void.self)
      let call = Task {
        try await service.streamingInputCall { writer in
          begin.finish()
          try await untilCancelled()
        }
      }
      for await _ in begun {}
      call.cancel()
      let error = try await failure { try await call.value }
      try check(error.code == .cancelled, "\(error)")
    },
    InteropCase(name: "cancel_after_first_response") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let (answered, answer) = AsyncStream.makeStream(of: Void.self)
      let call = Task {
        try await service.fullDuplexCall { writer in
          try await writer.write(.asking([(31_415, nil)], 27_182))
          try await untilCancelled()
        } onResponse: { response in
          for try await _ in response.messages { answer.finish() }
        }
      }
      for await _ in answered {}
      call.cancel()
      let error = try await failure { try await call.value }
      try check(error.code == .cancelled, "\(error)")
    },
    InteropCase(name: "timeout_on_sleeping_server") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      var options = CallOptions.defaults
      options.timeout = .milliseconds(1)
      let limited = options
      let error = try await failure {
        try await service.fullDuplexCall(options: limited) { writer in
          try await writer.write(.asking([], 27_182))
          try await untilCancelled()
        } onResponse: { response in
          for try await _ in response.messages {}
        }
      }
      try check(error.code == .deadlineExceeded, "\(error)")
    },
  ]

  /// Messages compressed, and not.
  static let compressed = [
    InteropCase(name: "client_compressed_unary") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      var request = Grpc_Testing_SimpleRequest.large
      request.expectCompressed.value = true
      let probe = request
      let error = try await failure { try await service.unaryCall(probe) }
      try check(error.code == .invalidArgument, "the probe's \(error)")
      let reply = try await service.unaryCall(probe, options: .gzip)
      try check(reply.payload == .zeros(314_159), "payload")
      request.expectCompressed.value = false
      try check(try await service.unaryCall(request).payload == .zeros(314_159), "payload")
    },
    InteropCase(name: "client_compressed_streaming") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let first = Grpc_Testing_StreamingInputCallRequest.of(27_182, compressed: true)
      let error = try await failure {
        try await service.streamingInputCall { try await $0.write(first) }
      }
      try check(error.code == .invalidArgument, "the probe's \(error)")
      // A call can't leave off compressing, but what wouldn't get smaller isn't compressed.
      var second = Grpc_Testing_StreamingInputCallRequest.of(45_904, compressed: false)
      second.payload = Grpc_Testing_Payload()
      second.payload.body.append(
        contentsOf: (0..<45_904).map { _ in UInt8.random(in: 0...255) }
      )
      let plain = second
      let reply = try await service.streamingInputCall(options: .gzip) { writer in
        try await writer.write(first)
        try await writer.write(plain)
      }
      try check(reply.aggregatedPayloadSize == 73_086, "size \(reply.aggregatedPayloadSize)")
    },
    InteropCase(name: "server_compressed_unary") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      for compressed in [true, false] {
        var request = Grpc_Testing_SimpleRequest.large
        request.responseCompressed.value = compressed
        try check(try await service.unaryCall(request).payload == .zeros(314_159), "payload")
      }
    },
    InteropCase(name: "server_compressed_streaming") { client in
      let service = Grpc_Testing_TestService.Client(wrapping: client)
      let request = Grpc_Testing_StreamingOutputCallRequest.asking([
        (31_415, true), (92_653, false),
      ])
      let payloads = try await service.streamingOutputCall(request) { response in
        try await response.messages.reduce(into: []) { $0.append($1.payload) }
      }
      try check(payloads == [.zeros(31_415), .zeros(92_653)], "payloads")
    },
  ]
}

/// Waits until the calling task is cancelled, and throws then.
private func untilCancelled() async throws {
  let (never, source) = AsyncStream.makeStream(of: Void.self)
  for await _ in never {}
  withExtendedLifetime(source) {}
  try Task.checkCancellation()
}

extension CallOptions {
  fileprivate static var gzip: CallOptions {
    var options = CallOptions.defaults
    options.compression = .gzip
    return options
  }
}

extension Grpc_Testing_StreamingInputCallRequest {
  /// A payload of so many bytes.
  fileprivate static func of(_ size: Int, compressed: Bool? = nil) -> Self {
    var request = Self()
    request.payload = .zeros(size)
    if let compressed { request.expectCompressed.value = compressed }
    return request
  }
}
