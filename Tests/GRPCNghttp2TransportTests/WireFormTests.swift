internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

@Suite("Cutting messages out of a stream")
struct MessageDeframerTests {
  static func framed(_ messages: [[UInt8]]) -> [UInt8] {
    messages.flatMap { message in
      [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
    }
  }

  @Test("messages come out whole, wherever the stream is cut", arguments: 1...12)
  func everyCut(size: Int) throws {
    let messages: [[UInt8]] = [[], [1], Array(2..<9), [], Array(repeating: 7, count: 300)]
    let bytes = Self.framed(messages)
    var deframer = MessageDeframer(limit: 300)
    var found: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      let part = Array(bytes[start..<min(start + size, bytes.count)])
      try part.withUnsafeBytes { try deframer.consume($0) { message, _ in found.append(message) } }
    }
    #expect(found == messages)
    #expect(!deframer.isWithinMessage)
  }

  @Test("a message of the limit passes, one more byte is refused before it comes")
  func limit() throws {
    var deframer = MessageDeframer(limit: 4)
    var found: [[UInt8]] = []
    try Self.framed([[1, 2, 3, 4]]).withUnsafeBytes {
      try deframer.consume($0) { message, _ in found.append(message) }
    }
    #expect(found == [[1, 2, 3, 4]])
    #expect(throws: MessageDeframer.Failure.tooLarge(announced: 5, limit: 4)) {
      try [UInt8]([0, 0, 0, 0, 5]).withUnsafeBytes { try deframer.consume($0) { _, _ in } }
    }
  }

  @Test("a flag that isn't 0 is refused", arguments: [UInt8(1), 2, 255])
  func compressedFlag(flag: UInt8) {
    var deframer = MessageDeframer(limit: 4)
    #expect(throws: MessageDeframer.Failure.compressed) {
      try [flag, 0, 0, 0, 1].withUnsafeBytes { try deframer.consume($0) { _, _ in } }
    }
  }
}

@Suite("Reading and writing grpc-timeout")
struct GRPCTimeoutTests {
  @Test(
    "each unit is read",
    arguments: [
      ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)),
      ("4m", .milliseconds(4)), ("5u", .microseconds(5)), ("6n", .nanoseconds(6)),
      ("0S", .zero), ("99999999S", .seconds(99_999_999)),
    ]
  )
  func parse(text: String, duration: Duration) {
    #expect(GRPCTimeout.parse(text.utf8) == duration)
  }

  @Test(
    "other shapes are refused",
    arguments: ["", "S", "1", "1s", "1.5S", "-1S", "+1S", "123456789S", " 1S", "1SS"]
  )
  func refuse(text: String) {
    #expect(GRPCTimeout.parse(text.utf8) == nil)
  }

  @Test(
    "the finest unit of 8 digits is written, rounded up",
    arguments: [
      (Duration.zero, "0n"), (.seconds(-1), "0n"), (.nanoseconds(99_999_999), "99999999n"),
      (.milliseconds(100), "100000u"), (.seconds(1), "1000000u"), (.seconds(99), "99000000u"),
      (.nanoseconds(100_000_001), "100001u"), (.seconds(100), "100000m"),
      (.seconds(99_999), "99999000m"), (.seconds(100_000), "100000S"),
      (.seconds(99_999_999), "99999999S"), (.seconds(100_000_000), "1666667M"),
      (.seconds(6_000_000_000), "1666667H"), (.seconds(Int64.max), "99999999H"),
    ]
  )
  func format(duration: Duration, text: String) {
    #expect(GRPCTimeout.format(duration) == text)
  }
}

