internal import GRPCCore

@testable internal import GRPCNghttp2Transport

extension FuzzTarget {
  /// The small forms of gRPC over HTTP/2.
  static let wire = [
    FuzzTarget(name: "messages", limit: 4_096, read: WireTargets.messages),
    FuzzTarget(name: "compressed-messages", limit: 4_096, read: WireTargets.compressedMessages),
    FuzzTarget(name: "headers", limit: 4_096, read: WireTargets.headers),
    FuzzTarget(name: "client-hello", limit: 4_096, read: ConnectionTargets.clientHello),
  ]
}

enum WireTargets {
  // MARK: Messages

  /// However a stream is cut, the same messages come out, and they are those that a reader of the
  /// whole would find.
  static func messages(_ bytes: [UInt8]) throws {
    var input = InputReader(bytes)
    let form = Form(limit: input.number(), acceptsCompressed: input.byte() & 1 == 1)
    let step = Int(input.byte()) + 1
    let stream = input.all()
    let whole = cut(stream, form, step: max(1, stream.count))
    let pieces = cut(stream, form, step: step)
    try demand(whole == pieces, "the cuts change what is read")
    try demand(whole == expected(stream, form), "not the messages that were sent")
    try repack(whole.messages, room: step)
  }

  private struct Form {
    var limit: Int
    var acceptsCompressed: Bool
  }

  private struct Sent: Equatable {
    var bytes: [UInt8]
    var isCompressed: Bool
  }

  private struct Outcome: Equatable {
    var messages: [Sent] = []
    var failure: MessageDeframer.Failure?
    var isWithinMessage = false
  }

  private static func cut(_ stream: [UInt8], _ form: Form, step: Int) -> Outcome {
    var outcome = Outcome()
    var deframer = MessageDeframer(limit: form.limit)
    deframer.acceptsCompressed = form.acceptsCompressed
    do throws(MessageDeframer.Failure) {
      for start in stride(from: 0, to: stream.count, by: step) {
        // A buffer of its own, so that reading past its end is seen.
        let part = Array(stream[start..<min(stream.count, start + step)])
        try consume(part, &deframer) { outcome.messages.append($0) }
      }
      outcome.isWithinMessage = deframer.isWithinMessage
    } catch {
      outcome.failure = error
    }
    return outcome
  }

  private static func consume(
    _ part: [UInt8],
    _ deframer: inout MessageDeframer,
    _ onMessage: (Sent) -> Void
  ) throws(MessageDeframer.Failure) {
    let result = part.withUnsafeBytes { bytes in
      Result { () throws(MessageDeframer.Failure) in
        try deframer.consume(bytes) { onMessage(Sent(bytes: $0, isCompressed: $1)) }
      }
    }
    try result.get()
  }

  /// What the gRPC framing says, written again as simply as can be.
  private static func expected(_ stream: [UInt8], _ form: Form) -> Outcome {
    var outcome = Outcome()
    var rest = stream[...]
    while rest.count >= 5 {
      let head = Array(rest.prefix(5))
      let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
      if head[0] > 1 || head[0] == 1 && !form.acceptsCompressed {
        outcome.failure = .compressed
        return outcome
      }
      if length > form.limit + Int(head[0]) * (form.limit / 256 + 64) {
        outcome.failure = .tooLarge(announced: length, limit: form.limit)
        return outcome
      }
      guard rest.count >= 5 + length else { break }
      let bytes = Array(rest.dropFirst(5).prefix(length))
      outcome.messages.append(Sent(bytes: bytes, isCompressed: head[0] == 1))
      rest = rest.dropFirst(5 + length)
    }
    outcome.isWithinMessage = !rest.isEmpty
    return outcome
  }

  /// Messages sent in DATA frames of any size come out as they were.
  private static func repack(_ messages: [Sent], room size: Int) throws {
    var outbox = Outbox()
    for message in messages {
      _ = outbox.append(message.bytes, isCompressed: message.isCompressed)
    }
    _ = outbox.end(.end)
    var sent: [UInt8] = []
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
    defer { room.deallocate() }
    while true {
      switch outbox.fill(room) {
      case .bytes(let count):
        sent += room[..<count]
        continue
      case .end(let count): sent += room[..<count]
      case .later, .endBeforeTrailers: throw Finding(description: "an outbox loses its end")
      }
      break
    }
    let form = Form(limit: 1 << 32, acceptsCompressed: true)
    let outcome = cut(sent, form, step: max(1, sent.count))
    try demand(outcome.messages == messages, "an outbox changes messages")
    try demand(outbox.queuedBytes == 0, "an outbox counts wrong")
  }

  // MARK: Compression

  /// What is decompressed keeps to its limit, and is the same when it is compressed anew.
  static func compressedMessages(_ bytes: [UInt8]) throws {
    var input = InputReader(bytes)
    let encoding: MessageEncoding = input.byte() & 1 == 0 ? .gzip : .deflate
    let limit = input.number()
    let message = input.all()
    let codec = MessageCodec()
    if let whole = try? codec.decompress(message, encoding, limit: limit) {
      try demand(whole.count <= limit, "a message exceeds its limit")
      try same(whole, encoding, codec)
    }
    // Whatever came, it must not spoil the next message.
    try same(message, encoding, codec)
  }

  private static func same(
    _ message: [UInt8],
    _ encoding: MessageEncoding,
    _ codec: MessageCodec
  ) throws {
    guard let packed = codec.compress(message, encoding) else { return }
    try demand(packed.count < message.count, "compressing makes a message larger")
    try demand(
      try codec.decompress(packed, encoding, limit: message.count) == message,
      "compressing changes a message"
    )
  }

  // MARK: Headers

  /// Fields become metadata, a status, a timeout; what was read is read again from what is written.
  static func headers(_ bytes: [UInt8]) throws {
    var input = InputReader(bytes)
    var block = HeaderBlock(limit: input.number())
    var other = HeaderBlock(limit: block.limit)
    while !input.isAtEnd {
      let name = input.bytes(Int(input.byte()))
      let value = input.bytes(Int(input.byte()))
      append(name, value, to: &block)
      append(name, value, to: &other)
      try codings(name)
      try codings(value)
    }
    try demand(block.hasSameFields(as: other), "equal fields differ")
    _ = GRPCTimeout.parse(block.timeout)
    if let status = block.status() {
      var list = HeaderList()
      list.append(status)
    }
    var list = HeaderList()
    list.append(block.metadata())
    for name in ["content-type", ":path", "te", "", "grpc-encoding"] { _ = block.text(of: name) }
    block.reset()
    try demand(block.isEmpty && block.size == 0, "a reset block is not empty")
  }

  private static func append(_ name: [UInt8], _ value: [UInt8], to block: inout HeaderBlock) {
    name.withUnsafeBufferPointer { name in
      value.withUnsafeBufferPointer { block.append(name: name, value: $0) }
    }
  }

  private static func codings(_ bytes: [UInt8]) throws {
    try demand(Base64.decode(Base64.encode(bytes)) == bytes, "Base64 changes bytes")
    if let decoded = Base64.decode(bytes) {
      try demand(Base64.decode(Base64.encode(decoded)) == decoded, "Base64 changes what it read")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    try demand(
      PercentEncoding.decode(PercentEncoding.encode(text)) == text,
      "percent-encoding changes a text"
    )
    _ = PercentEncoding.decode(bytes)
    if let duration = GRPCTimeout.parse(bytes) {
      let again = GRPCTimeout.parse(GRPCTimeout.format(duration).utf8)
      try demand(again.map { $0 >= duration } ?? false, "a timeout shrinks: \(text)")
    }
  }
}
