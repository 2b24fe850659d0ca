internal import CLibCrypto

/// An SM3 digest: exactly 32 bytes.
///
/// Source: GB/T 32905-2016.
package struct SM3Digest: Hashable, Sendable, CustomStringConvertible {
  /// How many bytes a digest has.
  package static let byteCount = 32

  /// The 32 bytes, first byte first.
  package let bytes: [UInt8]

  /// Takes 32 bytes as a digest; `nil` unless there are exactly 32.
  ///
  /// - Parameter bytes: The digest's bytes.
  package init?(bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads 64 hexadecimal digits, upper or lower case; `nil` if the text is anything else.
  ///
  /// - Parameter hexadecimal: The text.
  package init?(hexadecimal: String) {
    let digits = Array(hexadecimal.utf8)
    guard digits.count == 2 * Self.byteCount else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Self.value(of: digits[index]), let low = Self.value(of: digits[index + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// Hashes bytes.
  ///
  /// - Parameter bytes: What to hash, of any length.
  package init(hashing bytes: some Sequence<UInt8>) {
    self.bytes = withContiguousBytes(bytes) { FetchedDigest.sm3.digest($0) }
  }

  /// The digest as 64 lower-case hexadecimal digits.
  package var hexadecimal: String { hexadecimalText(bytes) }

  package var description: String { hexadecimal }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// SM3 over bytes that arrive in pieces; a value, so that a copy goes on independently.
///
/// Source: GB/T 32905-2016.
package struct SM3: Sendable {
  private var state: SM3State

  /// Starts a hash of nothing yet.
  package init() {
    state = SM3State()
  }

  /// Adds bytes.
  ///
  /// - Parameter bytes: What to hash next.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    if !isKnownUniquelyReferenced(&state) { state = SM3State(copying: state) }
    let state = state
    withContiguousBytes(bytes) { state.update($0) }
  }

  /// Adds the UTF-8 bytes of a text.
  ///
  /// - Parameter text: What to hash next.
  package mutating func update(_ text: String) {
    update(text.utf8)
  }

  /// The digest of all that was added so far; more may be added afterwards.
  ///
  /// - Returns: The digest.
  package func finalized() -> SM3Digest {
    SM3State(copying: state).finalized()
  }

  /// The digest of bytes, in one call.
  ///
  /// - Parameter bytes: What to hash.
  /// - Returns: The digest.
  package static func digest(_ bytes: some Sequence<UInt8>) -> SM3Digest {
    SM3Digest(hashing: bytes)
  }

  /// The digest of a text's UTF-8 bytes, in one call.
  ///
  /// - Parameter text: What to hash.
  /// - Returns: The digest.
  package static func digest(_ text: String) -> SM3Digest {
    SM3Digest(hashing: text.utf8)
  }
}

/// Owns one `EVP_MD_CTX` that hashes with SM3.
///
/// Unchecked, because `SM3` copies a state before it changes one that anybody else holds.
private final class SM3State: @unchecked Sendable {
  private let context: OpaquePointer

  init() {
    guard
      let context = EVP_MD_CTX_new(),
      EVP_DigestInit_ex2(context, FetchedDigest.sm3.pointer, nil) == 1
    else { fatalError("libcrypto cannot hash: out of memory") }
    self.context = context
  }

  init(copying other: SM3State) {
    guard let context = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(context, other.context) == 1
    else { fatalError("libcrypto cannot hash: out of memory") }
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
    else { fatalError("libcrypto cannot hash: out of memory") }
  }

  func finalized() -> SM3Digest {
    let bytes = [UInt8](unsafeUninitializedCapacity: SM3Digest.byteCount) { buffer, count in
      guard EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
      else { fatalError("libcrypto cannot hash: out of memory") }
      count = SM3Digest.byteCount
    }
    guard let digest = SM3Digest(bytes: bytes) else { fatalError("SM3 gave other than 32 bytes") }
    return digest
  }
}
