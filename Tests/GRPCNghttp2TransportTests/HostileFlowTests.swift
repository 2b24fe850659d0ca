internal import GRPCCore
@testable internal import GRPCNghttp2Transport
internal import Glibc
internal import Testing

@Suite("Peers that take or give too little", .timeLimit(.minutes(3)))
struct HostileFlowTests {
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

  private static var impatient: Nghttp2ServerTransport.Limits {
    var limits = Nghttp2ServerTransport.Limits()
    limits.headersTimeout = .seconds(1)
    limits.requestTimeout = .seconds(1)
    limits.progressPeriod = .seconds(1)
    return limits
  }

  @Test("a window that stays at zero ends the call, and little is queued for it meanwhile")
  func zeroWindow() async throws {
    let siege = try await siege(limits: Self.impatient) { bed in
      // SETTINGS_INITIAL_WINDOW_SIZE 0.
      let peer = try Self.peer(of: bed, settings: [(4, 0)])
      let request = RawPeer.message([UInt8](repeating: 1, count: 10_000))
      try peer.say(RawPeer.headers(1, "Repeat") + RawPeer.data(1, request, ends: true))
      return try peer.await { $0.type == FrameType.rstStream }.code
    }
    // A status would wait behind the messages: CANCEL.
    #expect(siege.outcome == 8)
    #expect(siege.peak.queuedResponseBytes <= 65_536 + 10_005)
    #expect(siege.after.streams == 0)
    #expect(siege.after.runningCalls == 0)
  }

  @Test("a client that takes a byte now and then loses its call")
  func trickledWindow() async throws {
    let siege = try await siege(limits: Self.impatient) { bed in
      let peer = try Self.peer(of: bed, settings: [(4, 1)])
      let request = RawPeer.message([UInt8](repeating: 1, count: 10_000))
      try peer.say(RawPeer.headers(1, "Repeat") + RawPeer.data(1, request, ends: true))
      while !peer.frames.contains(where: { $0.type == FrameType.rstStream }) {
        guard try peer.say(RawPeer.windowUpdate(1, by: 1)) else { break }
        peer.waitForWord(atMost: 3)
        try peer.listen(waiting: false)
      }
      return peer.frames.last { $0.type == FrameType.rstStream }?.code
    }
    // In the middle of a message nothing but a reset can end a call: CANCEL.
    #expect(siege.outcome == 8)
    #expect(siege.peak.queuedResponseBytes <= 65_536 + 10_005)
  }

  @Test(
    "windows beyond what a number holds, and increments of nothing",
    arguments: [
      ("stream overflow", 3), ("connection overflow", 3), ("initial overflow", 3),
      ("stream nothing", 1), ("connection nothing", 1),
    ] as [(String, UInt32)]
  )
  func windowErrors(kind: String, code: UInt32) async throws {
    let siege = try await siege { bed in
      let peer = try Self.peer(of: bed)
      try peer.say(RawPeer.headers(1, "Chat"))
      switch kind {
      case "stream overflow": try peer.say(RawPeer.windowUpdate(1, by: 0x7FFF_FFFF))
      case "connection overflow": try peer.say(RawPeer.windowUpdate(0, by: 0x7FFF_FFFF))
      case "initial overflow": try peer.say(RawPeer.settings([(4, 0x8000_0000)]))
      case "stream nothing": try peer.say(RawPeer.windowUpdate(1, by: 0))
      default: try peer.say(RawPeer.windowUpdate(0, by: 0))
      }
      // RFC 9113, section 6.9: of a stream or of the connection. nghttp2 takes an increment of
      // nothing for an error of the connection always, which section 5.4.2 allows.
      let isOfStream = kind == "stream overflow"
      let type = isOfStream ? FrameType.rstStream : FrameType.goAway
      return try peer.await { $0.type == type }.code
    }
    #expect(siege.outcome == code)
  }

  @Test("a reader who doesn't read loses the connection, and little waits for it meanwhile")
  func slowReader() async throws {
    let siege = try await siege(limits: Self.impatient) { bed in
      let peer = try Self.peer(
        of: bed,
        settings: [(4, 0x7FFF_FFFF)],
        receiveBuffer: 4_096
      )
      try peer.say(RawPeer.windowUpdate(0, by: 0x7FFF_0000))
      for stream: UInt32 in [1, 3, 5, 7] {
        let request = RawPeer.message([UInt8](repeating: 1, count: 100_000))
        var rest = request[...]
        try peer.say(RawPeer.headers(stream, "Repeat"))
        while !rest.isEmpty {
          let part = rest.prefix(16_384)
          rest = rest.dropFirst(part.count)
          try peer.say(RawPeer.data(stream, Array(part), ends: rest.isEmpty))
        }
      }
      // The server resets the socket: a proper end would wait behind what isn't read.
      var state = pollfd(fd: peer.descriptor, events: 0, revents: 0)
      return poll(&state, 1, 60_000)
    }
    #expect(siege.outcome == 1)
    #expect(siege.peak.unsentBytes <= 400_000)
    #expect(siege.peak.queuedResponseBytes <= 4 * (65_536 + 100_005))
    #expect(siege.after.expelledConnections == 1)
    #expect(siege.after.runningCalls == 0)
  }

