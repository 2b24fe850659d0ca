internal import GRPCCore
internal import Testing

@testable internal import GRPCNghttp2Transport

extension BytesService {
  /// `Pack`: answers each message by itself, its first byte replaced by 1 if it came compressed, and
  /// compressed by the algorithm in the metadata `pack` unless its second byte is 0.
  func registerPacking<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    stream("Pack", .bidirectionalStreaming, &router) { request, context in
      let specific = context.transportSpecific as? Nghttp2ServerTransport.Context
      var algorithm = CompressionAlgorithm.none
      for name in request.metadata[stringValues: "pack"] {
        algorithm = name == "gzip" ? .gzip : .deflate
      }
      let wanted = algorithm
      specific?.compressResponse(with: wanted)
      return StreamingServerResponse { writer in
        for try await var message in request.messages {
          message[0] = specific?.isRequestMessageCompressed ?? false ? 1 : 0
          specific?.compressResponse(with: message[1] == 0 ? .none : wanted)
          try await writer.write(message)
        }
        return [:]
      }
    }
  }
}

/// Bytes in which nothing repeats.
private func noise(_ count: Int) -> [UInt8] {
  var state: UInt64 = 88_172_645_463_325_252
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state)
  }
}

private let encodings = [MessageEncoding.gzip, .deflate]

@Suite("Compressing a message")
struct MessageCodecTests {
  @Test("what was compressed comes back", arguments: encodings, [2, 600, 70_000, 3_000_000])
  func roundTrip(encoding: MessageEncoding, size: Int) throws {
    let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let codec = MessageCodec()
    for _ in 0..<2 {
      guard let compressed = codec.compress(message, encoding) else {
        #expect(size == 2, "only what is tiny gets no smaller")
        continue
      }
      #expect(compressed.count < size)
      #expect(try codec.decompress(compressed, encoding, limit: size) == message)
    }
  }

  @Test(
    "messages of more bytes than zlib counts are taken and given in steps",
    arguments: encodings,
    [1, 100, 69_999]
  )
  func steps(encoding: MessageEncoding, most: Int) throws {
    let message = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let (codec, plain) = (MessageCodec(mostAtOnce: most), MessageCodec())
    let compressed = try #require(codec.compress(message, encoding))
    #expect(compressed.count < message.count)
    #expect(try plain.decompress(compressed, encoding, limit: 70_000) == message)
    #expect(try codec.decompress(compressed, encoding, limit: 70_000) == message)
    #expect(throws: MessageDeframer.Failure.inflatesBeyond(limit: 69_999)) {
      try codec.decompress(compressed, encoding, limit: 69_999)
    }
    #expect(throws: MessageDeframer.Failure.corrupt) {
      try codec.decompress(compressed + [0], encoding, limit: 70_000)
    }
    #expect(throws: MessageDeframer.Failure.corrupt) {
      try codec.decompress(Array(compressed.dropLast()), encoding, limit: 70_000)
    }
  }

  @Test("what gets no smaller isn't compressed", arguments: encodings)
  func noise(encoding: MessageEncoding) {
    let codec = MessageCodec()
    #expect(codec.compress(GRPCNghttp2TransportTests.noise(5000), encoding) == nil)
    #expect(codec.compress([UInt8](repeating: 0, count: 5000), encoding) != nil)
  }

  @Test("decompression stops at the limit", arguments: encodings, [0, 1, 512, 100_000])
  func limit(encoding: MessageEncoding, limit: Int) throws {
    let codec = MessageCodec()
    let bomb = try #require(codec.compress([UInt8](repeating: 0, count: 64 << 20), encoding))
    #expect(throws: MessageDeframer.Failure.inflatesBeyond(limit: limit)) {
      try codec.decompress(bomb, encoding, limit: limit)
    }
    let exact = [UInt8](repeating: 3, count: 100_000)
    let small = try #require(codec.compress(exact, encoding))
    #expect(try codec.decompress(small, encoding, limit: 100_000) == exact)
    #expect(throws: MessageDeframer.Failure.inflatesBeyond(limit: 99_999)) {
      try codec.decompress(small, encoding, limit: 99_999)
    }
  }

  @Test("what no compressor wrote is refused, and the next message is read", arguments: encodings)
  func corrupt(encoding: MessageEncoding) throws {
    let codec = MessageCodec()
    let message = (0..<5000).map { UInt8(truncatingIfNeeded: $0 / 3) }
    let good = try #require(codec.compress(message, encoding))
    var flipped = good
    flipped[good.count - 3] ^= 1
    let bad: [[UInt8]] = [[], [0], Array(good.dropLast()), good + [0], flipped, self.noise]
    for bytes in bad {
      #expect(throws: MessageDeframer.Failure.corrupt) {
        try codec.decompress(bytes, encoding, limit: 10_000)
      }
      #expect(try codec.decompress(good, encoding, limit: 10_000) == message)
    }
  }

  private let noise = GRPCNghttp2TransportTests.noise(1000)

  @Test("gzip's size is only a hint")
  func lyingSize() throws {
    let codec = MessageCodec()
    var bytes = try #require(codec.compress([UInt8](repeating: 1, count: 5000), .gzip))
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [1, 0, 0, 0])
    #expect(throws: MessageDeframer.Failure.corrupt) {
      try codec.decompress(bytes, .gzip, limit: 10_000)
    }
  }
}

