/// A signed message of GB/T 35275: SignedData over SM3 and SM2, with or without its content.
///
/// One or more signers each sign the content's bytes directly. Authenticated attributes are
/// refused, because a signature over attributes can be passed off as one over a content that
/// looks like them. Whether a signer's certificate is trusted is asked of the certificate.
///
/// Source: GB/T 35275-2017 (equal to GM/T 0010-2012), 7 and 8.
package struct SignedData: Hashable, Sendable {
  /// One signature of the message.
  package struct Signer: Hashable, Sendable {
    /// The signer's certificate, from among those the message carries.
    package let certificate: Certificate
    /// DER of SEQUENCE { r, s }.
    package let signature: [UInt8]

    package init(certificate: Certificate, signature: [UInt8]) {
      self.certificate = certificate
      self.signature = signature
    }
  }

  /// The limits beyond which a message is refused.
  private enum Limit {
    static let bytes = 32 << 20
    static let certificates = 16
    static let signers = 16
  }

  private enum Identifier {
    static let data = OID(1, 2, 156, 10197, 6, 1, 4, 2, 1)
    static let signedData = OID(1, 2, 156, 10197, 6, 1, 4, 2, 2)
    static let sm3 = OID(1, 2, 156, 10197, 1, 401)
    static let sm2Sign = OID(1, 2, 156, 10197, 1, 301, 1)
    /// Some products name the combined algorithm where the standard wants the bare one.
    static let sm2WithSM3 = OID(1, 2, 156, 10197, 1, 501)
  }

  /// The content, if the message carries it; `nil` where it is detached.
  package let content: [UInt8]?
  /// The certificates the message carries, at most 16.
  package let certificates: [Certificate]
  /// The signatures, 1 to 16.
  package let signers: [Signer]

  /// Signs a content with one key.
  ///
  /// - Parameters:
  ///   - content: What to sign.
  ///   - key: The signer's key.
  ///   - certificate: The signer's certificate; it travels with the message.
  ///   - intermediates: Certificates that lead to a root, at most 15.
  ///   - detached: Whether the content stays out of the message.
  /// - Throws: `keyDoesNotMatchCertificate`, `malformed` over a limit, `libcrypto`.
  package init(
    signing content: [UInt8],
    key: SM2PrivateKey,
    certificate: Certificate,
    intermediates: [Certificate] = [],
    detached: Bool
  ) throws(ShangMiError) {
    guard certificate.publicKey == .sm2(key.publicKey) else { throw .keyDoesNotMatchCertificate }
    guard intermediates.count < Limit.certificates, content.count <= Limit.bytes - (1 << 20) else {
      throw Self.malformed("over 16 certificates or 31 MiB of content")
    }
    self.content = detached ? nil : content
    certificates = [certificate] + intermediates
    signers = [Signer(certificate: certificate, signature: try key.sign(content))]
  }

  /// Reads a message; its signatures are not yet verified.
  ///
  /// - Parameter der: The DER, at most 32 MiB, nothing after it.
  /// - Throws: `malformed`, `wrongKeyKind` where a certificate is not of this house's kinds,
  ///   `libcrypto`.
  package init(der: [UInt8]) throws(ShangMiError) {
    guard der.count <= Limit.bytes else { throw Self.malformed("it is larger than 32 MiB") }
    var outer = DERDecoder(der[...], Self.what)
    var message = try outer.enter(DERTag.sequence)
    try outer.finish()
    guard try message.objectIdentifier() == Identifier.signedData else {
      throw Self.malformed("its type is not signedData of GB/T 35275")
    }
    var wrapper = try message.enter(DERTag.constructed(0))
    try message.finish()
    var signed = try wrapper.enter(DERTag.sequence)
    try wrapper.finish()
    try signed.version(1)
    try Self.readDigestAlgorithms(&signed)
    content = try Self.readContent(&signed)
    let certificates = try Self.readCertificates(&signed)
    self.certificates = certificates
    if try signed.nextIfPresent(DERTag.constructed(1)) != nil {
      throw Self.malformed("it carries revocation lists, which are not taken from messages")
    }
    signers = try Self.readSigners(&signed, certificates)
    try signed.finish()
  }

  /// The message as DER.
  package var der: [UInt8] {
    let content = self.content.map {
      DEREncoder.element(DERTag.constructed(0), DEREncoder.octetString($0))
    }
    let signed = DEREncoder.sequence(
      DEREncoder.integer(1),
      DEREncoder.set(of: [DEREncoder.algorithm(Identifier.sm3)]),
      DEREncoder.sequence(DEREncoder.objectIdentifier(Identifier.data), content ?? []),
      DEREncoder.set(of: certificates.map(\.der), tag: DERTag.constructed(0)),
      DEREncoder.set(of: signers.map(Self.encoded))
    )
    return DEREncoder.sequence(
      DEREncoder.objectIdentifier(Identifier.signedData),
      DEREncoder.element(DERTag.constructed(0), signed)
    )
  }

  /// Verifies every signature over the content, with the default distinguishing id.
  ///
  /// - Parameter detachedContent: The content, where the message does not carry it. Where it
  ///   does, this may be left out; if given, it must be the same.
  /// - Returns: The certificates of the signers, in the message's order: what remains is to ask
  ///   whether they are trusted.
  /// - Throws: `contentMismatch`, `signatureInvalid` if any signature is not valid.
  @discardableResult
  package func verify(
    detachedContent: [UInt8]? = nil
  ) throws(ShangMiError) -> [Certificate] {
    if let content, let detachedContent, content != detachedContent { throw .contentMismatch }
    guard let signedContent = content ?? detachedContent else { throw .contentMismatch }
    for signer in signers {
      guard
        case .sm2(let key) = signer.certificate.publicKey,
        key.isValidSignature(signer.signature, over: signedContent)
      else { throw .signatureInvalid }
    }
    return signers.map(\.certificate)
  }

  private static let what = "signed message"

  private static func malformed(_ reason: String) -> ShangMiError {
    .malformed(what: what, reason: reason)
  }
}

