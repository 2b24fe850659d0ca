/// What can be said of a PDF without drawing it: whether it opens, is encrypted, carries programs; pure.
///
/// Source: ISO 32000-1:2008, 7.5 (file structure), 7.6 (encryption), 12.6 (actions).
struct PDFInspection {
  /// Why it does not open, in Chinese; nothing if it does.
  let fault: String?
  /// Whether it is encrypted.
  let isEncrypted: Bool
  /// The names found in it that run or carry something.
  let activeNames: [String]

  /// Looks into a file.
  init(_ bytes: [UInt8]) {
    fault = Self.fault(in: bytes)
    isEncrypted = Self.contains("/Encrypt", bytes)
    activeNames = ["/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/SubmitForm"]
      .filter { Self.contains($0, bytes) }
  }

  /// The header, the end, the cross-reference that the end points to, and every object that it names.
  private static func fault(in bytes: [UInt8]) -> String? {
    guard bytes.starts(with: Array("%PDF-1.".utf8)) || bytes.starts(with: Array("%PDF-2.".utf8))
    else { return "不是PDF文件" }
    let tail = bytes.suffix(1_024)
    guard last("%%EOF", in: tail) != nil, let mark = last("startxref", in: tail) else {
      return "文件尾不完整"
    }
    var scanner = PDFScanner(bytes, at: mark + 9)
    guard let start = scanner.number(), bytes.indices.contains(start) else {
      return "交叉引用表位置有误"
    }
    scanner = PDFScanner(bytes, at: start)
    if scanner.take("xref") { return faultOfTable(&scanner, bytes) }
    // A cross-reference stream (7.5.8) is an object like others; it lists itself, compressed.
    return isObject(at: start, number: nil, in: bytes) ? nil : "交叉引用表位置有误"
  }

  private static func faultOfTable(_ scanner: inout PDFScanner, _ bytes: [UInt8]) -> String? {
    var objects = 0
    while !scanner.take("trailer") {
      guard let first = scanner.number(), let count = scanner.number(),
        (0...100_000).contains(count)
      else { return "交叉引用表不可读" }
      for number in first..<first + count {
        guard let offset = scanner.number(), scanner.number() != nil, let kind = scanner.letter()
        else { return "交叉引用表不可读" }
        if kind == UInt8(ascii: "f") { continue }
        guard kind == UInt8(ascii: "n"), isObject(at: offset, number: number, in: bytes) else {
          return "对象\(number)不在其位置"
        }
        objects += 1
      }
    }
    guard objects > 0, last("/Root", in: bytes[scanner.place...]) != nil else { return "没有文档目录" }
    return nil
  }

  /// Whether an object begins at an offset: `12 0 obj`.
  private static func isObject(at offset: Int, number: Int?, in bytes: [UInt8]) -> Bool {
    guard bytes.indices.contains(offset) else { return false }
    var scanner = PDFScanner(bytes, at: offset)
    guard let found = scanner.number(), number.map({ $0 == found }) ?? true,
      scanner.number() != nil
    else { return false }
    return scanner.take("obj")
  }

  private static func contains(_ text: String, _ bytes: [UInt8]) -> Bool {
    last(text, in: bytes[...]) != nil
  }

  /// Where a text stands last.
  private static func last(_ text: String, in bytes: ArraySlice<UInt8>) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count, let first = wanted.first else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      var place = buffer.count - wanted.count
      while place >= 0 {
        if buffer[place] == first,
          (1..<wanted.count).allSatisfy({ buffer[place + $0] == wanted[$0] })
        {
          return bytes.startIndex + place
        }
        place -= 1
      }
      return nil
    }
  }
}

/// Reads numbers and words of a PDF's structure.
private struct PDFScanner {
  private let bytes: [UInt8]
  private(set) var place: Int

  init(_ bytes: [UInt8], at place: Int) {
    self.bytes = bytes
    self.place = place
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0, 9, 10, 12, 13, 32].contains(bytes[place]) { place += 1 }
  }

  /// A number of at most 10 digits.
  mutating func number() -> Int? {
    skipSpace()
    var value: Int?
    var digits = 0
    while place < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]),
      digits < 10
    {
      value = (value ?? 0) * 10 + Int(bytes[place] - UInt8(ascii: "0"))
      digits += 1
      place += 1
    }
    return value
  }

  /// One byte.
  mutating func letter() -> UInt8? {
    skipSpace()
    guard place < bytes.count else { return nil }
    defer { place += 1 }
    return bytes[place]
  }

  /// Whether this word stands here; then it is passed.
  mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard bytes[min(place, bytes.count)...].starts(with: word.utf8) else { return false }
    place += word.utf8.count
    return true
  }
}
