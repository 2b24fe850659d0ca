internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Testing

/// A running server of `test.Bytes` and loops for probes.
struct ServerTestBed: Sendable {
  let service: BytesService
  let server: GRPCServer<Nghttp2ServerTransport>
  let address: SocketAddress
  let loops: EventLoopGroup

  func probe(_ options: ClientTLSOptions? = nil) async throws -> Probe {
    try await Probe.connect(
      to: address,
      options ?? TestCertificates.client(),
      on: loops.next()
    )
  }
}

/// Runs a body with a server, and shuts the server down after it.
func withServer(
  _ path: CallPath = .router,
  under policy: TestPolicy? = nil,
  tls: ServerTLSOptions? = nil,
  limits: Nghttp2ServerTransport.Limits = .init(),
  drainPeriod: Duration = .seconds(20),
  host: String = "127.0.0.1",
  port: Int = 0,
  loops count: Int = 2,
  configure: (inout Nghttp2ServerTransport.Configuration) -> Void = { _ in },
  _ body: @Sendable (ServerTestBed) async throws -> Void
) async throws {
  let address = try #require(SocketAddress(host: host, port: port))
  let loops = try EventLoopGroup(count: count, name: "test")
  var limits = limits
  // Where no test says otherwise, a busy machine is no hostile peer.
  let usual = Nghttp2ServerTransport.Limits()
  if limits.handshakeTimeout == usual.handshakeTimeout { limits.handshakeTimeout = .seconds(100) }
  var configuration = try Nghttp2ServerTransport.Configuration(
    tls: tls ?? TestCertificates.server(),
    limits: limits,
    drainPeriod: drainPeriod
  )
  configure(&configuration)
  let transport = try Nghttp2ServerTransport(
    address: address,
    configuration: configuration,
    eventLoops: loops
  )
  let service = BytesService()
  var router = RPCRouter<Nghttp2ServerTransport>()
  service.registerMethods(with: &router)
  if let policy { router.registerInterceptors(pipeline: [.apply(policy, to: .all)]) }
  if path == .direct { service.serveDirectly(by: transport, under: policy) }
  let server = GRPCServer(transport: transport, router: router)
  do {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await server.serve() }
      let address = try await transport.listeningAddress
      do {
        try await body(
          ServerTestBed(service: service, server: server, address: address, loops: loops)
        )
      } catch {
        tasks.cancelAll()
        throw error
      }
      server.beginGracefulShutdown()
      try await tasks.waitForAll()
    }
  } catch {
    await loops.shutDown()
    throw error
  }
  await loops.shutDown()
}
