internal import EventLoops
internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

/// How a server breaks RFC 9113 or RFC 7541 in its answer to a call.
struct ServerFault: Sendable, CustomTestStringConvertible {
  /// Section and rule.
  let rule: String
  /// Whether the connection ends by it, not only the call.
  let endsConnection: Bool
  /// What the server sends to the call on a stream.
  let script: @Sendable (ScriptedConnection, _ stream: Int) throws -> Void

  init(
    _ rule: String,
    endsConnection: Bool = false,
    _ script: @escaping @Sendable (ScriptedConnection, _ stream: Int) throws -> Void
  ) {
    self.rule = rule
    self.endsConnection = endsConnection
    self.script = script
  }

  var testDescription: String { rule }

  private static let head = [(":status", "200"), ("content-type", "application/grpc")]

  /// Answers whose first header block is wrong.
  static let heads = [
    ("8.3.2 no :status", [("content-type", "application/grpc")]),
    ("8.3.2 :status twice", [(":status", "200")] + head),
    ("8.3.2 :status that is no number", [(":status", "ok"), ("content-type", "application/grpc")]),
    (
      "8.3 a pseudo-header after a field",
      [("content-type", "application/grpc"), (":status", "200")]
    ),
    ("8.3 a request's pseudo-header", [(":status", "200"), (":path", "/")]),
    ("8.2 a name in upper case", head + [("Name", "v")]),
    ("8.2.1 a value with a line feed", head + [("k", "a\nb")]),
    ("8.2.2 connection", head + [("connection", "close")]),
    ("8.2.2 transfer-encoding", head + [("transfer-encoding", "chunked")]),
  ].map { rule, fields in
    ServerFault(rule) { try $0.sendHeaders($1, fields) }
  }

  /// Answers that are wrong in what follows, or aren't for the call at all.
  static let rest = [
    ServerFault("8.1 a block without end after the first") {
      try $0.sendResponseHeaders($1)
      try $0.sendHeaders($1, [("grpc-status", "0")])
    },
    ServerFault("8.1 a pseudo-header in trailers") {
      try $0.sendResponseHeaders($1)
      try $0.sendHeaders($1, [(":status", "200"), ("grpc-status", "0")], ends: true)
    },
    ServerFault("8.1.1 content-length over what comes") {
      try $0.sendHeaders($1, Self.head + [("content-length", "9")])
      try $0.send(.data($1, ScriptedConnection.emptyMessage))
      try $0.sendHeaders($1, [("grpc-status", "0")], ends: true)
    },
    ServerFault("8.1 DATA before headers", endsConnection: true) {
      try $0.send(.data($1, ScriptedConnection.emptyMessage))
    },
    ServerFault("8.4 PUSH_PROMISE though it was switched off", endsConnection: true) {
      let payload = [0, 0, 0, 2] + ScriptedFrame.request
      try $0.send(ScriptedFrame(kind: .pushPromise, flags: 4, stream: $1, payload: payload))
    },
    ServerFault("5.1.1 HEADERS on a stream of the server's own", endsConnection: true) {
      try $0.sendHeaders($1 + 1, Self.head)
    },
    ServerFault("4.2 a frame larger than the settings allow", endsConnection: true) {
      try $0.sendResponseHeaders($1)
      try $0.send(.data($1, [UInt8](repeating: 0, count: 16_385)))
    },
    ServerFault("6.9.1 a connection window over 2^31-1", endsConnection: true) { server, _ in
      try server.send(.windowUpdate(0, 0x7FFF_FFFF))
    },
    ServerFault("6.9.1 a stream window over 2^31-1") {
      try $0.send(.windowUpdate($1, 0x7FFF_FFFF))
    },
    ServerFault("HPACK 6.1 the index 0", endsConnection: true) {
      try $0.send(.headers($1, [0x80]))
    },
    ServerFault("HPACK 2.3.3 an index beyond the tables", endsConnection: true) {
      try $0.send(.headers($1, [0x80 | 70]))
    },
  ]
}

// One after the other: each has a server that blocks a thread.
@Suite("A client that reads late", .timeLimit(.minutes(2)))
struct ClientLateReaderTests {
  @Test("a message larger than the window comes whole, though its beginning came first of all")
  func largeMessage() async throws {
    let message = [UInt8](repeating: 7, count: 300_000)
    let (isThere, teller) = AsyncStream.makeStream(of: Void.self)
    let server = try ScriptedServer(TestCertificates.identity("server"))
    async let served: Void = ClientHarness.workers.run {
      let connection = try server.accept()
      let stream = try connection.nextRequest()
      try connection.sendResponseHeaders(stream)
      var framed = ([0] + bigEndian(UInt32(message.count)) + message)[...]
      func send(_ count: Int) throws {
        let piece = ScriptedFrame(kind: .data, stream: stream, payload: Array(framed.prefix(count)))
        try connection.send(piece)
        framed = framed.dropFirst(count)
      }
      for _ in 0..<16 { try send(16_384) }
      // Answered once the client has all of that.
      try connection.send(ScriptedFrame(kind: .ping, payload: [0, 1, 2, 3, 4, 5, 6, 7]))
      _ = try connection.next(.ping)
      teller.finish()
      _ = try connection.next(.windowUpdate, on: stream)
      while !framed.isEmpty { try send(16_384) }
      try connection.sendHeaders(stream, [("grpc-status", "0")], ends: true)
      connection.waitForClose()
    }
    let transport = try ClientHarness.transport(port: server.port)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await transport.connect() }
      try await transport.withStream(
        descriptor: BytesService.method("Chat"),
        options: .defaults
      ) { stream, _ in
        try await stream.outbound.write(.metadata([:]))
        for await _ in isThere {}
        var messages: [[UInt8]] = []
        for try await part in stream.inbound {
          if case .message(let message) = part { messages.append(message) }
        }
        #expect(messages == [message])
      }
      transport.beginGracefulShutdown()
      try await tasks.waitForAll()
    }
    try await served
  }
}

@Suite("Holding servers to HTTP/2", .serialized, .timeLimit(.minutes(2)))
struct ClientConformanceTests {
  @Test(
    "a broken rule ends the call, or the connection",
    arguments: ServerFault.heads + ServerFault.rest
  )
  func rule(_ fault: ServerFault) async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    let transport = try ClientHarness.transport(port: server.port)
    async let served: Void = ClientHarness.workers.run {
      var connection = try server.accept()
      try fault.script(connection, connection.nextRequest())
      if fault.endsConnection {
        connection.waitForClose()
        connection = try server.accept()
      } else {
        #expect(try connection.next(.reset).number != 0)
      }
      try connection.answer(connection.nextRequest(), [7])
      connection.waitForClose()
    }
    try await withGRPCClient(transport: transport) { client in
      let error = try await failure { try await client.call(options: .patient) }
      #expect(error.code == (fault.endsConnection ? .unavailable : .internalError), "\(error)")
      #expect(try await client.call(options: .patient) == [7])
    }
    try await served
  }
}
