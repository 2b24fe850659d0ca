/// An SM2 private key; it never prints itself.
package struct SM2PrivateKey: Sendable {
  let key: PKey

  /// The public half.
  package let publicKey: SM2PublicKey

  /// Makes a new key pair.
  ///
  /// Ends the process if libcrypto cannot, because it then has no randomness or no memory.
  package init() {
    do {
      self = try Self(PKey.generated(.sm2))
    } catch {
      fatalError("no new key: \(error)")
    }
  }

  /// Reads a key from PEM: PKCS#8, plain or encrypted, or SEC 1.
  ///
  /// - Parameters:
  ///   - pem: The text, at most 1 MiB.
  ///   - passphrase: What opens it, if it is encrypted.
  /// - Throws: `wrongKeyKind`, `passphraseMissing`, `passphraseWrong`, `malformed`, `libcrypto`.
  package init(pem: String, passphrase: String? = nil) throws(ShangMiError) {
    try self.init(PEM.privateKey(pem, passphrase: passphrase, expecting: .sm2))
  }

  /// Takes a private number, as the standards' examples give it.
  ///
  /// - Parameter scalar: 32 bytes, big-endian, 1 to n - 2.
  /// - Throws: `malformed`, `libcrypto`.
  package init(rawScalar scalar: [UInt8]) throws(ShangMiError) {
    try self.init(PKey.privateKey(.sm2, scalar: scalar))
  }

  init(_ key: PKey) throws(ShangMiError) {
    self.key = key
    publicKey = try SM2PublicKey(key: PKey.publicKey(.sm2, point: key.uncompressedPoint()))
  }

  /// The key as PKCS#8 in PEM, not encrypted: for a file that `KeyFile` guards.
  ///
  /// - Returns: The text.
  /// - Throws: `libcrypto`.
  package func pem() throws(ShangMiError) -> String {
    try PEM.text(of: key)
  }

  /// The key as encrypted PKCS#8 in PEM (PBES2, PBKDF2 with 600,000 rounds, SM4-CBC).
  ///
  /// - Parameter passphrase: 8 to 1,024 bytes of UTF-8.
  /// - Returns: The text.
  /// - Throws: `passphraseLengthUnlawful`, `libcrypto`.
  package func encryptedPEM(passphrase: String) throws(ShangMiError) -> String {
    try PEM.text(of: key, passphrase: passphrase)
  }

  /// Signs a message with SM3 and a fresh random number.
  ///
  /// Source: GB/T 32918.2-2016.
  ///
  /// - Parameters:
  ///   - message: What to sign, whole; not its digest.
  ///   - id: The signer's distinguishing id, 1 to 8,190 bytes.
  /// - Returns: DER of SEQUENCE { r, s }, at most 72 bytes.
  /// - Throws: `distinguishingIDLengthUnlawful`, `libcrypto`.
  package func sign(
    _ message: [UInt8],
    id: [UInt8] = SM2.defaultID
  ) throws(ShangMiError) -> [UInt8] {
    try key.sign(message, id: id)
  }
}

/// An SM2 public key: a point on the curve, checked when it was read.
package struct SM2PublicKey: Hashable, Sendable {
  let key: PKey

  /// The point: 0x04, x, y, 65 bytes.
  package let uncompressedPoint: [UInt8]

  /// Reads a SubjectPublicKeyInfo.
  ///
  /// - Parameter der: The DER, nothing after it.
  /// - Throws: `wrongKeyKind`, `malformed`, `libcrypto`.
  package init(der: [UInt8]) throws(ShangMiError) {
    try self.init(key: PKey.publicKey(der: der, expecting: .sm2))
  }

  /// Reads a PUBLIC KEY block.
  ///
  /// - Parameter pem: The text.
  /// - Throws: `wrongKeyKind`, `malformed`, `libcrypto`.
  package init(pem: String) throws(ShangMiError) {
    try self.init(key: PEM.publicKey(pem, expecting: .sm2))
  }

  /// Takes a point as it stands.
  ///
  /// - Parameter point: 0x04, x, y, 65 bytes.
  /// - Throws: `malformed`, `libcrypto`.
  package init(uncompressedPoint point: [UInt8]) throws(ShangMiError) {
    try self.init(key: PKey.publicKey(.sm2, point: point))
  }

  init(key: PKey) throws(ShangMiError) {
    self.key = key
    uncompressedPoint = try key.uncompressedPoint()
  }

  /// The SubjectPublicKeyInfo, 91 bytes, always in the same form.
  package var der: [UInt8] { KeyKind.sm2.publicKeyPrefix + uncompressedPoint }

  /// The SubjectPublicKeyInfo as a PUBLIC KEY block.
  package var pem: String { PEM.text("PUBLIC KEY", der) }

  /// The SM3 of `der`, which names the key.
  package var fingerprint: SM3Digest { SM3.digest(der) }

  /// Whether a signature is this key's over a message.
  ///
  /// - Parameters:
  ///   - signature: DER of SEQUENCE { r, s }; any other form is invalid.
  ///   - message: What was signed, whole.
  ///   - id: The signer's distinguishing id.
  /// - Returns: Whether it is valid.
  package func isValidSignature(
    _ signature: [UInt8],
    over message: [UInt8],
    id: [UInt8] = SM2.defaultID
  ) -> Bool {
    key.verifies(signature, over: message, id: id)
  }

  package static func == (left: SM2PublicKey, right: SM2PublicKey) -> Bool {
    left.uncompressedPoint == right.uncompressedPoint
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(uncompressedPoint)
  }
}
