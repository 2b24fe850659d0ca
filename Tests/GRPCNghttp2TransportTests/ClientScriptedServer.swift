internal import CLinux
internal import Glibc

@testable internal import GRPCNghttp2Transport

/// A server that says exactly what a test wants: raw HTTP/2 frames over TLS on 127.0.0.1, on blocking sockets.
///
/// Every wait ends with an error after 10 s.
final class ScriptedServer: Sendable {
  /// Where it listens.
  let port: Int
  private let listener: Int32
  private let context: TLSContext

  init(_ identity: TLSIdentity, port: Int = 0) throws {
    context = try TLSContext(server: ServerTLSOptions(identity: identity))
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = self.listener
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw ScriptError.socket(errno) }
    self.port = Int(UInt16(bigEndian: address.sin_port))
    limitWaits(listener)
  }

  deinit {
    close(listener)
  }

  /// The next connection, before its handshake.
  func acceptSocket() throws -> Int32 {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { throw ScriptError.socket(errno) }
    limitWaits(descriptor)
    return descriptor
  }

  /// The next connection, greeted: TLS, the client's preface, our SETTINGS.
  func accept(settings: [(id: UInt16, value: UInt32)] = []) throws -> ScriptedConnection {
    let connection = try ScriptedConnection(acceptSocket(), context)
    try connection.greet(settings)
    return connection
  }
}