  @Test("a handshake byte by byte is cut off")
  func trickledHandshake() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.handshakeTimeout = .seconds(1)
    let siege = try await siege(limits: limits) { bed in
      let peer = try RawPeer(to: bed.address)
      #expect(throws: RawPeer.Broken.self) { try peer.shakeHands(byteByByte: true) }
      return try peer.rest().count
    }
    #expect(siege.after.lateHandshakes == 1)
    #expect(siege.after.connections == 1)
  }

  @Test("a preface byte by byte is cut off")
  func trickledPreface() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.handshakeTimeout = .seconds(1)
    let siege = try await siege(limits: limits) { bed in
      let peer = try RawPeer(to: bed.address)
      try peer.shakeHands()
      for byte in Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r".utf8) {
        guard try peer.trickle(peer.encrypted([byte])) else { break }
      }
      return try peer.ending()
    }
    #expect(siege.outcome == .closed)
    #expect(siege.after.lateHandshakes == 1)
  }

  @Test("headers byte by byte end the connection")
  func trickledHeaders() async throws {
    let siege = try await siege(limits: Self.impatient) { bed in
      let peer = try Self.peer(of: bed)
      for byte in RawPeer.headers(1, "Echo") + RawPeer.headers(3, "Echo") {
        guard try peer.trickle(peer.encrypted([byte])) else { break }
      }
      return try peer.ending()
    }
    // ENHANCE_YOUR_CALM
    #expect(siege.outcome == .goAway(11))
    #expect(siege.after.streams == 0)
  }

  @Test("a body byte by byte ends the call, whatever its deadline", arguments: ["Echo", "Chat"])
  func trickledBody(method: String) async throws {
    let siege = try await siege(limits: Self.impatient) { bed in
      let peer = try Self.peer(of: bed)
      let patience = RawPeer.field("grpc-timeout", "99999999H")
      try peer.say(RawPeer.headers(1, method, plus: patience))
      let ended = { (frame: RawPeer.Frame) in
        frame.type == FrameType.headers && frame.flags & 1 == 1
      }
      for byte in RawPeer.message([UInt8](repeating: 1, count: 3_000)) {
        guard try peer.trickle(peer.encrypted(RawPeer.data(1, [byte]))) else { break }
        try peer.listen(waiting: false)
        if peer.frames.contains(where: ended) { break }
      }
      return try peer.await(ended).stream
    }
    #expect(siege.outcome == 1)
    #expect(siege.after.runningCalls == 0)
    #expect(siege.after.heldRequestBytes == 0)
  }

  @Test("unary requests that never end are ended; the connection goes on")
  func endlessRequests() async throws {
    var limits = Self.impatient
    limits.concurrentStreams = 50
    let siege = try await siege(limits: limits) { bed in
      let peer = try Self.peer(of: bed)
      let streams = (0..<50).map { UInt32(2 * $0 + 1) }
      for stream in streams {
        try peer.say(RawPeer.headers(stream, "Echo") + RawPeer.data(stream, RawPeer.message([1])))
      }
      for stream in streams {
        _ = try peer.await {
          $0.type == FrameType.headers && $0.stream == stream && $0.flags & 1 == 1
        }
      }
      try peer.say(
        RawPeer.headers(201, "Echo") + RawPeer.data(201, RawPeer.message([5]), ends: true)
      )
      return try peer.await { $0.type == FrameType.data && $0.stream == 201 }.payload
    }
    #expect(siege.outcome == RawPeer.message([5]))
    #expect(siege.peak.streams <= 52)
    #expect(siege.after.expelledConnections == 0)
  }

  @Test("more streams than allowed at once are refused")
  func tooManyStreams() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.concurrentStreams = 5
    let siege = try await siege(limits: limits) { bed in
      let peer = try Self.peer(of: bed)
      _ = try peer.await { $0.type == FrameType.settings && $0.flags == 0 }
      try peer.say(RawPeer.frame(FrameType.settings, 1))
      for number: UInt32 in 0..<6 { try peer.say(RawPeer.headers(2 * number + 1, "Chat")) }
      return try peer.await { $0.type == FrameType.rstStream || $0.type == FrameType.goAway }
    }
    #expect(siege.outcome.code == 7 || siege.outcome.code == 1)
    #expect(siege.peak.streams <= 6)
  }
}
