internal import ArgumentParser
internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Glibc
internal import Identity

/// Serves the echo service until SIGTERM or SIGINT.
///
/// Prints `listening` when it can be called, and `answered N` in the end: the calls of Echo it answered.
struct EchoServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the echo service until SIGTERM."
  )

  @Option(help: "The numeric address to listen on.")
  var host = "127.0.0.1"
  @Option(help: "The port; 0 lets the system choose.")
  var port: Int
  @Option(help: "The file of the certificate chain, PEM.")
  var certificate: String
  @Option(help: "The file of the private key, PEM.")
  var key: String
  @Option(help: "How many event loops.")
  var loops = EventLoopGroup.processorCount
  @Flag(help: "Call unary methods through grpc-swift's router too, not directly.")
  var router = false

  func validate() throws {
    guard loops > 0 else { throw ValidationError("At least one loop.") }
  }

  func run() async throws {
    guard let address = SocketAddress(host: host, port: port) else {
      throw ValidationError("\(host), port \(port) is no numeric address with a port.")
    }
    let identity = TLSIdentity(
      certificateChain: try Contents.of(certificate),
      privateKey: try Contents.of(key)
    )
    let group = try EventLoopGroup(count: loops)
    let transport = try Nghttp2ServerTransport(
      address: address,
      configuration: .init(tls: ServerTLSOptions(identity: identity)),
      eventLoops: group
    )
    let answered = Counter()
    let server = Self.server(on: transport, answered, direct: !router)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await server.serve() }
      let bound = try await transport.listeningAddress
      Self.say("listening on port \(bound.port)")
      await TerminationSignals.wait()
      server.beginGracefulShutdown()
      try await tasks.waitForAll()
    }
    await group.shutDown()
    Self.say("answered \(answered.value)")
  }

  /// The service and the transport are both concrete here, so the compiler specialises the calls' way.
  private static func server(
    on transport: Nghttp2ServerTransport,
    _ answered: Counter,
    direct: Bool
  ) -> GRPCServer<Nghttp2ServerTransport> {
    let policy = EchoPolicy.make(counter: CallCounter())
    let check = HeaderCheck(answered: answered)
    let service = EchoService()
    var router = RPCRouter<Nghttp2ServerTransport>()
    service.registerMethods(with: &router)
    router.registerInterceptors(pipeline: [.apply(policy, to: .all), .apply(check, to: .all)])
    if direct {
      var methods = UnaryMethods(through: policy.then(check))
      service.registerUnaryMethods(with: &methods)
      transport.callDirectly(methods)
    }
    return GRPCServer(transport: transport, router: router)
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}