/// Long enough for the other side's turn on a busy machine; one that waits in vain still ends.
func limitWaits(_ descriptor: Int32) {
  var limit = timeval(tv_sec: 100, tv_usec: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
}

/// Why a script couldn't go on.
enum ScriptError: Error {
  /// A call of the system failed or waited too long.
  case socket(Int32)
  /// The client closed the connection.
  case closed
  /// The client didn't begin with HTTP/2's preface.
  case preface
}

/// One HTTP/2 frame.
struct ScriptedFrame: Sendable {
  /// The kinds that scripts use, with their numbers of RFC 9113.
  enum Kind: UInt8 {
    case data = 0
    case headers = 1
    case priority = 2
    case reset = 3
    case settings = 4
    case pushPromise = 5
    case ping = 6
    case goAway = 7
    case windowUpdate = 8
    case continuation = 9
    case other = 255
  }

  var kind: Kind
  var flags: UInt8 = 0
  var stream: Int = 0
  var payload: [UInt8] = []

  /// Header fields as literals, uncompressed; names and values of at most 126 bytes.
  static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { name, value in
      [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
    }
  }

  static let endStream: UInt8 = 1
  static let acknowledgement: UInt8 = 1
  static let endHeaders: UInt8 = 4
  static let padded: UInt8 = 8

  /// The payload's first four bytes as a number: the code of RST_STREAM, the increment of WINDOW_UPDATE.
  var number: Int { payload.prefix(4).reduce(0) { $0 << 8 | Int($1) } }
}

/// One connection of a scripted server; used by one thread at a time.
final class ScriptedConnection {
  private let descriptor: Int32
  private let engine: TLSEngine
  private let buffers = LoopBuffers()
  private var plaintext: [UInt8] = []
  private var isOpen = true

  init(_ descriptor: Int32, _ context: TLSContext, serverName: String? = nil) throws {
    self.descriptor = descriptor
    engine = try TLSEngine(context, serverName: serverName, buffers: buffers)
    while try !engine.handshake() {
      try flush()
      try receive()
    }
    try flush()
  }

  deinit {
    drop()
  }

  /// Says what a client begins with.
  func greetServer() throws {
    try send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    try send(ScriptedFrame(kind: .settings))
  }

  fileprivate func greet(_ settings: [(id: UInt16, value: UInt32)]) throws {
    let preface = try take(24)
    guard preface.elementsEqual("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) else {
      throw ScriptError.preface
    }
    let payload = settings.flatMap { bigEndian($0.id) + bigEndian($0.value) }
    try send(ScriptedFrame(kind: .settings, payload: payload))
  }

  /// Closes the socket without a word.
  func drop() {
    if isOpen { close(descriptor) }
    isOpen = false
  }

  /// Takes what still comes until the client closes, so that nothing sent is lost.
  func waitForClose() {
    while isOpen, (try? nextFrame()) != nil {}
  }

  // MARK: Receiving

  /// The next frame that the script asks for; others are passed over, with pings and settings acknowledged.
  func next(_ kind: ScriptedFrame.Kind, on stream: Int? = nil) throws -> ScriptedFrame {
    while true {
      let frame = try nextFrame()
      if frame.kind == kind, stream == nil || stream == frame.stream { return frame }
      if frame.flags & ScriptedFrame.acknowledgement == 0,
        frame.kind == .settings || frame.kind == .ping
      {
        try acknowledge(frame)
      }
    }
  }

  /// The stream of the next request, once its headers are there.
  func nextRequest() throws -> Int {
    try next(.headers).stream
  }

  /// The next frame, whatever it is.
  func nextFrame() throws -> ScriptedFrame {
    let head = try take(9)
    let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
    let stream = head[5...8].reduce(0) { $0 << 8 | Int($1) }
    return ScriptedFrame(
      kind: ScriptedFrame.Kind(rawValue: head[3]) ?? .other,
      flags: head[4],
      stream: stream,
      payload: try take(length)
    )
  }

  func acknowledge(_ frame: ScriptedFrame) throws {
    try send(
      ScriptedFrame(
        kind: frame.kind,
        flags: ScriptedFrame.acknowledgement,
        payload: frame.kind == .ping ? frame.payload : []
      )
    )
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while plaintext.count < count {
      switch try engine.read(into: buffers.plaintext) {
      case .bytes(let length): plaintext += buffers.plaintext[..<length]
      case .wantsInput:
        try flush()
        try receive()
      case .ended: throw ScriptError.closed
      }
    }
    defer { plaintext.removeFirst(count) }
    return Array(plaintext.prefix(count))
  }

  private func receive() throws {
    let count = recv(descriptor, buffers.received.baseAddress, buffers.received.count, 0)
    guard count != 0 else { throw ScriptError.closed }
    guard count > 0 else { throw ScriptError.socket(errno) }
    engine.feed(UnsafeRawBufferPointer(rebasing: buffers.received[..<count]))
  }

  // MARK: Sending

  /// Sends a frame.
  func send(_ frame: ScriptedFrame) throws {
    let length = bigEndian(UInt32(frame.payload.count)).dropFirst()
    var bytes = Array(length)
    bytes += [frame.kind.rawValue, frame.flags]
    bytes += bigEndian(UInt32(frame.stream))
    bytes += frame.payload
    try send(bytes)
  }

  /// Sends header fields, uncompressed.
  func sendHeaders(_ stream: Int, _ fields: [(String, String)], ends: Bool = false) throws {
    let flags = ScriptedFrame.endHeaders | (ends ? ScriptedFrame.endStream : 0)
    let block = ScriptedFrame.block(fields)
    try send(ScriptedFrame(kind: .headers, flags: flags, stream: stream, payload: block))
  }

  /// Sends a message in its gRPC framing.
  func sendMessage(_ stream: Int, _ bytes: [UInt8], compressed: UInt8 = 0) throws {
    let framed = [compressed] + bigEndian(UInt32(bytes.count)) + bytes
    for start in stride(from: 0, to: framed.count, by: 16_384) {
      let piece = Array(framed[start..<min(framed.count, start + 16_384)])
      try send(ScriptedFrame(kind: .data, stream: stream, payload: piece))
    }
  }

  /// Sends an answer's beginning.
  func sendResponseHeaders(_ stream: Int) throws {
    try sendHeaders(stream, [(":status", "200"), ("content-type", "application/grpc")])
  }

  /// Answers a request with one message and status 0.
  func answer(_ stream: Int, _ bytes: [UInt8]) throws {
    try sendResponseHeaders(stream)
    try sendMessage(stream, bytes)
    try sendHeaders(stream, [("grpc-status", "0")], ends: true)
  }

  /// Resets a stream.
  func reset(_ stream: Int, _ code: UInt32) throws {
    try send(ScriptedFrame(kind: .reset, stream: stream, payload: bigEndian(code)))
  }

  /// Announces the end of the connection.
  func goAway(lastStream: Int, _ code: UInt32 = 0) throws {
    let payload = bigEndian(UInt32(lastStream)) + bigEndian(code)
    try send(ScriptedFrame(kind: .goAway, payload: payload))
  }

  /// Lets the client send more.
  func grant(_ stream: Int, _ count: Int) throws {
    try send(ScriptedFrame(kind: .windowUpdate, stream: stream, payload: bigEndian(UInt32(count))))
  }

  /// Sends bytes that need be no frame.
  func send(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try engine.write($0) }
    try flush()
  }

  private func flush() throws {
    var rest = buffers.takeCiphertext()
    while !rest.isEmpty {
      let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { throw ScriptError.socket(errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}

func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}
