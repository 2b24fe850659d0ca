internal import CLinux
internal import EventLoops
internal import GRPCCore
internal import Glibc

@testable internal import GRPCNghttp2Transport

extension FuzzTarget {
  /// Whole connections over TLS, with a peer that says anything.
  static let connections = [
    FuzzTarget(name: "http2-server", limit: 2_048, read: ConnectionTargets.server),
    FuzzTarget(name: "http2-client", limit: 2_048, read: ConnectionTargets.client),
  ]
}

enum ConnectionTargets {
  private static let requestFields: [(String, String)] = [
    (":method", "POST"), (":scheme", "https"), (":path", "/f.S/U"), (":path", "/f.S/C"),
    (":path", "/f.S/S"), (":path", "/f.S/B"), (":authority", "localhost"), ("te", "trailers"),
    ("content-type", "application/grpc"), ("grpc-timeout", "1S"), ("grpc-timeout", "1m"),
    ("grpc-encoding", "identity"), ("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip"),
    ("a-bin", "AAEC"), (":path", "/f.S/X"), ("content-length", "5"), ("user-agent", "fuzz"),
    (":method", "GET"), ("connection", "close"),
  ]

  private static let responseFields: [(String, String)] = [
    (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0"),
    ("grpc-status", "14"), ("grpc-message", "a%20b%"), ("grpc-encoding", "gzip"),
    (":status", "100"), (":status", "503"), ("a-bin", "AAEC,BB"), ("grpc-status", "x"),
    ("content-length", "5"), ("grpc-retry-pushback-ms", "1"), ("connection", "close"),
    ("grpc-encoding", "identity"), ("content-type", "text/html"), ("server", "fuzz"),
  ]

  // MARK: The server

  private static let fuzzedServer = Result { try FuzzedServer() }

  /// Whatever a client says, the server answers or hangs up, and no handler is left running.
  static func server(_ bytes: [UInt8]) throws {
    let server = try fuzzedServer.get()
    do {
      let socket = try WirePeer.connect(port: server.port)
      let peer = try WirePeer(socket, server.clientContext, serverName: "localhost")
      try peer.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + FrameScript.frame(4, 0, []))
      var script = FrameScript(bytes, fields: requestFields, firstStream: 1)
      try peer.play(&script)
    } catch is WirePeer.Closed {
    } catch is TLSError {
    }
    try waitUntil("a handler outlives its connection") { server.service.running == 0 }
  }

  // MARK: The client

  private static let fuzzedClients = Result { try FuzzedClients() }

  /// Whatever a server says, each call ends, and the client with them.
  static func client(_ bytes: [UInt8]) throws {
    let clients = try fuzzedClients.get()
    let run = try clients.start()
    do {
      let peer = try clients.accept()
      _ = try peer.take(24)
      try peer.send(FrameScript.frame(4, 0, []))
      // The three calls' headers.
      var opened = 0
      while opened < FuzzedClients.calls {
        if try peer.nextFrame().type == 1 { opened += 1 }
      }
      var script = FrameScript(bytes, fields: responseFields, firstStream: 1)
      try peer.play(&script)
    } catch is WirePeer.Closed {
    } catch is TLSError {
    }
    run.end()
    try waitUntil("a call outlives its connection") { run.hasEnded }
  }

  /// Waits up to 10 s.
  private static func waitUntil(_ law: String, _ isSo: () -> Bool) throws {
    let end = ContinuousClock.now + .seconds(10)
    while !isSo() {
      try demand(ContinuousClock.now < end, law)
      sched_yield()
    }
  }

  // MARK: TLS

  private static let serverContext = Result { try TLSContext(server: FuzzIdentity.server()) }

  /// The first bytes of a connection, before anything is agreed on.
  static func clientHello(_ bytes: [UInt8]) throws {
    let buffers = LoopBuffers()
    let engine = try TLSEngine(serverContext.get(), serverName: nil, buffers: buffers)
    // A copy of its own, so that reading past its end is seen.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { input.deallocate() }
    input.copyBytes(from: bytes)
    engine.feed(UnsafeRawBufferPointer(input))
    do {
      try demand(try !engine.handshake(), "a handshake without a second message")
    } catch is TLSError {
    }
    _ = buffers.takeCiphertext()
  }
}
