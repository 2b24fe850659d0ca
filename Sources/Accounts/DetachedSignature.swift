internal import APIConventions
package import RegistryAPI
package import ShangMi

/// A signature by a party's key with what its verification needs, read from a `DigitalSignature`.
package struct DetachedSignature: Hashable, Sendable {
  /// The signer's public key.
  package let publicKey: VerifyingKey
  /// DER of SEQUENCE { r, s }, 1 to 80 bytes.
  package let value: [UInt8]

  /// How it was made; the key's kind decides.
  package var algorithm: SignatureAlgorithm { publicKey.algorithm }

  /// The SM2 distinguishing identifier that it was made with; empty for ECDSA.
  package var distinguishingIdentifier: String {
    switch algorithm {
    case .sm2WithSM3: String(decoding: SM2.defaultID, as: UTF8.self)
    case .ecdsaP256SHA256: ""
    }
  }

  /// Reads a signature from a request.
  ///
  /// Nothing comes of it if the key cannot be read, the algorithm or the identifier is not the key's,
  /// or a part is too long.
  ///
  /// - Parameter proto: What was sent.
  package init?(_ proto: Liaoning_Registry_V1_DigitalSignature) {
    guard
      (1...80).contains(proto.value.count), proto.publicKey.count <= 200,
      let publicKey = try? VerifyingKey(der: [UInt8](proto.publicKey))
    else { return nil }
    self.publicKey = publicKey
    value = [UInt8](proto.value)
    guard
      proto.algorithm == algorithm.proto,
      proto.distinguishingIdentifier == distinguishingIdentifier
    else { return nil }
  }

  /// Whether it is the key's over a statement.
  ///
  /// - Parameters:
  ///   - statement: The serialized statement exactly as it was sent.
  ///   - messageName: The full name of the statement's message type.
  /// - Returns: Whether it is.
  package func signs(_ statement: [UInt8], as messageName: String) -> Bool {
    SignedStatement.isSigned(statement, as: messageName, by: publicKey, signature: value)
  }
}

extension SignatureAlgorithm {
  /// The algorithm for a reply.
  package var proto: Liaoning_Registry_V1_DigitalSignature.Algorithm {
    switch self {
    case .sm2WithSM3: .sm2WithSm3
    case .ecdsaP256SHA256: .ecdsaP256Sha256
    }
  }
}
