internal import CLinux
internal import EventLoops
internal import GRPCCore
internal import Glibc
internal import Synchronization

@testable internal import GRPCNghttp2Transport

/// A server of ours that lives as long as the process.
final class FuzzedServer: Sendable {
  let port: Int
  let service = EchoBytes()
  let clientContext: TLSContext
  private let server: GRPCServer<Nghttp2ServerTransport>
  private let serving: Task<Void, any Error>

  init() throws {
    clientContext = try TLSContext(client: FuzzIdentity.client())
    guard let address = SocketAddress(host: "127.0.0.1", port: 0) else {
      throw Finding(description: "no address")
    }
    var configuration = Nghttp2ServerTransport.Configuration(tls: try FuzzIdentity.server())
    configuration.limits.requestMessageBytes = 60_000
    configuration.limits.heldRequestBytes = 200_000
    configuration.limits.headerListBytes = 4_096
    configuration.limits.requestTimeout = .seconds(2)
    let transport = try Nghttp2ServerTransport(
      address: address,
      configuration: configuration,
      eventLoops: EventLoopGroup(count: 1, name: "fuzzed")
    )
    var router = RPCRouter<Nghttp2ServerTransport>()
    service.registerMethods(with: &router)
    let server = GRPCServer(transport: transport, router: router)
    self.server = server
    serving = Task { try await server.serve() }
    port = try blocking { try await transport.listeningAddress.port }
  }
}

/// Makes clients of ours, each with a connection to be accepted here and a few calls under way.
final class FuzzedClients: Sendable {
  /// How many calls a client makes.
  static let calls = 3

  private let listener: Int32
  private let port: Int
  private let context: TLSContext
  private let loops: EventLoopGroup
  private let workers: WorkerExecutor

  init() throws {
    (listener, port) = try WirePeer.listen()
    context = try TLSContext(server: FuzzIdentity.server())
    loops = try EventLoopGroup(count: 1, name: "fuzzed")
    workers = try WorkerExecutor(threads: 1, queueLimit: 8)
  }

  /// One client's life.
  final class Run: Sendable {
    private let transport: Nghttp2ClientTransport
    private let left = Atomic<Int>(FuzzedClients.calls + 1)

    fileprivate init(_ transport: Nghttp2ClientTransport) {
      self.transport = transport
    }

    /// Whether every call and the client have ended.
    var hasEnded: Bool { left.load(ordering: .acquiring) == 0 }

    /// Lets the client go once its calls have ended.
    func end() {
      transport.beginGracefulShutdown()
    }

    fileprivate func start() {
      Task(executorPreference: transport.eventLoop) {
        try? await self.transport.connect()
        self.ended()
      }
      for index in 0..<FuzzedClients.calls {
        Task(executorPreference: transport.eventLoop) {
          try? await self.call(EchoBytes.descriptor(index == 0 ? 0 : 3))
          self.ended()
        }
      }
    }

    private func ended() {
      left.subtract(1, ordering: .acquiringAndReleasing)
    }

    private func call(_ descriptor: MethodDescriptor) async throws {
      var options = CallOptions.defaults
      options.waitForReady = true
      options.maxResponseMessageBytes = 60_000
      try await transport.withStream(descriptor: descriptor, options: options) { stream, _ in
        try await stream.outbound.write(.metadata(["a": "b"]))
        try await stream.outbound.write(.message([1, 2, 3]))
        await stream.outbound.finish()
        for try await part in stream.inbound {
          if case .status = part { break }
        }
      }
    }
  }

  /// Starts a client.
  func start() throws -> Run {
    var configuration = Nghttp2ClientTransport.Configuration(tls: try FuzzIdentity.client())
    configuration.headerListBytes = 4_096
    configuration.heldResponseBytes = 200_000
    configuration.reconnection.initialBackoff = .seconds(60)
    let run = Run(
      try Nghttp2ClientTransport(
        host: "127.0.0.1",
        port: port,
        configuration: configuration,
        eventLoop: loops.next(),
        workers: workers
      )
    )
    run.start()
    return run
  }

  /// Takes the client's connection.
  func accept() throws -> WirePeer {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { throw Finding(description: "the client doesn't connect") }
    return try WirePeer(descriptor, context, serverName: nil)
  }
}
