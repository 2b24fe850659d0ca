internal import CZlib

/// Compresses and decompresses messages, each by itself.
///
/// Its working memory (about 260 KiB an encoding for compressing, 40 KiB for decompressing) is made at
/// first use and serves all connections of a loop. Confined to that loop.
final class MessageCodec {
  private var compressors: [MessageEncoding: ZlibStream] = [:]
  private var decompressors: [MessageEncoding: ZlibStream] = [:]
  private let mostAtOnce: Int

  /// - Parameter mostAtOnce: How many bytes zlib is given or may give in one step; it counts them in
  ///   32 bits.
  init(mostAtOnce: Int = Int(UInt32.max)) {
    self.mostAtOnce = mostAtOnce
  }

  /// The most bytes that so many can become by being compressed.
  ///
  /// Source: zlib's `compressBound`, and gzip's header and trailer.
  static func compressedBound(of count: Int) -> Int {
    let (sum, overflows) = count.addingReportingOverflow(count >> 8 + 64)
    return overflows ? count : sum
  }

  /// A message compressed; nil if that wouldn't make it smaller.
  func compress(_ message: [UInt8], _ encoding: MessageEncoding) -> [UInt8]? {
    guard message.count > 1, let stream = stream(encoding, &compressors, ZlibStream.compressor)
    else { return nil }
    var isComplete = false
    let compressed = message.withUnsafeBytes { input in
      [UInt8](unsafeUninitializedCapacity: message.count - 1) { room, count in
        stream.begin(input)
        isComplete = stream.deflate(into: UnsafeMutableRawBufferPointer(room), &count)
      }
    }
    return isComplete ? compressed : nil
  }

