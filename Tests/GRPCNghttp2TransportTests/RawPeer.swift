internal import CLinux
internal import EventLoops
internal import Foundation
internal import Glibc

@testable internal import GRPCNghttp2Transport

/// A client that keeps no rule: bytes on a socket, records of TLS, frames of HTTP/2, as a test says.
///
/// It blocks, so it lives on a thread of its own: `RawPeer.run`.
final class RawPeer: @unchecked Sendable {
  // Unchecked: used on that thread only; then it may be handed on, to be kept.

  /// A frame as it came.
  struct Frame: Sendable, Equatable {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    /// The error code of RST_STREAM or GOAWAY.
    var code: UInt32? {
      switch type {
      case FrameType.rstStream: RawPeer.number(payload.prefix(4))
      case FrameType.goAway: RawPeer.number(payload.dropFirst(4).prefix(4))
      default: nil
      }
    }
  }

  /// How the server ended the connection.
  enum Ending: Sendable, Equatable {
    /// By GOAWAY with a code, then closing the socket.
    case goAway(UInt32)
    /// By closing the socket.
    case closed
  }

  struct Broken: Error, CustomStringConvertible {
    let description: String
  }

  let descriptor: Int32
  private let buffers = LoopBuffers()
  private var tls: TLSEngine?
  private var input: [UInt8] = []
  private var plaintext: [UInt8] = []
  private(set) var frames: [Frame] = []
  private(set) var isClosed = false
  private var bytesPut = 0

