internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Testing

@Suite("Speaking TLS", .timeLimit(.minutes(1)))
struct ServerTLSTests {
  private static func describe(_ probe: Probe) async throws -> String {
    String(decoding: try await probe.call("Describe").messages.first ?? [], as: UTF8.self)
  }

  @Test("a required client certificate is read once and told to the handler")
  func requiredCertificate() async throws {
    try await withServer(tls: TestCertificates.server(.required)) { bed in
      let text = try await Self.describe(bed.probe(TestCertificates.client("client")))
      #expect(text.contains("name=伙伴一 subject=CN=伙伴一,O=沈阳 "))
      #expect(text.contains(#"uri=["spiffe://partner/1"] dns=["one.example"] "#))
      #expect(text.contains("serial=[1, 2] key=32 verified=true"))
    }
  }

  @Test("without a required certificate, or with a stranger's, there is no connection")
  func missingCertificate() async throws {
    try await withServer(tls: TestCertificates.server(.required)) { bed in
      await #expect(throws: Probe.ConnectionClosed.self) { _ = try await bed.probe() }
      await #expect(throws: Probe.ConnectionClosed.self) {
        _ = try await bed.probe(TestCertificates.client("stranger"))
      }
      // A server's certificate isn't meant for clients.
      await #expect(throws: Probe.ConnectionClosed.self) {
        _ = try await bed.probe(TestCertificates.client("server"))
      }
    }
  }

  @Test("an optional certificate may be missing, but not be a stranger's")
  func optionalCertificate() async throws {
    try await withServer(tls: TestCertificates.server(.optional)) { bed in
      #expect(try await Self.describe(bed.probe()).contains("name=- "))
      let text = try await Self.describe(bed.probe(TestCertificates.client("client")))
      #expect(text.contains("name=伙伴一 "))
      await #expect(throws: Probe.ConnectionClosed.self) {
        _ = try await bed.probe(TestCertificates.client("stranger"))
      }
    }
  }

  @Test("a revoked certificate is refused, its sister isn't", arguments: ["ca.crl", "ca.crl.der"])
  func revokedCertificate(list: String) async throws {
    let options = try TestCertificates.server(.required, revocations: list)
    try await withServer(tls: options) { bed in
      let text = try await Self.describe(bed.probe(TestCertificates.client("client")))
      #expect(text.contains("伙伴一"))
      await #expect(throws: Probe.ConnectionClosed.self) {
        _ = try await bed.probe(TestCertificates.client("revoked"))
      }
    }
  }

  @Test(
    "certificates whose issuer's list is missing or has run out are refused",
    arguments: [
      ("client", ["between.crl"]), ("client", ["expired.crl"]), ("deep", ["ca.crl"]),
      ("deep", ["ca.crl", "between.crl"]), ("deep", ["all.crl", "between.crl"]),
    ]
  )
  func uncheckedCertificate(name: String, lists: [String]) async throws {
    var options = try TestCertificates.server(.required)
    options.clientRevocationLists = try lists.flatMap { try TestCertificates.pem($0) }
    try await withServer(tls: options) { bed in
      // Only with its own issuer's list, and the issuer itself not revoked.
      if lists == ["ca.crl", "between.crl"] {
        let text = try await Self.describe(bed.probe(TestCertificates.client(name)))
        #expect(text.contains("name=deep"))
      } else {
        await #expect(throws: Probe.ConnectionClosed.self) {
          _ = try await bed.probe(TestCertificates.client(name))
        }
      }
    }
  }

  @Test("a client refuses another name or an unknown root", arguments: ["localhost", "127.0.0.1"])
  func serverName(name: String) async throws {
    try await withServer { bed in
      _ = try await bed.probe(TestCertificates.client(serverName: name))
      for wrong in ["example.org", "127.0.0.2"] {
        await #expect(throws: Probe.ConnectionClosed.self) {
          _ = try await bed.probe(TestCertificates.client(serverName: wrong))
        }
      }
      await #expect(throws: Probe.ConnectionClosed.self) {
        _ = try await bed.probe(
          ClientTLSOptions(trustRoots: .pem(TestCertificates.pem("stranger.crt")), serverName: name)
        )
      }
    }
  }

  @Test(
    "other versions and clients without HTTP/2 are refused",
    arguments: [
      ("-tls1_2 -alpn h2", false), ("-tls1_3 -alpn http/1.1", false), ("-tls1_3", false),
      ("-tls1_3 -alpn h2", true),
    ]
  )
  func versions(options: String, isAccepted: Bool) async throws {
    let workers = try WorkerExecutor(threads: 1, queueLimit: 1)
    try await withServer { bed in
      let port = bed.address.port
      let outcome = try await workers.run {
        try TestCertificates.run(
          """
          openssl s_client -connect 127.0.0.1:\(port) -brief -verify_return_error \
            -CAfile ca.crt \(options)
          """
        )
      }
      // Without ALPN the handshake itself succeeds; the server then closes.
      let isEstablished = outcome.words.contains("CONNECTION ESTABLISHED")
      #expect(isEstablished == isAccepted || options == "-tls1_3")
    }
    await workers.shutDown()
  }

  @Test("unusable keys and certificates are refused when the transport is made")
  func unusable() throws {
    let good = try TestCertificates.server()
    let loops = try EventLoopGroup(count: 1)
    let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
    func refusal(_ change: (inout ServerTLSOptions) throws -> Void) throws -> TLSError? {
      var options = good
      try change(&options)
      do {
        _ = try Nghttp2ServerTransport(
          address: address,
          configuration: .init(tls: options),
          eventLoops: loops
        )
        return nil
      } catch {
        return error
      }
    }
    #expect(try refusal { _ in } == nil)
    #expect(
      try refusal { $0.identity.privateKey = try TestCertificates.pem("client.key") }
        == .keyDoesNotMatchCertificate
    )
    #expect(
      try refusal { $0.identity.certificateChain = [] }
        == .certificateChain("no certificate found")
    )
    guard case .privateKey = try refusal({ $0.identity.privateKey = Array("x".utf8) }) else {
      Issue.record("a key that is none was taken")
      return
    }
    #expect(
      try refusal {
        $0.clientCertificates = .required; $0.clientTrustRoots = []
      }
        == .trustRoots("no certificate found")
    )
    for list in [Array("x".utf8), [0x30, 0x80], try TestCertificates.pem("impostor.crl")] {
      let refused = try refusal {
        $0.clientCertificates = .optional
        $0.clientRevocationLists = list
      }
      guard case .revocationLists = refused else {
        Issue.record("revocation lists that are none were taken")
        return
      }
    }
  }
}
