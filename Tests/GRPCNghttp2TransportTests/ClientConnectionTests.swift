internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Testing

@Suite("A client's connection", .timeLimit(.minutes(2)))
struct ClientConnectionTests {
  // MARK: TLS

  @Test("a client's certificate is shown; without it, or with a stranger's, there is no connection")
  func clientCertificate() async throws {
    try await withServer(tls: TestCertificates.server(.required)) { bed in
      let known = try ClientHarness.configuration(TestCertificates.client("client"))
      let text = try await bed.withClient(known) { try await $0.call("Describe") }
      #expect(String(decoding: text, as: UTF8.self).contains("name=伙伴一"))
      for name in [nil, "stranger"] {
        let other = try ClientHarness.configuration(TestCertificates.client(name))
        let error = try await bed.withClient(other) { client in
          try await failure { try await client.call() }
        }
        #expect(error.code == .unavailable)
        #expect(error.message.contains("TLS"))
      }
    }
  }

  @Test("a server that the roots don't vouch for is unavailable, with the reason")
  func untrusted() async throws {
    try await withServer { bed in
      let tls = ClientTLSOptions(trustRoots: .pem(try TestCertificates.pem("stranger.crt")))
      let configuration = try ClientHarness.configuration(tls)
      let error = try await bed.withClient(configuration) { client in
        try await failure { try await client.call() }
      }
      #expect(error.code == .unavailable)
      #expect(error.message.contains("certificate verify failed"))
    }
  }

  @Test("the certificate must bear the name that is asked for")
  func serverName() async throws {
    try await withServer { bed in
      let tls = try TestCertificates.client(serverName: "other.test")
      let configuration = try ClientHarness.configuration(tls)
      let error = try await bed.withClient(configuration) { client in
        try await failure { try await client.call() }
      }
      #expect(error.code == .unavailable)
      #expect(error.message.lowercased().contains("hostname mismatch"))
    }
  }

