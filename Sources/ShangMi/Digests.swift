internal import CLibCrypto

/// An algorithm fetched from libcrypto once and for all.
///
/// Fetching at every hash costs 1.6 times as much. Unchecked, because a fetched `EVP_MD` is
/// immutable and counted atomically; it lives as long as the process.
final class FetchedDigest: @unchecked Sendable {
  static let sm3 = FetchedDigest("SM3")
  static let sha256 = FetchedDigest("SHA2-256")

  let pointer: OpaquePointer

  private init(_ name: String) {
    guard let pointer = EVP_MD_fetch(nil, name, nil) else {
      fatalError("this libcrypto has no \(name): \(ShangMiError.drainedReasons())")
    }
    self.pointer = pointer
  }

  deinit {
    EVP_MD_free(pointer)
  }

  /// The digest of contiguous bytes in one call; always 32 bytes.
  func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      let done = EVP_Digest(
        bytes.baseAddress,
        bytes.count,
        buffer.baseAddress,
        nil,
        pointer,
        nil
      )
      guard done == 1 else { fatalError("libcrypto cannot hash: out of memory") }
      count = 32
    }
  }
}

/// The SHA-256 digest of bytes, 32 bytes.
///
/// For what the Internet's standards fix to SHA-256, such as public key pins; the registry's own
/// digests are SM3.
///
/// - Parameter bytes: What to hash.
/// - Returns: 32 bytes.
package func sha256Digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  withContiguousBytes(bytes) { FetchedDigest.sha256.digest($0) }
}

/// Lends the bytes of a sequence contiguously, copying only those that are not.
func withContiguousBytes<Result>(
  _ bytes: some Sequence<UInt8>,
  _ body: (UnsafeRawBufferPointer) -> Result
) -> Result {
  let direct = bytes.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
  if let direct { return direct }
  return Array(bytes).withUnsafeBytes { body($0) }
}

/// The lower-case hexadecimal form of bytes, two digits a byte.
func hexadecimalText(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
