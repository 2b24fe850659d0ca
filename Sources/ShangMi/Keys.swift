/// A private key of either kind; it never prints itself.
package enum SigningKey: Sendable {
  /// An SM2 key.
  case sm2(SM2PrivateKey)
  /// A P-256 key.
  case p256(P256PrivateKey)

  /// Makes a new key pair of a kind.
  ///
  /// - Parameter kind: The curve.
  package init(generating kind: KeyKind) {
    self =
      switch kind {
      case .sm2: .sm2(SM2PrivateKey())
      case .p256: .p256(P256PrivateKey())
      }
  }

  /// Reads a key of either kind from PEM: PKCS#8, plain or encrypted, or SEC 1.
  ///
  /// - Parameters:
  ///   - pem: The text, at most 1 MiB.
  ///   - passphrase: What opens it, if it is encrypted.
  /// - Throws: `wrongKeyKind`, `passphraseMissing`, `passphraseWrong`, `malformed`, `libcrypto`.
  package init(pem: String, passphrase: String? = nil) throws(ShangMiError) {
    let key = try PEM.privateKey(pem, passphrase: passphrase, expecting: nil)
    self =
      switch key.kind {
      case .sm2: try .sm2(SM2PrivateKey(key))
      case .p256: try .p256(P256PrivateKey(key))
      }
  }

  var key: PKey {
    switch self {
    case .sm2(let key): key.key
    case .p256(let key): key.key
    }
  }

  /// The curve.
  package var kind: KeyKind { key.kind }

  /// How this key signs.
  package var algorithm: SignatureAlgorithm { kind.signatureAlgorithm }

  /// The public half.
  package var publicKey: VerifyingKey {
    switch self {
    case .sm2(let key): .sm2(key.publicKey)
    case .p256(let key): .p256(key.publicKey)
    }
  }

  /// Signs a message whole; SM2 with the standard's default distinguishing id.
  ///
  /// - Parameter message: What to sign; not its digest.
  /// - Returns: DER of SEQUENCE { r, s }, at most 72 bytes.
  /// - Throws: `libcrypto`.
  package func sign(_ message: [UInt8]) throws(ShangMiError) -> [UInt8] {
    try key.sign(message, id: SM2.defaultID)
  }

  /// A secret that follows from the private key and a label; whoever lacks the key can't reckon it.
  ///
  /// The same key gives the same secret for the same label, always and everywhere; HMAC-SM3 of the label
  /// under the private number.
  ///
  /// - Parameter label: What the secret is for; each use has its own.
  /// - Returns: 32 bytes.
  /// - Throws: `libcrypto`.
  package func derivedSecret(for label: String) throws(ShangMiError) -> [UInt8] {
    hmacSM3(key: try key.privateScalar(), message: Array(label.utf8))
  }

  /// The key as PKCS#8 in PEM, not encrypted: for a file that `KeyFile` guards.
  ///
  /// - Returns: The text.
  /// - Throws: `libcrypto`.
  package func pem() throws(ShangMiError) -> String {
    try PEM.text(of: key)
  }

  /// The key as encrypted PKCS#8 in PEM.
  ///
  /// - Parameter passphrase: 8 to 1,024 bytes of UTF-8.
  /// - Returns: The text.
  /// - Throws: `passphraseLengthUnlawful`, `libcrypto`.
  package func encryptedPEM(passphrase: String) throws(ShangMiError) -> String {
    try PEM.text(of: key, passphrase: passphrase)
  }
}

/// A public key of either kind.
package enum VerifyingKey: Hashable, Sendable {
  /// An SM2 key.
  case sm2(SM2PublicKey)
  /// A P-256 key.
  case p256(P256PublicKey)

  /// Reads a SubjectPublicKeyInfo of either kind.
  ///
  /// - Parameter der: The DER, nothing after it.
  /// - Throws: `wrongKeyKind`, `malformed`, `libcrypto`.
  package init(der: [UInt8]) throws(ShangMiError) {
    try self.init(PKey.publicKey(der: der, expecting: nil))
  }

  /// Reads a PUBLIC KEY block of either kind.
  ///
  /// - Parameter pem: The text.
  /// - Throws: `wrongKeyKind`, `malformed`, `libcrypto`.
  package init(pem: String) throws(ShangMiError) {
    try self.init(PEM.publicKey(pem, expecting: nil))
  }

  init(_ key: PKey) throws(ShangMiError) {
    self =
      switch key.kind {
      case .sm2: try .sm2(SM2PublicKey(key: key))
      case .p256: try .p256(P256PublicKey(key: key))
      }
  }

  var key: PKey {
    switch self {
    case .sm2(let key): key.key
    case .p256(let key): key.key
    }
  }

  /// The curve.
  package var kind: KeyKind { key.kind }

  /// How this key's signatures are made.
  package var algorithm: SignatureAlgorithm { kind.signatureAlgorithm }

  /// The SubjectPublicKeyInfo, 91 bytes, always in the same form.
  package var der: [UInt8] {
    switch self {
    case .sm2(let key): key.der
    case .p256(let key): key.der
    }
  }

  /// The SubjectPublicKeyInfo as a PUBLIC KEY block.
  package var pem: String { PEM.text("PUBLIC KEY", der) }

  /// The SM3 of `der`, which names the key.
  package var fingerprint: SM3Digest { SM3.digest(der) }

  /// Whether a signature is this key's over a message; SM2 with the default distinguishing id.
  ///
  /// - Parameters:
  ///   - signature: DER of SEQUENCE { r, s }; any other form is invalid.
  ///   - message: What was signed, whole.
  /// - Returns: Whether it is valid.
  package func isValidSignature(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    key.verifies(signature, over: message, id: SM2.defaultID)
  }
}
