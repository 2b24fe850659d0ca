/// An ASN.1 object identifier, as the bytes of its DER contents.
struct OID: Hashable {
  let contents: [UInt8]

  init(contents: [UInt8]) {
    self.contents = contents
  }

  /// Encodes arcs: two at least.
  init(_ first: UInt64, _ second: UInt64, _ arcs: UInt64...) {
    var contents: [UInt8] = []
    for arc in [first * 40 + second] + arcs {
      var groups = [UInt8(arc & 0x7F)]
      var rest = arc >> 7
      while rest > 0 {
        groups.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
      }
      contents += groups.reversed()
    }
    self.contents = contents
  }
}

/// Writes DER; every function returns whole elements.
///
/// Source: ITU-T X.690 (2021), 8.1, 10.1 and 11.6.
enum DEREncoder {
  static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
    let count = contents.count
    if count < 0x80 { return [tag, UInt8(count)] + contents }
    var lengthBytes: [UInt8] = []
    var rest = count
    while rest > 0 {
      lengthBytes.append(UInt8(rest & 0xFF))
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(lengthBytes.count)] + lengthBytes.reversed() + contents
  }

  static func sequence(_ elements: [UInt8]...) -> [UInt8] {
    element(DERTag.sequence, elements.flatMap { $0 })
  }

  /// A SET OF, whose elements DER sorts.
  static func set(of elements: [[UInt8]], tag: UInt8 = DERTag.set) -> [UInt8] {
    element(tag, elements.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 })
  }

  static func integer(_ value: UInt8) -> [UInt8] {
    element(DERTag.integer, value < 0x80 ? [value] : [0, value])
  }

  static func boolean(_ value: Bool) -> [UInt8] {
    element(DERTag.boolean, [value ? 0xFF : 0])
  }

  static func octetString(_ bytes: [UInt8]) -> [UInt8] {
    element(DERTag.octetString, bytes)
  }

  static func objectIdentifier(_ identifier: OID) -> [UInt8] {
    element(DERTag.objectIdentifier, identifier.contents)
  }

  /// An AlgorithmIdentifier without parameters.
  static func algorithm(_ identifier: OID) -> [UInt8] {
    sequence(objectIdentifier(identifier))
  }

  /// A BIT STRING of up to 8 named bits, the first bit first, without trailing zeros.
  static func namedBits(_ bits: Set<UInt8>) -> [UInt8] {
    guard let last = bits.max() else { return element(DERTag.bitString, [0]) }
    let byte = bits.reduce(UInt8(0)) { $0 | (0x80 >> $1) }
    return element(DERTag.bitString, [7 - last, byte])
  }
}
