internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

// One after the other: each has a client that blocks a thread.
@Suite("Holding clients to HTTP/2", .serialized, .timeLimit(.minutes(2)))
struct ConformanceTests {
  @Test(
    "each rule, broken or nearly",
    arguments: ConformanceCase.frames + ConformanceCase.streams + ConformanceCase.messages
      + ConformanceCase.headerBlocks
  )
  func rule(_ test: ConformanceCase) async throws {
    try await withServer(loops: 1) { bed in
      let seen = try await bed.withRawClient { client in
        try client.greetServer()
        try test.script(client)
        return Seen(until: test.answer, of: client)
      }
      switch test.answer {
      case .connectionError(let codes):
        #expect(codes.contains(seen.farewell ?? -1), "\(seen)")
        #expect(seen.isClosed)
      case .streamError(let codes):
        #expect(codes.contains(seen.resets[1] ?? -1), "\(seen)")
        #expect(seen.ended.contains(101), "the connection goes on: \(seen)")
      case .error(let codes):
        let code = seen.resets[1] ?? seen.farewell ?? -1
        #expect(codes.contains(code), "\(seen)")
        #expect(seen.isClosed != seen.ended.contains(101), "\(seen)")
      case .tolerated(let codes):
        let isIgnored = seen.ended.contains(101) && seen.farewell == nil
        #expect(isIgnored || codes.contains(seen.farewell ?? -1), "\(seen)")
      case .served:
        #expect(seen.ended.isSuperset(of: [1, 101]) && seen.resets.isEmpty, "\(seen)")
      case .ignored:
        #expect(seen.ended.contains(101) && !seen.ended.contains(1), "\(seen)")
        #expect(seen.resets.isEmpty && seen.farewell == nil, "\(seen)")
      }
      let others = try await bed.probe().call("Echo")
      #expect(others.code == .ok)
    }
  }

  @Test("5.1.2 one stream more than allowed is refused; who knows the limit loses the connection")
  func concurrentStreams() async throws {
    try await withServer(loops: 1) { bed in
      for knowsLimit in [false, true] {
        try await bed.withRawClient { client in
          try client.greetServer()
          // The limit binds a client once it has acknowledged it.
          if knowsLimit { try client.acknowledge(client.next(.settings)) }
          for number in 0..<100 {
            try client.begin(2 * number + 1, path: "/test.Bytes/UntilCancelled")
            try client.finish(2 * number + 1)
          }
          try client.begin(201)
          if knowsLimit {
            let code = try client.next(.goAway).payload[4..<8]
            #expect(Array(code) == [0, 0, 0, UInt8(ConformanceCase.protocolError)])
          } else {
            let frame = try client.nextReset(201)
            #expect(frame.number == ConformanceCase.refusedStream)
          }
        }
      }
    }
  }

  @Test("6.8 a shutdown takes what is opened before it is known, and nothing after")
  func gracefulShutdown() async throws {
    try await withServer(loops: 1) { bed in
      try await bed.withRawClient { client in
        try client.greetServer()
        try client.begin(1, path: "/test.Bytes/Chat")
        try client.send(.data(1, ScriptedConnection.emptyMessage))
        _ = try client.next(.data, on: 1)
        bed.server.beginGracefulShutdown()
        let ping = try client.next(.ping)
        let notice = try client.next(.goAway)
        #expect(Array(notice.payload.prefix(4)) == [0x7F, 255, 255, 255])
        try client.call(3)
        try client.acknowledge(ping)
        let farewell = try client.next(.goAway)
        #expect(farewell.payload == [0, 0, 0, 3, 0, 0, 0, 0])
        // Too late: neither answered nor a reason to drop the others.
        try client.begin(5)
        try client.finish(5)
        try client.finish(1)
        var answered: Set<Int> = []
        while let frame = try? client.nextFrame() { answered.insert(frame.stream) }
        #expect(answered.contains(1) && !answered.contains(5))
      }
    }
  }

