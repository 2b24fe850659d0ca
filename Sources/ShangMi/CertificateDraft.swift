internal import CLibCrypto
internal import FoundationEssentials

/// What a certificate is to say, before anyone has signed it.
struct CertificateDraft {
  var commonName: String
  var organization: String?
  var publicKey: VerifyingKey
  var notBefore: Date
  var notAfter: Date
  var alternativeNames = SubjectAlternativeNames()
  var serverAuth = false
  var clientAuth = false
  var isAuthority = false

  init(commonName: String, publicKey: VerifyingKey, notBefore: Date, notAfter: Date) {
    self.commonName = commonName
    self.publicKey = publicKey
    self.notBefore = notBefore
    self.notAfter = notAfter
  }

  /// Signs the certificate.
  ///
  /// - Parameters:
  ///   - key: The issuer's key.
  ///   - issuer: The issuer's certificate; `nil` where the certificate signs itself.
  /// - Returns: The certificate, read back from its DER.
  /// - Throws: `malformed`, `libcrypto`.
  func signed(by key: SigningKey, issuer: Certificate?) throws(ShangMiError) -> Certificate {
    guard notBefore < notAfter else {
      throw .malformed(what: "validity", reason: "it ends before it begins")
    }
    guard let pointer = X509_new() else { throw .drained("make a certificate") }
    let owner = X509Owner(owning: pointer)
    let context = try SignatureContext(key.key, id: SM2.defaultID)
    try setSerial(on: pointer)
    try setValidity(on: pointer)
    try setName(X509_get_subject_name(pointer), commonName: commonName, organization: organization)
    let issuerName = X509_get_subject_name(issuer?.owner.pointer ?? pointer)
    guard
      X509_set_version(pointer, 2) == 1,
      X509_set_issuer_name(pointer, issuerName) == 1,
      X509_set_pubkey(pointer, publicKey.key.pointer) == 1
    else { throw .drained("fill in a certificate") }
    try addExtensions(to: pointer, issuer: issuer)
    try context.startSigning()
    guard X509_sign_ctx(pointer, context.pointer) > 0 else { throw .drained("sign a certificate") }
    return try Certificate(der: owner.der())
  }

  /// A positive serial number of 16 random bytes, so that none is ever issued twice.
  private func setSerial(on pointer: OpaquePointer) throws(ShangMiError) {
    var bytes = secureRandomBytes(16)
    bytes[0] = bytes[0] & 0x7F | 0x40
    let number = BN_bin2bn(bytes, Int32(bytes.count), nil)
    defer { BN_free(number) }
    guard number != nil, BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil else {
      throw .drained("set a serial number")
    }
  }

  private func setValidity(on pointer: OpaquePointer) throws(ShangMiError) {
    let seconds = [notBefore, notAfter].map { $0.timeIntervalSince1970.rounded(.down) }
    // Years 1970 to 9999, all that a certificate can say.
    guard seconds.allSatisfy({ (0...253_402_300_799).contains($0) }) else {
      throw .malformed(what: "validity", reason: "it leaves the years 1970 to 9999")
    }
    guard
      ASN1_TIME_set(X509_getm_notBefore(pointer), time_t(seconds[0])) != nil,
      ASN1_TIME_set(X509_getm_notAfter(pointer), time_t(seconds[1])) != nil
    else { throw .drained("set a certificate's validity") }
  }

  private func addExtensions(
    to pointer: OpaquePointer,
    issuer: Certificate?
  ) throws(ShangMiError) {
    // A root may stand above one level of authorities; those issue to subjects only.
    let constraints =
      isAuthority
      ? DEREncoder.sequence(DEREncoder.boolean(true), DEREncoder.integer(issuer == nil ? 1 : 0))
      : DEREncoder.sequence()
    try add(NID_basic_constraints, critical: true, constraints, to: pointer)
    // keyCertSign 5 and cRLSign 6, or digitalSignature 0 and nonRepudiation 1.
    let usage = DEREncoder.namedBits(isAuthority ? [5, 6] : serverAuth ? [0] : [0, 1])
    try add(NID_key_usage, critical: true, usage, to: pointer)
    let purposes =
      (serverAuth ? DEREncoder.objectIdentifier(OID(1, 3, 6, 1, 5, 5, 7, 3, 1)) : [])
      + (clientAuth ? DEREncoder.objectIdentifier(OID(1, 3, 6, 1, 5, 5, 7, 3, 2)) : [])
    if !purposes.isEmpty {
      try add(NID_ext_key_usage, critical: false, DEREncoder.sequence(purposes), to: pointer)
    }
    if !alternativeNames.isEmpty {
      let names = try alternativeNames.encoded()
      try add(NID_subject_alt_name, critical: false, names, to: pointer)
    }
    let subjectIdentifier = Self.keyIdentifier(publicKey)
    try add(
      NID_subject_key_identifier,
      critical: false,
      DEREncoder.octetString(subjectIdentifier),
      to: pointer
    )
    if let identifier = issuer.map({ $0.keyIdentifier }) ?? subjectIdentifier {
      let value = DEREncoder.sequence(DEREncoder.element(DERTag.primitive(0), identifier))
      try add(NID_authority_key_identifier, critical: false, value, to: pointer)
    }
  }

  private func add(
    _ identifier: Int32,
    critical: Bool,
    _ value: [UInt8],
    to pointer: OpaquePointer
  ) throws(ShangMiError) {
    let text = ASN1_OCTET_STRING_new()
    defer { ASN1_OCTET_STRING_free(text) }
    guard text != nil, ASN1_OCTET_STRING_set(text, value, Int32(value.count)) == 1 else {
      throw .drained("make an extension")
    }
    let made = X509_EXTENSION_create_by_NID(nil, identifier, critical ? 1 : 0, text)
    defer { X509_EXTENSION_free(made) }
    guard made != nil, X509_add_ext(pointer, made, -1) == 1 else {
      throw .drained("add an extension")
    }
  }

  /// The leftmost 160 bits of the SHA-256 of the point (RFC 7093, 2, method 1).
  private static func keyIdentifier(_ key: VerifyingKey) -> [UInt8] {
    Array(sha256Digest(key.der.suffix(65)).prefix(20))
  }
}

extension Certificate {
  /// The subject key identifier, if the certificate names one.
  fileprivate var keyIdentifier: [UInt8]? {
    guard
      let text = X509_get0_subject_key_id(owner.pointer),
      let start = ASN1_STRING_get0_data(text)
    else { return nil }
    return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(text))))
  }
}
