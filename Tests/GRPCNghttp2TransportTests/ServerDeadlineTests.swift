internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Synchronization
internal import Testing

/// Times for calls that are to end while their handler waits: of growing length, since how soon it
/// begins is up to the machine.
let growingTimes = [1, 3, 9, 27]

@Suite("Ending calls before their handler does", .timeLimit(.minutes(3)))
struct ServerDeadlineTests {
  @Test(
    "a deadline ends the call with its status, and tells the handler",
    arguments: CallPath.allCases
  )
  func deadline(path: CallPath) async throws {
    try await withServer(path) { bed in
      for seconds in growingTimes {
        let start = ContinuousClock.now
        let reply = try await bed.probe().call(
          "UntilCancelled",
          headers: [("grpc-timeout", "\(seconds)S")]
        )
        #expect(reply.code == .deadlineExceeded)
        #expect(ContinuousClock.now - start >= .seconds(seconds))
        let (hasBegun, isTold) = await bed.service.hasSeen("started", then: "cancelled")
        guard hasBegun else { continue }
        #expect(isTold)
        return
      }
      Issue.record("the handler never began")
    }
  }

  @Test("a deadline ends a conversation in which something was said")
  func deadlineOfAStream() async throws {
    try await withServer { bed in
      for seconds in growingTimes {
        let call = try await bed.probe().open("Chat", headers: [("grpc-timeout", "\(seconds)S")])
        try await call.say([1])
        let reply = await call.reply()
        #expect(reply.code == .deadlineExceeded)
        guard reply.messages == [[1]] else { continue }
        #expect(await bed.service.saw("stopped: deadlineExceeded"))
        return
      }
      Issue.record("the handler never answered")
    }
  }

  @Test("a timeout of zero has passed before the handler can answer", arguments: CallPath.allCases)
  func zeroTimeout(path: CallPath) async throws {
    try await withServer(path) { bed in
      let reply = try await bed.probe().call("UntilCancelled", headers: [("grpc-timeout", "0n")])
      #expect(reply.code == .deadlineExceeded)
    }
  }

  @Test(
    "a unary call that brings no deadline gets the server's, a stream gets none",
    arguments: CallPath.allCases
  )
  func deadlineOfTheServer(path: CallPath) async throws {
    let hasBegun = Atomic<Bool>(false)
    for seconds in growingTimes where !hasBegun.load(ordering: .relaxed) {
      var limits = Nghttp2ServerTransport.Limits()
      limits.unaryTimeout = .seconds(seconds)
      try await withServer(path, limits: limits) { bed in
        let chat = try await bed.probe().open("Chat")
        try await chat.say([1])
        #expect(await chat.nextMessage() == [1])
        #expect(await bed.service.saw("started"))
        let start = ContinuousClock.now
        let reply = try await bed.probe().call("UntilCancelled")
        #expect(reply.code == .deadlineExceeded)
        #expect(ContinuousClock.now - start >= .seconds(seconds))
        let (isBegun, isTold) = await bed.service.hasSeen("started", then: "cancelled")
        guard isBegun else { return }
        hasBegun.store(true, ordering: .relaxed)
        #expect(isTold)
        try await chat.say([2])
        #expect(await chat.nextMessage() == [2])
        try await chat.end()
        #expect(await chat.reply().code == .ok)
      }
    }
    let isTested = hasBegun.load(ordering: .relaxed)
    #expect(isTested, "the handler never began")
  }

  @Test(
    "a unary call's own deadline counts, though it is longer than the server's",
    arguments: CallPath.allCases
  )
  func ownDeadline(path: CallPath) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.unaryTimeout = .milliseconds(1)
    try await withServer(path, limits: limits) { bed in
      let start = ContinuousClock.now
      let reply = try await bed.probe().call("UntilCancelled", headers: [("grpc-timeout", "1S")])
      #expect(reply.code == .deadlineExceeded)
      #expect(ContinuousClock.now - start >= .seconds(1))
    }
  }

  @Test(
    "a reset by the client tells the handler",
    arguments: ["UntilCancelled", "Chat"],
    CallPath.allCases
  )
  func reset(method: String, path: CallPath) async throws {
    try await withServer(path) { bed in
      let call = try await bed.probe().open(method)
      if method == "UntilCancelled" {
        try await call.say([])
        try await call.end()
      }
      #expect(await bed.service.saw("started"))
      try await call.cancel()
      #expect(await bed.service.saw(method == "Chat" ? "stopped: cancelled" : "cancelled"))
    }
  }

  @Test("a lost connection tells the handler")
  func lostConnection() async throws {
    try await withServer { bed in
      let probe = try await bed.probe()
      _ = try await probe.open("Chat")
      #expect(await bed.service.saw("started"))
      try await probe.hangUp()
      #expect(await bed.service.saw("stopped: unavailable"))
    }
  }

  @Test("a writer stopped by back-pressure goes on, and fails, when its client resets")
  func resetOfAStalledWriter() async throws {
    try await withServer { bed in
      let call = try await bed.probe().open("Repeat", autoTake: false)
      try await call.say([UInt8](repeating: 5, count: 50_000))
      try await call.end()
      #expect(await call.nextMessage() != nil)
      try await call.cancel()
      #expect(await bed.service.saw("stopped: cancelled"))
    }
  }
}

