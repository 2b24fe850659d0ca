/// Reads JSON (RFC 8259) from text.
struct JSONReader {
  /// Where the text is no JSON, and why.
  struct Flaw: Error, Equatable, CustomStringConvertible {
    /// In bytes from the beginning.
    let offset: Int
    let reason: String
    var description: String { "no JSON at byte \(offset): \(reason)" }
  }

  /// Deeper values are refused.
  private static let deepest = 100

  private let bytes: [UInt8]
  private var position = 0

  private init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// Reads one value and nothing after it.
  ///
  /// - Parameter text: The whole text.
  /// - Returns: The value.
  /// - Throws: `Flaw`.
  static func value(of text: String) throws(Flaw) -> JSON {
    var reader = JSONReader(text)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == reader.bytes.count else { throw reader.flaw("something follows") }
    return value
  }

  private mutating func value(depth: Int) throws(Flaw) -> JSON {
    guard depth < Self.deepest else { throw flaw("nested too deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try list(depth)
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func object(_ depth: Int) throws(Flaw) -> JSON {
    var members: [JSON.Member] = []
    position += 1
    skipSpace()
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw flaw("a name in quotes is missing") }
      let name = try text()
      skipSpace()
      guard take(":") else { throw flaw("a colon is missing") }
      members.append(JSON.Member(name: name, value: try value(depth: depth + 1)))
      skipSpace()
    } while take(",")
    guard take("}") else { throw flaw("a closing brace is missing") }
    return .object(members)
  }

  private mutating func list(_ depth: Int) throws(Flaw) -> JSON {
    var values: [JSON] = []
    position += 1
    skipSpace()
    if take("]") { return .list([]) }
    repeat {
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(",")
    guard take("]") else { throw flaw("a closing bracket is missing") }
    return .list(values)
  }

  private mutating func text() throws(Flaw) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw flaw("a control character in a text") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        content += String(try escape()).utf8
      } else {
        content.append(byte)
      }
    }
    guard take("\"") else { throw flaw("a closing quote is missing") }
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func escape() throws(Flaw) -> Unicode.Scalar {
    guard let byte = next else { throw flaw("an escape is cut off") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800...0xDBFF).contains(code) {
        guard take("\\"), take("u") else { throw flaw("half of a surrogate pair") }
        let low = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(low) else { throw flaw("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw flaw("half of a surrogate pair") }
      return scalar
    default: throw flaw("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(Flaw) -> UInt32 {
    guard position + 4 <= bytes.count else { throw flaw("an escape is cut off") }
    let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
    guard digits.allSatisfy(\.isHexDigit), let code = UInt32(digits, radix: 16) else {
      throw flaw("four hexadecimal digits are missing")
    }
    position += 4
    return code
  }

  private mutating func number() throws(Flaw) -> String {
    let start = position
    _ = take("-")
    let whole = digits()
    guard whole > 0 else { throw flaw("a value is missing") }
    if take("."), digits() == 0 { throw flaw("digits are missing") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw flaw("digits are missing") }
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  private mutating func word(_ word: String, _ value: JSON) throws(Flaw) -> JSON {
    guard bytes[position...].starts(with: word.utf8) else { throw flaw("an unknown word") }
    position += word.utf8.count
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private func flaw(_ reason: String) -> Flaw { Flaw(offset: position, reason: reason) }
}
