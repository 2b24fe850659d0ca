internal import CLibCrypto

/// Which curve a key lies on.
package enum KeyKind: String, Hashable, Sendable, CaseIterable {
  /// SM2 (GB/T 32918.5-2017): documents, licences, challenges, checkpoints.
  case sm2 = "SM2"
  /// NIST P-256 (FIPS 186-5): TLS, and signers who cannot do SM2.
  case p256 = "P-256"

  /// What libcrypto calls the key's algorithm.
  var algorithmName: String {
    switch self {
    case .sm2: "SM2"
    case .p256: "EC"
    }
  }

  /// What libcrypto calls the curve.
  var groupName: String {
    switch self {
    case .sm2: "SM2"
    case .p256: "prime256v1"
    }
  }

  var curveIdentifier: Int32 {
    switch self {
    case .sm2: NID_sm2
    case .p256: NID_X9_62_prime256v1
    }
  }

  /// What the curve's signatures hash with.
  var digest: FetchedDigest {
    switch self {
    case .sm2: .sm3
    case .p256: .sha256
    }
  }

  /// The signature algorithm of such keys in this house.
  package var signatureAlgorithm: SignatureAlgorithm {
    switch self {
    case .sm2: .sm2WithSM3
    case .p256: .ecdsaP256SHA256
    }
  }

  /// The DER of a SubjectPublicKeyInfo up to the 65 bytes of the point.
  ///
  /// Source: RFC 5480, 2.1; GB/T 20518 for the SM2 curve's identifier 1.2.156.10197.1.301.
  var publicKeyPrefix: [UInt8] {
    switch self {
    case .sm2:
      [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
        0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x03, 0x42, 0x00,
      ]
    case .p256:
      [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
        0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
      ]
    }
  }
}

/// How a signature was made; stored with every signature, so that it outlives a change of default.
package enum SignatureAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// SM2 over SM3, with a distinguishing id (GB/T 32918.2-2016).
  case sm2WithSM3 = "SM2_WITH_SM3"
  /// ECDSA on P-256 over SHA-256 (FIPS 186-5).
  case ecdsaP256SHA256 = "ECDSA_P256_SHA256"
}

/// What all SM2 signatures of this house agree on.
package enum SM2 {
  /// The standard's default distinguishing id, `1234567812345678` in ASCII, 16 bytes.
  ///
  /// OpenSSL 3 defaults to an empty id, whose signatures nobody else accepts: it is always set.
  /// Source: GB/T 35276-2017, 10.
  package static let defaultID = [UInt8]("1234567812345678".utf8)

  /// The lawful lengths of a distinguishing id in bytes; its bit count must fit 16 bits,
  /// and libcrypto leaves out the longest.
  static let lawfulIDLengths = 1...8_190
}
