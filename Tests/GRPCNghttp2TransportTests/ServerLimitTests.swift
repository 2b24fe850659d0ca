internal import Dispatch
internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Glibc
internal import Testing

@Suite("Refusing what exceeds a limit", .timeLimit(.minutes(1)))
struct ServerLimitTests {
  @Test("limits may be as large as they like", arguments: CallPath.allCases)
  func noLimits(path: CallPath) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    for limit: WritableKeyPath in [
      \.requestMessageBytes, \.headerListBytes, \.concurrentStreams, \.heldRequestBytes,
      \.connections, \.connectionsPerAddress, \.handshakes, \.progressBytes, \.resetsAtOnce,
      \.resetsPerSecond, \.controlFramesAtOnce, \.controlFramesPerSecond,
    ] as [WritableKeyPath<Nghttp2ServerTransport.Limits, Int>] { limits[keyPath: limit] = .max }
    try await withServer(path, limits: limits) { bed in
      let message = [UInt8](repeating: 3, count: 1_000_000)
      let probe = try await bed.probe()
      let reply = try await probe.call("Echo", [message], headers: [("k", "v")])
      #expect(reply.messages == [message])
      #expect(try await probe.call("Chat", [[1], [2]]).messages == [[1], [2]])
    }
  }

  @Test(
    "a message of the limit passes, one more byte is RESOURCE_EXHAUSTED",
    arguments: [0, 1],
    CallPath.allCases
  )
  func messageSize(excess: Int, path: CallPath) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.requestMessageBytes = 100_000
    try await withServer(path, limits: limits) { bed in
      let probe = try await bed.probe()
      let reply = try await probe.call("Echo", [[UInt8](repeating: 1, count: 100_000 + excess)])
      #expect(reply.code == (excess == 0 ? .ok : .resourceExhausted))
      #expect(reply.resetCode == 0)
      #expect(try await probe.call("Echo").code == .ok)
    }
  }

  @Test(
    "a method's own limit counts",
    arguments: [(10, Status.Code.ok), (11, .resourceExhausted)],
    CallPath.allCases
  )
  func messageSizeOfAMethod(
    _ example: (size: Int, code: Status.Code),
    path: CallPath
  ) async throws {
    let (size, code) = example
    var limits = Nghttp2ServerTransport.Limits()
    limits.requestMessageBytesByMethod = [BytesService.method("Echo"): 10]
    try await withServer(path, limits: limits) { bed in
      let probe = try await bed.probe()
      #expect(try await probe.call("Echo", [[UInt8](repeating: 1, count: size)]).code == code)
      #expect(try await probe.call("Count", [[UInt8](repeating: 1, count: 11)]).code == .ok)
    }
  }

  @Test("a message too large ends a conversation whose handler already runs")
  func messageSizeInAStream() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.requestMessageBytes = 100
    try await withServer(limits: limits) { bed in
      let call = try await bed.probe().open("Chat")
      try await call.say([1])
      #expect(await call.nextMessage() == [1])
      try await call.say([UInt8](repeating: 1, count: 101))
      #expect(await call.reply().code == .resourceExhausted)
      #expect(await bed.service.saw("stopped: resourceExhausted"))
    }
  }

  @Test(
    "headers too large are RESOURCE_EXHAUSTED, and the connection goes on",
    arguments: [0, 1],
    CallPath.allCases
  )
  func headerList(excess: Int, path: CallPath) async throws {
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      // What a probe sends of its own: names, values and 32 a field.
      let own =
        [":method", "POST", ":scheme", "https", ":path", "/test.Bytes/Echo", ":authority", "tests"]
        + ["te", "trailers", "content-type", "application/grpc"]
      let used = own.reduce(0) { $0 + $1.utf8.count } + 6 * 32
      let value = String(repeating: "x", count: 16_384 - used - 32 - 1 + excess)
      // Once its last field is left out, the request has the same fields as this one.
      #expect(try await probe.call("Echo").code == .ok)
      let reply = try await probe.call("Echo", headers: [("k", value)])
      #expect(reply.code == (excess == 0 ? .ok : .resourceExhausted))
      #expect(try await probe.call("Echo").code == .ok)
    }
  }

  @Test("a connection over the limit is closed, and allowed once another has gone")
  func connections() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.connections = 1
    let fixed = limits
    try await withServer(limits: fixed) { bed in
      let first = try await bed.probe()
      await #expect(throws: Probe.ConnectionClosed.self) { _ = try await bed.probe() }
      try await first.hangUp()
      // The server learns of it when its loop does; until then it goes on refusing.
      var second: Probe?
      while second == nil { second = try? await bed.probe() }
      #expect(try await second?.call("Echo").code == .ok)
    }
  }

  @Test("what a connection's calls hold untaken is bounded", arguments: CallPath.allCases)
  func heldInput(path: CallPath) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.heldRequestBytes = 300_000
    try await withServer(path, limits: limits) { bed in
      let probe = try await bed.probe()
      // Each request stays incomplete, and so is held.
      var calls: [ProbeCall] = []
      for _ in 0..<3 {
        let call = try await probe.open("Count")
        calls.append(call)
      }
      let part = [UInt8](repeating: 1, count: 90_000)
      let whole = try await probe.call("Echo", [part])
      #expect(whole.code == .ok)
      let tooMuch = try await probe.call("Echo", [[UInt8](repeating: 1, count: 300_001)])
      #expect(tooMuch.code == .resourceExhausted)
      for call in calls {
        try await call.say(part)
        try await call.end()
        #expect(await call.reply().messages == [Array("1 90000".utf8)])
      }
    }
  }

  @Test("a client that shakes no hands is cut off")
  func handshakeTimeout() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.handshakeTimeout = .milliseconds(50)
    try await withServer(limits: limits) { bed in
      let descriptor = try Probe.socket(to: bed.address)
      _ = fcntl(descriptor, F_SETFL, 0)
      // On a thread of its own: one of the pool's, blocked, may be what the server waits for.
      let received = await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          var byte: UInt8 = 0
          continuation.resume(returning: recv(descriptor, &byte, 1, 0))
        }
      }
      #expect(received == 0)
      close(descriptor)
    }
  }

  @Test("an idle connection is closed gracefully")
  func idleTimeout() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.idleTimeout = .milliseconds(50)
    try await withServer(limits: limits) { bed in
      let probe = try await bed.probe()
      #expect(await probe.saw("goaway"))
      #expect(await probe.saw("closed"))
    }
  }

  @Test("a request that doesn't become complete in time ends", arguments: CallPath.allCases)
  func requestTimeout(path: CallPath) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.requestTimeout = .milliseconds(80)
    try await withServer(path, limits: limits) { bed in
      let call = try await bed.probe().open("Echo")
      let reply = await call.reply()
      #expect(reply.code == .deadlineExceeded)
    }
  }

  @Test(
    "what isn't gRPC gets an HTTP status",
    arguments: [
      (":method", "GET", "405"), ("content-type", "text/plain", "415"),
      ("content-type", "application/grpc-web", "415"),
      ("content-type", "application/grpc+proto", "200"),
      ("content-type", "application/grpc;charset=utf-8", "200"),
    ],
    CallPath.allCases
  )
  func notGRPC(
    _ example: (name: String, value: String, status: String),
    path: CallPath
  ) async throws {
    let (name, value, status) = example
    try await withServer(path) { bed in
      let reply = try await bed.probe().call("Echo", replacing: [name: value])
      #expect(reply.httpStatus == status)
    }
  }

  @Test(
    "a malformed body is INTERNAL",
    arguments: [
      ("Echo", [0, 0, 0, 0, 9, 1]), ("Chat", [0, 0, 0, 0, 9, 1]), ("Echo", [0, 0]),
      ("Echo", [1, 0, 0, 0, 0]), ("Chat", [7, 0, 0, 0, 0]),
    ] as [(String, [UInt8])],
    CallPath.allCases
  )
  func malformedBody(_ example: (method: String, body: [UInt8]), path: CallPath) async throws {
    let (method, body) = example
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      let reply = try await probe.open(method, rawBody: body).reply()
      #expect(reply.code == .internalError)
      #expect(try await probe.call("Echo").code == .ok)
    }
  }

  @Test(
    "other than one message, where the method takes one, is UNIMPLEMENTED",
    arguments: [[], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]],
    CallPath.allCases
  )
  func cardinality(body: [UInt8], path: CallPath) async throws {
    try await withServer(path) { bed in
      let reply = try await bed.probe().open("Echo", rawBody: body).reply()
      #expect(reply.code == .unimplemented)
    }
  }

  @Test("a malformed timeout is INTERNAL", arguments: CallPath.allCases)
  func malformedTimeout(path: CallPath) async throws {
    try await withServer(path) { bed in
      let reply = try await bed.probe().call("Echo", headers: [("grpc-timeout", "soon")])
      #expect(reply.code == .internalError)
    }
  }
}
