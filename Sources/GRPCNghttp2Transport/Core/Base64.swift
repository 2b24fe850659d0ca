/// Base64 as gRPC's `-bin` metadata uses it (RFC 4648 section 4): written without padding, read
/// with or without.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
  )

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var word: UInt32 = 0
    var bits = 0
    for byte in bytes {
      word = word << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[Int(word >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { text.append(alphabet[Int(word << UInt32(6 - bits) & 63)]) }
    return text
  }

  /// - Returns: The bytes, or nil if the text isn't Base64.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var length = text.count
    var padding = 0
    for character in Array(text.suffix(2)).reversed() {
      guard character == UInt8(ascii: "=") else { break }
      padding += 1
    }
    if padding > 0, length % 4 != 0 { return nil }
    length -= padding
    guard length % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length * 3 / 4)
    var word: UInt32 = 0
    var bits = 0
    for character in text.prefix(length) {
      let value = values[Int(character)]
      guard value != 0xFF else { return nil }
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
      }
    }
    return bytes
  }
}
