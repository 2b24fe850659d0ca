internal import GRPCCore

/// Cuts a stream of bytes into gRPC messages: a flag, a length of 4 bytes big-endian, the message.
struct MessageDeframer {
  /// Why the stream can't go on.
  enum Failure: Error, Equatable {
    /// A message announces more bytes than allowed.
    case tooLarge(announced: Int, limit: Int)
    /// A message is marked compressed though no compression was agreed on, or its flag is neither 0
    /// nor 1.
    case compressed
    /// A compressed message isn't what its encoding makes, or ends early.
    case corrupt
    /// A compressed message becomes larger than allowed.
    case inflatesBeyond(limit: Int)
  }

  /// The most bytes of a message.
  var limit: Int
  /// Whether messages may be marked compressed.
  var acceptsCompressed = false
  private var header: UInt64 = 0
  private var headerCount = 0
  private var expected = 0
  private var message: [UInt8] = []

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether a message has begun and isn't complete.
  var isWithinMessage: Bool { headerCount > 0 }

  /// Bytes held for an incomplete message.
  var bufferedCount: Int { message.count }

  /// Takes bytes in and hands over each message they complete, as it came, and whether it is marked
  /// compressed.
  ///
  /// After a failure, the closure's own included, the deframer must not be used again.
  mutating func consume(
    _ bytes: UnsafeRawBufferPointer,
    _ onMessage: ([UInt8], _ isCompressed: Bool) throws(Failure) -> Void
  ) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      while headerCount < 5, let byte = rest.popFirst() {
        header = header << 8 | UInt64(byte)
        headerCount += 1
        if headerCount == 5 { try begin() }
      }
      guard headerCount == 5 else { return }
      let isCompressed = header >> 32 == 1
      let part = rest.prefix(expected - message.count)
      rest = rest.dropFirst(part.count)
      if part.count == expected {
        try onMessage(Array(part), isCompressed)
      } else {
        // A peer may announce much and send little: room is made as bytes come.
        if message.isEmpty { message.reserveCapacity(min(expected, 65_536)) }
        message.append(contentsOf: part)
        guard message.count == expected else { return }
        try onMessage(message, isCompressed)
        message = []
      }
      header = 0
      headerCount = 0
      expected = 0
    }
  }

  private mutating func begin() throws(Failure) {
    let flag = header >> 32
    guard flag == 0 || flag == 1 && acceptsCompressed else { throw .compressed }
    expected = Int(header & 0xFFFF_FFFF)
    // What can't be compressed becomes a little larger by it.
    let most = flag == 0 ? limit : MessageCodec.compressedBound(of: limit)
    guard expected <= most else { throw .tooLarge(announced: expected, limit: limit) }
  }
}

extension MessageDeframer.Failure {
  /// What the call ends with; `side` is "request" or "response".
  func asError(of side: String) -> RPCError {
    switch self {
    case .tooLarge(let announced, let limit):
      let words = "The \(side) message has \(announced) bytes; at most \(limit) are allowed."
      return RPCError(code: .resourceExhausted, message: words)
    case .inflatesBeyond(let limit):
      let words = "The \(side) message has more than \(limit) bytes once decompressed."
      return RPCError(code: .resourceExhausted, message: words)
    case .compressed:
      let words = "A \(side) message is marked compressed, but no grpc-encoding says how."
      return RPCError(code: .internalError, message: words)
    case .corrupt:
      let words = "A \(side) message can't be decompressed."
      return RPCError(code: .internalError, message: words)
    }
  }
}
