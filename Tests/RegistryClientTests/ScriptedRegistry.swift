internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import GRPCProtobuf
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Testing

@testable internal import RegistryClient

/// What a scripted server saw of a call.
struct SeenCall: Sendable {
  let method: String
  /// Which call of this method it is, from 1.
  let number: Int
  let request: [UInt8]
  let token: String?
  let cancellation: ServerContext.RPCCancellationHandle

  func decoded<Request: SwiftProtobuf.Message>(_: Request.Type = Request.self) throws -> Request {
    try Request(serializedBytes: request)
  }
}

/// A server of the registry's methods that answers as a test says.
final class ScriptedRegistry: RegistrableRPCService {
  typealias Answer = @Sendable (SeenCall) async throws -> [[UInt8]]

  private let answers: [MethodDescriptor: Answer]
  private let calls = Mutex<[SeenCall]>([])

  init(_ answers: [MethodDescriptor: Answer]) {
    self.answers = answers
  }

  var seen: [SeenCall] { calls.withLock { $0 } }

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for (method, answer) in answers {
      router.registerHandler(
        forMethod: method,
        deserializer: ByteCoding(),
        serializer: ByteCoding()
      ) { [self] request, context in
        let request = try await ServerRequest(stream: request)
        let messages = try await answer(record(request, context))
        return StreamingServerResponse { writer in
          for message in messages { try await writer.write(message) }
          return [:]
        }
      }
    }
  }

  private func record(
    _ request: ServerRequest<[UInt8]>,
    _ context: ServerContext
  ) -> SeenCall {
    let method = context.descriptor
    return calls.withLock { calls in
      let header = request.metadata[stringValues: "authorization"].first { _ in true }
      let call = SeenCall(
        method: method.method,
        number: calls.count { $0.method == method.method } + 1,
        request: request.message,
        token: header.map { String($0.dropFirst("Bearer ".count)) },
        cancellation: context.cancellation
      )
      calls.append(call)
      return call
    }
  }
}

private struct ByteCoding: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

/// What a scripted server answers, method by method.
struct Script {
  var answers: [MethodDescriptor: ScriptedRegistry.Answer] = [:]

  mutating func on<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ method: MethodDescriptor,
    _ answer: @escaping @Sendable (Request, SeenCall) async throws -> Response
  ) {
    answers[method] = { call in
      [try await answer(call.decoded(), call).serializedBytes()]
    }
  }
}

/// A failure as the registry's services tell it.
func refusal(
  _ code: RPCError.Code,
  _ reason: String,
  metadata: [String: String] = [:],
  delay: Duration? = nil
) -> GoogleRPCStatus {
  GoogleRPCStatus(
    code: code,
    message: "because of \(reason)",
    details: [.errorInfo(reason: reason, domain: "registry.liaoning", metadata: metadata)]
      + (delay.map { [.retryInfo(delay: $0)] } ?? [])
  )
}

/// A clock that moves only when the client pauses.
final class Hourglass: Sendable {
  private let state = Mutex<(now: ContinuousClock.Instant, waits: [Duration])>((.now, []))

  /// How long the client paused each time.
  var waits: [Duration] { state.withLock { $0.waits } }

  var timekeeper: Timekeeper {
    Timekeeper(
      now: { self.state.withLock { $0.now } },
      pause: { wait in
        try Task.checkCancellation()
        self.state.withLock {
          $0.now += wait
          $0.waits.append(wait)
        }
      }
    )
  }
}

/// Certificates of a test's own authority, minted once a process.
enum TestTrust {
  struct Minted: Sendable {
    let root: [UInt8]
    let server: TLSIdentity
  }

  static let minted = Result {
    let authority = try CertificateAuthority(
      commonName: "Test CA",
      keyKind: .p256,
      notBefore: Date(timeIntervalSinceNow: -86_400),
      notAfter: Date(timeIntervalSinceNow: 86_400)
    )
    let key = SigningKey(generating: .p256)
    let certificate = try authority.issue(
      commonName: "registry",
      publicKey: key.publicKey,
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
      serverAuth: true,
      notBefore: Date(timeIntervalSinceNow: -86_400),
      notAfter: Date(timeIntervalSinceNow: 86_400)
    )
    return Minted(
      root: Array(authority.certificate.pem.utf8),
      server: TLSIdentity(
        certificateChain: Array(certificate.pem.utf8),
        privateKey: Array(try key.pem().utf8)
      )
    )
  }
}

/// A client of a scripted server over TLS.
struct TestBed: Sendable {
  let endpoint: RegistryEndpoint
  let client: RegistryClient
  let server: ScriptedRegistry
  let hourglass: Hourglass
}

/// Runs a body with a server of a script and a client of it.
func withRegistry(
  policy: CallPolicy = .steady,
  _ write: (inout Script) -> Void,
  _ body: @Sendable (TestBed) async throws -> Void
) async throws {
  var script = Script()
  write(&script)
  let trust = try TestTrust.minted.get()
  let loops = try EventLoopGroup(count: 2, name: "test")
  let workers = try WorkerExecutor(threads: 1, queueLimit: 4)
  let transport = try Nghttp2ServerTransport(
    address: try #require(SocketAddress(host: "127.0.0.1", port: 0)),
    configuration: .init(tls: ServerTLSOptions(identity: trust.server)),
    eventLoops: loops
  )
  let registry = ScriptedRegistry(script.answers)
  let server = GRPCServer(transport: transport, services: [registry])
  try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await server.serve() }
    let address = try await transport.listeningAddress
    let hourglass = Hourglass()
    let endpoint = RegistryEndpoint(
      host: "127.0.0.1",
      port: address.port,
      trustRoots: .pem(trust.root)
    )
    let client = try RegistryClient(
      to: endpoint,
      policy: policy,
      eventLoop: loops.next(),
      workers: workers,
      time: hourglass.timekeeper
    )
    do {
      try await client.running {
        try await body(
          TestBed(endpoint: endpoint, client: $0, server: registry, hourglass: hourglass)
        )
      }
    } catch {
      tasks.cancelAll()
      throw error
    }
    server.beginGracefulShutdown()
    try await tasks.waitForAll()
  }
  await workers.shutDown()
  await loops.shutDown()
}

extension CallPolicy {
  /// The defaults without chance.
  static var steady: CallPolicy {
    var policy = CallPolicy()
    policy.jitter = 0
    return policy
  }
}

/// Expects a call to fail, and hands its failure on.
func failure(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws(RegistryFailure) -> some Sendable
) async -> RegistryFailure? {
  do throws(RegistryFailure) {
    _ = try await body()
    Issue.record("a failure was expected", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error
  }
}

typealias Names = Liaoning_Registry_V1_NameService.Method
typealias Accounts = Liaoning_Registry_V1_AccountService.Method
typealias Archives = Liaoning_Registry_V1_ArchiveService.Method
