internal import CLibCrypto

/// Owns one `EVP_MD_CTX` with its `EVP_PKEY_CTX`, made ready to sign or verify once.
///
/// For SM2 the distinguishing id is always set before the digest starts.
final class SignatureContext {
  let pointer: OpaquePointer
  private let keyContext: OpaquePointer
  private let key: PKey

  init(_ key: PKey, id: [UInt8]) throws(ShangMiError) {
    guard key.kind != .sm2 || SM2.lawfulIDLengths.contains(id.count) else {
      throw .distinguishingIDLengthUnlawful(byteCount: id.count)
    }
    guard let keyContext = EVP_PKEY_CTX_new_from_pkey(nil, key.pointer, nil) else {
      throw .drained("prepare a key")
    }
    guard let pointer = EVP_MD_CTX_new() else {
      EVP_PKEY_CTX_free(keyContext)
      throw .drained("prepare a digest")
    }
    self.key = key
    self.keyContext = keyContext
    self.pointer = pointer
    guard key.kind != .sm2 || EVP_PKEY_CTX_set1_id(keyContext, id, Int32(id.count)) == 1 else {
      throw .drained("set the distinguishing id")
    }
    EVP_MD_CTX_set_pkey_ctx(pointer, keyContext)
  }

  deinit {
    EVP_MD_CTX_free(pointer)
    EVP_PKEY_CTX_free(keyContext)
  }

  /// Makes the context ready to sign, for `sign` or for libcrypto's certificate functions.
  func startSigning() throws(ShangMiError) {
    guard EVP_DigestSignInit(pointer, nil, key.kind.digest.pointer, nil, key.pointer) == 1 else {
      throw .drained("start signing")
    }
  }

  /// Signs a message whole.
  ///
  /// - Returns: DER of SEQUENCE { r, s }, at most 72 bytes.
  func sign(_ message: [UInt8]) throws(ShangMiError) -> [UInt8] {
    try startSigning()
    var length = 0
    guard EVP_DigestSign(pointer, nil, &length, message, message.count) == 1 else {
      throw .drained("size a signature")
    }
    var signature = [UInt8](repeating: 0, count: length)
    guard EVP_DigestSign(pointer, &signature, &length, message, message.count) == 1 else {
      throw .drained("sign with \(key.kind.rawValue)")
    }
    return Array(signature.prefix(length))
  }

  /// Whether a DER signature is the key's over a message; what libcrypto complains of is dropped.
  func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    let valid =
      EVP_DigestVerifyInit(pointer, nil, key.kind.digest.pointer, nil, key.pointer) == 1
      && EVP_DigestVerify(pointer, signature, signature.count, message, message.count) == 1
    if !valid { ShangMiError.drainedReasons() }
    return valid
  }
}

extension PKey {
  func sign(_ message: [UInt8], id: [UInt8]) throws(ShangMiError) -> [UInt8] {
    try SignatureContext(self, id: id).sign(message)
  }

  func verifies(_ signature: [UInt8], over message: [UInt8], id: [UInt8]) -> Bool {
    guard (8...72).contains(signature.count), let context = try? SignatureContext(self, id: id)
    else { return false }
    return context.verifies(signature, over: message)
  }
}
