@testable internal import GRPCNghttp2Transport

/// A client's and a server's engine that shake hands in memory.
struct TLSPair {
  let client: TLSEngine
  let server: TLSEngine
  /// Where each leaves what it sends.
  let clientOutput: LoopBuffers
  let serverOutput: LoopBuffers

  /// Shakes hands, and lets the client take what the server says after it: its ticket.
  ///
  /// - Throws: `TLSError` of either side.
  init(client clientContext: TLSContext, server serverContext: TLSContext) throws(TLSError) {
    (clientOutput, serverOutput) = (LoopBuffers(), LoopBuffers())
    client = try TLSEngine(clientContext, serverName: "localhost", buffers: clientOutput)
    server = try TLSEngine(serverContext, serverName: nil, buffers: serverOutput)
    var (clientIsDone, serverIsDone) = (false, false)
    for _ in 0..<4 where !(clientIsDone && serverIsDone) {
      if !clientIsDone { clientIsDone = try client.handshake() }
      server.feed(clientOutput.takeCiphertext())
      if !serverIsDone { serverIsDone = try server.handshake() }
      if !clientIsDone { client.feed(serverOutput.takeCiphertext()) }
    }
    guard clientIsDone, serverIsDone else { throw .handshake("it does not come to its end") }
    try Self.drain(client, serverOutput.takeCiphertext())
  }

  private static func drain(
    _ engine: TLSEngine,
    _ ciphertext: UnsafeRawBufferPointer
  ) throws(TLSError) {
    engine.feed(ciphertext)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 1)
    defer { room.deallocate() }
    while case .bytes = try engine.read(into: room) {}
  }

  /// Whether both sides say that the session was resumed.
  var isResumed: Bool { client.isResumed && server.isResumed }
}
