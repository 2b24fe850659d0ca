/// What a peer says, made of an input: HTTP/2 frames that are mostly well-formed, so that a change of
/// a byte changes what is said and not only where the reader loses its way.
///
/// Each step is a byte of which the lower half chooses the frame and the upper half its stream; what
/// the frame needs follows. Source: RFC 9113, section 6.
struct FrameScript {
  enum Step: Equatable {
    /// Bytes to send.
    case bytes([UInt8])
    /// Wait until the other side has read everything.
    case pause
    /// End this direction.
    case halfClose
  }

  private var input: InputReader
  /// Fields by number, for header lists.
  private let fields: [(String, String)]
  /// The first stream's number.
  private let firstStream: UInt32
  private var last: [UInt8] = []
  /// Whether what was sent so far ends on a frame's boundary.
  private(set) var isFramed = true

  init(_ bytes: [UInt8], fields: [(String, String)], firstStream: UInt32) {
    input = InputReader(bytes)
    self.fields = fields
    self.firstStream = firstStream
  }

  /// The next step, nil at the end.
  mutating func next() -> Step? {
    guard !input.isAtEnd else { return nil }
    let code = input.byte()
    let stream = streamNumber(code >> 4)
    switch code & 15 {
    case 12: return .pause
    case 13:
      let count = Int(input.byte())
      return .bytes(Array(repeatElement(last, count: count).joined()))
    case 14:
      isFramed = false
      return .bytes(input.bytes(Int(input.byte())))
    case 15: return .halfClose
    case let kind:
      last = frame(kind, stream)
      return .bytes(last)
    }
  }

  private func streamNumber(_ choice: UInt8) -> UInt32 {
    switch choice {
    case 15: 0
    case 14: 2
    default: firstStream + 2 * UInt32(choice)
    }
  }

  private mutating func frame(_ kind: UInt8, _ stream: UInt32) -> [UInt8] {
    switch kind {
    case 0:
      let flags = input.byte()
      return Self.frame(1, flags: flags & 5 ^ 4, stream, headerBlock())
    case 1:
      let ends = input.byte()
      let count = Int(input.byte())
      let message = input.bytes(count)
      let head: [UInt8] = [ends >> 1 & 1, 0, 0, 0, UInt8(message.count)]
      return Self.frame(0, flags: ends & 1, stream, head + message)
    case 2: return Self.frame(0, flags: input.byte(), stream, input.bytes(Int(input.byte())))
    case 3: return Self.frame(3, stream, [0, 0, 0, input.byte()])
    case 4: return Self.frame(4, flags: input.byte() & 1, 0, settings())
    case 5: return Self.frame(6, flags: input.byte() & 1, 0, [0] + padded(input.bytes(7), 7))
    case 6: return Self.frame(7, 0, [0, 0, 0, input.byte(), 0, 0, 0, input.byte()])
    case 7: return Self.frame(8, stream, padded(input.bytes(4), 4))
    case 8: return Self.frame(9, flags: input.byte(), stream, headerBlock())
    case 9: return Self.frame(1, flags: input.byte(), stream, input.bytes(Int(input.byte())))
    case 10:
      // A message of many bytes that needn't stand in the input.
      let (count, byte) = (input.number(), input.byte())
      let body = [UInt8](repeating: byte, count: min(count, 16_384))
      return Self.frame(0, flags: input.byte() & 1, stream, body)
    default:
      let (type, flags) = (input.byte(), input.byte())
      return Self.frame(type, flags: flags, stream, input.bytes(input.number() & 0x3FFF))
    }
  }

  private func padded(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: count - bytes.count)
  }

  private mutating func settings() -> [UInt8] {
    (0..<Int(input.byte() & 7)).flatMap { _ in
      [0, input.byte(), input.byte(), input.byte(), input.byte(), input.byte()]
    }
  }

  /// Literal fields without indexing (RFC 7541, 6.2.2): known ones by number, or made up.
  private mutating func headerBlock() -> [UInt8] {
    var block: [UInt8] = []
    for _ in 0..<Int(input.byte() & 31) {
      let number = Int(input.byte())
      if number < fields.count {
        block += Self.literal(Array(fields[number].0.utf8), Array(fields[number].1.utf8))
      } else if number >= 128 {
        let name = input.bytes(Int(input.byte() & 63))
        block += Self.literal(name, input.bytes(Int(input.byte() & 127)))
      } else {
        block += Self.literal(Array(fields[number % fields.count].0.utf8), input.bytes(8))
      }
    }
    return block
  }

  static func literal(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
    [0, UInt8(name.count & 127)] + name.prefix(127) + [UInt8(value.count & 127)] + value.prefix(127)
  }

  /// One frame.
  static func frame(
    _ type: UInt8,
    flags: UInt8 = 0,
    _ stream: UInt32,
    _ payload: [UInt8]
  ) -> [UInt8] {
    let count = payload.count
    return [UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags]
      + withUnsafeBytes(of: stream.bigEndian) { Array($0) } + payload
  }
}
