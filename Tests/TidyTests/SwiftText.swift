/// Swift source taken apart into code, literals and comments, so that a check of one is not misled by
/// the others.
struct SwiftText: Sendable {
  /// A literal or comment, and the line on which it begins, from 1.
  struct Piece: Sendable {
    var line: Int
    var text: String
  }

  /// The lines with literals and comments blanked out; what is interpolated stays.
  let code: [String]
  /// String literals; an interpolation reads as `$`.
  let literals: [Piece]
  let comments: [Piece]

  init(_ text: String) {
    var reader = SwiftReader(Array(text.utf8))
    reader.readCode(untilParenthesis: false)
    code = String(decoding: reader.code, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    literals = reader.literals
    comments = reader.comments
  }
}

/// Walks over the bytes of Swift source once.
private struct SwiftReader {
  let bytes: [UInt8]
  var code: [UInt8]
  var literals: [SwiftText.Piece] = []
  var comments: [SwiftText.Piece] = []
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    code = bytes
  }

  /// Reads code to the end, or to the parenthesis that closes an interpolation.
  mutating func readCode(untilParenthesis: Bool) {
    var depth = 0
    while position < bytes.count {
      if starts("//") {
        readLineComment()
      } else if starts("/*") {
        readBlockComment()
      } else if let hashes = hashesBeforeQuote() {
        readLiteral(hashes: hashes)
      } else {
        if bytes[position] == UInt8(ascii: "(") { depth += 1 }
        if bytes[position] == UInt8(ascii: ")") {
          if untilParenthesis, depth == 0 { return }
          depth -= 1
        }
        advance()
      }
    }
  }

  private func starts(_ text: StaticString, at offset: Int = 0) -> Bool {
    let start = position + offset
    guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.withUTF8Buffer { buffer in
      buffer.indices.allSatisfy { bytes[start + $0] == buffer[$0] }
    }
  }

  private mutating func advance(blanking: Bool = false) {
    guard position < bytes.count else { return }
    if bytes[position] == UInt8(ascii: "\n") {
      line += 1
    } else if blanking {
      code[position] = UInt8(ascii: " ")
    }
    position += 1
  }

  private mutating func readLineComment() {
    let start = position
    let first = line
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { advance(blanking: true) }
    comments.append(
      .init(line: first, text: String(decoding: bytes[start..<position], as: UTF8.self))
    )
  }

  private mutating func readBlockComment() {
    let start = position
    let first = line
    var depth = 0
    repeat {
      let step = starts("/*") ? 1 : starts("*/") ? -1 : 0
      depth += step
      advance(blanking: true)
      if step != 0 { advance(blanking: true) }
    } while depth > 0 && position < bytes.count
    comments.append(
      .init(line: first, text: String(decoding: bytes[start..<position], as: UTF8.self))
    )
  }

  /// How many hashes stand before the quote that begins here; nil if no literal begins.
  private func hashesBeforeQuote() -> Int? {
    var hashes = 0
    while position + hashes < bytes.count, bytes[position + hashes] == UInt8(ascii: "#") {
      hashes += 1
    }
    return starts("\"", at: hashes) ? hashes : nil
  }

  private func hashesFollow(_ offset: Int, _ count: Int) -> Bool {
    (0..<count).allSatisfy { starts("#", at: offset + $0) }
  }

  private mutating func readLiteral(hashes: Int) {
    let first = line
    let isLong = starts("\"\"\"", at: hashes)
    let quotes = isLong ? 3 : 1
    for _ in 0..<hashes + quotes { advance(blanking: true) }
    var text: [UInt8] = []
    while position < bytes.count {
      let isQuote = isLong ? starts("\"\"\"") : starts("\"")
      if isQuote, hashesFollow(quotes, hashes) {
        for _ in 0..<quotes + hashes { advance(blanking: true) }
        break
      }
      if starts("\\"), hashesFollow(1, hashes) {
        if starts("(", at: 1 + hashes) {
          for _ in 0..<2 + hashes { advance(blanking: true) }
          readCode(untilParenthesis: true)
          advance(blanking: true)
          text.append(UInt8(ascii: "$"))
          continue
        }
        for _ in 0..<1 + hashes { advance(blanking: true) }
      }
      if position < bytes.count { text.append(bytes[position]) }
      advance(blanking: true)
    }
    literals.append(.init(line: first, text: String(decoding: text, as: UTF8.self)))
  }
}
