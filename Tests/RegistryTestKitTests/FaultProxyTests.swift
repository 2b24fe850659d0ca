internal import Foundation
internal import Glibc
internal import RegistryTestKit
internal import Testing

@Suite("Standing between client and server", .timeLimit(.minutes(1)))
struct FaultProxyTests {
  private let text = Array("登记".utf8)

  @Test(
    "over either kind of socket, all bytes pass as they are",
    arguments: [false, true],
    [false, true]
  )
  func everythingPasses(clientIsUnix: Bool, serverIsUnix: Bool) async throws {
    try await Stage.with(clientIsUnix: clientIsUnix, serverIsUnix: serverIsUnix) { stage in
      let (client, server) = try await stage.pair()
      let bytes = (0..<150_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      client.send(bytes)
      #expect(server.receive(bytes.count) == bytes)
      server.send(text)
      #expect(client.receive(text.count) == text)
      #expect(await stage.proxy.census().first?.passed == [.toServer: 150_000, .toClient: 6])
    }
  }

  @Test("an end passes as an end of one direction, and the connection is forgotten after both")
  func endsPass() async throws {
    try await Stage.with { stage in
      let (client, server) = try await stage.pair()
      client.send(text)
      client.finish()
      #expect(server.receive(100) == text)
      #expect(server.hasEnded)
      server.send(text)
      #expect(client.receive(text.count) == text)
      server.finish()
      #expect(client.hasEnded)
      await stage.proxy.until(\.isEmpty)
    }
  }

  @Test("what is held comes when it is let go, one connection before another if so wanted")
  func holding() async throws {
    try await Stage.with { stage in
      await stage.proxy.set(.hold, .toServer)
      let (first, firstServer) = try await stage.pair()
      let (second, secondServer) = try await stage.pair()
      first.send([1])
      await stage.proxy.untilKept(1, .toServer)
      second.send([2])
      second.finish()
      await stage.proxy.until {
        $0.allSatisfy { $0.kept[.toServer] == 1 } && $0[1].ended.contains(.toServer)
      }
      #expect(firstServer.isSilent && secondServer.isSilent)
      await stage.proxy.set(.pass, .toServer, of: 1)
      #expect(secondServer.receive(1) == [2])
      #expect(secondServer.hasEnded)
      #expect(firstServer.isSilent)
      await stage.proxy.set(.pass, .toServer)
      #expect(firstServer.receive(1) == [1])
      firstServer.send([3])
      #expect(first.receive(1) == [3])
    }
  }

  @Test("who sends what is held is no longer read beyond a limit")
  func keptBytesAreBounded() async throws {
    try await Stage.with { stage in
      await stage.proxy.set(.hold)
      let (client, server) = try await stage.pair()
      let sent = client.sendAllThatIsTaken(upTo: 64 << 20)
      #expect(sent < 64 << 20)
      let kept = await stage.proxy.census()[0].kept[.toServer] ?? 0
      #expect(kept >= 1 << 20 && kept < (1 << 20) + 65_536)
      await stage.proxy.set(.pass)
      #expect(server.receive(sent).count == sent)
    }
  }

  @Test("what is delayed comes not before its time, in its order")
  func delays() async throws {
    try await Stage.with { stage in
      await stage.proxy.set(.delay(.milliseconds(30) ... .milliseconds(60)), .toClient)
      let (client, server) = try await stage.pair()
      let start = ContinuousClock.now
      for number in 0..<20 {
        server.send([UInt8(number)])
        await stage.proxy.until { $0[0].received[.toClient] ?? 0 > number }
      }
      #expect(client.receive(20) == Array(0..<20))
      #expect(start.duration(to: .now) >= .milliseconds(30))
    }
  }

  @Test("what is trickled comes a little at a time, whole, and its end behind it")
  func trickles() async throws {
    try await Stage.with { stage in
      await stage.proxy.set(.trickle(bytes: 7, every: .milliseconds(2)), .toServer)
      let (client, server) = try await stage.pair()
      let start = ContinuousClock.now
      client.send(Array(0..<70))
      client.finish()
      #expect(server.receive(1_000) == Array(0..<70))
      #expect(start.duration(to: .now) >= .milliseconds(20))
      #expect(server.hasEnded)
    }
  }

  @Test("what goes into a black hole is lost, its end too, and the other direction goes on")
  func blackHoles() async throws {
    try await Stage.with { stage in
      let (client, server) = try await stage.pair()
      await stage.proxy.set(.discard, .toServer)
      client.send(text)
      client.finish()
      await stage.proxy.until { $0[0].ended == [.toServer] }
      #expect(server.isSilent)
      server.send(text)
      #expect(client.receive(text.count) == text)
      #expect(await stage.proxy.census()[0].passed[.toServer] == 0)
    }
  }

  @Test("a connection is cut with the byte after the last that may pass", arguments: [0, 1, 5])
  func cutsAfterSoMany(limit: Int) async throws {
    try await Stage.with { stage in
      let (client, server) = try await stage.pair()
      await stage.proxy.set(.cut(after: limit), .toServer)
      client.send(text)
      #expect(server.receive(100) == Array(text.prefix(limit)))
      #expect(server.hasEnded)
      await stage.proxy.until(\.isEmpty)
      let (again, other) = try await stage.pair()
      again.send(Array(text.prefix(limit)))
      #expect(other.receive(limit) == Array(text.prefix(limit)))
      #expect(other.isSilent)
    }
  }

  @Test("a cut is a reset for both, of one connection or all")
  func cuts() async throws {
    try await Stage.with { stage in
      let (first, firstServer) = try await stage.pair()
      let (second, secondServer) = try await stage.pair()
      await stage.proxy.cut(0)
      #expect(first.isReset && firstServer.isReset)
      second.send(text)
      #expect(secondServer.receive(text.count) == text)
      await stage.proxy.cut()
      #expect(second.isReset && secondServer.isReset)
    }
  }

  @Test("a reset by either passes to the other")
  func resetsPass() async throws {
    try await Stage.with { stage in
      for clientResets in [true, false] {
        let (client, server) = try await stage.pair()
        (clientResets ? client : server).reset()
        #expect((clientResets ? server : client).isReset)
      }
    }
  }

  @Test("a half-closed direction ends for its receiver, who may still send")
  func halfCloses() async throws {
    try await Stage.with { stage in
      let (client, server) = try await stage.pair()
      await stage.proxy.halfClose(.toClient)
      #expect(client.hasEnded)
      server.send(text)
      client.send(text)
      #expect(server.receive(text.count) == text)
      client.finish()
      #expect(server.hasEnded)
    }
  }

  @Test(
    "a refusing door refuses at once, under the same address that is open again later",
    arguments: [false, true]
  )
  func refusing(isUnix: Bool) async throws {
    try await Stage.with(clientIsUnix: isUnix) { stage in
      for _ in 0..<3 {
        try await stage.proxy.set(.refusing)
        let error = #expect(throws: POSIXError.self) { try Wire(to: stage.proxy.address) }
        #expect(error?.code == .ECONNREFUSED)
        try await stage.proxy.set(.open)
        let (client, server) = try await stage.pair()
        client.send(text)
        #expect(server.receive(text.count) == text)
      }
    }
  }

  @Test("behind a silent door nobody answers until it opens")
  func silence() async throws {
    try await Stage.with { stage in
      try await stage.proxy.set(.silent)
      let client = try Wire(to: stage.proxy.address)
      client.send(text)
      #expect(client.isSilent)
      #expect(await stage.proxy.census().isEmpty)
      try await stage.proxy.set(.open)
      #expect(try stage.accept().receive(text.count) == text)
    }
  }

  @Test("without a server the connection ends")
  func serverIsAway() async throws {
    let nowhere = FaultProxy.Address.unix(path: "/nonexistent/socket")
    let proxy = try FaultProxy(to: nowhere)
    let client = try Wire(to: proxy.address)
    #expect(client.hasEnded)
    await proxy.close()
  }
}
