internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Identity
internal import Logging
internal import Testing
internal import Vocabulary

/// How a call comes to the policy.
private enum Way: CaseIterable {
  /// From grpc-swift's router.
  case router
  /// From the transport, a unary method that it calls directly.
  case direct
}

/// The policy of an outer listener that knows one account and three methods, and a handler behind it.
private struct Bench: Sendable {
  static let open = MethodDescriptor(fullyQualifiedService: "a.B", method: "Open", type: .unary)
  static let accounts = MethodDescriptor(fullyQualifiedService: "a.B", method: "Own", type: .unary)
  static let closed = MethodDescriptor(fullyQualifiedService: "a.B", method: "Shut", type: .unary)

  let way: Way
  let counter = CallCounter()
  let policy: CallPolicy

  init(_ way: Way) throws {
    self.way = way
    let region = try #require(RegionCode(rawValue: 210_100))
    let uuid = try #require(UUID(uuidString: "019A1B2C-3D4E-7F50-8A9B-0C1D2E3F4A5B"))
    let account = Caller.account(
      AccountCaller(id: RegionalID(region: region, uuid: uuid), session: [1])
    )
    policy = CallPolicy(
      on: .outer,
      directory: CallerDirectory(
        session: { $0 == "good" ? account : nil },
        certificate: { _, _ in nil }
      ),
      counter: counter,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      ruledBy: { method in
        switch method.method {
        case "Open": Permissions.Rule(roles: [.outer: [.anyone]])
        case "Own": Permissions.Rule(roles: [.outer: [.account], .inner: [.anyone]])
        default: nil
        }
      },
      translating: { $0 is Broken ? IdentityError.permissionDenied("translated") : $0 }
    )
  }

  /// Makes a call; the handler gives the caller's name back, or throws what it is told to.
  func call(
    _ method: MethodDescriptor,
    _ metadata: Metadata = [:],
    failing error: (any Error)? = nil
  ) async throws -> String {
    try await withServerContextRPCCancellationHandle { handle in
      let context = ServerContext(
        descriptor: method,
        remotePeer: "in-process:1",
        localPeer: "in-process:2",
        cancellation: handle
      )
      @Sendable func answer(_ context: ServerContext) throws -> String {
        if let error { throw error }
        return try Caller(context).name
      }
      switch way {
      case .direct:
        let bound = policy.bound(to: method)
        let response = try await bound.intercept(metadata: metadata, context: context) {
          UnaryResponse(message: Array(try answer($1).utf8))
        }
        return String(decoding: response.message, as: UTF8.self)
      case .router:
        let request = StreamingServerRequest(
          single: ServerRequest(metadata: metadata, message: "")
        )
        let response = try await policy.intercept(request: request, context: context) {
          StreamingServerResponse<String>(
            single: ServerResponse(message: "", metadata: ["caller": "\(try answer($1))"])
          )
        }
        let contents = try response.accepted.get()
        _ = try await contents.producer(RPCWriter(wrapping: Sink()))
        return contents.metadata[stringValues: "caller"].first { _ in true } ?? ""
      }
    }
  }

  /// Makes a call that must fail.
  func refusal(
    _ method: MethodDescriptor,
    _ metadata: Metadata = [:],
    failing error: (any Error)? = nil
  ) async throws -> RPCError {
    do {
      _ = try await call(method, metadata, failing: error)
    } catch let error as RPCError {
      return error
    }
    throw Broken()
  }

  struct Sink: RPCWriterProtocol {
    func write(_ element: String) async throws {}
    func write(contentsOf elements: some Sequence<String>) async throws {}
  }
}

private struct Broken: Error {}

@Suite("Passing through the call policy, by the router and directly")
struct CallPolicyTests {
  @Test("whom the rule admits is let through by name, and counted", arguments: Way.allCases)
  fileprivate func admission(way: Way) async throws {
    let bench = try Bench(way)
    #expect(try await bench.call(Bench.open) == "anonymous")
    let name = "accounts/210100-019a1b2c-3d4e-7f50-8a9b-0c1d2e3f4a5b"
    #expect(try await bench.call(Bench.open, ["authorization": "Bearer good"]) == name)
    #expect(try await bench.call(Bench.accounts, ["authorization": "Bearer good"]) == name)
    #expect(
      bench.counter.lines.map { "\($0.method) \($0.outcome) \($0.count)" } == [
        "a.B/Open OK 2", "a.B/Own OK 1",
      ]
    )
  }

  @Test("nobody calls a method without a rule", arguments: Way.allCases)
  fileprivate func unruled(way: Way) async throws {
    let bench = try Bench(way)
    let error = try await bench.refusal(Bench.closed, ["authorization": "Bearer good"])
    #expect(error.code == .permissionDenied)
    #expect(!Array(error.metadata[binaryValues: "grpc-status-details-bin"]).isEmpty)
    #expect(bench.counter.lines.map(\.outcome) == ["permissionDenied"])
  }

  @Test("who isn't known is UNAUTHENTICATED where an account is asked for", arguments: Way.allCases)
  fileprivate func unknown(way: Way) async throws {
    let bench = try Bench(way)
    #expect(try await bench.refusal(Bench.accounts).code == .unauthenticated)
    // A token that is no good is refused even where anyone may call.
    for token in [
      "Bearer bad", "Basic good", "good", "Bearer " + String(repeating: "x", count: 200),
    ] {
      let error = try await bench.refusal(Bench.open, ["authorization": "\(token)"])
      #expect(error.code == .unauthenticated)
    }
  }

  @Test("an unexpected failure is INTERNAL, and says nothing of itself", arguments: Way.allCases)
  fileprivate func shield(way: Way) async throws {
    struct Secret: Error { let path = "/var/secret" }
    let bench = try Bench(way)
    let error = try await bench.refusal(Bench.open, failing: Secret())
    #expect(error.code == .internalError)
    #expect(!error.message.contains("secret"))
    #expect(error.cause == nil)
    #expect(!Array(error.metadata[binaryValues: "grpc-status-details-bin"]).isEmpty)
  }

  @Test("expected failures pass, translated where they must be", arguments: Way.allCases)
  fileprivate func expected(way: Way) async throws {
    let bench = try Bench(way)
    let told = RPCError(code: .aborted, message: "again", metadata: ["k": "v"])
    #expect(try await bench.refusal(Bench.open, failing: told) == told)
    #expect(
      try await bench.refusal(Bench.open, failing: IdentityError.unauthenticated).code
        == .unauthenticated
    )
    #expect(try await bench.refusal(Bench.open, failing: Broken()).code == .permissionDenied)
    #expect(
      try await bench.refusal(Bench.open, failing: CancellationError()).code == .cancelled
    )
    #expect(bench.counter.lines.map(\.count).reduce(0, +) == 4)
  }
}