  /// Connects a socket; `source` is an own address of the machine's to come from.
  init(to address: SocketAddress, from source: String? = nil, receiveBuffer: Int32? = nil) throws {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(AF_INET, type, 0)
    guard descriptor >= 0 else { throw Broken(description: "no socket") }
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    if var receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4)
    }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    if let source, let own = SocketAddress(host: source, port: 0) {
      _ = own.withSystemAddress { bind(descriptor, $0, $1) }
    }
    let code = address.withSystemAddress { connect(descriptor, $0, $1) }
    guard code == 0 else { throw Broken(description: "no connection") }
  }

  deinit {
    close(descriptor)
  }

  /// Runs a body on a thread of its own.
  static func run<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      // Not on a queue of Dispatch: of threads that block it makes one more a second, and the peers
      // of other tests would wait for theirs.
      Thread.detachNewThread {
        continuation.resume(with: Swift.Result(catching: body))
      }
    }
  }

  // MARK: The socket

  /// Puts bytes on the socket as they are; false if the server has closed it.
  @discardableResult
  func put(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor,
          $0.baseAddress.map { $0 + sent },
          bytes.count - sent,
          Int32(MSG_NOSIGNAL)
        )
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
      bytesPut += count
    }
    return true
  }

  /// Takes what is there, waiting for something unless told not to.
  ///
  /// - Returns: The bytes; none if the server has closed, or nothing was there.
  func take(waiting: Bool = true, atMost limit: Int = 65_536) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &bytes, limit, waiting ? 0 : Int32(MSG_DONTWAIT))
    if count < 0 {
      if errno == EAGAIN, !waiting { return [] }
      if errno == EAGAIN {
        throw Broken(description: "the server neither speaks nor closes; \(state)")
      }
      isClosed = true
      return []
    }
    if count == 0 { isClosed = true }
    return Array(bytes[..<count])
  }

  /// How far the peer has come, for who has to find out why it waits.
  private var state: String {
    let last = frames.suffix(3).map { "\($0.type) of \($0.stream)" }.joined(separator: ", ")
    return "\(bytesPut) bytes put, \(frames.count) frames taken, the last: \(last)"
  }

  /// Reads to the end; returns what came.
  func rest() throws -> [UInt8] {
    var all: [UInt8] = []
    while !isClosed { all += try take() }
    return all
  }

  /// Ends this side of the socket; the other goes on.
  func halfClose() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  // MARK: TLS

  /// Shakes hands; with `byteByByte` every byte is a packet of its own, some time after the last.
  ///
  /// - Throws: If the server refuses or closes.
  func shakeHands(_ options: ClientTLSOptions? = nil, byteByByte: Bool = false) throws {
    let options = try options ?? TestCertificates.client()
    let engine = try TLSEngine(
      TLSContext(client: options),
      serverName: "localhost",
      buffers: buffers
    )
    tls = engine
    while true {
      let isDone = try engine.handshake()
      let output = Array(buffers.takeCiphertext())
      if byteByByte {
        guard trickle(output, pause: 20) else {
          throw Broken(description: "closed in the handshake")
        }
      } else if !put(output) {
        throw Broken(description: "closed in the handshake")
      }
      if isDone { return try decrypt() }
      if input.isEmpty { input = try take() }
      guard !input.isEmpty else { throw Broken(description: "closed in the handshake") }
      lend(input)
      input = []
    }
  }

  /// Has the engine read from the buffer that outlives the call.
  private func lend(_ ciphertext: [UInt8]) {
    buffers.received.copyBytes(from: ciphertext)
    tls?.feed(UnsafeRawBufferPointer(rebasing: buffers.received[..<ciphertext.count]))
  }

  /// Waits for the server to say something, at most so long.
  func waitForWord(atMost milliseconds: Int32) {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&watched, 1, milliseconds)
  }

  /// Puts bytes one by one, as a peer that keeps a server waiting; false once the server has closed.
  func trickle(_ bytes: [UInt8], pause milliseconds: Int32 = 2) -> Bool {
    for byte in bytes {
      guard put([byte]) else { return false }
      waitForWord(atMost: milliseconds)
      if let heard = try? take(waiting: false), !heard.isEmpty { input += heard }
      if isClosed { return false }
    }
    return true
  }

  /// Bytes as TLS records.
  func encrypted(_ bytes: [UInt8]) throws -> [UInt8] {
    guard let tls else { throw Broken(description: "no handshake") }
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(16_384)
      try part.withUnsafeBytes { try tls.write($0) }
      rest = rest.dropFirst(part.count)
    }
    return Array(buffers.takeCiphertext())
  }

  /// Sends bytes in TLS; false if the server has closed.
  @discardableResult
  func say(_ bytes: [UInt8]) throws -> Bool {
    put(try encrypted(bytes))
  }

  /// Sends a KeyUpdate that asks for one in return; false if the server has closed.
  func updateKeys() throws -> Bool {
    guard let tls else { throw Broken(description: "no handshake") }
    try tls.updateKey(asking: true)
    return put(Array(buffers.takeCiphertext()))
  }

  /// Reads what is there into `frames`.
  func listen(waiting: Bool = true) throws {
    if input.isEmpty { input = try take(waiting: waiting) }
    while !input.isEmpty {
      let part = Array(input.prefix(buffers.received.count))
      input.removeFirst(part.count)
      lend(part)
      try decrypt()
    }
  }

  private func decrypt() throws {
    guard let tls else { throw Broken(description: "no handshake") }
    reading: while true {
      switch try tls.read(into: buffers.plaintext) {
      case .bytes(let count): plaintext += buffers.plaintext[..<count]
      case .wantsInput: break reading
      case .ended:
        isClosed = true
        break reading
      }
    }
    cutFrames()
  }

  private func cutFrames() {
    var rest = plaintext[...]
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard rest.count >= 9 + length else { break }
      frames.append(
        Frame(
          type: head[3],
          flags: head[4],
          stream: Self.number(head[5...]) & 0x7FFF_FFFF,
          payload: Array(rest.dropFirst(9).prefix(length))
        )
      )
      rest = rest.dropFirst(9 + length)
    }
    plaintext = Array(rest)
  }

  // MARK: HTTP/2

  /// The connection preface with settings of numbers and values.
  func open(settings: [(UInt16, UInt32)] = []) throws {
    try say(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.settings(settings))
  }

  /// Reads until a frame comes that fits, and returns it; throws if the connection ends before.
  func await(_ fits: (Frame) -> Bool) throws -> Frame {
    while true {
      if let frame = frames.first(where: fits) { return frame }
      guard !isClosed || !input.isEmpty else { throw Broken(description: "closed: \(frames)") }
      try listen()
    }
  }

  /// Reads to the end and says how it came.
  func ending() throws -> Ending {
    while !isClosed || !input.isEmpty { try listen() }
    return frames.last { $0.type == FrameType.goAway }?.code.map { .goAway($0) } ?? .closed
  }

  /// Says the same again and again, until the server has had enough or the count is reached; reads
  /// meanwhile if `reading`.
  func flood(_ count: Int, reading: Bool = true, _ bytes: (Int) -> [UInt8]) throws {
    var number = 0
    while number < count, !isClosed, !frames.contains(where: { $0.type == FrameType.goAway }) {
      var batch: [UInt8] = []
      while batch.count < 8_192, number < count {
        batch += bytes(number)
        number += 1
      }
      guard try say(batch) else { return }
      if reading { try listen(waiting: false) }
    }
  }

  static func number(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}
