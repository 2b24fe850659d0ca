internal import CLibCrypto
package import FoundationEssentials

/// What a certificate is trusted for.
package enum CertificatePurpose: Hashable, Sendable {
  /// Signing documents, or anything else.
  case any
  /// A TLS client's identity.
  case tlsClient
  /// A TLS server's identity.
  case tlsServer
}

/// The names a certificate's subject goes by besides its distinguished name (RFC 5280, 4.2.1.6).
package struct SubjectAlternativeNames: Hashable, Sendable {
  /// Host names, as they stand.
  package var dnsNames: [String] = []
  /// Addresses in text: `192.0.2.1`, `2001:db8:0:0:0:0:0:1`.
  package var ipAddresses: [String] = []
  /// URIs, as they stand.
  package var uris: [String] = []
}

/// An X.509 certificate of an SM2 or P-256 key.
///
/// Source: RFC 5280; GB/T 20518 for SM2.
package struct Certificate: Hashable, Sendable, CustomStringConvertible {
  let owner: X509Owner

  /// The DER.
  package let der: [UInt8]
  /// The subject's key.
  package let publicKey: VerifyingKey
  /// The subject's common name; `nil` if it has none.
  package let subjectCommonName: String?
  /// The subject in one line, most specific part first (RFC 4514).
  package let subject: String
  /// The issuer in one line, most specific part first (RFC 4514).
  package let issuer: String
  /// The serial number, in lower-case hexadecimal digits, an even number of them.
  package let serial: String
  /// The first instant of validity.
  package let notBefore: Date
  /// The end of validity; from this second on it counts as expired.
  package let notAfter: Date
  /// The subject's other names.
  package let subjectAlternativeNames: SubjectAlternativeNames
  /// SHA-256 of the SubjectPublicKeyInfo as it stands in the certificate, 32 bytes: a key pin.
  package let spkiSHA256: [UInt8]
  /// The DER of the issuer's name and of the serial number, as signed messages refer to it.
  let issuerAndSerialDER: [UInt8]

  /// Reads a certificate.
  ///
  /// - Parameter der: The DER, at most 64 KiB, nothing after it.
  /// - Throws: `malformed`, `wrongKeyKind`, `libcrypto`.
  package init(der: [UInt8]) throws(ShangMiError) {
    guard (1...65_536).contains(der.count) else {
      throw .malformed(what: "certificate", reason: "1 to 65,536 bytes of DER are expected")
    }
    let (parsed, consumed) = der.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      let certificate = d2i_X509(nil, &cursor, buffer.count)
      return (certificate, cursor == buffer.baseAddress.map { $0 + buffer.count })
    }
    guard let parsed else { throw .drained("read a certificate") }
    let owner = X509Owner(owning: parsed)
    guard consumed else { throw .malformed(what: "certificate", reason: "bytes follow it") }
    try self.init(owner)
  }

  /// Reads the first certificate of a PEM text.
  ///
  /// - Parameter pem: The text, at most 1 MiB.
  /// - Throws: `malformed`, `wrongKeyKind`, `libcrypto`.
  package init(pem: String) throws(ShangMiError) {
    guard let first = try Self.certificates(pem: pem, atMost: 1).first else {
      throw .malformed(what: "certificate", reason: "there is no CERTIFICATE block")
    }
    self = first
  }

  init(_ owner: X509Owner) throws(ShangMiError) {
    try owner.setDistinguishingID()
    self.owner = owner
    let pointer = owner.pointer
    guard let key = X509_get_pubkey(pointer) else { throw .drained("read a certificate's key") }
    publicKey = try VerifyingKey(PKey(owning: key, expecting: nil))
    try publicKey.key.checkPoint()
    der = try owner.der()
    let subjectName = X509_get_subject_name(pointer)
    let issuerName = X509_get_issuer_name(pointer)
    subjectCommonName = commonName(subjectName)
    subject = try line(subjectName)
    issuer = try line(issuerName)
    notBefore = try date(of: X509_get0_notBefore(pointer))
    notAfter = try date(of: X509_get0_notAfter(pointer))
    subjectAlternativeNames = try SubjectAlternativeNames(of: pointer)
    let keyInfo = try encodedDER("read a certificate's key") {
      i2d_X509_PUBKEY(X509_get_X509_PUBKEY(pointer), $0)
    }
    spkiSHA256 = sha256Digest(keyInfo)
    let serialDER = try encodedDER("read a serial number") {
      i2d_ASN1_INTEGER(X509_get0_serialNumber(pointer), $0)
    }
    var decoder = DERDecoder(serialDER[...], "serial number")
    let serialBytes = try decoder.integer()
    let leadsWithZero = serialBytes.count > 1 && serialBytes.first == 0
    serial = hexadecimalText(leadsWithZero ? serialBytes.dropFirst() : serialBytes)
    let issuerDER = try encodedDER("read an issuer") { i2d_X509_NAME(issuerName, $0) }
    issuerAndSerialDER = DEREncoder.sequence(issuerDER, serialDER)
  }

  /// Reads every certificate of a PEM text, in order.
  ///
  /// - Parameters:
  ///   - pem: The text, at most 1 MiB.
  ///   - atMost: How many to read before stopping.
  /// - Returns: The certificates; none if there is no CERTIFICATE block.
  /// - Throws: `malformed`, `wrongKeyKind`, `libcrypto`.
  package static func certificates(
    pem: String,
    atMost: Int = 64
  ) throws(ShangMiError) -> [Certificate] {
    let input = try MemoryBIO(reading: pem, what: "certificate")
    var certificates: [Certificate] = []
    while certificates.count < atMost {
      guard let parsed = PEM_read_bio_X509(input.pointer, nil, nil, nil) else {
        // Reading on at the end says "no start line"; anything else is damage.
        let last = ERR_peek_last_error()
        let isAtEnd = last & 0x7F_FFFF == UInt(PEM_R_NO_START_LINE)
        guard isAtEnd else { throw .drained("read a certificate in PEM") }
        ShangMiError.drainedReasons()
        break
      }
      certificates.append(try Certificate(X509Owner(owning: parsed)))
    }
    return certificates
  }

  /// The certificate as a CERTIFICATE block.
  package var pem: String { PEM.text("CERTIFICATE", der) }

  /// The SM3 of `der`, which names the certificate.
  package var fingerprint: SM3Digest { SM3.digest(der) }

  /// Whether the certificate says that it may issue others.
  package var isAuthority: Bool { X509_check_ca(owner.pointer) == 1 }

  package var description: String { "certificate \(serial) of \(subject)" }

  package static func == (left: Certificate, right: Certificate) -> Bool {
    left.der == right.der
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(der)
  }

  /// Whether a key signed this certificate; says nothing of trust or time.
  ///
  /// - Parameter key: The issuer's key.
  /// - Returns: Whether it did.
  package func isSigned(by key: VerifyingKey) -> Bool {
    let valid = X509_verify(owner.pointer, key.key.pointer) == 1
    if !valid { ShangMiError.drainedReasons() }
    return valid
  }

  /// Whether an instant lies in the certificate's validity: `notBefore` included, `notAfter` not.
  ///
  /// RFC 5280 includes the last second, libcrypto does not; this agrees with `verify`.
  ///
  /// - Parameter instant: When.
  /// - Returns: Whether it does.
  package func isValid(at instant: Date) -> Bool {
    notBefore <= instant && instant < notAfter
  }
}
