internal import EventLoops
internal import GRPCCore
package import GRPCNghttp2Transport

/// The server of the partners' services, over TLS 1.3 with client certificates.
package struct PartnerServer: Sendable {
  private let address: SocketAddress
  private let tls: ServerTLSOptions
  private let clientName: String
  private let partners: Partners

  /// A server that is not running yet.
  ///
  /// - Parameters:
  ///   - address: Where to listen; port 0 lets the system choose.
  ///   - identity: The partners' certificate and key.
  ///   - trustRoots: The only roots that a client's certificate may lead to, PEM.
  ///   - clientName: The common name of the only client answered.
  ///   - partners: Who answers.
  package init(
    address: SocketAddress,
    identity: TLSIdentity,
    trustRoots: [UInt8],
    clientName: String,
    partners: Partners
  ) {
    self.address = address
    tls = ServerTLSOptions(
      identity: identity,
      clientCertificates: .required,
      clientTrustRoots: trustRoots
    )
    self.clientName = clientName
    self.partners = partners
  }

  /// Serves as long as a body runs; then running calls may end within two seconds.
  ///
  /// - Parameter body: Gets the address that is listened on.
  /// - Returns: What the body returns.
  /// - Throws: If the address or the certificates cannot be used; what the body throws.
  package func run<Value: Sendable>(
    _ body: (SocketAddress) async throws -> Value
  ) async throws -> Value {
    let loops = try EventLoopGroup(count: 1)
    let outcome: Result<Value, any Error>
    do {
      outcome = .success(try await serve(on: loops, body))
    } catch {
      outcome = .failure(error)
    }
    await loops.shutDown()
    return try outcome.get()
  }

  private func serve<Value: Sendable>(
    on loops: EventLoopGroup,
    _ body: (SocketAddress) async throws -> Value
  ) async throws -> Value {
    let transport = try Nghttp2ServerTransport(
      address: address,
      configuration: .init(tls: tls, drainPeriod: .seconds(2)),
      eventLoops: loops
    )
    let server = GRPCServer(
      transport: transport,
      services: [
        PopulationLibrary(door: door(.population)),
        LegalEntityLibrary(door: door(.entities)),
        MessageGateway(door: door(.messages)),
      ]
    )
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await server.serve() }
      defer { server.beginGracefulShutdown() }
      return try await body(transport.listeningAddress)
    }
  }

  private func door(_ partner: Partner) -> PartnerDoor {
    PartnerDoor(partner: partner, partners: partners, clientName: clientName)
  }
}
