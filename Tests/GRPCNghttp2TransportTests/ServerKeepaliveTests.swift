internal import EventLoops
internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

@Suite("Judging a client's pings")
struct PingPolicyTests {
  private static func strikesOut(
    _ gaps: [Int],
    allowsPingsWithoutCalls: Bool = false,
    hasCalls: Bool = true,
    hasAnswered: Bool = false
  ) -> Bool {
    var keepalive = Nghttp2ServerTransport.Keepalive()
    keepalive.allowsPingsWithoutCalls = allowsPingsWithoutCalls
    var policy = PingPolicy(keepalive)
    var now = ContinuousClock.now
    var verdicts: [Bool] = []
    for gap in gaps {
      now += .seconds(gap)
      verdicts.append(policy.isTooMany(at: now, hasCalls: hasCalls, hasAnswered: hasAnswered))
    }
    return verdicts.contains(true)
  }

  @Test(
    "two early pings pass, the third doesn't",
    arguments: [
      ([0, 1, 1], false), ([0, 1, 1, 1], true), ([0, 1, 1, 300, 1], true),
      ([0, 300, 300, 300, 300], false),
      ([0, 299, 299, 299], true), ([0, 299, 300, 299], false),
    ]
  )
  func strikes(gaps: [Int], isTooMany: Bool) {
    #expect(Self.strikesOut(gaps) == isTooMany)
  }

  @Test("pings that measure an answer don't count")
  func answered() {
    #expect(!Self.strikesOut([0, 1, 1, 1, 1, 1], hasAnswered: true))
  }

  @Test("without calls two hours must lie between, unless that is allowed")
  func withoutCalls() {
    let gaps = [0, 300, 300, 300]
    #expect(Self.strikesOut(gaps, hasCalls: false))
    #expect(!Self.strikesOut([0, 7200, 7200, 7200], hasCalls: false))
    #expect(!Self.strikesOut(gaps, allowsPingsWithoutCalls: true, hasCalls: false))
  }
}

@Suite("Keeping connections alive, and ending them", .timeLimit(.minutes(1)))
struct ServerKeepaliveTests {
  @Test("a client that pings too often is told so, and loses its connection")
  func tooManyPings() async throws {
    try await withServer { bed in
      let probe = try await bed.probe()
      for number in 0..<9 as Range<UInt64> {
        try await probe.loop.run {
          probe.session.ping(number)
          probe.scheduleFlush()
        }
      }
      #expect(await probe.saw("goaway 0 11 too_many_pings"))
      #expect(await probe.saw("closed"))
      #expect(bed.server.transport.refusals[.tooManyPings] == 1)
    }
  }

  @Test("pings between answers are welcome")
  func pingsBetweenAnswers() async throws {
    try await withServer { bed in
      let probe = try await bed.probe()
      for number in 0..<10 as Range<UInt64> {
        #expect(try await probe.call("Echo").code == .ok)
        try await probe.loop.run {
          probe.session.ping(number)
          probe.scheduleFlush()
        }
        #expect(await probe.saw("pong \(number)"))
      }
    }
  }

  @Test("a client that is silent and answers no ping is closed")
  func deadClient() async throws {
    try await withServer { configuration in
      configuration.keepalive.interval = .milliseconds(40)
      configuration.keepalive.timeout = .milliseconds(40)
    } _: { bed in
      let frames = try await bed.withRawClient { client in
        try client.greetServer()
        var kinds: [ScriptedFrame.Kind] = []
        while let frame = try? client.nextFrame() { kinds.append(frame.kind) }
        return kinds
      }
      #expect(frames.last == .ping)
    }
  }

  @Test("a client that answers pings stays")
  func livingClient() async throws {
    try await withServer { configuration in
      configuration.keepalive.interval = .milliseconds(20)
      configuration.keepalive.timeout = .seconds(20)
    } _: { bed in
      try await bed.withRawClient { client in
        try client.greetServer()
        for _ in 0..<3 { try client.acknowledge(client.next(.ping)) }
        try client.call(1)
      }
    }
  }

