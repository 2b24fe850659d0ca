internal import CLinux
internal import Glibc

@testable internal import GRPCNghttp2Transport

/// The other end of a connection: HTTP/2 frames over TLS on a blocking socket, used by one thread.
///
/// Every wait ends with a `Finding` after 10 s: whoever is silent that long is stuck.
final class WirePeer {
  /// The connection has ended.
  struct Closed: Error {}

  private let descriptor: Int32
  private let engine: TLSEngine
  private let buffers: LoopBuffers
  private var plaintext: [UInt8] = []
  private var pings: UInt8 = 0

  /// Takes a connected socket over and shakes hands.
  ///
  /// - Throws: `Closed` if the other side ends it.
  init(_ descriptor: Int32, _ context: TLSContext, serverName: String?) throws {
    self.descriptor = descriptor
    buffers = LoopBuffers()
    engine = try TLSEngine(context, serverName: serverName, buffers: buffers)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    while try !engine.handshake() {
      try flush()
      try receive()
    }
    try flush()
  }

  deinit {
    // A reset: no port waits for a peer that is gone.
    var hard = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
    close(descriptor)
  }

  /// Connects to a port of this machine.
  static func connect(port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.address(port: port)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw Finding(description: "nobody listens: \(errno)")
    }
    return descriptor
  }

  /// Listens on a port of this machine that the system chooses.
  static func listen() throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else { throw Finding(description: "can't listen: \(errno)") }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  private static func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    return address
  }

  // MARK: Sending

  func send(_ bytes: [UInt8]) throws {
    for start in stride(from: 0, to: bytes.count, by: 16_384) {
      try bytes[start..<min(bytes.count, start + 16_384)].withUnsafeBytes { try engine.write($0) }
    }
    try flush()
  }

  func halfClose() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  private func flush() throws {
    var rest = buffers.takeCiphertext()
    while !rest.isEmpty {
      let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      if count < 0, errno == EAGAIN {
        throw Finding(description: "the other side reads no more")
      }
      guard count > 0 else { throw Closed() }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  // MARK: Receiving

  /// The next frame.
  ///
  /// - Throws: `Closed` at the end of the connection.
  func nextFrame() throws -> (type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8]) {
    let head = try take(9)
    let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
    try demand(length <= 16_384, "a frame of \(length) bytes")
    let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return (head[3], head[4], stream, try take(length))
  }

  /// Takes so many bytes as they are.
  func take(_ count: Int) throws -> [UInt8] {
    while plaintext.count < count {
      switch try engine.read(into: buffers.plaintext) {
      case .bytes(let length): plaintext += buffers.plaintext[..<length]
      case .wantsInput:
        try flush()
        try receive()
      case .ended: throw Closed()
      }
    }
    defer { plaintext.removeFirst(count) }
    return Array(plaintext.prefix(count))
  }

  private func receive() throws {
    let count = recv(descriptor, buffers.received.baseAddress, buffers.received.count, 0)
    if count < 0, errno == EAGAIN { throw Finding(description: "the other side is silent") }
    guard count > 0 else { throw Closed() }
    engine.feed(UnsafeRawBufferPointer(rebasing: buffers.received[..<count]))
  }

  /// Waits until the other side has read everything sent so far, by a PING.
  func settle() throws {
    pings &+= 1
    let payload: [UInt8] = [255, 1, 2, 3, 4, 5, 6, pings]
    try send(FrameScript.frame(6, 0, payload))
    while true {
      let frame = try nextFrame()
      if frame.type == 6, frame.flags & 1 == 1, frame.payload == payload { return }
    }
  }

  /// Reads until the other side ends the connection.
  func drain() throws {
    while true { _ = try nextFrame() }
  }

  /// Says what a script says.
  ///
  /// - Throws: `Closed` once the other side has had enough; a `Finding` if it is stuck.
  func play(_ script: inout FrameScript) throws {
    while let step = script.next() {
      switch step {
      case .bytes(let bytes): try send(bytes)
      case .pause: if script.isFramed { try settle() }
      case .halfClose:
        halfClose()
        try drain()
      }
    }
    if script.isFramed { try settle() }
  }
}
