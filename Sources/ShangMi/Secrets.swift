internal import CLibCrypto

/// Random bytes fit for keys, nonces and tokens, from libcrypto's generator.
///
/// Ends the process if the generator fails, because nothing may go on with guessable bytes.
///
/// - Parameter count: How many, 0 to `Int32.max`.
/// - Returns: The bytes.
package func secureRandomBytes(_ count: Int) -> [UInt8] {
  precondition((0...Int(Int32.max)).contains(count), "0 to 2,147,483,647 random bytes")
  return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard count == 0 || RAND_bytes(buffer.baseAddress, Int32(count)) == 1 else {
      fatalError("no randomness: \(ShangMiError.drainedReasons())")
    }
    initialized = count
  }
}

/// Whether two byte strings are equal, in a time that tells nothing about where they differ.
///
/// The lengths are not hidden.
///
/// - Parameters:
///   - left: One byte string.
///   - right: The other.
/// - Returns: Whether they are equal.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// HMAC with SM3 under one key, made ready once and used often.
///
/// Source: GB/T 15852.2 (HMAC) over GB/T 32905-2016; RFC 2104.
package struct HMACSM3: Sendable {
  private let inner: SM3
  private let outer: SM3

  /// Makes a key ready.
  ///
  /// - Parameter key: Any length; keys above SM3's block of 64 bytes are hashed first.
  package init(key: [UInt8]) {
    var block = key.count > 64 ? SM3.digest(key).bytes : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    var inner = SM3()
    inner.update(block.map { $0 ^ 0x36 })
    var outer = SM3()
    outer.update(block.map { $0 ^ 0x5C })
    self.inner = inner
    self.outer = outer
  }

  /// The authentication code of a message.
  ///
  /// - Parameter message: What to authenticate.
  /// - Returns: 32 bytes.
  package func code(for message: [UInt8]) -> [UInt8] {
    var inner = inner
    inner.update(message)
    var outer = outer
    outer.update(inner.finalized().bytes)
    return outer.finalized().bytes
  }

  /// Whether a code is the message's, compared in constant time.
  ///
  /// - Parameters:
  ///   - code: The code to judge.
  ///   - message: The message.
  /// - Returns: Whether it is.
  package func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
    constantTimeEquals(code, self.code(for: message))
  }
}

/// HMAC with SHA-256 under one key: for codes that never leave this house and are reckoned at every read.
///
/// Where the processor has instructions for SHA-256, it takes an eighth of the time of SM3.
///
/// Source: FIPS 198-1; RFC 2104, vectors in RFC 4231.
package struct HMACSHA256: Sendable {
  /// How many bytes a code has.
  package static let byteCount = 32

  private let inner: [UInt8]
  private let outer: [UInt8]

  /// Makes a key ready.
  ///
  /// - Parameter key: Any length; keys above SHA-256's block of 64 bytes are hashed first.
  package init(key: [UInt8]) {
    var block = key.count > 64 ? sha256Digest(key) : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5C }
  }

  /// The authentication code of a message.
  ///
  /// - Parameter message: What to authenticate.
  /// - Returns: 32 bytes.
  package func code(for message: [UInt8]) -> [UInt8] {
    sha256Digest(outer + sha256Digest(inner + message))
  }

  /// Whether a code is the message's, compared in constant time.
  ///
  /// - Parameters:
  ///   - code: The code to judge.
  ///   - message: The message.
  /// - Returns: Whether it is.
  package func isValid(_ code: [UInt8], for message: [UInt8]) -> Bool {
    constantTimeEquals(code, self.code(for: message))
  }
}

/// HMAC with SM3 in one call.
///
/// - Parameters:
///   - key: Any length.
///   - message: What to authenticate.
/// - Returns: 32 bytes.
package func hmacSM3(key: [UInt8], message: [UInt8]) -> [UInt8] {
  HMACSM3(key: key).code(for: message)
}
