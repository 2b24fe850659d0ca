internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Synchronization
internal import Testing

/// A call policy as servers have one: it refuses, changes what passes, and puts errors in its words.
struct TestPolicy: ServerInterceptor, UnaryInterceptor {
  /// Which methods it was bound to, and how calls met it.
  final class Log: Sendable {
    private let entries = Mutex<[String]>([])
    var all: [String] { entries.withLock { $0 } }
    func add(_ entry: String) { entries.withLock { $0.append(entry) } }
  }

  /// What handlers find as `transportSpecific`.
  struct Specific: ServerContext.TransportSpecific {
    let deadline: ContinuousClock.Instant?
  }

  let log = Log()
  private var method: MethodDescriptor?

  func bound(to method: MethodDescriptor) -> TestPolicy {
    log.add("bound \(method.method)")
    var policy = self
    policy.method = method
    return policy
  }

  func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse {
    log.add("unary \(method?.method ?? "unbound") \(context.descriptor.method)")
    do {
      var response = try await next(try admitted(metadata), Self.changed(context))
      response.metadata.addString("yes", forKey: "policy")
      return response
    } catch {
      throw Self.told(error)
    }
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
    log.add("stream \(context.descriptor.method)")
    do {
      var request = request
      request.metadata = try admitted(request.metadata)
      var response = try await next(request, Self.changed(context))
      _ = try response.accepted.get()
      response.metadata.addString("yes", forKey: "policy")
      return response
    } catch {
      throw Self.told(error)
    }
  }

  private func admitted(_ metadata: Metadata) throws -> Metadata {
    guard Array(metadata["refuse"]).isEmpty else {
      throw RPCError(code: .permissionDenied, message: "not you")
    }
    guard Array(metadata["break"]).isEmpty else { throw Unexpected() }
    var metadata = metadata
    metadata.addString("added", forKey: "more")
    return metadata
  }

  private static func changed(_ context: ServerContext) -> ServerContext {
    let specific = context.transportSpecific as? Nghttp2ServerTransport.Context
    var context = context
    context.transportSpecific = Specific(deadline: specific?.deadline)
    return context
  }

  private static func told(_ error: any Error) -> any Error {
    guard var told = error as? RPCError else { return error }
    told.metadata.addString("seen", forKey: "policy")
    return told
  }
}

@Suite("Answering unary calls, through the router and directly", .timeLimit(.minutes(1)))
struct UnaryMethodTests {
  @Test("every status passes as it is", arguments: 1...16, CallPath.allCases)
  func status(code: Int, path: CallPath) async throws {
    try await withServer(path, loops: 1) { bed in
      let reply = try await bed.probe().call("Code", [[UInt8(code)]])
      #expect(
        reply.status == Status(code: try #require(.init(rawValue: code)), message: "as asked")
      )
      #expect(reply.blocks.count == 1)
      #expect(reply.messages.isEmpty)
    }
  }

  @Test(
    "errors become statuses, whatever they are",
    arguments: [
      ("Refuse", Status(code: .notFound, message: "none"), "k"),
      ("Convert", Status(code: .dataLoss, message: "lost"), "what"),
      ("Break", Status(code: .unknown, message: "Service method threw an unknown error."), ""),
    ],
    CallPath.allCases
  )
  func errors(_ example: (method: String, status: Status, key: String), path: CallPath) async throws
  {
    try await withServer(path, loops: 1) { bed in
      let reply = try await bed.probe().call(example.method)
      #expect(reply.status == example.status)
      if !example.key.isEmpty { #expect(!Array(reply.trailers[example.key]).isEmpty) }
    }
  }

  @Test("metadata before and behind the message arrive", arguments: CallPath.allCases)
  func trailers(path: CallPath) async throws {
    try await withServer(path, loops: 1) { bed in
      let reply = try await bed.probe().call("Trailers", [[7]])
      #expect(reply.code == .ok)
      #expect(reply.messages == [[7]])
      #expect(Array(reply.metadata["first"]) == ["1"])
      #expect(Array(reply.trailers["last"]) == ["2"])
      #expect(Array(reply.trailers["last-bin"]) == [.binary([0, 255])])
    }
  }

  @Test("a request that can't be read is INVALID_ARGUMENT", arguments: CallPath.allCases)
  func unreadable(path: CallPath) async throws {
    try await withServer(path, loops: 1) { bed in
      let probe = try await bed.probe()
      #expect(try await probe.call("Echo", [BytesCoding.unreadable]).code == .invalidArgument)
      #expect(try await probe.call("Echo").code == .ok)
    }
  }

  @Test(
    "no message, and more than one, are UNIMPLEMENTED",
    arguments: [0, 2, 3],
    CallPath.allCases
  )
  func messageCount(count: Int, path: CallPath) async throws {
    try await withServer(path, loops: 1) { bed in
      let probe = try await bed.probe()
      let reply = try await probe.call("Echo", Array(repeating: [1], count: count))
      #expect(reply.code == .unimplemented)
      #expect(reply.messages.isEmpty)
      #expect(try await probe.call("Echo").code == .ok)
    }
  }

  @Test("a handler resumed by another thread answers all the same", arguments: CallPath.allCases)
  func elsewhere(path: CallPath) async throws {
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      for number in 0..<50 {
        #expect(try await probe.call("Elsewhere", [[UInt8(number)]]).messages == [[UInt8(number)]])
      }
    }
  }

