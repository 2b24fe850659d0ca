package import ShangMi

/// What a key signs: the ASCII full name of the statement's message type, a zero byte, and the
/// serialized message exactly as it was sent.
///
/// The name keeps a signature for one purpose from
/// serving another.
package enum SignedStatement {
  /// The bytes to sign.
  ///
  /// - Parameters:
  ///   - messageName: For instance `liaoning.registry.v1.LoginStatement`.
  ///   - statement: The serialized message.
  /// - Returns: The bytes to sign.
  package static func bytes(of messageName: String, _ statement: [UInt8]) -> [UInt8] {
    Array(messageName.utf8) + [0] + statement
  }

  /// Whether `key` signed `statement` as a message of that name.
  package static func isSigned(
    _ statement: [UInt8],
    as messageName: String,
    by key: VerifyingKey,
    signature: [UInt8]
  ) -> Bool {
    key.isValidSignature(signature, over: bytes(of: messageName, statement))
  }
}
