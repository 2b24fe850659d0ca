/// Cuts a stream of bytes into gRPC messages: a flag, a length of 4 bytes big-endian, the message.
struct MessageDeframer {
  /// Why the stream can't go on.
  enum Failure: Error, Equatable {
    /// A message announces more bytes than allowed.
    case tooLarge(announced: Int, limit: Int)
    /// A message is marked compressed, or its flag is neither 0 nor 1.
    case compressed
  }

  /// The most bytes of a message.
  var limit: Int
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

  /// Takes bytes in and hands over each message they complete.
  ///
  /// After a failure the deframer must not be used again.
  mutating func consume(
    _ bytes: UnsafeRawBufferPointer,
    _ onMessage: ([UInt8]) -> Void
  ) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      while headerCount < 5, let byte = rest.popFirst() {
        header = header << 8 | UInt64(byte)
        headerCount += 1
        if headerCount == 5 { try begin() }
      }
      guard headerCount == 5 else { return }
      let part = rest.prefix(expected - message.count)
      rest = rest.dropFirst(part.count)
      if part.count == expected {
        onMessage(Array(part))
      } else {
        // A peer may announce much and send little: room is made as bytes come.
        if message.isEmpty { message.reserveCapacity(min(expected, 65_536)) }
        message.append(contentsOf: part)
        guard message.count == expected else { return }
        onMessage(message)
        message = []
      }
      header = 0
      headerCount = 0
      expected = 0
    }
  }

  private mutating func begin() throws(Failure) {
    guard header >> 32 == 0 else { throw .compressed }
    expected = Int(header)
    guard expected <= limit else { throw .tooLarge(announced: expected, limit: limit) }
  }
}