  @Test(
    "withRPCCancellationHandler hears of a reset, a deadline and a lost connection",
    arguments: ["reset", "deadline", "loss"],
    CallPath.allCases
  )
  func cancellationHandler(end: String, path: CallPath) async throws {
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      let call = try await probe.open(
        "UntilHandled",
        headers: end == "deadline" ? [("grpc-timeout", "5S")] : []
      )
      try await call.say([])
      try await call.end()
      #expect(await bed.service.saw("started"))
      switch end {
      case "reset": try await call.cancel()
      case "loss": try await probe.hangUp()
      default: #expect(await call.reply().code == .deadlineExceeded)
      }
      #expect(await bed.service.saw("cancelled"))
    }
  }

  @Test("streams of the same server go on through the router", arguments: CallPath.allCases)
  func streams(path: CallPath) async throws {
    try await withServer(path, loops: 1) { bed in
      let probe = try await bed.probe()
      #expect(try await probe.call("Count", [[1], [2, 3]]).messages == [Array("2 3".utf8)])
      #expect(try await probe.call("Chat", [[1], [2]]).messages == [[1], [2]])
    }
  }
}

@Suite("Passing unary calls through a policy, by the router and directly", .timeLimit(.minutes(1)))
struct UnaryPolicyTests {
  @Test("a policy meets each call once, bound to its method beforehand where it is called directly")
  func meeting() async throws {
    for path in CallPath.allCases {
      let policy = TestPolicy()
      try await withServer(path, under: policy, loops: 1) { bed in
        let probe = try await bed.probe()
        #expect(try await probe.call("Echo").code == .ok)
        #expect(try await probe.call("Count").code == .ok)
      }
      let entries = policy.log.all
      #expect(entries.filter { $0 == "bound Echo" }.count == (path == .direct ? 1 : 0))
      #expect(
        entries.filter { !$0.hasPrefix("bound") }
          == [path == .direct ? "unary Echo Echo" : "stream Echo", "stream Count"]
      )
    }
  }

  @Test("it changes what the handler and the client see", arguments: CallPath.allCases)
  func changes(path: CallPath) async throws {
    try await withServer(path, under: TestPolicy(), loops: 1) { bed in
      let probe = try await bed.probe()
      let echo = try await probe.call("Echo", [[1]], headers: [("k", "v")])
      #expect(echo.messages == [[1]])
      #expect(Array(echo.metadata["more"]) == ["added"])
      #expect(Array(echo.metadata["policy"]) == ["yes"])
      // The context is the policy's.
      let context = try await probe.call("Describe")
      #expect(context.messages == [Array("no context".utf8)])
    }
  }

  @Test("it refuses before the request is read", arguments: CallPath.allCases)
  func refusal(path: CallPath) async throws {
    try await withServer(path, under: TestPolicy(), loops: 1) { bed in
      let probe = try await bed.probe()
      let reply = try await probe.call(
        "Echo",
        [BytesCoding.unreadable],
        headers: [("refuse", "1")]
      )
      #expect(reply.status == Status(code: .permissionDenied, message: "not you"))
      #expect(Array(reply.trailers["policy"]) == ["seen"])
    }
  }

  @Test(
    "it sees the errors of handlers and of reading",
    arguments: ["Fail", "Refuse", "Echo"],
    CallPath.allCases
  )
  func errors(method: String, path: CallPath) async throws {
    try await withServer(path, under: TestPolicy(), loops: 1) { bed in
      let reply = try await bed.probe().call(method, [BytesCoding.unreadable])
      let codes: [Status.Code?] = [.failedPrecondition, .notFound, .invalidArgument]
      #expect(codes.contains(reply.code))
      #expect(Array(reply.trailers["policy"]) == ["seen"])
    }
  }

  @Test("its own failure is UNKNOWN", arguments: CallPath.allCases)
  func ownFailure(path: CallPath) async throws {
    try await withServer(path, under: TestPolicy(), loops: 1) { bed in
      let reply = try await bed.probe().call("Echo", headers: [("break", "1")])
      #expect(reply.code == .unknown)
    }
  }

  @Test("one within another, the outer is asked first and hears last")
  func nesting() async throws {
    let (outer, inner) = (TestPolicy(), TestPolicy())
    let pair = outer.then(inner).bound(to: BytesService.method("Echo", .unary))
    try await withServerContextRPCCancellationHandle { handle in
      let context = ServerContext(
        descriptor: BytesService.method("Echo", .unary),
        remotePeer: "",
        localPeer: "",
        cancellation: handle
      )
      let response = try await pair.intercept(metadata: [:], context: context) { metadata, _ in
        #expect(Array(metadata["more"]) == ["added", "added"])
        #expect(outer.log.all == ["bound Echo", "unary Echo Echo"])
        #expect(inner.log.all == ["bound Echo", "unary Echo Echo"])
        return UnaryResponse(message: [1])
      }
      #expect(Array(response.metadata["policy"]) == ["yes", "yes"])
      await #expect(throws: RPCError.self) {
        _ = try await pair.intercept(metadata: ["refuse": "1"], context: context) { _, _ in
          UnaryResponse(message: [])
        }
      }
      #expect(inner.log.all == ["bound Echo", "unary Echo Echo"])
    }
  }
}
