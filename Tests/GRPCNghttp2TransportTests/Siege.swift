internal import EventLoops
internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Synchronization
internal import Testing

/// What a server went through while a hostile peer was at it.
struct Siege<Outcome: Sendable>: Sendable {
  /// What became of the peer.
  var outcome: Outcome
  /// The most of each that was seen at once.
  var peak: Nghttp2ServerTransport.Statistics
  /// At the end, the peer gone and its calls with it, unless the siege said otherwise.
  var after: Nghttp2ServerTransport.Statistics
  /// How many calls of a neighbour, on another connection of the same loop, were answered meanwhile.
  var answered: Int
}

/// Runs an attack against a server of one loop, on a thread of its own, while a neighbour calls.
///
/// Every call of the neighbour must be answered properly, and at least three after the attack has
/// begun. The server may take a moment longer to see the end than the peer did: it is given a
/// minute to settle.
func siege<Outcome: Sendable>(
  tls: ServerTLSOptions? = nil,
  limits: Nghttp2ServerTransport.Limits = .init(),
  settled: @escaping @Sendable (Nghttp2ServerTransport.Statistics) -> Bool = {
    $0.connections == 1 && $0.runningCalls == 0
  },
  _ attack: @escaping @Sendable (ServerTestBed) throws -> Outcome
) async throws -> Siege<Outcome> {
  let result = Mutex<Siege<Outcome>?>(nil)
  try await withServer(tls: tls, limits: limits, loops: 1) { bed in
    let neighbour = try await bed.probe()
    #expect(try await neighbour.echo([]).code == .ok)
    let isOver = Atomic<Bool>(false)
    async let attacked = RawPeer.run {
      defer { isOver.store(true, ordering: .releasing) }
      return try attack(bed)
    }
    var (peak, answered) = (Nghttp2ServerTransport.Statistics(), 0)
    while !isOver.load(ordering: .acquiring) || answered < 3 {
      let reply = try await neighbour.echo([1, 2, 3])
      try #require(reply.code == .ok && reply.messages == [[1, 2, 3]])
      answered += 1
      peak = await bed.server.transport.statistics().or(peak)
      // A neighbour, not a load: the processors belong to the attack, and to other tests.
      await bed.loops.next().breath()
    }
    let outcome = try await attacked
    var after = await bed.server.transport.statistics()
    let end = ContinuousClock.now + .seconds(60)
    while !settled(after), ContinuousClock.now < end {
      await bed.loops.next().breath()
      after = await bed.server.transport.statistics()
    }
    let (most, count, last) = (peak, answered, after)
    result.withLock {
      $0 = Siege(outcome: outcome, peak: most, after: last, answered: count)
    }
  }
  return try #require(result.withLock { $0 })
}

extension EventLoop {
  /// Goes on after two milliseconds of other work.
  fileprivate func breath() async {
    await withCheckedContinuation { continuation in
      execute {
        self.schedule(after: .milliseconds(2)) { continuation.resume() }
      }
    }
  }
}

extension Probe {
  /// Makes a whole call at once, so that it doesn't depend on how busy this process is that its
  /// request arrives whole.
  fileprivate func echo(_ message: [UInt8]) async throws -> ProbeCall.Reply {
    var list = HeaderList()
    for (name, value) in [
      (":method", "POST"), (":scheme", "https"), (":path", "/test.Bytes/Echo"),
      (":authority", "tests"), ("te", "trailers"), ("content-type", "application/grpc"),
    ] { list.append(name, value) }
    let headers = list
    let call = try await loop.run {
      let call = ProbeCall(loop: self.loop, autoTake: true, rawBody: nil)
      guard self.open(call, headers: headers) else { throw ConnectionClosed(why: "no more calls") }
      call.send(message: message)
      call.sendEnd(.end)
      return call
    }
    return await call.reply()
  }
}

extension Nghttp2ServerTransport.Statistics {
  /// The larger of each of what connections hold.
  func or(_ other: Self) -> Self {
    var most = self
    most.connections = max(connections, other.connections)
    most.handshakes = max(handshakes, other.handshakes)
    most.streams = max(streams, other.streams)
    most.runningCalls = max(runningCalls, other.runningCalls)
    most.abandonedCalls = max(abandonedCalls, other.abandonedCalls)
    most.heldRequestBytes = max(heldRequestBytes, other.heldRequestBytes)
    most.queuedResponseBytes = max(queuedResponseBytes, other.queuedResponseBytes)
    most.queuedFrames = max(queuedFrames, other.queuedFrames)
    most.unsentBytes = max(unsentBytes, other.unsentBytes)
    return most
  }
}
