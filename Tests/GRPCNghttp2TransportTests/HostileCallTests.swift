internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Testing

@Suite("Calls against the rules", .timeLimit(.minutes(3)))
struct HostileCallTests {
  /// What one call made by hand comes to: its frames, after which another call is answered.
  private static func answer(
    _ headers: [UInt8],
    _ body: [UInt8] = [],
    in bed: ServerTestBed
  ) throws -> RawPeer.Frame {
    let peer = try RawPeer(to: bed.address)
    try peer.shakeHands()
    try peer.open()
    try peer.say(headers + body)
    let end = try peer.await {
      $0.stream == 1
        && ($0.type == FrameType.rstStream || ($0.type == FrameType.headers && $0.flags & 1 == 1))
    }
    try peer.say(RawPeer.headers(3, "Echo") + RawPeer.data(3, RawPeer.message([1]), ends: true))
    _ = try peer.await { $0.type == FrameType.data && $0.stream == 3 }
    return end
  }

  @Test(
    "messages that announce too much, end too early or bear a wrong flag end their call",
    arguments: [
      RawPeer.message([], announcing: 0xFFFF_FFFF), RawPeer.message([], announcing: 4_194_305),
      RawPeer.message([1, 2], announcing: 3), [0, 0, 0], RawPeer.message([1], flag: 1),
      RawPeer.message([1], flag: 2), RawPeer.message([1], flag: 255),
    ]
  )
  func messages(body: [UInt8]) async throws {
    let siege = try await siege { bed in
      try Self.answer(RawPeer.headers(1, "Echo"), RawPeer.data(1, body, ends: true), in: bed)
    }
    #expect(siege.outcome.type == FrameType.headers)
    #expect(siege.peak.heldRequestBytes < 1_000)
    #expect(siege.after.runningCalls == 0)
  }

  @Test("a message of a size beyond the limit is refused before it is received")
  func announced() async throws {
    let siege = try await siege { bed in
      // No more than the prefix is ever sent.
      try Self.answer(
        RawPeer.headers(1, "Echo"),
        RawPeer.data(1, RawPeer.message([], announcing: 4_194_305)),
        in: bed
      )
    }
    #expect(siege.outcome.type == FrameType.headers)
  }

  @Test(
    "names and values that HTTP/2 forbids reset their stream",
    arguments: [
      RawPeer.field([0xC3, 0x28], [0x61]), RawPeer.field("Upper", "x"),
      RawPeer.field("", "x"), RawPeer.field("a b", "x"), RawPeer.field("k", "line\r\nbreak"),
      RawPeer.field(Array("k".utf8), [0]), RawPeer.field("connection", "close"),
      RawPeer.field(":path", "/second"), RawPeer.field(":unknown", "x"),
    ]
  )
  func unlawfulFields(field: [UInt8]) async throws {
    let siege = try await siege { bed in
      try Self.answer(RawPeer.headers(1, "Echo", plus: field), in: bed)
    }
    // PROTOCOL_ERROR, RFC 9113, section 8.1.1.
    #expect(siege.outcome.type == FrameType.rstStream)
    #expect(siege.outcome.code == 1)
    #expect(siege.after.runningCalls == 0)
  }

  @Test("values that aren't UTF-8 reach the handler repaired, and come back as an error or clean")
  func invalidUTF8Value() async throws {
    let siege = try await siege { bed in
      let field = RawPeer.field(Array("k".utf8), [0x61, 0xC3, 0x28, 0xFF])
      return try Self.answer(
        RawPeer.headers(1, "Echo", plus: field),
        RawPeer.data(1, RawPeer.message([1]), ends: true),
        in: bed
      )
    }
    #expect(siege.outcome.type == FrameType.headers)
  }

  @Test("a path that isn't UTF-8 is that of no method")
  func invalidUTF8Path() async throws {
    let siege = try await siege { bed in
      let headers =
        RawPeer.field(":method", "POST") + RawPeer.field(":scheme", "https")
        + RawPeer.field(Array(":path".utf8), Array("/test.Bytes/".utf8) + [0xC3, 0x28])
        + RawPeer.field(":authority", "tests") + RawPeer.field("te", "trailers")
        + RawPeer.field("content-type", "application/grpc")
      return try Self.answer(
        RawPeer.frame(FrameType.headers, RawPeer.endHeaders, stream: 1, headers),
        RawPeer.data(1, RawPeer.message([1]), ends: true),
        in: bed
      )
    }
    #expect([FrameType.headers, FrameType.rstStream].contains(siege.outcome.type))
  }
}
