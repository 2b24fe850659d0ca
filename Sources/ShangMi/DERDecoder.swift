/// One element of DER: a tag of one byte, a definite length, contents.
struct DERElement {
  let tag: UInt8
  let contents: ArraySlice<UInt8>
  /// Tag, length and contents.
  let encoded: ArraySlice<UInt8>
}

/// The tags of DER that this module speaks.
enum DERTag {
  static let boolean: UInt8 = 0x01
  static let integer: UInt8 = 0x02
  static let bitString: UInt8 = 0x03
  static let octetString: UInt8 = 0x04
  static let null: UInt8 = 0x05
  static let objectIdentifier: UInt8 = 0x06
  static let sequence: UInt8 = 0x30
  static let set: UInt8 = 0x31

  /// A context-specific tag of a constructed element.
  static func constructed(_ number: UInt8) -> UInt8 { 0xA0 | number }
  /// A context-specific tag of a primitive element.
  static func primitive(_ number: UInt8) -> UInt8 { 0x80 | number }
}

/// Reads DER that an attacker may have written, one element after the other, never past its end.
///
/// Refuses what DER forbids: indefinite lengths, lengths longer than needed, tags of several bytes.
/// It holds no recursion: whoever reads a structure names its depth in code.
///
/// Source: ITU-T X.690 (2021), 8.1 and 10.1.
struct DERDecoder {
  private var rest: ArraySlice<UInt8>
  /// What is read, for errors.
  private let what: String

  init(_ bytes: ArraySlice<UInt8>, _ what: String) {
    rest = bytes
    self.what = what
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next element's tag, if there is one.
  var nextTag: UInt8? { rest.first }

  /// Reads the next element, whatever its tag.
  mutating func next() throws(ShangMiError) -> DERElement {
    guard rest.count >= 2, let tag = rest.first else { throw malformed("it ends too early") }
    guard tag & 0x1F != 0x1F else { throw malformed("a tag has several bytes") }
    var index = rest.startIndex + 1
    var length = Int(rest[index])
    index += 1
    if length >= 0x80 {
      let lengthBytes = length & 0x7F
      guard (1...4).contains(lengthBytes) else {
        throw malformed("a length is indefinite or has over 4 bytes")
      }
      guard rest.endIndex - index >= lengthBytes else { throw malformed("it ends in a length") }
      length = rest[index..<index + lengthBytes].reduce(0) { $0 << 8 | Int($1) }
      guard length >= 0x80, rest[index] != 0 else { throw malformed("a length is not minimal") }
      index += lengthBytes
    }
    guard length <= rest.endIndex - index else { throw malformed("an element exceeds its parent") }
    let end = index + length
    let element = DERElement(
      tag: tag,
      contents: rest[index..<end],
      encoded: rest[rest.startIndex..<end]
    )
    rest = rest[end...]
    return element
  }

  /// Reads the next element, which must have a tag.
  mutating func next(_ tag: UInt8) throws(ShangMiError) -> DERElement {
    guard let found = rest.first else { throw malformed("it ends too early") }
    guard found == tag else {
      throw malformed("tag 0x\(String(tag, radix: 16)) is due, 0x\(String(found, radix: 16)) found")
    }
    return try next()
  }

  /// Reads the next element if it has a tag.
  mutating func nextIfPresent(_ tag: UInt8) throws(ShangMiError) -> DERElement? {
    rest.first == tag ? try next() : nil
  }

  /// Reads a constructed element and steps into it.
  mutating func enter(_ tag: UInt8) throws(ShangMiError) -> DERDecoder {
    DERDecoder(try next(tag).contents, what)
  }

  /// Reads an INTEGER, which must be minimal.
  ///
  /// - Returns: Its bytes, two's complement, big-endian.
  mutating func integer() throws(ShangMiError) -> ArraySlice<UInt8> {
    let bytes = try next(DERTag.integer).contents
    guard let first = bytes.first else { throw malformed("an integer is empty") }
    if let second = bytes.dropFirst().first {
      let idle = (first == 0 && second < 0x80) || (first == 0xFF && second >= 0x80)
      guard !idle else { throw malformed("an integer is not minimal") }
    }
    return bytes
  }

  /// Reads an INTEGER that must be one small number.
  mutating func version(_ number: UInt8) throws(ShangMiError) {
    guard try integer().elementsEqual([number]) else { throw malformed("not version \(number)") }
  }

  /// Reads an AlgorithmIdentifier without parameters, or with NULL.
  mutating func algorithm() throws(ShangMiError) -> OID {
    var sequence = try enter(DERTag.sequence)
    let identifier = try sequence.objectIdentifier()
    if let null = try sequence.nextIfPresent(DERTag.null), !null.contents.isEmpty {
      throw malformed("NULL has contents")
    }
    try sequence.finish()
    return identifier
  }

  /// Reads an OBJECT IDENTIFIER.
  mutating func objectIdentifier() throws(ShangMiError) -> OID {
    let contents = try next(DERTag.objectIdentifier).contents
    guard (1...64).contains(contents.count), contents.last.map({ $0 < 0x80 }) == true else {
      throw malformed("an object identifier is cut short or too long")
    }
    return OID(contents: Array(contents))
  }

  /// Refuses anything left over.
  func finish() throws(ShangMiError) {
    guard isAtEnd else { throw malformed("\(rest.count) bytes are left over") }
  }

  func malformed(_ reason: String) -> ShangMiError {
    .malformed(what: what, reason: reason)
  }
}
