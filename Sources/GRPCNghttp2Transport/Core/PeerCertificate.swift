internal import CLibSSL

/// The certificate that a peer showed in the TLS handshake, read once a connection.
public struct PeerCertificate: Sendable, Equatable {
  /// The whole certificate, DER.
  public let der: [UInt8]
  /// The subject's first common name, if it has one.
  public let subjectCommonName: String?
  /// The subject as text in the order of RFC 2253, UTF-8.
  public let subject: String
  /// The alternative names that are URIs.
  public let uriNames: [String]
  /// The alternative names that are DNS names.
  public let dnsNames: [String]
  /// SHA-256 of the SubjectPublicKeyInfo, 32 bytes.
  public let publicKeySHA256: [UInt8]
  /// The serial number, big-endian, without sign.
  public let serialNumber: [UInt8]
  /// Whether the chain led to a trust root.
  ///
  /// Always true where the transport requires or allows client certificates.
  public let isVerified: Bool

  init?(_ certificate: OpaquePointer, isVerified: Bool) {
    guard
      let der = Self.encoded({ i2d_X509(certificate, $0) }),
      let key = Self.encoded({ i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0) })
    else {
      ERR_clear_error()
      return nil
    }
    self.der = der
    self.isVerified = isVerified
    publicKeySHA256 = Self.sha256(key)
    serialNumber = Self.bytes(X509_get0_serialNumber(certificate))
    let name = X509_get_subject_name(certificate)
    subjectCommonName = Self.commonName(name)
    subject = Self.text(name)
    (dnsNames, uriNames) = Self.alternativeNames(certificate)
  }

  static func encoded(
    _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
  ) -> [UInt8]? {
    let length = encode(nil)
    guard length > 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
      var position = buffer.baseAddress
      count = max(0, Int(encode(&position)))
    }
  }

  private static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
      var length: UInt32 = 0
      EVP_Digest(bytes, bytes.count, buffer.baseAddress, &length, EVP_sha256(), nil)
      count = Int(length)
    }
  }

  private static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    // Names of other kinds than text have no string; libcrypto would read through the null.
    guard let string, let start = ASN1_STRING_get0_data(string) else { return [] }
    return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
  }

  private static func commonName(_ name: OpaquePointer?) -> String? {
    let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    guard index >= 0, let entry = X509_NAME_get_entry(name, index) else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry))
    guard let text, length >= 0 else { return nil }
    defer { CRYPTO_free(text, #file, #line) }
    return String(decoding: UnsafeBufferPointer(start: text, count: Int(length)), as: UTF8.self)
  }

  private static func text(_ name: OpaquePointer?) -> String {
    guard let bio = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(bio) }
    guard X509_NAME_print_ex(bio, name, 0, clibssl_name_style()) >= 0 else { return "" }
    var bytes: UnsafeMutablePointer<CChar>?
    let length = clibssl_memory_bytes(bio, &bytes)
    return String(
      decoding: UnsafeRawBufferPointer(start: bytes, count: max(0, length)),
      as: UTF8.self
    )
  }

  private static func alternativeNames(
    _ certificate: OpaquePointer
  ) -> (dns: [String], uri: [String]) {
    guard let found = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
      return ([], [])
    }
    let names = OpaquePointer(found)
    defer { GENERAL_NAMES_free(names) }
    var dns: [String] = []
    var uri: [String] = []
    for index in 0..<max(0, clibssl_general_names_count(names)) {
      guard let name = clibssl_general_name(names, index) else { continue }
      let value = String(decoding: bytes(clibssl_general_name_text(name)), as: UTF8.self)
      switch clibssl_general_name_kind(name) {
      case GEN_DNS: dns.append(value)
      case GEN_URI: uri.append(value)
      default: break
      }
    }
    return (dns, uri)
  }
}
