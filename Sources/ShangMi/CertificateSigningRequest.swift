internal import CLibCrypto

/// A PKCS#10 request for a certificate, whose own signature has been checked.
///
/// Only its key and its common name are read; what else the certificate says, the authority
/// decides. Source: RFC 2986.
package struct CertificateSigningRequest: Hashable, Sendable {
  /// The DER.
  package let der: [UInt8]
  /// The key to certify; the requester has proven to hold its private half.
  package let publicKey: VerifyingKey
  /// The common name asked for; `nil` if there is none.
  package let commonName: String?

  /// Makes a request and signs it.
  ///
  /// - Parameters:
  ///   - commonName: The subject, 1 to 64 characters.
  ///   - key: The key to certify.
  /// - Throws: `malformed`, `libcrypto`.
  package init(commonName: String, key: SigningKey) throws(ShangMiError) {
    let request = X509_REQ_new()
    defer { X509_REQ_free(request) }
    let context = try SignatureContext(key.key, id: SM2.defaultID)
    try setName(X509_REQ_get_subject_name(request), commonName: commonName, organization: nil)
    guard
      request != nil, X509_REQ_set_version(request, 0) == 1,
      X509_REQ_set_pubkey(request, key.key.pointer) == 1
    else { throw .drained("make a certificate request") }
    try context.startSigning()
    guard X509_REQ_sign_ctx(request, context.pointer) > 0 else {
      throw .drained("sign a certificate request")
    }
    self.commonName = commonName
    publicKey = key.publicKey
    der = try encodedDER("write a certificate request") { i2d_X509_REQ(request, $0) }
  }

  /// Reads a request and checks its signature.
  ///
  /// - Parameter der: The DER, at most 64 KiB, nothing after it.
  /// - Throws: `malformed`, `wrongKeyKind`, `signatureInvalid`, `libcrypto`.
  package init(der: [UInt8]) throws(ShangMiError) {
    guard (1...65_536).contains(der.count) else {
      throw .malformed(what: "certificate request", reason: "1 to 65,536 bytes are expected")
    }
    let (request, consumed) = der.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      let request = d2i_X509_REQ(nil, &cursor, buffer.count)
      return (request, cursor == buffer.baseAddress.map { $0 + buffer.count })
    }
    defer { X509_REQ_free(request) }
    guard let request, let key = X509_REQ_get_pubkey(request) else {
      throw .drained("read a certificate request")
    }
    let owned = try PKey(owning: key, expecting: nil)
    guard consumed else { throw .malformed(what: "certificate request", reason: "bytes follow it") }
    try owned.checkPoint()
    if owned.kind == .sm2 {
      X509_REQ_set0_distinguishing_id(request, try distinguishingID())
    }
    guard X509_REQ_verify(request, owned.pointer) == 1 else {
      ShangMiError.drainedReasons()
      throw .signatureInvalid
    }
    publicKey = try VerifyingKey(owned)
    commonName = ShangMi.commonName(X509_REQ_get_subject_name(request))
    self.der = der
  }

  /// Reads the first CERTIFICATE REQUEST block of a PEM text and checks its signature.
  ///
  /// - Parameter pem: The text, at most 1 MiB.
  /// - Throws: `malformed`, `wrongKeyKind`, `signatureInvalid`, `libcrypto`.
  package init(pem: String) throws(ShangMiError) {
    let input = try MemoryBIO(reading: pem, what: "certificate request")
    let request = PEM_read_bio_X509_REQ(input.pointer, nil, nil, nil)
    defer { X509_REQ_free(request) }
    guard let request else { throw .drained("read a certificate request in PEM") }
    try self.init(der: encodedDER("read a certificate request") { i2d_X509_REQ(request, $0) })
  }

  /// The request as a CERTIFICATE REQUEST block.
  package var pem: String { PEM.text("CERTIFICATE REQUEST", der) }
}
