internal import Glibc

/// Collects the wire form of a statement's parameters.
package struct PostgresWriter: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Whether a text held U+0000, which PostgreSQL can't store.
  private(set) var hasZero = false

  init() {}

  /// Writes an integer, big-endian, as PostgreSQL's binary formats want it.
  package mutating func write<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes bytes as they are.
  package mutating func write(bytes more: some Sequence<UInt8>) {
    bytes.append(contentsOf: more)
  }

  /// Writes a text.
  ///
  /// One with U+0000 is refused when its statement is sent, with SQLSTATE 22021 as the server would.
  package mutating func write(text: String) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    let holdsZero = bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return false }
      return memchr(base + start, 0, all.count - start) != nil
    }
    if holdsZero { hasZero = true }
  }

  /// Writes what another writer holds.
  mutating func append(_ other: PostgresWriter) {
    bytes.append(contentsOf: other.bytes)
    hasZero = hasZero || other.hasZero
  }

  /// Ends a text parameter: libpq reads those as C strings.
  mutating func terminate() {
    bytes.append(0)
  }

  /// Writes a length, then what `body` writes, and puts the length right.
  mutating func writeCounted(_ body: (inout PostgresWriter) -> Void) {
    let place = bytes.count
    write(Int32(0))
    body(&self)
    let count = Int32(clamping: bytes.count - place - 4)
    withUnsafeBytes(of: count.bigEndian) { source in
      bytes.replaceSubrange(place..<place + 4, with: source)
    }
  }

  /// Writes what `body` writes as an element of an array literal, in quotation marks.
  mutating func writeQuoted(_ body: (inout PostgresWriter) -> Void) {
    let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    write(quote)
    let start = bytes.count
    body(&self)
    if bytes[start...].contains(where: { $0 == quote || $0 == backslash }) {
      let plain = Array(bytes[start...])
      bytes.removeSubrange(start...)
      for byte in plain {
        if byte == quote || byte == backslash { bytes.append(backslash) }
        bytes.append(byte)
      }
    }
    write(quote)
  }
}