@Suite("Shutting a server down", .timeLimit(.minutes(1)))
struct ServerShutdownTests {
  @Test("running calls finish, new connections are refused, listening ends")
  func drain() async throws {
    try await withServer { bed in
      let probe = try await bed.probe()
      let call = try await probe.open("Chat")
      try await call.say([1])
      #expect(await call.nextMessage() == [1])
      bed.server.beginGracefulShutdown()
      #expect(await probe.saw("goaway"))
      await #expect(throws: (any Error).self) { _ = try await bed.probe() }
      try await call.say([2])
      #expect(await call.nextMessage() == [2])
      try await call.end()
      let reply = await call.reply()
      #expect(reply.code == .ok)
      #expect(await probe.saw("closed"))
    }
  }

  @Test("a call that would never end hears of the shutdown")
  func notice() async throws {
    try await withServer { bed in
      let call = try await bed.probe().open("Watch")
      #expect(await bed.service.saw("started"))
      bed.server.beginGracefulShutdown()
      let reply = await call.reply()
      #expect(reply.messages == [Array("bye".utf8)])
      #expect(reply.code == .ok)
    }
  }

  @Test("after the drain period the calls left are cancelled", arguments: CallPath.allCases)
  func drainPeriod(path: CallPath) async throws {
    try await withServer(path, drainPeriod: .milliseconds(100)) { bed in
      let call = try await bed.probe().open("UntilCancelled")
      try await call.say([])
      try await call.end()
      #expect(await bed.service.saw("started"))
      bed.server.beginGracefulShutdown()
      let reply = await call.reply()
      #expect(reply.code == .unavailable)
      #expect(await bed.service.saw("cancelled"))
    }
  }

  @Test("a cancelled serve ends its calls and returns")
  func cancelledServe() async throws {
    struct Enough: Error {}
    await #expect(throws: Enough.self) {
      try await withServer { bed in
        _ = try await bed.probe().open("Chat")
        #expect(await bed.service.saw("started"))
        throw Enough()
      }
    }
  }

  @Test(
    "nothing of a server that has shut down is left: its loops go too",
    arguments: CallPath.allCases
  )
  func nothingIsLeft(path: CallPath) async throws {
    let left = WeakLoop()
    try await withServer(path, loops: 1) { bed in
      left.loop = bed.loops.next()
      let probe = try await bed.probe()
      _ = try await probe.call("Echo", headers: [("grpc-timeout", "9S")])
      _ = try await probe.open("Chat", headers: [("grpc-timeout", "9S")])
      try await probe.hangUp()
      _ = try await bed.probe().call("Fail")
    }
    // The last tasks may still be letting go; the time limit ends this if they never do.
    while left.loop != nil { await Task.yield() }
  }

  @Test("a transport shut down before it listens returns at once, and has no address")
  func shutDownBefore() async throws {
    let loops = try EventLoopGroup(count: 1)
    let transport = try Nghttp2ServerTransport(
      address: try #require(SocketAddress(host: "127.0.0.1", port: 0)),
      configuration: .init(tls: TestCertificates.server()),
      eventLoops: loops
    )
    transport.beginGracefulShutdown()
    try await transport.listen { _, _ in }
    await #expect(throws: RuntimeError.self) { try await transport.listeningAddress }
    await loops.shutDown()
  }

  @Test(
    "an address that is nobody's or another server's is refused, by listening and to who waits for it",
    arguments: ["192.0.2.1", "127.0.0.1"]
  )
  func addressTaken(host: String) async throws {
    try await withServer { bed in
      let loops = try EventLoopGroup(count: 1)
      let transport = try Nghttp2ServerTransport(
        address: try #require(SocketAddress(host: host, port: bed.address.port)),
        configuration: .init(tls: TestCertificates.server()),
        eventLoops: loops
      )
      async let address = transport.listeningAddress
      await #expect(throws: EventLoopError.self) { try await transport.listen { _, _ in } }
      do {
        _ = try await address
        Issue.record("there is no such address")
      } catch {}
      await loops.shutDown()
    }
  }
}

/// Whether a loop is still there; set by one task, read after it.
private final class WeakLoop: @unchecked Sendable {
  weak var loop: EventLoop?
}