@Suite("Encoding texts and bytes for headers")
struct HeaderEncodingTests {
  // Vectors: RFC 4648 section 10, without padding.
  @Test(
    "Base64",
    arguments: [
      ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
      ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ]
  )
  func base64(plain: String, encoded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == Array(encoded.utf8))
    #expect(Base64.decode(Array(encoded.utf8)) == Array(plain.utf8))
    let padding = String(repeating: "=", count: (4 - encoded.count % 4) % 4)
    #expect(Base64.decode(Array((encoded + padding).utf8)) == Array(plain.utf8))
  }

  @Test("what isn't Base64 is refused", arguments: ["Z", "Zg=", "Zm9vY", "Z!==", "Zg==Zg", "===="])
  func notBase64(text: String) {
    #expect(Base64.decode(Array(text.utf8)) == nil)
  }

  @Test(
    "messages keep every character",
    arguments: [
      ("plain text", "plain text"), ("100%", "100%25"), ("状态", "%E7%8A%B6%E6%80%81"),
      ("a\nb\u{7F}", "a%0Ab%7F"),
    ]
  )
  func percent(plain: String, encoded: String) {
    #expect(PercentEncoding.encode(plain) == Array(encoded.utf8))
    #expect(PercentEncoding.decode(Array(encoded.utf8)) == plain)
  }

  @Test("broken percent encoding is left as it is", arguments: ["100%", "%4", "%zz", "%"])
  func brokenPercent(text: String) {
    #expect(PercentEncoding.decode(Array(text.utf8)) == text)
  }
}

@Suite("Passing metadata through headers")
struct MetadataMappingTests {
  private func block(_ fields: [(String, String)], limit: Int = 4096) -> HeaderBlock {
    var block = HeaderBlock(limit: limit)
    for (name, value) in fields {
      Array(name.utf8).withUnsafeBufferPointer { name in
        Array(value.utf8).withUnsafeBufferPointer { block.append(name: name, value: $0) }
      }
    }
    return block
  }

  @Test("names of HTTP/2 and of the protocol are no metadata, others are")
  func reserved() {
    let metadata = block([
      (":path", "/a/b"), ("te", "trailers"), ("content-type", "application/grpc"),
      ("grpc-timeout", "1S"), ("grpc-encoding", "identity"), ("grpc-accept-encoding", "gzip"),
      ("grpc-previous-rpc-attempts", "2"), ("user-agent", "x"), ("k", "v"), ("k", "w"),
      ("b-bin", "AP8,Cg=="), ("c-bin", "!"),
    ]).metadata()
    #expect(
      metadata == [
        "grpc-previous-rpc-attempts": "2", "user-agent": "x", "k": "v", "k": "w",
        "b-bin": .binary([0, 255]), "b-bin": .binary([10]), "c-bin": "!",
      ]
    )
  }

  @Test("the timeout stands apart, so that it doesn't tell headers from each other")
  func timeoutStandsApart() {
    let first = block([("k", "v"), ("grpc-timeout", "1S")])
    let second = block([("k", "v"), ("grpc-timeout", "2S")])
    #expect(first.hasSameFields(as: second))
    #expect(first.timeout == Array("1S".utf8))
    #expect(!first.hasSameFields(as: block([("kv", "")])))
  }

  @Test("the size counts names, values and 32 a field; the limit may be reached, not passed")
  func size() {
    let block = block([("abc", "de"), ("f", "")], limit: 70)
    #expect(block.size == 70)
    #expect(!block.isTooLarge)
    let larger = self.block([("abc", "de"), ("f", "g")], limit: 70)
    #expect(larger.isTooLarge)
  }

  @Test("what HTTP/2 can't carry is left out and named")
  func unfit() {
    var list = HeaderList()
    #expect(list.append(["ok": "fine", "Upper": "low", "x-bin": "as text"]) == nil)
    #expect(list.append(["name": "沈阳"]) == "name")
    #expect(list.append(["a b": "c"]) == "a b")
  }
}

@Suite("Naming socket addresses")
struct SocketAddressTests {
  @Test(
    "numeric addresses are taken, in gRPC's form",
    arguments: [
      ("127.0.0.1", 443, "ipv4:127.0.0.1:443"), ("::1", 0, "ipv6:[::1]:0"),
      ("::", 65_535, "ipv6:[::]:65535"),
    ]
  )
  func taken(host: String, port: Int, text: String) {
    #expect(SocketAddress(host: host, port: port)?.description == text)
  }

  @Test(
    "names, short forms and impossible ports are refused",
    arguments: [("localhost", 1), ("127.1", 1), ("", 1), ("::1", -1), ("::1", 65_536)]
  )
  func refused(host: String, port: Int) {
    #expect(SocketAddress(host: host, port: port) == nil)
  }
}
