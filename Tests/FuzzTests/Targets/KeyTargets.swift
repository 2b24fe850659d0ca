internal import Foundation
internal import ShangMi

@testable internal import GRPCNghttp2Transport

extension FuzzTarget {
  /// Certificates, keys, signatures, signed messages.
  static let keys = [
    FuzzTarget(name: "certificates", limit: 8_192, read: KeyTargets.certificates),
    FuzzTarget(name: "certificate-pems", limit: 16_384, read: KeyTargets.pems),
    FuzzTarget(name: "public-keys", limit: 512, read: KeyTargets.publicKeys),
    FuzzTarget(name: "signatures", limit: 256, read: KeyTargets.signatures),
    FuzzTarget(name: "signed-messages", limit: 16_384, read: KeyTargets.signedMessages),
  ]
}

enum KeyTargets {
  // MARK: Certificates

  static func certificates(_ bytes: [UInt8]) throws {
    if let request = try? CertificateSigningRequest(der: bytes) {
      try demand(try CertificateSigningRequest(der: request.der) == request, "a request changes")
    }
    guard let certificate = try? Certificate(der: bytes) else {
      _ = try? peer(pem(bytes))
      return
    }
    try hold(certificate)
    try demand(
      Certificate(der: certificate.der) == certificate,
      "a certificate changes when it is read again"
    )
    try? certificate.verify(roots: [certificate], at: certificate.notBefore)
    _ = certificate.isSigned(by: certificate.publicKey)
    _ = certificate.isValid(at: certificate.notAfter)
  }

  static func pems(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    for certificate in (try? Certificate.certificates(pem: text)) ?? [] { try hold(certificate) }
    _ = try? VerifyingKey(pem: text)
    _ = try? CertificateSigningRequest(pem: text)
    _ = try? peer(bytes)
  }

  /// Two readers of one certificate, the transport's and ShangMi's, must agree on who it is.
  private static func hold(_ certificate: Certificate) throws {
    let peer = try peer(Array(certificate.pem.utf8))
    try demand(peer.publicKeySHA256 == certificate.spkiSHA256, "two readers see two keys")
    try demand(peer.der == certificate.der, "two readers see two certificates")
    try demand(
      peer.subjectCommonName == certificate.subjectCommonName,
      "two readers see two names"
    )
    try demand(peer.dnsNames == certificate.subjectAlternativeNames.dnsNames, "two DNS names")
    try demand(peer.uriNames == certificate.subjectAlternativeNames.uris, "two URIs")
  }

  private static func peer(_ pem: [UInt8]) throws -> PeerCertificate {
    var found: PeerCertificate?
    try PEM.forEachCertificate(pem, failure: { TLSError.certificateChain($0) }) { pointer in
      found = found ?? PeerCertificate(pointer, isVerified: false)
    }
    guard let found else { throw Finding(description: "a certificate is lost") }
    return found
  }

  private static func pem(_ der: [UInt8]) -> [UInt8] {
    let lines = Data(der).base64EncodedString(options: [.lineLength64Characters])
    return Array("-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n".utf8)
  }

  // MARK: Keys and signatures

  static func publicKeys(_ bytes: [UInt8]) throws {
    if let key = try? VerifyingKey(der: bytes) {
      try demand(VerifyingKey(der: key.der) == key, "a key changes when it is read again")
      _ = key.isValidSignature(bytes, over: bytes)
    }
    if let key = try? SM2PublicKey(uncompressedPoint: bytes) {
      try demand(key.uncompressedPoint == bytes, "a point changes")
    }
    if let key = try? P256PublicKey(uncompressedPoint: bytes) {
      try demand(key.uncompressedPoint == bytes, "a point changes")
    }
  }

  private static let message = Array("fuzz".utf8)
  private static let sm2 = Result {
    try SM2PrivateKey(rawScalar: [UInt8](repeating: 0x35, count: 32)).publicKey
  }
  private static let p256 = Result {
    try P256PrivateKey(rawScalar: [UInt8](repeating: 0x35, count: 32)).publicKey
  }

  /// A signature that is accepted has exactly one form: two minimal positive integers in DER.
  static func signatures(_ bytes: [UInt8]) throws {
    let signature = Array(bytes.dropFirst())
    let isValid =
      bytes.first == 0
      ? try sm2.get().isValidSignature(signature, over: message)
      : try p256.get().isValidSignature(signature, over: message)
    guard isValid else { return }
    try demand(isCanonical(signature), "a signature in another form is accepted")
  }

  private static func isCanonical(_ signature: [UInt8]) -> Bool {
    guard signature.count >= 8, signature[0] == 0x30, Int(signature[1]) == signature.count - 2
    else { return false }
    var rest = signature.dropFirst(2)
    for _ in 0..<2 {
      guard rest.popFirst() == 0x02, let count = rest.popFirst(), (1...33).contains(count),
        rest.count >= count
      else { return false }
      let number = Array(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
      guard number[0] < 0x80 else { return false }
      if number.count > 1, number[0] == 0, number[1] < 0x80 { return false }
    }
    return rest.isEmpty
  }

  static func signedMessages(_ bytes: [UInt8]) throws {
    guard let message = try? SignedData(der: bytes) else { return }
    try demand(try SignedData(der: message.der) == message, "a message changes when written again")
    _ = try? message.verify()
    _ = try? message.verify(detachedContent: bytes)
  }
}
