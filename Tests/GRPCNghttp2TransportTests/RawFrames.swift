/// Numbers of HTTP/2's frame types (RFC 9113, section 6).
enum FrameType {
  static let data: UInt8 = 0
  static let headers: UInt8 = 1
  static let priority: UInt8 = 2
  static let rstStream: UInt8 = 3
  static let settings: UInt8 = 4
  static let ping: UInt8 = 6
  static let goAway: UInt8 = 7
  static let windowUpdate: UInt8 = 8
  static let continuation: UInt8 = 9
}

/// HTTP/2's frames, made by hand.
extension RawPeer {
  static let endStream: UInt8 = 1
  static let endHeaders: UInt8 = 4

  /// Four bytes, big-endian.
  static func word(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  static func frame(
    _ type: UInt8,
    _ flags: UInt8 = 0,
    stream: UInt32 = 0,
    _ payload: [UInt8] = []
  ) -> [UInt8] {
    word(UInt32(payload.count)).dropFirst() + [type, flags] + word(stream) + payload
  }

  static func settings(_ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
    frame(
      FrameType.settings,
      entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + word($0.1) }
    )
  }

  private static func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
    frame(type, 0, stream: 0, payload)
  }

  static let ping = frame(FrameType.ping, 0, stream: 0, [UInt8](repeating: 7, count: 8))

  static func reset(_ stream: UInt32, code: UInt32 = 8) -> [UInt8] {
    frame(FrameType.rstStream, 0, stream: stream, word(code))
  }

  static func windowUpdate(_ stream: UInt32, by increment: UInt32) -> [UInt8] {
    frame(FrameType.windowUpdate, 0, stream: stream, word(increment))
  }

  /// A gRPC message's prefix and bytes; `announcing` another length than it has.
  static func message(_ bytes: [UInt8], flag: UInt8 = 0, announcing length: Int? = nil) -> [UInt8] {
    [flag] + word(UInt32(length ?? bytes.count)) + bytes
  }

  static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = false) -> [UInt8] {
    frame(FrameType.data, ends ? endStream : 0, stream: stream, bytes)
  }

  // MARK: HPACK

  /// A field that enters no table, without Huffman's code (RFC 7541, section 6.2.2).
  static func field(_ name: [UInt8], _ value: [UInt8]) -> [UInt8] {
    [0] + integer(name.count) + name + integer(value.count) + value
  }

  static func field(_ name: String, _ value: String) -> [UInt8] {
    field(Array(name.utf8), Array(value.utf8))
  }

  /// An integer of a prefix of 7 bits (RFC 7541, section 5.1).
  static func integer(_ value: Int) -> [UInt8] {
    guard value >= 127 else { return [UInt8(value)] }
    var bytes: [UInt8] = [127]
    var rest = value - 127
    while rest >= 128 {
      bytes.append(UInt8(rest % 128 + 128))
      rest /= 128
    }
    return bytes + [UInt8(rest)]
  }

  /// The fields of a request for a method of `test.Bytes`.
  static func request(_ method: String) -> [UInt8] {
    field(":method", "POST") + field(":scheme", "https") + field(":path", "/test.Bytes/\(method)")
      + field(":authority", "tests") + field("te", "trailers")
      + field("content-type", "application/grpc")
  }

  /// A request's HEADERS frame, complete.
  static func headers(
    _ stream: UInt32,
    _ method: String,
    plus fields: [UInt8] = [],
    ends: Bool = false
  ) -> [UInt8] {
    frame(
      FrameType.headers,
      endHeaders | (ends ? endStream : 0),
      stream: stream,
      request(method) + fields
    )
  }
}