  /// A call on a connection that wasn't too old for it yet.
  private static func youngCall(_ bed: ServerTestBed) async throws -> (Probe, ProbeCall) {
    while true {
      let probe = try await bed.probe()
      if let call = try? await probe.open("Chat") { return (probe, call) }
    }
  }

  @Test("at its age a connection takes no more calls, and lets those it has end")
  func age() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.connectionAge = .milliseconds(100)
    try await withServer(limits: limits) { bed in
      let (probe, call) = try await Self.youngCall(bed)
      #expect(await probe.saw("goaway 2147483647 0"))
      #expect(await probe.saw("goaway 1 0"))
      try await call.say([1])
      try await call.end()
      #expect(await call.reply().code == .ok)
      #expect(await probe.saw("closed"))
    }
  }

  @Test("after the grace the calls that are left are UNAVAILABLE")
  func ageGrace() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.connectionAge = .milliseconds(50)
    limits.connectionAgeGrace = .milliseconds(50)
    try await withServer(limits: limits) { bed in
      var reply: ProbeCall.Reply
      repeat {
        let (probe, call) = try await Self.youngCall(bed)
        reply = await call.reply()
        #expect(await probe.saw("closed"))
        // On a busy machine a call may come after the last GOAWAY, and is unseen by the server.
      } while reply.status == nil
      #expect(reply.code == .unavailable)
      #expect(await bed.service.saw("stopped: unavailable"))
    }
  }

  @Test("what is refused unseen is counted, unknown methods under one name")
  func refusals() async throws {
    try await withServer { bed in
      let probe = try await bed.probe()
      for path in ["/test.Bytes/None", "/none.None/Echo", "/", "/a", "//", "/test.Bytes/Echo/"] {
        let reply = try await probe.call(path)
        #expect(reply.code == .unimplemented)
        #expect(reply.httpStatus == "200")
      }
      _ = try await probe.call("Echo", replacing: [":method": "GET"])
      _ = try await probe.call("Echo", replacing: ["content-type": "text/html"])
      _ = try await probe.call("Echo", headers: [("grpc-encoding", "br")])
      _ = try await probe.call("Echo", headers: [("grpc-timeout", "1s")])
      let large = try await probe.call(
        "Echo",
        headers: [("k", String(repeating: "x", count: 17_000))]
      )
      #expect(large.code == .resourceExhausted)
      let refusals = bed.server.transport.refusals
      #expect(refusals[.unknownMethod] == 6)
      #expect(refusals[.notGRPC] == 2)
      for refusal in [Nghttp2ServerTransport.Refusal.unsupportedEncoding, .malformedTimeout] {
        #expect(refusals[refusal] == 1)
      }
      #expect(refusals[.headersTooLarge] == 1)
    }
  }

  @Test("a client that is told it pings too often pings half as often from then on")
  func clientHeedsComplaint() async throws {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    var configuration = try ClientHarness.configuration()
    configuration.keepalive = .init(interval: .seconds(30))
    let transport = try ClientHarness.transport(port: server.port, configuration)
    async let served: Void = ClientHarness.workers.run {
      let first = try server.accept()
      let reason = Array("too_many_pings".utf8)
      let payload = bigEndian(UInt32(0)) + bigEndian(UInt32(11)) + reason
      try first.send(ScriptedFrame(kind: .goAway, payload: payload))
      first.waitForClose()
      let second = try server.accept()
      try second.answer(second.nextRequest(), [1])
      second.waitForClose()
    }
    try await withGRPCClient(transport: transport) { client in
      // The first connection may still be there when a call looks for one.
      while (try? await client.call(options: .patient)) != [1] {}
      let interval = try await transport.eventLoop.run { transport.channel.keepalive?.interval }
      #expect(interval == .seconds(60))
    }
    try await served
  }
}
