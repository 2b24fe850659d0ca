internal import EventLoops
internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

@Suite("Replacing certificates while serving", .timeLimit(.minutes(1)))
struct ReplacedCertificatesTests {
  private static func replace(
    _ bed: ServerTestBed,
    _ change: (inout ServerTLSOptions) throws -> Void
  ) async throws -> [String?] {
    var options = try TestCertificates.server(.optional)
    try change(&options)
    return try await bed.server.transport.replaceTLS(options).map(\.subjectCommonName)
  }

  @Test("the next connection sees them, open ones go on")
  func nextConnection() async throws {
    try await withServer { bed in
      let before = try await bed.probe()
      let gone = try await bed.server.transport.replaceTLS(TestCertificates.server(.required))
      #expect(gone.isEmpty)
      await #expect(throws: Probe.ConnectionClosed.self) { _ = try await bed.probe() }
      #expect(try await before.call("Echo").code == .ok)
      let after = try await bed.probe(TestCertificates.client("client"))
      #expect(try await after.call("Echo").code == .ok)
      // Another identity, which only those who trust it accept.
      let ended = try await Self.replace(bed) {
        $0.identity = try TestCertificates.identity("stranger")
      }
      #expect(ended.isEmpty)
      await #expect(throws: Probe.ConnectionClosed.self) { _ = try await bed.probe() }
      let trusting = ClientTLSOptions(
        trustRoots: .pem(try TestCertificates.pem("stranger.crt")),
        serverName: "localhost"
      )
      await #expect(throws: Probe.ConnectionClosed.self) { _ = try await bed.probe(trusting) }
      #expect(try await after.call("Echo").code == .ok)
    }
  }

  @Test("what can't be used is refused, and everything stays as it was")
  func unusable() async throws {
    try await withServer(tls: TestCertificates.server(.optional)) { bed in
      let open = try await bed.probe(TestCertificates.client("client"))
      let broken: [(inout ServerTLSOptions) throws -> Void] = [
        { $0.identity.privateKey = try TestCertificates.pem("client.key") },
        { $0.identity.certificateChain = Array("torn".utf8) },
        { $0.clientTrustRoots = [] },
        { $0.clientRevocationLists = try TestCertificates.pem("impostor.crl") },
        { $0.clientRevocationLists = Array(try TestCertificates.pem("ca.crl").dropLast(40)) },
      ]
      for change in broken {
        await #expect(throws: TLSError.self) { try await Self.replace(bed, change) }
      }
      #expect(try await open.call("Echo").code == .ok)
      #expect(try await bed.probe(TestCertificates.client("client")).call("Echo").code == .ok)
    }
  }

  @Test("a revoked client's open connection ends, its call with UNAUTHENTICATED; others' stay")
  func revoked() async throws {
    try await withServer(tls: TestCertificates.server(.optional)) { bed in
      let revoked = try await bed.probe(TestCertificates.client("client"))
      let idle = try await bed.probe(TestCertificates.client("client"))
      let deep = try await bed.probe(TestCertificates.client("deep"))
      let anonymous = try await bed.probe()
      let call = try await revoked.open("UntilCancelled")
      try await call.say([])
      try await call.end()
      #expect(await bed.service.saw("started"))
      let ended = try await Self.replace(bed) {
        $0.clientRevocationLists = try ["all.crl", "between.crl"].flatMap {
          try TestCertificates.pem($0)
        }
      }
      // The authority between was revoked too, and with it whom it certified.
      #expect(ended.count == 3)
      #expect(Set(ended) == ["伙伴一", "deep"])
      let reply = await call.reply()
      #expect(reply.code == .unauthenticated)
      #expect(reply.status?.message == "The client's certificate is no longer accepted.")
      #expect(await bed.service.saw("cancelled"))
      for probe in [revoked, idle, deep] {
        #expect(await probe.saw("goaway"))
        #expect(await probe.saw("closed"))
      }
      #expect(try await anonymous.call("Echo").code == .ok)
      #expect(await bed.server.transport.endRefusedConnections().isEmpty)
    }
  }

  @Test("a client whose root is trusted no more loses its connection")
  func distrustedRoot() async throws {
    try await withServer(tls: TestCertificates.server(.optional)) { bed in
      let probe = try await bed.probe(TestCertificates.client("client"))
      let ended = try await Self.replace(bed) {
        $0.clientTrustRoots = try TestCertificates.pem("stranger.crt")
      }
      #expect(ended == ["伙伴一"])
      #expect(await probe.saw("closed"))
    }
  }

  @Test("a peer that reads nothing is cut off")
  func deafPeer() async throws {
    try await withServer(tls: TestCertificates.server(.optional), loops: 1) { bed in
      let probe = try await bed.probe(TestCertificates.client("client"))
      let call = try await probe.open("Repeat", autoTake: false)
      try await call.say([UInt8](repeating: 7, count: 60_000))
      try await call.end()
      #expect(await bed.service.saw("writing 1"))
      let ended = try await Self.replace(bed) {
        $0.clientRevocationLists = try TestCertificates.pem("all.crl")
      }
      #expect(ended == ["伙伴一"])
      // Its task was cancelled while it waited for room.
      #expect(await bed.service.saw("stopped: other"))
      #expect(await probe.saw("closed"))
    }
  }

  @Test("a handshake under way during the change is judged by the new settings")
  func handshakeUnderWay() async throws {
    try await withServer(tls: TestCertificates.server(.optional), loops: 1) { bed in
      let socket = try Probe.socket(to: bed.address)
      // Accepted in order: once this one speaks, the socket above is the server's too.
      _ = try await bed.probe()
      #expect(
        try await Self.replace(bed) {
          $0.clientRevocationLists = try TestCertificates.pem("all.crl")
        }.isEmpty
      )
      let context = try TLSContext(client: TestCertificates.client("client"))
      do {
        let probe = try await Probe.connect(socket, context, on: bed.loops.next())
        #expect(await probe.saw("closed"))
      } catch is Probe.ConnectionClosed {}
    }
  }

  @Test("a client's roots can be replaced too: a server they refuse gets no more calls")
  func clientSide() async throws {
    try await withServer { bed in
      let transport = try ClientHarness.transport(port: bed.address.port)
      try await withGRPCClient(transport: transport) { client in
        #expect(try await client.call("Echo", [1]) == [1])
        let good = try TestCertificates.client()
        var other = good
        other.trustRoots = .pem(try TestCertificates.pem("stranger.crt"))
        try transport.replaceTLS(other)
        let refused = try await failure(of: { try await client.call("Echo", [2]) })
        #expect(refused.code == .unavailable)
        other.trustRoots = .pem([])
        #expect(throws: TLSError.self) { try transport.replaceTLS(other) }
        try transport.replaceTLS(good)
        #expect(try await client.call("Echo", [3], options: .patient) == [3])
      }
    }
  }
}
