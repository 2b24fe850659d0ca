internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Testing

@Suite("Serving calls", .timeLimit(.minutes(1)))
struct ServerCallTests {
  @Test(
    "a unary call's message comes back, whatever its size",
    arguments: [0, 1, 16_374, 16_384, 65_536, 1_000_000, 4_194_304],
    CallPath.allCases
  )
  func echo(size: Int, path: CallPath) async throws {
    try await withServer(path) { bed in
      let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let reply = try await bed.probe().call("Echo", [message])
      #expect(reply.code == .ok)
      #expect(reply.messages == [message])
      #expect(reply.resetCode == 0)
    }
  }

  @Test("metadata pass both ways, binary values decoded", arguments: CallPath.allCases)
  func metadata(path: CallPath) async throws {
    try await withServer(path) { bed in
      let reply = try await bed.probe().call(
        "Echo",
        headers: [("k", "v"), ("b-bin", "AP8"), ("grpc-timeout", "9S"), ("k", "w")]
      )
      #expect(Array(reply.metadata["k"]) == ["v", "w"])
      #expect(Array(reply.metadata["b-bin"]) == [.binary([0, 255])])
      #expect(Array(reply.metadata["grpc-timeout"]).isEmpty)
    }
  }

  @Test(
    "an error's status, words and metadata arrive, as trailers only",
    arguments: CallPath.allCases
  )
  func failure(path: CallPath) async throws {
    try await withServer(path) { bed in
      let reply = try await bed.probe().call("Fail")
      #expect(reply.status == Status(code: .failedPrecondition, message: "状态不符 100%\n"))
      #expect(Array(reply.trailers["reason"]) == ["TEST"])
      #expect(Array(reply.trailers["detail-bin"]) == [.binary([0, 255, 10])])
      #expect(reply.blocks.count == 1)
    }
  }

  @Test(
    "metadata that HTTP/2 can't carry fail the call, not the connection",
    arguments: CallPath.allCases
  )
  func unfitMetadata(path: CallPath) async throws {
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      let reply = try await probe.call("UnfitMetadata")
      #expect(reply.code == .internalError)
      #expect(try await probe.call("Echo").code == .ok)
    }
  }

  @Test(
    "paths without a method are UNIMPLEMENTED",
    arguments: ["Absent", "/absent.Service/Echo", "/", "/x", "//", "/x/", "/test.Bytes"]
  )
  func unimplemented(path: String) async throws {
    try await withServer { bed in
      let reply = try await bed.probe().call(path)
      #expect(reply.code == .unimplemented)
    }
  }

  @Test("a client's stream is counted to its end")
  func clientStream() async throws {
    try await withServer { bed in
      let messages = (0..<500).map { [UInt8](repeating: 1, count: $0) }
      let reply = try await bed.probe().call("Count", messages)
      #expect(reply.messages == [Array("500 124750".utf8)])
    }
  }

  @Test("messages larger than the window come through one after the other")
  func clientStreamOfLargeMessages() async throws {
    try await withServer { bed in
      let messages = Array(repeating: [UInt8](repeating: 1, count: 1_500_000), count: 8)
      let reply = try await bed.probe().call("Count", messages)
      #expect(reply.messages == [Array("8 12000000".utf8)])
    }
  }

  @Test("a conversation goes in lock step", arguments: ["Chat", "DetachedChat"])
  func conversation(method: String) async throws {
    try await withServer { bed in
      let call = try await bed.probe().open(method)
      for number in 0..<50 {
        let message = [UInt8](repeating: UInt8(number), count: number * 1000)
        try await call.say(message)
        let answer = await call.nextMessage()
        #expect(answer == message)
      }
      try await call.end()
      let reply = await call.reply()
      #expect(reply.code == .ok)
    }
  }

  @Test("a hundred calls at once on one connection", arguments: CallPath.allCases)
  func manyCalls(path: CallPath) async throws {
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for number in 0..<100 {
          tasks.addTask {
            let message = [UInt8](repeating: UInt8(number), count: number * 777)
            return try await probe.call("Echo", [message]).messages == [message]
          }
        }
        for try await isRight in tasks { #expect(isRight) }
      }
    }
  }

  @Test("a client that doesn't read stops the writer; reading lets it go on")
  func backPressure() async throws {
    try await withServer { bed in
      let call = try await bed.probe().open("Repeat", autoTake: false)
      try await call.say([UInt8](repeating: 5, count: 10_000))
      try await call.end()
      // 10,000 messages of 10,000 bytes: the window of 256 KiB and the queue of 64 KiB hold about
      // 33.
      var received = 0
      for await event in call.events {
        if case .message = event { received += 1 }
        if received == 20 { break }
      }
      var highest = 0
      for await event in bed.service.events {
        highest = max(highest, Int(event.split(separator: " ").last ?? "") ?? 0)
        if highest == 25 { break }
      }
      // One call on the same loop after another: the writer had every chance to go on.
      let other = try await bed.probe()
      for _ in 0..<20 { _ = try await other.call("Echo") }
      try await call.cancel()
      for await event in bed.service.events {
        guard event.hasPrefix("writing") else { break }
        highest = max(highest, Int(event.split(separator: " ").last ?? "") ?? 0)
      }
      #expect(highest < 60)
    }
  }

  @Test(
    "a handler learns its connection, authority and loop; one connection keeps its number",
    arguments: CallPath.allCases
  )
  func context(path: CallPath) async throws {
    try await withServer(path) { bed in
      let probe = try await bed.probe()
      var texts: Set<String> = []
      for _ in 0..<2 {
        let reply = try await probe.call("Describe", headers: [("grpc-timeout", "1H")])
        texts.insert(String(decoding: reply.messages.first ?? [], as: UTF8.self))
      }
      #expect(texts.count == 1)
      let text = try #require(texts.first)
      #expect(text.contains("authority=tests onLoop=true deadline=true name=- "))
      #expect(text.contains("verified=false peer=true"))
      let other = try await bed.probe().call("Describe")
      #expect(!texts.contains(String(decoding: other.messages.first ?? [], as: UTF8.self)))
    }
  }

  @Test("a reader whose task is cancelled stops waiting")
  func cancelledReader() async throws {
    try await withServer { bed in
      let call = try await bed.probe().open("CancelReading")
      let answer = await call.nextMessage()
      #expect(answer == Array("cancelled".utf8))
    }
  }

  @Test("IPv6 is served", arguments: ["::1", "::"])
  func ipv6(host: String) async throws {
    try await withServer(host: host) { bed in
      let reply = try await bed.probe().call("Echo", [[1]])
      #expect(reply.messages == [[1]])
    }
  }
}
