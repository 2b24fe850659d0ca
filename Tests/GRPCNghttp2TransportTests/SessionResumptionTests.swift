internal import EventLoops
internal import GRPCCore
internal import Synchronization
internal import Testing

@testable internal import GRPCNghttp2Transport

/// A clock that tests set.
private final class TestClock: Sendable {
  private let instant = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { instant.withLock { $0 } }
  func advance(by seconds: Int) { instant.withLock { $0 += .seconds(seconds) } }
}

extension TicketKeys {
  /// Whether tickets that a key sealed are opened.
  fileprivate func opens(_ key: TicketKey) -> Bool {
    key.withName { opening(named: $0) === key }
  }
}

@Suite("Resuming TLS sessions", .timeLimit(.minutes(1)))
struct SessionResumptionTests {
  private let clock = TestClock()
  private let keys: TicketKeys

  init() throws {
    keys = try TicketKeys(lifetime: .seconds(100)) { [clock] in clock.now }
  }

  private func server(
    _ mode: ServerTLSOptions.ClientCertificates = .required,
    _ change: (inout ServerTLSOptions) throws -> Void = { _ in }
  ) throws -> TLSContext {
    var options = try TestCertificates.server(mode)
    try change(&options)
    return try TLSContext(server: options, tickets: keys)
  }

  private func client(_ name: String? = "client") throws -> TLSContext {
    try TLSContext(client: TestCertificates.client(name))
  }

  @Test("a session is resumed with its certificate, and each time with another ticket")
  func resumed() throws {
    let (client, server) = (try client(), try server())
    #expect(try !TLSPair(client: client, server: server).isResumed)
    for _ in 0..<3 {
      let pair = try TLSPair(client: client, server: server)
      #expect(pair.isResumed)
      #expect(pair.server.peerCertificate?.subjectCommonName == "伙伴一")
      #expect(pair.server.peerCertificate?.isVerified == true)
      #expect(pair.client.peerCertificate?.subjectCommonName == "localhost")
    }
    // One ticket a connection: it is taken once.
    #expect(client.sessions?.take() != nil)
    #expect(client.sessions?.take() == nil)
  }

  @Test("without a certificate too; neither side resumes where it is told not to")
  func switchedOff() throws {
    let (client, server) = (try client(nil), try server(.none))
    _ = try TLSPair(client: client, server: server)
    #expect(try TLSPair(client: client, server: server).isResumed)

    let without = try TLSContext(server: TestCertificates.server())
    _ = try TLSPair(client: client, server: without)
    #expect(try !TLSPair(client: client, server: without).isResumed)
    #expect(client.sessions?.take() == nil)

    var options = try TestCertificates.client()
    options.resumesSessions = false
    let unwilling = try TLSContext(client: options)
    _ = try TLSPair(client: unwilling, server: server)
    #expect(try !TLSPair(client: unwilling, server: server).isResumed)
  }

  @Test("a key seals for one lifetime and opens for two")
  func rotation() throws {
    let first = try #require(keys.sealing())
    clock.advance(by: 99)
    #expect(keys.sealing() === first)
    clock.advance(by: 1)
    let second = try #require(keys.sealing())
    #expect(second !== first)
    #expect(keys.opens(first))
    #expect(keys.opens(second))
    clock.advance(by: 99)
    #expect(keys.opens(first))
    clock.advance(by: 1)
    #expect(!keys.opens(first))
    #expect(keys.opens(second))
    // Nobody called for long: no old key comes back.
    clock.advance(by: 1_000)
    #expect(!keys.opens(second))
    #expect(keys.sealing() !== second)
  }

  @Test("a ticket of the previous key is taken, and one of the key before not")
  func previousKey() throws {
    let (client, server) = (try client(), try server())
    clock.advance(by: 60)
    _ = try TLSPair(client: client, server: server)
    clock.advance(by: 99)
    #expect(try TLSPair(client: client, server: server).isResumed)
    clock.advance(by: 200)
    #expect(try !TLSPair(client: client, server: server).isResumed)
  }

  @Test("however often it was resumed, a session ends a lifetime after its full handshake")
  func age() throws {
    let (client, server) = (try client(), try server())
    _ = try TLSPair(client: client, server: server)
    for _ in 0..<3 {
      clock.advance(by: 33)
      #expect(try TLSPair(client: client, server: server).isResumed)
    }
    clock.advance(by: 1)
    #expect(try !TLSPair(client: client, server: server).isResumed)
    #expect(try TLSPair(client: client, server: server).isResumed)
  }

  @Test("tickets of one server are nothing to another")
  func otherServer() throws {
    let client = try client()
    _ = try TLSPair(client: client, server: try server())
    let other = try TLSContext(
      server: TestCertificates.server(.required),
      tickets: TicketKeys(lifetime: .seconds(100))
    )
    #expect(try !TLSPair(client: client, server: other).isResumed)
  }

