internal import CLibCrypto
internal import Glibc

/// Why a key, certificate, signature or message was refused.
///
/// No case carries key material, a passphrase or file contents.
package enum ShangMiError: Error, Hashable, Sendable, CustomStringConvertible {
  /// libcrypto refused. `reasons` is its drained error queue, oldest first; it may be empty.
  case libcrypto(operation: String, reasons: [String])
  /// The bytes are not what they should be; `what` names the structure, `reason` the flaw.
  case malformed(what: String, reason: String)
  /// The key is neither SM2 nor P-256, or not the one of the two that was asked for.
  case wrongKeyKind(expected: String)
  /// The private key does not belong to the certificate.
  case keyDoesNotMatchCertificate
  /// The private key is encrypted and no passphrase was given.
  case passphraseMissing
  /// The passphrase does not open the private key, or the key is damaged.
  case passphraseWrong
  /// A passphrase has 8 to 1,024 bytes.
  case passphraseLengthUnlawful(byteCount: Int)
  /// A distinguishing id has 1 to 8,190 bytes.
  case distinguishingIDLengthUnlawful(byteCount: Int)
  /// The certificate does not lead to a trusted root at the instant asked about.
  case untrusted(reason: String, depth: Int)
  /// The certificate may not issue others.
  case notAnAuthority
  /// The signature is not the key's over that content.
  case signatureInvalid
  /// The signed message carries no content, and none was handed in; or both, and they differ.
  case contentMismatch
  /// Others than the owner may read the key file; `mode` is its permission bits.
  case keyFileUnsafe(path: String, mode: UInt32, reason: String)
  /// The key file cannot be opened, read or written; `errno` says why.
  case keyFileFailed(path: String, operation: String, errno: Int32)

  package var description: String {
    switch self {
    case .libcrypto(let operation, let reasons):
      "libcrypto refused to \(operation): "
        + (reasons.isEmpty ? "no reason given" : reasons.joined(separator: "; "))
    case .malformed(let what, let reason):
      "malformed \(what): \(reason)"
    case .wrongKeyKind(let expected):
      "the key is of another kind; give a key of kind \(expected)"
    case .keyDoesNotMatchCertificate:
      "the private key does not belong to the certificate"
    case .passphraseMissing:
      "the private key is encrypted; give its passphrase"
    case .passphraseWrong:
      "the passphrase does not open the private key"
    case .passphraseLengthUnlawful(let byteCount):
      "a passphrase has 8 to 1,024 bytes; this one has \(byteCount)"
    case .distinguishingIDLengthUnlawful(let byteCount):
      "a distinguishing id has 1 to 8,190 bytes; this one has \(byteCount)"
    case .untrusted(let reason, let depth):
      "the certificate is not trusted: \(reason) (depth \(depth))"
    case .notAnAuthority:
      "the certificate may not issue others: it is no authority's"
    case .signatureInvalid:
      "the signature is not the key's over that content"
    case .contentMismatch:
      "the signed content is missing, or differs from the content handed in"
    case .keyFileUnsafe(let path, let mode, let reason):
      "key file \(path) (mode 0\(String(mode, radix: 8))) is refused: \(reason); "
        + "make it a regular file of your own with chmod 600"
    case .keyFileFailed(let path, let operation, let errno):
      "cannot \(operation) key file \(path): \(String(cString: strerror(errno)))"
    }
  }

  /// The error for an operation that has just failed, with libcrypto's queue drained into it.
  ///
  /// - Parameter operation: What was tried, as a verb phrase: `sign with SM2`.
  /// - Returns: The error, to be thrown.
  static func drained(_ operation: String) -> ShangMiError {
    .libcrypto(operation: operation, reasons: drainedReasons())
  }

  /// Empties this thread's libcrypto error queue.
  ///
  /// - Returns: The reasons, oldest first.
  @discardableResult
  static func drainedReasons() -> [String] {
    var reasons: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      var text = [CChar](repeating: 0, count: 256)
      ERR_error_string_n(code, &text, text.count)
      let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      reasons.append(String(decoding: bytes, as: UTF8.self))
    }
    return reasons
  }
}
