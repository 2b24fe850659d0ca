internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Glibc
internal import Testing

@Suite("Connections that lead nowhere", .timeLimit(.minutes(3)))
struct HostileConnectionTests {
  @Test("those that say nothing give way to others, and are gone after the handshake's time")
  func silence() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.handshakes = 50
    limits.handshakeTimeout = .seconds(2)
    let siege = try await siege(limits: limits) { bed in
      let silent = try (0..<300).map { _ in try RawPeer(to: bed.address) }
      // One in good faith comes last and is served.
      let late = try RawPeer(to: bed.address)
      try late.shakeHands()
      try late.open()
      try late.say(RawPeer.headers(1, "Echo") + RawPeer.data(1, RawPeer.message([4]), ends: true))
      let answer = try late.await { $0.type == FrameType.data }.payload
      // Each is closed, without a word.
      let words = try silent.reduce(0) { try $0 + $1.rest().count }
      return (answer, words)
    }
    #expect(siege.outcome.0 == RawPeer.message([4]))
    #expect(siege.outcome.1 == 0)
    #expect(siege.peak.handshakes <= 50)
    #expect(siege.after.displacedHandshakes + siege.after.lateHandshakes == 300)
    #expect(siege.after.displacedHandshakes >= 249)
    #expect(siege.after.handshakes == 0)
  }

  @Test(
    "what isn't TLS is closed",
    arguments: [
      "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
      "SSH-2.0-x\r\n", "\u{16}\u{3}\u{1}\u{7F}\u{7F}garbage", "\0\0\0\0\0\0\0\0",
    ]
  )
  func garbage(text: String) async throws {
    let siege = try await siege { bed in
      let peer = try RawPeer(to: bed.address)
      peer.put(Array(text.utf8))
      if text.contains("garbage") { peer.put([UInt8](repeating: 0x55, count: 70_000)) }
      return try peer.rest()
    }
    // At most an alert of TLS: a record of type 21 with 2 bytes.
    #expect(siege.outcome.isEmpty || (siege.outcome.first == 21 && siege.outcome.count == 7))
    #expect(siege.after.connections == 1)
    #expect(siege.after.handshakes == 0)
  }

  @Test(
    "what isn't HTTP/2 in TLS is told so by GOAWAY",
    arguments: [
      ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", 1),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxxxxxxxxxxxxx", 1),
    ] as [(String, UInt32)]
  )
  func notHTTP2(text: String, code: UInt32) async throws {
    let siege = try await siege { bed in
      let peer = try RawPeer(to: bed.address)
      try peer.shakeHands()
      try peer.say(Array(text.utf8))
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(code) || siege.outcome == .goAway(6))
    #expect(siege.after.connections == 1)
  }

  @Test(
    "frames against the rules end the connection with the code that RFC 9113 names",
    arguments: [
      ("a frame too large", 6), ("SETTINGS of a stream", 1), ("SETTINGS of 5 bytes", 6),
      ("DATA of no stream", 1), ("DATA of an idle stream", 1), ("CONTINUATION alone", 1),
      ("PING of 7 bytes", 6), ("RST_STREAM of an idle stream", 1), ("an even stream", 1),
      ("padding longer than the frame", 1), ("garbage for HPACK", 9), ("PUSH_PROMISE", 1),
    ] as [(String, UInt32)]
  )
  func lawlessFrames(kind: String, code: UInt32) async throws {
    let siege = try await siege { bed in
      let peer = try RawPeer(to: bed.address)
      try peer.shakeHands()
      try peer.open()
      try peer.say(RawPeer.headers(1, "Chat"))
      try peer.say(Self.lawless(kind))
      return try peer.ending()
    }
    #expect(siege.outcome == .goAway(code))
    #expect(siege.after.streams == 0)
  }

  private static func lawless(_ kind: String) -> [UInt8] {
    switch kind {
    case "a frame too large": RawPeer.data(1, [UInt8](repeating: 0, count: 16_385))
    case "SETTINGS of a stream": RawPeer.frame(FrameType.settings, 0, stream: 1)
    case "SETTINGS of 5 bytes": RawPeer.frame(FrameType.settings, 0, [0, 4, 0, 0, 0])
    case "DATA of no stream": RawPeer.data(0, [1])
    case "DATA of an idle stream": RawPeer.data(9, [1])
    case "CONTINUATION alone": RawPeer.frame(FrameType.continuation, 4, stream: 1, [0x82])
    case "PING of 7 bytes": RawPeer.frame(FrameType.ping, 0, [UInt8](repeating: 0, count: 7))
    case "RST_STREAM of an idle stream": RawPeer.reset(9)
    case "an even stream": RawPeer.headers(2, "Echo")
    case "padding longer than the frame": RawPeer.frame(FrameType.data, 8, stream: 1, [9, 0])
    case "PUSH_PROMISE": RawPeer.frame(5, 4, stream: 1, RawPeer.word(2) + [0x82])
    default: RawPeer.frame(FrameType.headers, 5, stream: 3, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    }
  }

  @Test("a socket closed for sending takes its calls along", arguments: [true, false])
  func halfClosed(isWithinFrame: Bool) async throws {
    let siege = try await siege { bed in
      let peer = try RawPeer(to: bed.address)
      try peer.shakeHands()
      try peer.open()
      try peer.say(RawPeer.headers(1, "Chat"))
      _ = try peer.await { $0.type == FrameType.settings && $0.flags == 1 }
      if isWithinFrame {
        peer.put(Array(try peer.encrypted(RawPeer.data(1, [0, 0])).dropLast(9)))
      }
      peer.halfClose()
      return try peer.ending()
    }
    #expect(siege.outcome == .closed)
    #expect(siege.after.connections == 1)
    #expect(siege.after.runningCalls == 0)
  }

  @Test("one address has so many connections; another goes on being let in")
  func connectionsOfAnAddress() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.connectionsPerAddress = 3
    let siege = try await siege(limits: limits) { bed in
      // The neighbour has one of the three.
      let allowed = try (0..<2).map { _ in try RawPeer(to: bed.address) }
      let refused = try RawPeer(to: bed.address)
      let words = try refused.rest()
      let other = try RawPeer(to: bed.address, from: "127.0.0.2")
      try other.shakeHands()
      for peer in allowed { try peer.shakeHands() }
      return words.count
    }
    #expect(siege.outcome == 0)
    #expect(siege.after.refusedConnections == 1)
  }
}