  /// A message decompressed.
  ///
  /// Never makes room for more than the limit; decompression stops there.
  ///
  /// - Throws: `corrupt`, or `inflatesBeyond` the limit.
  func decompress(
    _ message: [UInt8],
    _ encoding: MessageEncoding,
    limit: Int
  ) throws(MessageDeframer.Failure) -> [UInt8] {
    guard let stream = stream(encoding, &decompressors, ZlibStream.decompressor) else {
      throw .corrupt
    }
    let result = message.withUnsafeBytes {
      input -> Result<[UInt8], MessageDeframer.Failure> in
      stream.begin(input)
      do throws(MessageDeframer.Failure) {
        let room = Self.firstRoom(input, encoding, limit)
        return .success(try Self.inflate(stream, room: room, limit: limit))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func inflate(
    _ stream: ZlibStream,
    room first: Int,
    limit: Int
  ) throws(MessageDeframer.Failure) -> [UInt8] {
    var whole: [UInt8] = []
    var room = first
    while room > 0 {
      var progress = ZlibStream.Progress.corrupt
      whole = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        _ = buffer.initialize(fromContentsOf: whole)
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        progress = stream.inflate(into: .init(rebasing: bytes[whole.count...]), &count)
        count += whole.count
      }
      switch progress {
      case .complete: return whole
      case .corrupt: throw .corrupt
      case .needsRoom: break
      }
      if room == limit { break }
      room = min(limit, room * 2)
    }
    switch stream.ending() {
    case .complete: return whole
    case .needsRoom: throw .inflatesBeyond(limit: limit)
    case .corrupt: throw .corrupt
    }
  }

  /// gzip tells the size at its end; what it tells is a hint, and no peer gets more than DEFLATE's
  /// greatest ratio allows.
  private static func firstRoom(
    _ input: UnsafeRawBufferPointer,
    _ encoding: MessageEncoding,
    _ limit: Int
  ) -> Int {
    var guess = max(512, 2 * input.count)
    if encoding == .gzip, input.count >= 18 {
      let size = UInt32(
        littleEndian: input.loadUnaligned(fromByteOffset: input.count - 4, as: UInt32.self)
      )
      if Int(size) / 1032 <= input.count { guess = max(1, Int(size)) }
    }
    return min(guess, limit)
  }

  private func stream(
    _ encoding: MessageEncoding,
    _ streams: inout [MessageEncoding: ZlibStream],
    _ make: (Int32) -> ZlibStream?
  ) -> ZlibStream? {
    if let known = streams[encoding] { return known }
    let made: ZlibStream?
    switch encoding {
    case .identity: made = nil
    case .deflate: made = make(15)
    case .gzip: made = make(15 + 16)
    }
    made?.mostAtOnce = mostAtOnce
    streams[encoding] = made
    return made
  }
}

/// One zlib stream, used again for each message.
private final class ZlibStream {
  enum Progress {
    case complete, needsRoom, corrupt
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let isCompressor: Bool
  /// The most bytes in or out in one step.
  var mostAtOnce = Int(UInt32.max)
  /// What zlib hasn't been given yet.
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

  private init?(isCompressor: Bool, _ initialize: (UnsafeMutablePointer<z_stream>) -> Int32) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.isCompressor = isCompressor
    guard initialize(stream) == Z_OK else { return nil }
  }

  static func compressor(windowBits: Int32) -> ZlibStream? {
    // The least effort: a loop serves others meanwhile.
    ZlibStream(isCompressor: true) { czlib_deflate_init($0, Z_BEST_SPEED, windowBits) }
  }

  static func decompressor(windowBits: Int32) -> ZlibStream? {
    ZlibStream(isCompressor: false) { czlib_inflate_init($0, windowBits) }
  }

  deinit {
    _ = isCompressor ? deflateEnd(stream) : inflateEnd(stream)
    stream.deallocate()
  }

  /// Begins a message, which must stay where it is until it is done.
  func begin(_ input: UnsafeRawBufferPointer) {
    _ = isCompressor ? deflateReset(stream) : inflateReset(stream)
    rest = input
    offer()
  }

  private func offer() {
    let part = UnsafeRawBufferPointer(rebasing: rest.prefix(mostAtOnce))
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: part.bindMemory(to: UInt8.self).baseAddress
    )
    stream.pointee.avail_in = UInt32(part.count)
  }

  /// Compresses all; false if the room doesn't suffice.
  func deflate(into room: UnsafeMutableRawBufferPointer, _ count: inout Int) -> Bool {
    let code = run(into: room, &count) {
      CZlib.deflate(stream, rest.isEmpty ? Z_FINISH : Z_NO_FLUSH)
    }
    return code == Z_STREAM_END
  }

  /// Decompresses as far as there is room.
  func inflate(into room: UnsafeMutableRawBufferPointer, _ count: inout Int) -> Progress {
    let code = run(into: room, &count) { CZlib.inflate(stream, Z_NO_FLUSH) }
    switch code {
    case Z_STREAM_END:
      return stream.pointee.avail_in == 0 && rest.isEmpty ? .complete : .corrupt
    case Z_OK, Z_BUF_ERROR: return count == room.count ? .needsRoom : .corrupt
    default: return .corrupt
    }
  }

  /// Whether more would come out, after all room was used.
  func ending() -> Progress {
    withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { room in
      var count = 0
      let progress = inflate(into: room, &count)
      return count > 0 ? .needsRoom : progress
    }
  }

  private func run(
    into room: UnsafeMutableRawBufferPointer,
    _ count: inout Int,
    _ step: () -> Int32
  ) -> Int32 {
    count = 0
    while true {
      let part = UnsafeMutableRawBufferPointer(rebasing: room[count...].prefix(mostAtOnce))
      stream.pointee.next_out = part.bindMemory(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(part.count)
      let code = step()
      count += part.count - Int(stream.pointee.avail_out)
      guard code == Z_OK || code == Z_BUF_ERROR, count < room.count else { return code }
      // On where only what was given has come to its end.
      if stream.pointee.avail_in == 0, !rest.isEmpty {
        offer()
      } else if stream.pointee.avail_out > 0 {
        return code
      }
    }
  }
}