  @Test("a session whose certificate was revoked, or lost its root or list, is refused at once")
  func refusedCertificates() throws {
    let changes: [(inout ServerTLSOptions) throws -> Void] = [
      { $0.clientRevocationLists = try TestCertificates.pem("all.crl") },
      { $0.clientRevocationLists = try TestCertificates.pem("expired.crl") },
      { $0.clientTrustRoots = try TestCertificates.pem("impostor.crt") },
      { $0.clientTrustRoots = try TestCertificates.pem("stranger.crt") },
    ]
    for change in changes {
      let client = try client()
      _ = try TLSPair(client: client, server: server())
      #expect(throws: TLSError.self) {
        try TLSPair(client: client, server: server(.required, change))
      }
    }
    let client = try client()
    _ = try TLSPair(client: client, server: server())
    let unharmed = try server { $0.clientRevocationLists = try TestCertificates.pem("ca.crl") }
    #expect(try TLSPair(client: client, server: unharmed).isResumed)
  }

  @Test("a certificate below an authority between is verified again with what was shown beside it")
  func authorityBetween() throws {
    let client = try client("deep")
    _ = try TLSPair(client: client, server: server())
    for _ in 0..<2 {
      let pair = try TLSPair(client: client, server: server())
      #expect(pair.isResumed)
      #expect(pair.server.objection(under: try server()) == nil)
    }
    let revoking = try server {
      $0.clientRevocationLists = try ["all.crl", "between.crl"].flatMap {
        try TestCertificates.pem($0)
      }
    }
    #expect(throws: TLSError.self) { try TLSPair(client: client, server: revoking) }
  }

  @Test("a session without a certificate doesn't open a door that demands one, nor the reverse")
  func otherDemand() throws {
    let anonymous = try client(nil)
    _ = try TLSPair(client: anonymous, server: server(.optional))
    #expect(throws: TLSError.self) { try TLSPair(client: anonymous, server: server(.required)) }
    let known = try client()
    _ = try TLSPair(client: known, server: server(.optional))
    let pair = try TLSPair(client: known, server: server(.none))
    #expect(!pair.isResumed)
    #expect(pair.server.peerCertificate == nil)
  }

  @Test("a client doesn't resume what its own roots no longer allow")
  func clientVerifiesAgain() throws {
    let client = try client()
    let pair = try TLSPair(client: client, server: server())
    #expect(pair.client.objection(under: client) == nil)
    let stranger = try TestCertificates.pem("stranger.crt")
    let distrustful = try TLSContext(client: ClientTLSOptions(trustRoots: .pem(stranger)))
    #expect(pair.client.objection(under: distrustful) != nil)
    let kept = try #require(client.sessions?.take())
    distrustful.sessions?.put(kept)
    #expect(throws: TLSError.self) { try TLSPair(client: distrustful, server: server()) }
    #expect(distrustful.sessions?.take() == nil)
  }
}

@Suite("Resuming TLS sessions over sockets", .timeLimit(.minutes(1)))
struct SocketResumptionTests {
  @Test("our client resumes when it connects again")
  func clientTransport() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.idleTimeout = .milliseconds(1)
    try await withServer(tls: TestCertificates.server(.required), limits: limits) { bed in
      let configuration = try ClientHarness.configuration(TestCertificates.client("client"))
      try await bed.withClient(configuration) { client in
        // The server ends a connection that has been idle, as this one is while another shakes hands;
        // a call may come just then.
        func describe() async throws -> String {
          while true {
            if let answer = try? await client.call("Describe") {
              return String(decoding: answer, as: UTF8.self)
            }
            _ = try? await bed.probe(TestCertificates.client("client"))
          }
        }
        var next = try await describe()
        let id = try #require(next.split(separator: " ").first)
        while next.hasPrefix(id + " ") {
          _ = try? await bed.probe(TestCertificates.client("client"))
          next = try await describe()
        }
        #expect(next.contains("resumed=true"))
        #expect(next.contains("name=伙伴一"))
      }
    }
  }

  /// What `openssl s_client` says of a connection; it waits for the server to close.
  private static func connect(_ options: String, to bed: ServerTestBed) async throws -> String {
    let port = bed.address.port
    return try await ClientHarness.workers.run {
      try TestCertificates.run(
        """
        openssl s_client -connect 127.0.0.1:\(port) -verify_return_error -CAfile ca.crt \
          -cert client.crt -key client.key -tls1_3 -alpn h2 -ign_eof \(options)
        """
      ).words
    }
  }

  @Test("openssl's client resumes, never with early data, until its certificate is revoked")
  func opensslClient() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.handshakeTimeout = .milliseconds(500)
    try await withServer(tls: TestCertificates.server(.required), limits: limits) { bed in
      let file = "session-\(bed.address.port)"
      let first = try await Self.connect("-sess_out \(file)", to: bed)
      #expect(first.contains("New, TLSv1.3"))
      #expect(first.contains("Max Early Data: 0"))
      #expect(first.contains("TLS session ticket lifetime hint: 7200 (seconds)"))
      let again = try await Self.connect("-sess_in \(file)", to: bed)
      #expect(again.contains("Reused, TLSv1.3"))
      let early = try await Self.connect("-sess_in \(file) -early_data ca.crt", to: bed)
      #expect(!early.contains("Early data was accepted"))
      #expect(
        try await bed.server.transport.replaceTLS(
          TestCertificates.server(.required, revocations: "all.crl")
        ).isEmpty
      )
      let revoked = try await Self.connect("-sess_in \(file)", to: bed)
      #expect(!revoked.contains("Reused"))
      #expect(revoked.contains("alert certificate revoked"))
    }
  }
}
