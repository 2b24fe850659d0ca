internal import ArgumentParser
internal import Dispatch
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Glibc

/// gRPC's interoperability tests as a program: the server, and a client with the official cases.
@main
struct InteropServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interop-server",
    abstract: "Serve grpc.testing.TestService, or run the interoperability cases against a server.",
    subcommands: [InteropServe.self, InteropCheck.self, InteropCases.self]
  )
}

/// Serves the test service until SIGTERM or SIGINT; prints `listening on port N`.
struct InteropServe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve grpc.testing.TestService until SIGTERM."
  )

  @Option(help: "The numeric address to listen on.")
  var host = "127.0.0.1"
  @Option(help: "The port; 0 lets the system choose.")
  var port = 0
  @Option(help: "The file of the certificate chain, PEM.")
  var certificate: String
  @Option(help: "The file of the private key, PEM.")
  var key: String
  @Option(help: "After how many milliseconds a connection is replaced; 0 for never.")
  var connectionAge = 0
  @Option(help: "How many milliseconds must lie between a client's pings.")
  var pingInterval = 300_000

  @Flag(help: "Call unary methods directly, past grpc-swift's router.")
  var direct = false

  func run() async throws {
    guard let address = SocketAddress(host: host, port: port) else {
      throw ValidationError("\(host), port \(port) is no numeric address with a port.")
    }
    let group = try EventLoopGroup(count: 2)
    let transport = try Nghttp2ServerTransport(
      address: address,
      configuration: serverConfiguration(),
      eventLoops: group
    )
    if direct {
      var methods = UnaryMethods(through: NoUnaryInterceptor())
      InteropService().registerUnaryMethods(with: &methods)
      transport.callDirectly(methods)
    }
    let server = GRPCServer(transport: transport, services: [InteropService()])
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await server.serve() }
      let termination = await Termination()
      print("listening on port \(try await transport.listeningAddress.port)")
      fflush(nil)
      await termination.came()
      server.beginGracefulShutdown()
      try await tasks.waitForAll()
    }
    await group.shutDown()
  }

  private func serverConfiguration() throws -> Nghttp2ServerTransport.Configuration {
    let identity = TLSIdentity(
      certificateChain: Array(try Data(contentsOf: URL(filePath: certificate))),
      privateKey: Array(try Data(contentsOf: URL(filePath: key)))
    )
    var configuration = Nghttp2ServerTransport.Configuration(
      tls: ServerTLSOptions(identity: identity)
    )
    if connectionAge > 0 { configuration.limits.connectionAge = .milliseconds(connectionAge) }
    configuration.keepalive.minimumPingInterval = .milliseconds(pingInterval)
    return configuration
  }
}

/// SIGTERM or SIGINT.
private struct Termination {
  private let arrivals: AsyncStream<Void>
  private let sources: [any DispatchSourceSignal]

  /// Listens for them, and returns once it does: before, they end the process as they always do.
  init() async {
    let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
    let (registrations, registration) = AsyncStream.makeStream(of: Void.self)
    self.arrivals = arrivals
    sources = [SIGTERM, SIGINT].map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { arrival.finish() }
      source.setRegistrationHandler { registration.yield() }
      source.activate()
      return source
    }
    var awaited = sources.count
    for await _ in registrations {
      awaited -= 1
      if awaited == 0 { break }
    }
  }

  /// Waits for the first.
  func came() async {
    for await _ in arrivals {}
    for source in sources { source.cancel() }
  }
}

/// Prints the names of the client's cases.
struct InteropCases: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cases",
    abstract: "Print the names of the interoperability cases."
  )

  func run() {
    for test in InteropCase.all { print(test.name) }
  }
}

/// Runs cases against a server; a line a case, and a failure's reason.
struct InteropCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run interoperability cases against a server."
  )

  @Option(help: "The server's name or address.")
  var host = "127.0.0.1"
  @Option(help: "The server's port.")
  var port: Int
  @Option(help: "The file of the certificates to trust, PEM.")
  var trust: String
  @Option(help: "The name that the server's certificate must bear.")
  var name = "localhost"
  @Argument(help: "The cases; all if none is named.")
  var cases: [String] = []

  func run() async throws {
    let chosen =
      cases.isEmpty ? InteropCase.all : InteropCase.all.filter { cases.contains($0.name) }
    guard cases.isEmpty || chosen.count == cases.count else {
      throw ValidationError("Some of these are no cases: \(cases.joined(separator: ", ")).")
    }
    let loops = try EventLoopGroup(count: 1)
    let workers = try WorkerExecutor(threads: 1, queueLimit: 8)
    var tls = ClientTLSOptions(
      trustRoots: .pem(Array(try Data(contentsOf: URL(filePath: trust))))
    )
    tls.serverName = name
    var wrong = 0
    for test in chosen {
      let transport = try Nghttp2ClientTransport(
        host: host,
        port: port,
        configuration: .init(tls: tls),
        eventLoop: loops.next(),
        workers: workers
      )
      do {
        try await withGRPCClient(transport: transport) { try await test.run($0) }
        print("OK: \(test.name)")
      } catch {
        wrong += 1
        print("WRONG: \(test.name): \(error)")
      }
    }
    await loops.shutDown()
    await workers.shutDown()
    if wrong > 0 { throw ExitCode(1) }
  }
}
