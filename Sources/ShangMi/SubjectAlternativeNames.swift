internal import CLibCrypto

/// The tags of a GeneralName (RFC 5280, 4.2.1.6).
private enum GeneralNameTag {
  static let dnsName = DERTag.primitive(2)
  static let uri = DERTag.primitive(6)
  static let ipAddress = DERTag.primitive(7)
}

extension SubjectAlternativeNames {
  /// Reads the extension of a certificate; one that has none has no names.
  ///
  /// A name that holds a NUL or is not ASCII is refused, so that no two readers disagree on it.
  init(of certificate: OpaquePointer) throws(ShangMiError) {
    let index = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)
    guard index >= 0 else { return }
    guard
      X509_get_ext_by_NID(certificate, NID_subject_alt_name, index) < 0,
      let value = X509_EXTENSION_get_data(X509_get_ext(certificate, index)),
      let start = ASN1_STRING_get0_data(value)
    else {
      throw .malformed(what: "alternative names", reason: "the extension is empty or stands twice")
    }
    let bytes = Array(
      UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(value)))
    )
    var outer = DERDecoder(bytes[...], "alternative names")
    var names = try outer.enter(DERTag.sequence)
    try outer.finish()
    while !names.isAtEnd {
      let name = try names.next()
      switch name.tag {
      case GeneralNameTag.dnsName: dnsNames.append(try Self.ascii(name.contents))
      case GeneralNameTag.uri: uris.append(try Self.ascii(name.contents))
      case GeneralNameTag.ipAddress: ipAddresses.append(try Self.address(name.contents))
      default: continue
      }
    }
  }

  var isEmpty: Bool { dnsNames.isEmpty && ipAddresses.isEmpty && uris.isEmpty }

  /// The DER of the extension's value.
  func encoded() throws(ShangMiError) -> [UInt8] {
    var names: [UInt8] = []
    for name in dnsNames {
      names += DEREncoder.element(GeneralNameTag.dnsName, try Self.ascii(name))
    }
    for address in ipAddresses {
      names += DEREncoder.element(GeneralNameTag.ipAddress, try Self.octets(of: address))
    }
    for uri in uris {
      names += DEREncoder.element(GeneralNameTag.uri, try Self.ascii(uri))
    }
    return DEREncoder.element(DERTag.sequence, names)
  }

  private static func ascii(_ bytes: ArraySlice<UInt8>) throws(ShangMiError) -> String {
    guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .malformed(
        what: "alternative names",
        reason: "a name is empty or not visible ASCII"
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func ascii(_ text: String) throws(ShangMiError) -> [UInt8] {
    let bytes = Array(text.utf8)
    _ = try ascii(bytes[...])
    return bytes
  }

  private static func address(_ octets: ArraySlice<UInt8>) throws(ShangMiError) -> String {
    let octets = Array(octets)
    switch octets.count {
    case 4:
      return octets.map { String($0) }.joined(separator: ".")
    case 16:
      return stride(from: 0, to: 16, by: 2)
        .map { String(UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]), radix: 16) }
        .joined(separator: ":")
    default:
      throw .malformed(what: "alternative names", reason: "an address has 4 or 16 bytes")
    }
  }

  private static func octets(of address: String) throws(ShangMiError) -> [UInt8] {
    guard let parsed = a2i_IPADDRESS(address) else {
      ShangMiError.drainedReasons()
      throw .malformed(what: "alternative names", reason: "no IP address: \(address)")
    }
    defer { ASN1_OCTET_STRING_free(parsed) }
    guard let start = ASN1_STRING_get0_data(parsed) else { throw .drained("read an address") }
    return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(parsed))))
  }
}