@Suite("Compressed messages", .timeLimit(.minutes(1)))
struct CompressionTests {
  static func framed(_ message: [UInt8], flag: UInt8) -> [UInt8] {
    [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  /// What a probe gets for a body that is one compressed message.
  private static func reply(
    _ bed: ServerTestBed,
    _ message: [UInt8],
    _ encoding: MessageEncoding
  ) async throws -> ProbeCall.Reply {
    try await bed.probe().open(
      "Echo",
      headers: [("grpc-encoding", encoding.name)],
      rawBody: framed(message, flag: 1)
    ).reply()
  }

  @Test(
    "a compressed request is read, and the server tells what it takes",
    arguments: encodings,
    CallPath.allCases
  )
  func request(encoding: MessageEncoding, path: CallPath) async throws {
    try await withServer(path) { bed in
      let message = [UInt8](repeating: 9, count: 100_000)
      let compressed = try #require(MessageCodec().compress(message, encoding))
      let reply = try await Self.reply(bed, compressed, encoding)
      #expect(reply.messages == [message])
      #expect(reply.code == .ok)
      let accepted = reply.blocks.first?.text(of: "grpc-accept-encoding")
      #expect(accepted == "identity,deflate,gzip")
    }
  }

  @Test(
    "an encoding that isn't taken is UNIMPLEMENTED, with those that are",
    arguments: [("br", true), ("gzip", false), ("GZIP", true), ("gzip, deflate", true)]
  )
  func unknownEncoding(name: String, allowsGzip: Bool) async throws {
    try await withServer { configuration in
      if !allowsGzip { configuration.compression.algorithms = [.deflate] }
    } _: { bed in
      let probe = try await bed.probe()
      let reply = try await probe.call("Echo", headers: [("grpc-encoding", name)])
      #expect(reply.code == .unimplemented)
      #expect(reply.status?.message.contains(name) == true)
      let accepted = reply.blocks.first?.text(of: "grpc-accept-encoding")
      #expect(accepted == (allowsGzip ? "identity,deflate,gzip" : "identity,deflate"))
      #expect(try await probe.call("Echo", headers: [("grpc-encoding", "identity")]).code == .ok)
    }
  }

  @Test("the limit counts what a message becomes", arguments: encodings, [0, 1])
  func messageLimit(encoding: MessageEncoding, excess: Int) async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.requestMessageBytes = 50_000
    try await withServer(limits: limits) { bed in
      let message = [UInt8](repeating: 0, count: 50_000 + excess)
      let compressed = try #require(MessageCodec().compress(message, encoding))
      let reply = try await Self.reply(bed, compressed, encoding)
      #expect(reply.code == (excess == 0 ? .ok : .resourceExhausted))
    }
  }

  @Test("what a connection holds counts what messages become")
  func inputBudget() async throws {
    var limits = Nghttp2ServerTransport.Limits()
    limits.heldRequestBytes = 100_000
    try await withServer(limits: limits) { bed in
      let message = [UInt8](repeating: 0, count: 100_001)
      let compressed = try #require(MessageCodec().compress(message, .gzip))
      let reply = try await Self.reply(bed, compressed, .gzip)
      #expect(reply.code == .resourceExhausted)
      #expect(reply.status?.message.contains("hold more than") == true)
    }
  }

  @Test("a message that can't be decompressed is INTERNAL", arguments: encodings)
  func corrupt(encoding: MessageEncoding) async throws {
    try await withServer { bed in
      let reply = try await Self.reply(bed, [1, 2, 3], encoding)
      #expect(reply.code == .internalError)
    }
  }

  @Test("a message marked compressed under identity is INTERNAL")
  func flagWithoutEncoding() async throws {
    try await withServer { bed in
      let reply = try await Self.reply(bed, [1, 2, 3], .identity)
      #expect(reply.code == .internalError)
    }
  }

  @Test("each side compresses what it is told to, and nothing else", arguments: encodings)
  func conversation(encoding: MessageEncoding) async throws {
    try await withServer { bed in
      try await bed.withClient { client in
        var options = CallOptions.defaults
        options.compression = encoding.algorithm
        let large = [UInt8](repeating: 1, count: 5000)
        let messages = [large, [0, 1, 2], [9, 1] + noise(3000), [0, 0] + large, large]
        let answers = try await client.stream(
          "Pack",
          metadata: ["pack": "\(encoding)"],
          options: options,
          saying: { for message in messages { try await $0.write(message) } }
        ) { response in
          try await response.messages.reduce(into: [[UInt8]]()) { $0.append($1) }
        }
        #expect(answers.map { $0[0] } == [1, 0, 0, 1, 1])
        #expect(answers.map { $0.dropFirst() } == messages.map { $0.dropFirst() })
      }
    }
  }

  @Test("a response is compressed only for who takes that, and where it gets smaller")
  func response() async throws {
    try await withServer { bed in
      let body = Self.framed([0, 1] + [UInt8](repeating: 5, count: 5000), flag: 0)
      for (accepted, encoding) in [("identity, gzip", "gzip"), ("deflate", nil), ("", nil)] {
        let headers = [("grpc-accept-encoding", accepted), ("pack", "gzip")]
        let probe = try await bed.probe()
        let reply = try await probe.open("Pack", headers: headers, rawBody: body).reply()
        #expect(reply.blocks.first?.text(of: "grpc-encoding") == encoding)
        #expect(reply.messages.map(\.count) == [5002])
      }
    }
  }

  @Test("a server told to compress all responses does, for who takes it")
  func allResponses() async throws {
    try await withServer {
      $0.compression.algorithm = .deflate
    } _: { bed in
      let probe = try await bed.probe()
      let accepting = try await probe.call("Echo", headers: [("grpc-accept-encoding", "deflate")])
      #expect(accepting.blocks.first?.text(of: "grpc-encoding") == "deflate")
      #expect(try await probe.call("Echo").blocks.first?.text(of: "grpc-encoding") == nil)
    }
  }

  @Test("a client reads what was announced, within its limit", arguments: [5000, 4999])
  func clientLimit(limit: Int) async throws {
    let message = [UInt8](repeating: 5, count: 5000)
    try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      let compressed = MessageCodec().compress(message, .gzip) ?? []
      try server.sendHeaders(
        stream,
        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")]
      )
      try server.sendMessage(stream, compressed, compressed: 1)
      if limit == 5000 { try server.sendHeaders(stream, [("grpc-status", "0")], ends: true) }
    } _: { client in
      var options = CallOptions.defaults
      options.maxResponseMessageBytes = limit
      if limit == 5000 {
        #expect(try await client.call(options: options) == message)
      } else {
        let error = try await failure { try await client.call(options: options) }
        #expect(error.code == .resourceExhausted)
      }
    }
  }

  @Test("a response in an encoding that wasn't offered is INTERNAL, and says which are")
  func clientUnknownEncoding() async throws {
    let error = try await ClientHarness.withScript { server in
      let stream = try server.nextRequest()
      try server.sendHeaders(
        stream,
        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "br")]
      )
      try server.sendMessage(stream, [1], compressed: 1)
    } _: { client in
      try await failure { try await client.call() }
    }
    #expect(error.code == .internalError)
    #expect(error.message.contains("'br'") && error.message.contains("gzip"))
  }
}