// Reading and writing its parts.
extension SignedData {
  private static func readDigestAlgorithms(_ signed: inout DERDecoder) throws(ShangMiError) {
    var algorithms = try signed.enter(DERTag.set)
    guard try algorithms.algorithm() == Identifier.sm3, algorithms.isAtEnd else {
      throw malformed("its digest algorithm is not SM3 alone")
    }
  }

  private static func readContent(_ signed: inout DERDecoder) throws(ShangMiError) -> [UInt8]? {
    var information = try signed.enter(DERTag.sequence)
    guard try information.objectIdentifier() == Identifier.data else {
      throw malformed("its content is not of type data")
    }
    guard !information.isAtEnd else { return nil }
    var wrapper = try information.enter(DERTag.constructed(0))
    try information.finish()
    let content = try wrapper.next(DERTag.octetString).contents
    try wrapper.finish()
    return Array(content)
  }

  private static func readCertificates(
    _ signed: inout DERDecoder
  ) throws(ShangMiError) -> [Certificate] {
    var set = try signed.enter(DERTag.constructed(0))
    var certificates: [Certificate] = []
    while !set.isAtEnd {
      guard certificates.count < Limit.certificates else {
        throw malformed("it carries over \(Limit.certificates) certificates")
      }
      certificates.append(try Certificate(der: Array(set.next(DERTag.sequence).encoded)))
    }
    return certificates
  }

  private static func readSigners(
    _ signed: inout DERDecoder,
    _ certificates: [Certificate]
  ) throws(ShangMiError) -> [Signer] {
    var set = try signed.enter(DERTag.set)
    var signers: [Signer] = []
    while !set.isAtEnd {
      guard signers.count < Limit.signers else {
        throw malformed("it has over \(Limit.signers) signers")
      }
      var information = try set.enter(DERTag.sequence)
      signers.append(try readSigner(&information, certificates))
    }
    guard !signers.isEmpty else { throw malformed("nobody signed it") }
    return signers
  }

  private static func readSigner(
    _ information: inout DERDecoder,
    _ certificates: [Certificate]
  ) throws(ShangMiError) -> Signer {
    try information.version(1)
    let issuerAndSerial = try information.next(DERTag.sequence).encoded
    guard try information.algorithm() == Identifier.sm3 else {
      throw malformed("a signer's digest algorithm is not SM3")
    }
    guard information.nextTag != DERTag.constructed(0) else {
      throw malformed("a signer has authenticated attributes; sign the content itself")
    }
    guard [Identifier.sm2Sign, Identifier.sm2WithSM3].contains(try information.algorithm()) else {
      throw malformed("a signer's algorithm is not SM2")
    }
    let signature = Array(try information.next(DERTag.octetString).contents)
    // Unauthenticated attributes are nobody's statement: skipped.
    _ = try information.nextIfPresent(DERTag.constructed(1))
    try information.finish()
    let named = certificates.filter { $0.issuerAndSerialDER.elementsEqual(issuerAndSerial) }
    guard let certificate = named.first, named.allSatisfy({ $0 == certificate }) else {
      throw malformed("a signer's certificate is missing or ambiguous")
    }
    return Signer(certificate: certificate, signature: signature)
  }

  private static func encoded(_ signer: Signer) -> [UInt8] {
    DEREncoder.sequence(
      DEREncoder.integer(1),
      signer.certificate.issuerAndSerialDER,
      DEREncoder.algorithm(Identifier.sm3),
      DEREncoder.algorithm(Identifier.sm2Sign),
      DEREncoder.octetString(signer.signature)
    )
  }
}
