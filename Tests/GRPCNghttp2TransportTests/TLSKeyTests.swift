internal import Testing

@testable internal import GRPCNghttp2Transport

@Suite("The keys of a connection", .timeLimit(.minutes(1)))
struct TLSKeyTests {
  @Test("a key serves for so many records; the peer is told of the next, and reads on")
  func recordsPerKey() throws {
    let pair = try TLSPair(
      client: TLSContext(client: TestCertificates.client()),
      server: TLSContext(server: TestCertificates.server())
    )
    #expect(pair.client.recordsPerKey <= 1 << 24)
    pair.client.recordsPerKey = 2
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
    defer { room.deallocate() }
    var updates = 0
    for number in UInt8(1)...7 {
      try withUnsafeBytes(of: number) { try pair.client.write($0) }
      pair.server.feed(pair.clientOutput.takeCiphertext())
      guard case .bytes(1) = try pair.server.read(into: room) else {
        Issue.record("nothing can be read")
        return
      }
      #expect(room[0] == number)
      _ = pair.server.takeMessages { updates += 1 }
    }
    // In front of the third, the fifth and the seventh.
    #expect(updates == 3)
  }

  @Test("each request for another key is answered")
  func askedFor() throws {
    let pair = try TLSPair(
      client: TLSContext(client: TestCertificates.client()),
      server: TLSContext(server: TestCertificates.server())
    )
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 1)
    defer { room.deallocate() }
    for _ in 0..<3 { try pair.client.updateKey(asking: true) }
    pair.server.feed(pair.clientOutput.takeCiphertext())
    guard case .wantsInput = try pair.server.read(into: room) else {
      Issue.record("bytes out of nothing")
      return
    }
    try withUnsafeBytes(of: UInt8(9)) { try pair.server.write($0) }
    _ = pair.client.takeMessages {}
    pair.client.feed(pair.serverOutput.takeCiphertext())
    guard case .bytes(1) = try pair.client.read(into: room) else {
      Issue.record("nothing can be read")
      return
    }
    var answers = 0
    _ = pair.client.takeMessages { answers += 1 }
    #expect(answers == 3)
  }
}
