internal import GRPCCore
internal import Testing

@Suite("What a client makes of an answer", .timeLimit(.minutes(2)))
struct ClientStatusTests {
  @Test("a message with status 0 is the answer")
  func success() async throws {
    let answer = try await ClientHarness.withScript { server in
      try server.answer(server.nextRequest(), [1, 2, 3])
    } _: { client in
      try await client.call()
    }
    #expect(answer == [1, 2, 3])
  }

  @Test("trailers alone carry the status, its message in percent encoding, and metadata")
  func trailersOnly() async throws {
    let error = try await ClientHarness.withScript { server in
      try server.sendHeaders(
        server.nextRequest(),
        [
          (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"),
          ("grpc-message", "no %E6%AD%A4 name"), ("reason", "NAME"), ("detail-bin", "AQID"),
        ],
        ends: true
      )
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .notFound)
    #expect(error.message == "no 此 name")
    #expect(Array(error.metadata[stringValues: "reason"]) == ["NAME"])
    #expect(Array(error.metadata[binaryValues: "detail-bin"]) == [[1, 2, 3]])
  }

  @Test(
    "an answer that isn't gRPC has the status of its HTTP status",
    arguments: [
      ("400", RPCError.Code.internalError), ("401", .unauthenticated), ("403", .permissionDenied),
      ("404", .unimplemented), ("429", .unavailable), ("502", .unavailable), ("503", .unavailable),
      ("504", .unavailable), ("500", .unknown), ("200", .unknown),
    ]
  )
  func httpStatus(status: String, code: RPCError.Code) async throws {
    let error = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendHeaders(stream, [(":status", status), ("content-type", "text/html")])
      try server.send(
        ScriptedFrame(
          kind: .data,
          flags: ScriptedFrame.endStream,
          stream: stream,
          payload: Array("<p>".utf8)
        )
      )
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == code)
    #expect(error.message.contains(status))
  }

  @Test(
    "a reset stream has the status of its HTTP/2 error code",
    arguments: [
      (UInt32(0), RPCError.Code.internalError), (1, .internalError), (2, .internalError),
      (3, .internalError), (7, .unavailable), (8, .cancelled), (11, .resourceExhausted),
      (12, .permissionDenied), (999, .unknown),
    ]
  )
  func resetStream(code: UInt32, expected: RPCError.Code) async throws {
    let error = try await ClientHarness.withScript { server in
      try server.reset(server.nextRequest(), code)
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == expected)
  }

  @Test("an answer that ends without a status is an internal error")
  func missingStatus() async throws {
    let error = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendResponseHeaders(stream)
      try server.sendMessage(stream, [1])
      try server.send(
        ScriptedFrame(kind: .data, flags: ScriptedFrame.endStream, stream: stream)
      )
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .internalError)
  }

  @Test("an answer that ends within a message is an internal error")
  func truncatedMessage() async throws {
    let error = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendResponseHeaders(stream)
      try server.send(ScriptedFrame(kind: .data, stream: stream, payload: [0, 0, 0, 0, 9, 1]))
      try server.sendHeaders(stream, [("grpc-status", "0")], ends: true)
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .internalError)
  }

  @Test("a compressed message is an internal error, and the stream is reset")
  func compressedMessage() async throws {
    let error = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendResponseHeaders(stream)
      try server.sendMessage(stream, [1], compressed: 1)
      #expect(try server.next(.reset, on: stream).number == 8)
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .internalError)
  }

  @Test("an answer of the largest size is taken, a larger one refused", arguments: [100, 101])
  func responseLimit(size: Int) async throws {
    try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendResponseHeaders(stream)
      try server.sendMessage(stream, [UInt8](repeating: 7, count: size))
      if size > 100 {
        #expect(try server.next(.reset, on: stream).number == 8)
      } else {
        try server.sendHeaders(stream, [("grpc-status", "0")], ends: true)
      }
    } _: { client in
      var options = CallOptions.defaults
      options.maxResponseMessageBytes = 100
      if size > 100 {
        let error = try await failure { try await client.call(options: options) }
        #expect(error.code == .resourceExhausted)
      } else {
        let answer = try await client.call(options: options).count
        #expect(answer == size)
      }
    }
  }

  @Test("a request over its limit isn't sent")
  func requestLimit() async throws {
    let error = try await ClientHarness.withScript { _ in
    } _: { client in
      var options = CallOptions.defaults
      options.maxRequestMessageBytes = 3
      return try await failure { try await client.call("Echo", [1, 2, 3, 4], options: options) }
    }
    #expect(error.code == .resourceExhausted)
  }

  @Test("an interim response is passed over")
  func interimResponse() async throws {
    let answer = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendHeaders(stream, [(":status", "103")])
      try server.answer(stream, [4])
    } _: { client in
      try await client.call()
    }
    #expect(answer == [4])
  }
}