  @Test("3.4 what doesn't begin with HTTP/2's preface is cut off")
  func preface() async throws {
    try await withServer(loops: 1) { bed in
      try await bed.withRawClient { client in
        try client.send(Array("GET / HTTP/1.1\r\nHost: tests\r\n\r\n".utf8))
        while let frame = try? client.nextFrame() { #expect(frame.kind != .headers) }
        #expect(throws: ScriptError.self) { try client.nextFrame() }
      }
    }
  }

  /// What came back.
  struct Seen: Sendable {
    /// The code of GOAWAY.
    var farewell: Int?
    var resets: [Int: Int] = [:]
    /// Streams that were ended by the server.
    var ended: Set<Int> = []
    var isClosed = false

    /// Reads until the connection closes, or the call is over that tells whether it goes on.
    init(until answer: ConformanceCase.Answer, of client: ScriptedConnection) {
      do {
        var awaited = 101
        if case .connectionError = answer {
          awaited = 0
        } else {
          try client.ask(101)
        }
        while !ended.contains(awaited) || awaitsFirst(answer) { note(try client.nextFrame()) }
      } catch {
        isClosed = true
      }
    }

    private func awaitsFirst(_ answer: ConformanceCase.Answer) -> Bool {
      if case .served = answer { !ended.contains(1) } else { false }
    }

    private mutating func note(_ frame: ScriptedFrame) {
      switch frame.kind {
      case .goAway:
        farewell = Array(frame.payload.dropFirst(4)).prefix(4).reduce(0) { $0 << 8 | Int($1) }
      case .reset:
        resets[frame.stream] = frame.number
      case .headers where frame.flags & ScriptedFrame.endStream != 0:
        ended.insert(frame.stream)
      default:
        break
      }
    }
  }
}

extension ConformanceCase {
  /// RFC 9113, sections 3 to 6: the preface and each kind of frame.
  static let frames = [
    ConformanceCase("4.1 a frame of an unknown type is ignored", .served) {
      try $0.send(ScriptedFrame.bytes(type: 0x16, flags: 255, stream: 0, payload: [1, 2, 3]))
      try $0.ask(1)
    },
    ConformanceCase("4.1 undefined flags are ignored", .served) {
      try $0.send(ScriptedFrame.bytes(type: 6, flags: 0xF6, stream: 0, payload: Array(0..<8)))
      try $0.ask(1)
    },
    ConformanceCase("4.2 a frame larger than the settings allow", .connectionError([6])) {
      try $0.begin(1)
      try $0.send(.data(1, [UInt8](repeating: 0, count: 16_385)))
    },
    ConformanceCase("6.1 DATA on stream 0", .connectionError([1])) {
      try $0.send(.data(0, [0]))
    },
    ConformanceCase("6.1 padding as long as the payload", .connectionError([1])) {
      try $0.begin(1)
      try $0.send(.data(1, [6, 0, 0, 0, 0, 0], flags: 8 | 1))
    },
    ConformanceCase("6.1 padding is taken off", .served) {
      try $0.begin(1)
      try $0.send(.data(1, [3] + ScriptedConnection.emptyMessage + [0, 0, 0], flags: 8 | 1))
    },
    ConformanceCase("6.2 HEADERS on stream 0", .connectionError([1])) {
      try $0.send(.headers(0, ScriptedFrame.request))
    },
    ConformanceCase("6.2 padding and priority are taken off", .served) {
      let block = [2, 0, 0, 0, 0, 15] + ScriptedFrame.request + [0, 0]
      try $0.send(.headers(1, block, flags: 4 | 8 | 32))
      try $0.finish(1)
    },
    ConformanceCase("6.2 padding longer than the payload", .connectionError([1])) {
      try $0.send(.headers(1, [255] + ScriptedFrame.request, flags: 4 | 8))
    },
    ConformanceCase("6.3 PRIORITY on stream 0", .connectionError([1])) {
      try $0.send(ScriptedFrame(kind: .priority, payload: [0, 0, 0, 0, 15]))
    },
    ConformanceCase("6.3 PRIORITY of another length", .connectionError([6])) {
      try $0.send(ScriptedFrame(kind: .priority, stream: 1, payload: [0, 0, 0, 0]))
    },
    ConformanceCase("6.3 PRIORITY of an idle stream is allowed", .served) {
      try $0.send(ScriptedFrame(kind: .priority, stream: 1, payload: [0, 0, 0, 0, 15]))
      try $0.ask(1)
    },
    ConformanceCase("6.4 RST_STREAM on stream 0", .connectionError([1])) {
      try $0.reset(0, 8)
    },
    ConformanceCase("6.4 RST_STREAM of an idle stream", .connectionError([1])) {
      try $0.reset(1, 8)
    },
    ConformanceCase("6.4 RST_STREAM of another length", .connectionError([6])) {
      try $0.begin(1)
      try $0.send(ScriptedFrame(kind: .reset, stream: 1, payload: [0, 0, 8]))
    },
    ConformanceCase("6.5 SETTINGS on a stream", .connectionError([1])) {
      try $0.send(ScriptedFrame(kind: .settings, stream: 1))
    },
    ConformanceCase("6.5 an acknowledgement with a payload", .connectionError([6])) {
      let payload = bigEndian(UInt16(1)) + bigEndian(UInt32(4096))
      try $0.send(ScriptedFrame(kind: .settings, flags: 1, payload: payload))
    },
    ConformanceCase("6.5 a length that is no multiple of 6", .connectionError([6])) {
      try $0.send(ScriptedFrame(kind: .settings, payload: [0, 3, 0, 0, 0]))
    },
    ConformanceCase("6.5.2 SETTINGS_ENABLE_PUSH of 2", .connectionError([1])) {
      try $0.send(.settings(2, 2))
    },
    ConformanceCase("6.5.2 SETTINGS_INITIAL_WINDOW_SIZE over 2^31-1", .connectionError([3])) {
      try $0.send(.settings(4, 0x8000_0000))
    },
    ConformanceCase("6.5.2 SETTINGS_MAX_FRAME_SIZE under 16,384", .connectionError([1])) {
      try $0.send(.settings(5, 16_383))
    },
    ConformanceCase("6.5.2 SETTINGS_MAX_FRAME_SIZE over 2^24-1", .connectionError([1])) {
      try $0.send(.settings(5, 1 << 24))
    },
    ConformanceCase("6.5.2 an unknown setting is ignored", .served) {
      try $0.send(.settings(0xFF00, 7))
      try $0.ask(1)
    },
    ConformanceCase("6.5.3 settings are acknowledged", .served) {
      try $0.send(.settings(3, 9))
      while try $0.next(.settings).flags & ScriptedFrame.acknowledgement == 0 {}
      try $0.ask(1)
    },
    ConformanceCase("6.6 PUSH_PROMISE from a client", .connectionError([1])) {
      try $0.begin(1)
      let payload = [0, 0, 0, 2] + ScriptedFrame.request
      try $0.send(ScriptedFrame(kind: .pushPromise, flags: 4, stream: 1, payload: payload))
    },
    ConformanceCase("6.7 PING is answered with its payload", .served) {
      try $0.send(ScriptedFrame(kind: .ping, payload: Array(1...8)))
      var answer = try $0.next(.ping)
      while answer.flags & ScriptedFrame.acknowledgement == 0 { answer = try $0.next(.ping) }
      try expect(answer.payload == Array(1...8))
      try $0.ask(1)
    },
    ConformanceCase("6.7 an acknowledged PING isn't answered", .ignored) {
      try $0.send(ScriptedFrame(kind: .ping, flags: 1, payload: Array(1...8)))
    },
    ConformanceCase("6.7 PING on a stream", .connectionError([1])) {
      try $0.send(ScriptedFrame(kind: .ping, stream: 1, payload: Array(1...8)))
    },
    ConformanceCase("6.7 PING of another length", .connectionError([6])) {
      try $0.send(ScriptedFrame(kind: .ping, payload: Array(1...6)))
    },
    ConformanceCase("6.8 GOAWAY on a stream", .connectionError([1])) {
      try $0.send(ScriptedFrame(kind: .goAway, stream: 1, payload: [UInt8](repeating: 0, count: 8)))
    },
    ConformanceCase("6.9 WINDOW_UPDATE of 0 on the connection", .connectionError([1])) {
      try $0.send(.windowUpdate(0, 0))
    },
    ConformanceCase("6.9 WINDOW_UPDATE of 0 on a stream", .error([1])) {
      try $0.begin(1)
      try $0.send(.windowUpdate(1, 0))
    },
    ConformanceCase("6.9 WINDOW_UPDATE of another length", .connectionError([6])) {
      try $0.send(ScriptedFrame(kind: .windowUpdate, payload: [0, 0, 1]))
    },
    ConformanceCase("6.9 WINDOW_UPDATE of an idle stream", .connectionError([1])) {
      try $0.send(.windowUpdate(1, 1))
    },
    ConformanceCase("6.9.1 a connection window over 2^31-1", .connectionError([3])) {
      try $0.send(.windowUpdate(0, 0x7FFF_FFFF))
    },
    ConformanceCase("6.9.1 a stream window over 2^31-1", .streamError([3])) {
      try $0.begin(1)
      try $0.send(.windowUpdate(1, 0x7FFF_FFFF))
    },
    ConformanceCase("6.9.2 a window that settings make negative is waited out", .served) {
      try $0.begin(1, path: "/test.Bytes/Chat")
      try $0.send(.settings(4, 3))
      try $0.finish(1)
      try expect(try $0.next(.data, on: 1).payload.count == 3)
      try $0.send(.settings(4, 1))
      try $0.grant(1, 3)
      try expect(try $0.next(.data, on: 1).payload.count == 1)
      try $0.send(.settings(4, 65_535))
    },
    ConformanceCase("6.10 CONTINUATION without HEADERS", .connectionError([1])) {
      try $0.send(
        ScriptedFrame(kind: .continuation, flags: 4, stream: 1, payload: ScriptedFrame.request)
      )
    },
    ConformanceCase("6.10 a header block in pieces is put together", .served) {
      let block = ScriptedFrame.request
      try $0.send(.headers(1, Array(block.prefix(9)), flags: 0))
      for piece in [Array(block[9..<30]), []] {
        try $0.send(ScriptedFrame(kind: .continuation, stream: 1, payload: piece))
      }
      let rest = Array(block[30...])
      try $0.send(ScriptedFrame(kind: .continuation, flags: 4, stream: 1, payload: rest))
      try $0.finish(1)
    },
    ConformanceCase("6.10 another frame within a header block", .connectionError([1])) {
      try $0.send(.headers(1, Array(ScriptedFrame.request.prefix(9)), flags: 0))
      try $0.send(ScriptedFrame(kind: .ping, payload: Array(1...8)))
    },
    ConformanceCase("6.10 CONTINUATION of another stream", .connectionError([1])) {
      try $0.send(.headers(1, Array(ScriptedFrame.request.prefix(9)), flags: 0))
      let rest = Array(ScriptedFrame.request.dropFirst(9))
      try $0.send(ScriptedFrame(kind: .continuation, flags: 4, stream: 3, payload: rest))
    },
  ]
}

/// Ends a script in which the server did something else.
private func expect(_ holds: Bool) throws {
  guard holds else { throw ScriptError.closed }
}
