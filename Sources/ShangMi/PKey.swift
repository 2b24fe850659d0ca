internal import CLibCrypto

/// Owns one `EVP_PKEY` on a curve of this house.
///
/// Unchecked, because libcrypto counts references atomically and never changes a key that is
/// only read, signed or verified with.
final class PKey: @unchecked Sendable {
  let pointer: OpaquePointer
  let kind: KeyKind

  /// Takes over a key.
  ///
  /// - Throws: `wrongKeyKind`, having freed it.
  init(owning pointer: OpaquePointer, expecting expected: KeyKind?) throws(ShangMiError) {
    let found = KeyKind.allCases.first { Self.isKey(pointer, of: $0) }
    guard let found, expected == nil || expected == found else {
      EVP_PKEY_free(pointer)
      ShangMiError.drainedReasons()
      throw .wrongKeyKind(expected: expected?.rawValue ?? "SM2 or P-256")
    }
    self.pointer = pointer
    self.kind = found
  }

  deinit {
    EVP_PKEY_free(pointer)
  }

  private static func isKey(_ pointer: OpaquePointer, of kind: KeyKind) -> Bool {
    guard EVP_PKEY_is_a(pointer, kind.algorithmName) == 1 else { return false }
    var name = [CChar](repeating: 0, count: 64)
    guard EVP_PKEY_get_group_name(pointer, &name, name.count, nil) == 1 else { return false }
    return name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) } == Array(kind.groupName.utf8)
  }

  /// A new key pair.
  static func generated(_ kind: KeyKind) throws(ShangMiError) -> PKey {
    let context = EVP_PKEY_CTX_new_from_name(nil, kind.algorithmName, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard
      context != nil,
      EVP_PKEY_keygen_init(context) == 1,
      kind == .sm2 || EVP_PKEY_CTX_set_group_name(context, kind.groupName) == 1,
      EVP_PKEY_generate(context, &key) == 1,
      let key
    else { throw .drained("generate a \(kind.rawValue) key") }
    return try PKey(owning: key, expecting: kind)
  }

  /// A public key from its point, uncompressed: 0x04, x, y, 65 bytes.
  static func publicKey(_ kind: KeyKind, point: [UInt8]) throws(ShangMiError) -> PKey {
    guard point.count == 65, point[0] == 4 else {
      throw .malformed(
        what: "public key",
        reason: "an uncompressed point is 0x04 and 64 bytes more"
      )
    }
    return try publicKey(der: kind.publicKeyPrefix + point, expecting: kind)
  }

  /// A public key from a SubjectPublicKeyInfo; a point off the curve or at infinity is refused.
  static func publicKey(
    der: [UInt8],
    expecting kind: KeyKind?
  ) throws(ShangMiError) -> PKey {
    guard (1...512).contains(der.count) else {
      throw .malformed(what: "public key", reason: "1 to 512 bytes of DER are expected")
    }
    let (parsed, consumed) = der.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      let key = d2i_PUBKEY(nil, &cursor, buffer.count)
      return (key, cursor == buffer.baseAddress.map { $0 + buffer.count })
    }
    guard let parsed else { throw .drained("read a public key") }
    let key = try PKey(owning: parsed, expecting: kind)
    guard consumed else {
      throw .malformed(what: "public key", reason: "bytes follow the key")
    }
    try key.checkPoint()
    return key
  }

  /// Refuses a public key whose point is at infinity or off the curve.
  func checkPoint() throws(ShangMiError) {
    let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil)
    defer { EVP_PKEY_CTX_free(context) }
    guard context != nil, EVP_PKEY_public_check_quick(context) == 1 else {
      throw .drained("accept the public key: its point is not on the curve")
    }
  }

  /// The public point, uncompressed: 0x04, x, y, 65 bytes.
  func uncompressedPoint() throws(ShangMiError) -> [UInt8] {
    var point: [UInt8] = [4]
    for name in [OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y] {
      var number: OpaquePointer?
      var coordinate = [UInt8](repeating: 0, count: 32)
      let found = EVP_PKEY_get_bn_param(pointer, name, &number)
      defer { BN_free(number) }
      guard found == 1, let number, BN_bn2binpad(number, &coordinate, 32) == 32 else {
        throw .drained("read a public key's point")
      }
      point += coordinate
    }
    return point
  }

  /// The private number, 32 bytes, big-endian.
  ///
  /// - Throws: `libcrypto` if this is a public key.
  func privateScalar() throws(ShangMiError) -> [UInt8] {
    var number: OpaquePointer?
    var scalar = [UInt8](repeating: 0, count: 32)
    let found = EVP_PKEY_get_bn_param(pointer, OSSL_PKEY_PARAM_PRIV_KEY, &number)
    defer { BN_clear_free(number) }
    guard found == 1, let number, BN_bn2binpad(number, &scalar, 32) == 32 else {
      throw .drained("read a private number")
    }
    return scalar
  }

  /// A key pair from its private number, 32 bytes, big-endian, 1 to n - 2.
  static func privateKey(_ kind: KeyKind, scalar: [UInt8]) throws(ShangMiError) -> PKey {
    guard scalar.count == 32 else {
      throw .malformed(what: "private key", reason: "a private number has 32 bytes")
    }
    let number = BN_bin2bn(scalar, 32, nil)
    defer { BN_clear_free(number) }
    let point = try publicPoint(kind, of: number)
    // RFC 5958 around RFC 5915; the algorithm stands in the public key's prefix.
    let pair = DEREncoder.sequence(
      DEREncoder.integer(1),
      DEREncoder.octetString(scalar),
      DEREncoder.element(
        DERTag.constructed(1),
        DEREncoder.element(DERTag.bitString, [0] + point)
      )
    )
    let info = DEREncoder.sequence(
      DEREncoder.integer(0),
      Array(kind.publicKeyPrefix[2..<23]),
      DEREncoder.octetString(pair)
    )
    let key = info.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      return d2i_AutoPrivateKey(nil, &cursor, buffer.count)
    }
    guard let key else { throw .drained("build a private key") }
    return try PKey(owning: key, expecting: kind)
  }

  /// The public point of a private number, after checking that the number is in range.
  private static func publicPoint(
    _ kind: KeyKind,
    of number: OpaquePointer?
  ) throws(ShangMiError) -> [UInt8] {
    let group = EC_GROUP_new_by_curve_name(kind.curveIdentifier)
    defer { EC_GROUP_free(group) }
    let limit = BN_dup(EC_GROUP_get0_order(group))
    defer { BN_free(limit) }
    guard let number, group != nil, limit != nil, BN_sub_word(limit, 1) == 1 else {
      throw .drained("find the curve")
    }
    guard BN_is_zero(number) == 0, BN_cmp(number, limit) < 0 else {
      throw .malformed(what: "private key", reason: "its number is not between 1 and n - 2")
    }
    let point = EC_POINT_new(group)
    defer { EC_POINT_free(point) }
    var bytes = [UInt8](repeating: 0, count: 65)
    guard
      point != nil,
      EC_POINT_mul(group, point, number, nil, nil, nil) == 1,
      EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &bytes, 65, nil) == 65
    else { throw .drained("compute a public key") }
    return bytes
  }
}