  @Test("trust roots that can't be read are refused before connecting")
  func badRoots() throws {
    let tls = ClientTLSOptions(trustRoots: .pem([1, 2, 3]))
    #expect(throws: TLSError.self) {
      try ClientHarness.transport(port: 1, ClientHarness.configuration(tls))
    }
  }

  // MARK: Names

  @Test("a name is looked up, and its certificate verified by it")
  func lookUp() async throws {
    try await withServer { bed in
      let tls = ClientTLSOptions(trustRoots: .pem(try TestCertificates.pem("ca.crt")))
      let transport = try ClientHarness.transport(
        host: "localhost",
        port: bed.address.port,
        ClientHarness.configuration(tls)
      )
      let text = try await withGRPCClient(transport: transport) { try await $0.call("Describe") }
      let words = String(decoding: text, as: UTF8.self)
      #expect(words.contains("authority=localhost:\(bed.address.port)"))
    }
  }

  @Test("a name without an address makes calls unavailable")
  func unknownName() async throws {
    let transport = try ClientHarness.transport(host: "no-such-host.invalid", port: 443)
    let error = try await withGRPCClient(transport: transport) { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .unavailable)
    #expect(error.message.contains("no-such-host.invalid"))
  }

  // MARK: Gone and back

  @Test("a server that goes away makes calls unavailable, and its return makes them work again")
  func goneAndBack() async throws {
    let (ports, feed) = AsyncStream.makeStream(of: Int.self)
    var port = 0
    try await withServer { feed.yield($0.address.port) }
    for await number in ports {
      port = number
      break
    }
    let home = port
    let transport = try ClientHarness.transport(port: home)
    try await withGRPCClient(transport: transport) { client in
      let refused = try await failure { try await client.call() }
      #expect(refused.code == .unavailable)
      #expect(refused.message.contains("refused"))
      for round in 0..<2 {
        async let early = client.call("Echo", [1], options: .patient)
        try await withServer(port: home) { _ in
          let answer = try await client.call("Echo", [2], options: .patient)
          #expect(answer == [2], "in round \(round)")
        }
        // The early call went to this server or, refused as it left, to none.
        _ = try? await early
        let gone = try await failure { try await client.call() }
        #expect(gone.code == .unavailable)
      }
    }
  }

  @Test("a lost connection makes its calls unavailable, and the next call has a new one")
  func lostConnection() async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    async let served: Void = ClientHarness.workers.run {
      let first = try server.accept()
      _ = try first.nextRequest()
      first.drop()
      let second = try server.accept()
      try second.answer(second.nextRequest(), [2])
      second.waitForClose()
    }
    try await withGRPCClient(transport: ClientHarness.transport(port: server.port)) { client in
      let error = try await failure { try await client.call() }
      #expect(error.code == .unavailable)
      let answer = try await client.call()
      #expect(answer == [2])
    }
    try await served
  }

  @Test("calls that GOAWAY leaves out are unavailable, and the next call has a new connection")
  func goAway() async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    async let served: Void = ClientHarness.workers.run {
      let first = try server.accept()
      _ = try first.nextRequest()
      try first.goAway(lastStream: 0)
      let second = try server.accept()
      try second.answer(second.nextRequest(), [2])
      second.waitForClose()
    }
    try await withGRPCClient(transport: ClientHarness.transport(port: server.port)) { client in
      let error = try await failure { try await client.call() }
      #expect(error.code == .unavailable)
      let answer = try await client.call()
      #expect(answer == [2])
    }
    try await served
  }

  @Test("a call that GOAWAY includes ends as usual")
  func goAwayIncludesCall() async throws {
    let answer = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.goAway(lastStream: stream)
      try server.answer(stream, [1])
    } _: { client in
      try await client.call()
    }
    #expect(answer == [1])
  }

  @Test("a server that accepts and says nothing is unavailable after the connect timeout")
  func silentServer() async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    var configuration = try ClientHarness.configuration()
    configuration.connectTimeout = .milliseconds(100)
    let transport = try ClientHarness.transport(port: server.port, configuration)
    let error = try await withGRPCClient(transport: transport) { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .unavailable)
    #expect(error.message.contains("0.1"))
    withExtendedLifetime(server) {}
  }

  @Test("a connection whose peer answers no ping is lost")
  func unansweredPing() async throws {
    var configuration = try ClientHarness.configuration()
    configuration.keepalive = .init(interval: .milliseconds(50), timeout: .milliseconds(100))
    let error = try await ClientHarness.withScript(configuration) { server in
      _ = try server.nextRequest()
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .unavailable)
    #expect(error.message.contains("timed out"))
  }

  @Test("a connection whose peer answers pings stays")
  func answeredPing() async throws {
    var configuration = try ClientHarness.configuration()
    configuration.keepalive = .init(interval: .milliseconds(50), timeout: .seconds(20))
    let answer = try await ClientHarness.withScript(configuration) { server in
      let stream = try server.nextRequest()
      for _ in 0..<2 {
        var ping = try server.next(.ping)
        ping.flags = ScriptedFrame.acknowledgement
        try server.send(ping)
      }
      try server.answer(stream, [9])
    } _: { client in
      try await client.call()
    }
    #expect(answer == [9])
  }

  // MARK: The end

  @Test("shutting down lets a running call end and refuses new ones")
  func gracefulShutdown() async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    let transport = try ClientHarness.transport(port: server.port)
    let client = GRPCClient(transport: transport)
    async let connections: Void = client.runConnections()
    async let served: Void = ClientHarness.workers.run {
      let connection = try server.accept()
      let stream = try connection.nextRequest()
      transport.beginGracefulShutdown()
      try connection.answer(stream, [1])
      connection.waitForClose()
    }
    let answer = try await client.call()
    #expect(answer == [1])
    try await connections
    try await served
    let error = try await failure {
      try await transport.withStream(
        descriptor: BytesService.method("Echo"),
        options: .defaults
      ) { _, _ in }
    }
    #expect(error.code == .failedPrecondition)
    let again = try await failure { try await transport.connect() }
    #expect(again.code == .failedPrecondition)
  }

  @Test("cancelling the connecting task ends running calls")
  func abandonment() async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    let client = GRPCClient(transport: try ClientHarness.transport(port: server.port))
    let connections = Task { try await client.runConnections() }
    async let served: Void = ClientHarness.workers.run {
      let connection = try server.accept()
      _ = try connection.nextRequest()
      connections.cancel()
      connection.waitForClose()
    }
    let error = try await failure { try await client.call() }
    #expect(error.code == .unavailable)
    try await connections.value
    try await served
  }
}
