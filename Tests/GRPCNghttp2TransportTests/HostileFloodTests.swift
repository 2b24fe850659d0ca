internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Testing

/// ENHANCE_YOUR_CALM (RFC 9113, section 7).
private let calm: UInt32 = 11

@Suite("Floods of frames", .timeLimit(.minutes(3)))
struct HostileFloodTests {
  /// A peer that has shaken hands and opened HTTP/2.
  private static func peer(
    of bed: ServerTestBed,
    settings: [(UInt16, UInt32)] = [],
    receiveBuffer: Int32? = nil
  ) throws -> RawPeer {
    let peer = try RawPeer(to: bed.address, receiveBuffer: receiveBuffer)
    try peer.shakeHands()
    try peer.open(settings: settings)
    return peer
  }

  @Test("calls opened and reset at once end the connection (CVE-2023-44487)")
  func rapidReset() async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      try peer.flood(100_000) { number in
        let stream = UInt32(2 * number + 1)
        return RawPeer.headers(stream, "UntilCancelled") + RawPeer.data(stream, [], ends: true)
          + RawPeer.reset(stream)
      }
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm))
    #expect(siege.peak.runningCalls <= 301)
    #expect(siege.peak.streams <= 101)
    #expect(siege.after.expelledConnections == 1)
  }

  @Test(
    "calls that the server itself has to reset count too (CVE-2025-8671)",
    arguments: ["waiting", "answered already"]
  )
  func forcedResets(call: String) async throws {
    // A request without its message is answered as soon as it ends.
    let body = call == "waiting" ? RawPeer.message([]) : []
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      try peer.flood(100_000) { number in
        let stream = UInt32(2 * number + 1)
        // A window of more than 2^31 - 1 is an error of the stream, RFC 9113, section 6.9.1.
        let calls =
          RawPeer.headers(stream, "UntilCancelled") + RawPeer.data(stream, body, ends: true)
          + RawPeer.windowUpdate(stream, by: 0x7FFF_FFFF)
        // One at a time, so that none is refused for being one too many.
        if number % 20 == 19 { peer.waitForWord(atMost: 5) }
        return calls
      }
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm))
    #expect(siege.peak.runningCalls <= 301)
    #expect(siege.after.expelledConnections == 1)
  }

  @Test("streams beyond the number allowed are refused, and many end the connection")
  func refusedStreams() async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      // The settings that name the number are never acknowledged.
      try peer.flood(100_000) { RawPeer.headers(UInt32(2 * $0 + 1), "Chat") }
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm))
    #expect(siege.peak.streams <= 101)
    #expect(siege.after.expelledConnections == 1)
  }

  @Test("handlers that run on after a reset count against the streams")
  func abandonedCalls() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.concurrentStreams = 3
    let siege = try await siege(limits: limits, settled: { $0.abandonedCalls == 6 }) { bed in
      let peer = try Self.peer(of: bed)
      for streams: [UInt32] in [[1, 3, 5], [7, 9, 11]] {
        // Its handler waits for the server's end, whatever the client does.
        for stream in streams { try peer.say(RawPeer.headers(stream, "Watch")) }
        // Its headers come when it runs; before, a reset would end it at its first write.
        for stream in streams {
          _ = try peer.await { $0.type == FrameType.headers && $0.stream == stream }
        }
        for stream in streams { try peer.say(RawPeer.reset(stream)) }
      }
      try peer.say(RawPeer.headers(13, "Watch"))
      let refusal = try peer.await { $0.type == FrameType.rstStream && $0.stream == 13 }
      return (code: refusal.code, peer: peer)
    }
    // REFUSED_STREAM: the call may be made again elsewhere.
    #expect(siege.outcome.code == 7)
    #expect(siege.after.abandonedCalls == 6)
  }

  @Test("a client that gives up all it may have open may have as many others at once")
  func replacedCalls() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.concurrentStreams = 3
    let siege = try await siege(limits: limits) { bed in
      let peer = try Self.peer(of: bed)
      let (old, new): ([UInt32], [UInt32]) = ([1, 3, 5], [7, 9, 11])
      for stream in old {
        try peer.say(
          RawPeer.headers(stream, "UntilCancelled")
            + RawPeer.data(stream, RawPeer.message([]), ends: true)
        )
      }
      // All of it is one record, so that no handler has a turn in between.
      var words = old.flatMap { RawPeer.reset($0) }
      for stream in new {
        words += RawPeer.headers(stream, "Echo")
        words += RawPeer.data(stream, RawPeer.message([9]), ends: true)
      }
      try peer.say(words)
      return try new.map { stream in
        try peer.await { $0.stream == stream && ($0.type == FrameType.data || $0.code != nil) }
          .payload
      }
    }
    #expect(siege.outcome == Array(repeating: RawPeer.message([9]), count: 3))
  }

  @Test(
    "frames that carry nothing end the connection when there are many",
    arguments: ["SETTINGS", "PING", "PRIORITY", "DATA", "padded DATA"]
  )
  func emptyFrames(kind: String) async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      try peer.say(RawPeer.headers(1, "Chat"))
      try peer.flood(100_000) { _ in
        switch kind {
        case "SETTINGS": RawPeer.settings([(4, 65_535)])
        case "PING": RawPeer.ping
        case "PRIORITY": RawPeer.frame(FrameType.priority, 0, stream: 1, [0, 0, 0, 0, 15])
        case "DATA": RawPeer.data(1, [])
        default: RawPeer.frame(FrameType.data, 8, stream: 1, [3, 0, 0, 0])
        }
      }
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm))
    #expect(siege.peak.queuedFrames <= 512)
    #expect(siege.after.expelledConnections == 1)
  }

  @Test("new keys for TLS are taken, and end the connection when there are many")
  func keyUpdates() async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      for _ in 0..<20 { _ = try peer.updateKeys() }
      try peer.say(RawPeer.headers(1, "Echo") + RawPeer.data(1, RawPeer.message([9]), ends: true))
      let echo = try peer.await { $0.type == FrameType.data && $0.stream == 1 }.payload
      var updates = 0
      while updates < 100_000, try peer.updateKeys() {
        updates += 1
        // A word between, so that no two in a row are all that comes.
        if updates % 30 == 0 { try peer.say(RawPeer.windowUpdate(0, by: 1)) }
        if updates % 100 == 0 { try peer.listen(waiting: false) }
      }
      return (echo: echo, ending: try peer.ending())
    }
    #expect(siege.outcome.echo == RawPeer.message([9]))
    #expect(siege.outcome.ending == .goAway(calm))
    #expect(siege.peak.unsentBytes <= 400_000)
    #expect(siege.after.expelledConnections == 1)
  }

  @Test("acknowledgements that aren't read pile up to a limit", arguments: ["SETTINGS", "PING"])
  func unreadAcknowledgements(kind: String) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.controlFramesAtOnce = .max
    let siege = try await siege(limits: limits) { bed in
      let peer = try Self.peer(of: bed, receiveBuffer: 4_096)
      try peer.flood(2_000_000, reading: false) { _ in
        kind == "PING" ? RawPeer.ping : RawPeer.settings()
      }
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm) || siege.outcome == .closed)
    #expect(siege.peak.queuedFrames <= 512)
    #expect(siege.peak.unsentBytes <= 400_000)
    #expect(siege.after.expelledConnections == 1)
    #expect(siege.after.connections == 1)
  }

  @Test("a header block in too many pieces ends the connection (CVE-2024-28182)")
  func continuations() async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      try peer.say(RawPeer.frame(FrameType.headers, 0, stream: 1, RawPeer.request("Echo")))
      try peer.flood(100_000) { number in
        RawPeer.frame(FrameType.continuation, 0, stream: 1, RawPeer.field("k", "\(number)"))
      }
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm))
    #expect(siege.after.expelledConnections == 1)
    #expect(siege.after.streams == 0)
  }

  @Test("a few bytes that HPACK makes megabytes of end the connection")
  func compressionBomb() async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      // With incremental indexing: the field becomes entry 62 of the table.
      let large = [0x40] + RawPeer.field("k", String(repeating: "x", count: 4_000)).dropFirst()
      let bomb = RawPeer.request("Echo") + large + [UInt8](repeating: 0x80 | 62, count: 12_000)
      try peer.say(
        RawPeer.frame(FrameType.headers, RawPeer.endHeaders | RawPeer.endStream, stream: 1, bomb)
      )
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(calm))
    #expect(siege.after.expelledConnections == 1)
  }

  @Test("headers a little over the limit cost only their call", arguments: [17_000, 60_000])
  func largeHeaders(size: Int) async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      let block = RawPeer.request("Echo") + RawPeer.field("k", String(repeating: "x", count: size))
      var pieces = stride(from: 0, to: block.count, by: 16_000).map {
        Array(block[$0..<min(block.count, $0 + 16_000)])
      }
      try peer.say(RawPeer.frame(FrameType.headers, 1, stream: 1, pieces.removeFirst()))
      for (index, piece) in pieces.enumerated() {
        let flags = index == pieces.count - 1 ? RawPeer.endHeaders : 0
        try peer.say(RawPeer.frame(FrameType.continuation, flags, stream: 1, piece))
      }
      _ = try peer.await { $0.type == FrameType.headers && $0.stream == 1 && $0.flags & 1 == 1 }
      // The table of the next block is still right.
      try peer.say(RawPeer.headers(3, "Echo") + RawPeer.data(3, RawPeer.message([9]), ends: true))
      return try peer.await { $0.type == FrameType.data && $0.stream == 3 }.payload
    }
    #expect(siege.outcome == RawPeer.message([9]))
  }
}
