internal import Foundation

/// A file of a package.
struct TarEntry: Hashable, Sendable {
  /// The path: 1 to 100 bytes of ASCII letters, digits, `-`, `.`, `_` and `/`, relative, going down.
  let path: String
  /// The bytes.
  let content: [UInt8]
}

/// Why bytes are no tar file as this house writes them.
enum TarFault: Error, Hashable {
  /// No header of ours stands at an offset.
  case headerMalformed(offset: Int)
  /// An entry is larger than it may be.
  case entryTooLarge(path: String)
  /// Something follows the end, or the padding is no zeros.
  case trailingBytes
  /// The bytes end before the archive does.
  case endMissing
}

/// The tar form of a package: regular files only, mode 0644, no owner, one time for all.
///
/// The same files, order and time give the same bytes.
///
/// Source: POSIX.1-2017, pax, ustar interchange format.
enum TarFile {
  /// Headers and contents begin at multiples of this.
  static let blockSize = 512
  /// The file is filled up with zeros to a multiple of this: 20 blocks, as tapes had them.
  static let recordSize = 20 * blockSize

  /// How many bytes a file of some entries has.
  static func size(of contentSizes: some Sequence<Int>) -> Int {
    let entries = contentSizes.reduce(0) { $0 + blockSize + padded($1, to: blockSize) }
    return padded(entries + 2 * blockSize, to: recordSize)
  }

  /// The file.
  ///
  /// - Parameters:
  ///   - entries: The files in their order; paths as `isSafe` wants them.
  ///   - time: The modification time of all, to the second.
  /// - Returns: The bytes.
  static func bytes(of entries: [TarEntry], time: Date) -> [UInt8] {
    let size = size(of: entries.lazy.map(\.content.count))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size)
    for entry in entries {
      bytes += header(path: entry.path, size: entry.content.count, seconds: seconds(time))
      bytes += entry.content
      bytes += zeros(padded(entry.content.count, to: blockSize) - entry.content.count)
    }
    bytes += zeros(size - bytes.count)
    return bytes
  }

  /// Whether a path may stand in a package: it unpacks below the folder it is unpacked in, everywhere.
  static func isSafe(_ path: String) -> Bool {
    (1...100).contains(path.utf8.count)
      && path.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
          UInt8(ascii: "_"), UInt8(ascii: "/"):
          true
        default: false
        }
      }
      && path.split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy { !["", ".", ".."].contains($0) }
  }

  /// A file's header, one block.
  static func header(path: String, size: Int, seconds: Int) -> [UInt8] {
    var header = zeros(blockSize)
    func put(_ text: String, at place: Int, limit: Int) {
      for (index, byte) in text.utf8.prefix(limit).enumerated() { header[place + index] = byte }
    }
    put(path, at: 0, limit: 100)
    put(octal(0o644, digits: 7), at: 100, limit: 7)
    put(octal(0, digits: 7), at: 108, limit: 7)
    put(octal(0, digits: 7), at: 116, limit: 7)
    put(octal(size, digits: 11), at: 124, limit: 11)
    put(octal(seconds, digits: 11), at: 136, limit: 11)
    put("        ", at: 148, limit: 8)
    put("0", at: 156, limit: 1)
    put("ustar", at: 257, limit: 5)
    put("00", at: 263, limit: 2)
    put(octal(0, digits: 7), at: 329, limit: 7)
    put(octal(0, digits: 7), at: 337, limit: 7)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, digits: 6), at: 148, limit: 6)
    header[154] = 0
    return header
  }

  /// The whole seconds of a time since 1970.
  static func seconds(_ time: Date) -> Int { Int(time.timeIntervalSince1970.rounded(.down)) }

  /// The next multiple.
  static func padded(_ size: Int, to multiple: Int) -> Int {
    (size + multiple - 1) / multiple * multiple
  }

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func octal(_ value: Int, digits: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

/// Reads a package in pieces and gives whole entries; never holds more than one of them.
///
/// It reads what `TarFile` writes and nothing else: a header that differs in any bit is refused, so that
/// links, devices, owners or other times cannot hide in one.
struct TarReader: Sendable {
  private enum Place: Sendable {
    case header
    case content(path: String, size: Int)
    case end
  }

  /// The most bytes of an entry.
  private let entryLimit: Int
  /// The time of all entries.
  private let seconds: Int
  private var place = Place.header
  private var pending: [UInt8] = []
  private var start = 0
  private var consumed = 0

  /// A reader.
  ///
  /// - Parameters:
  ///   - time: The time that all entries must have.
  ///   - entryLimit: The most bytes of an entry.
  init(time: Date, entryLimit: Int) {
    seconds = TarFile.seconds(time)
    self.entryLimit = entryLimit
  }

  /// Takes the next piece.
  ///
  /// - Returns: The entries that it completes.
  /// - Throws: `TarFault`; nothing can be read any more.
  mutating func read(_ piece: [UInt8]) throws(TarFault) -> [TarEntry] {
    pending.removeFirst(start)
    start = 0
    pending += piece
    var entries: [TarEntry] = []
    while true {
      switch place {
      case .header:
        guard let block = take(TarFile.blockSize) else { return entries }
        place = try place(after: block)
      case .content(let path, let size):
        guard let block = take(TarFile.padded(size, to: TarFile.blockSize)) else { return entries }
        guard block.dropFirst(size).allSatisfy({ $0 == 0 }) else { throw .trailingBytes }
        entries.append(TarEntry(path: path, content: Array(block.prefix(size))))
        place = .header
      case .end:
        guard pending[start...].allSatisfy({ $0 == 0 }) else { throw .trailingBytes }
        consumed += pending.count - start
        start = pending.count
        return entries
      }
    }
  }

  /// All has been read.
  ///
  /// - Throws: `endMissing` if that was not all.
  func finish() throws(TarFault) {
    guard case .end = place, consumed.isMultiple(of: TarFile.recordSize) else {
      throw .endMissing
    }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard pending.count - start >= count else { return nil }
    defer {
      start += count
      consumed += count
    }
    return pending[start..<start + count]
  }

  private func place(after block: ArraySlice<UInt8>) throws(TarFault) -> Place {
    if block.allSatisfy({ $0 == 0 }) { return .end }
    let fault = TarFault.headerMalformed(offset: consumed - TarFile.blockSize)
    let header = Array(block)
    let path = String(decoding: header[0..<100].prefix { $0 != 0 }, as: UTF8.self)
    let digits = String(decoding: header[124..<135], as: UTF8.self)
    guard let size = Int(digits, radix: 8), size >= 0,
      header == TarFile.header(path: path, size: size, seconds: seconds)
    else { throw fault }
    guard size <= entryLimit else { throw .entryTooLarge(path: path) }
    return .content(path: path, size: size)
  }
}
