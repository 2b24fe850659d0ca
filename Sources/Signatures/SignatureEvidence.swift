internal import APIConventions
package import Foundation
package import ShangMi

/// A signature with everything that its verification needs, as it was received.
///
/// Source: Electronic Signature Law, art. 8: what a data message's evidential weight rests on.
package struct SignatureEvidence: Hashable, Sendable {
  /// The task that was signed: document, party, roles, account.
  package let task: SignatureTask
  /// The serialized DocumentStatement, 1 to 262,144 bytes.
  package let statement: [UInt8]
  /// How it was signed.
  package let algorithm: SignatureAlgorithm
  /// The SM2 distinguishing identifier; empty for ECDSA.
  package let distinguishingIdentifier: String
  /// DER of SEQUENCE { r, s }, at most 80 bytes.
  package let signature: [UInt8]
  /// The signer's key at the time of signing: DER SubjectPublicKeyInfo.
  package let publicKey: [UInt8]
  /// When the server received it.
  package let receiveTime: Date
}

extension SignatureEvidence {
  /// Why the signature does not hold, from the stored bytes alone; empty if it does.
  ///
  /// - Parameter pdf: The document's PDF as it is stored now; nothing if there is none.
  /// - Returns: Reasons in upper snake case, each once: `KEY_UNREADABLE`, `SIGNATURE_INVALID`,
  ///   `STATEMENT_MISMATCH`, `DOCUMENT_CHANGED`, `TASK_VOIDED`.
  package func faults(pdf: [UInt8]?) -> [String] {
    var faults: [String] = []
    if let key = try? VerifyingKey(der: publicKey), key.algorithm == algorithm {
      if !signs(statement, by: key) { faults.append("SIGNATURE_INVALID") }
    } else {
      faults.append("KEY_UNREADABLE")
    }
    if !isAboutTask { faults.append("STATEMENT_MISMATCH") }
    if pdf.map({ SM3.digest($0) }) != task.document.pdfSM3 { faults.append("DOCUMENT_CHANGED") }
    if task.state == .voided { faults.append("TASK_VOIDED") }
    return faults
  }
}
extension SignatureEvidence {
  /// Whether the stored statement is one that this task accepts, judged at the time it was received.
  var isAboutTask: Bool {
    guard let signer = task.signer, let parsed = try? SignatureStatement(statement) else {
      return false
    }
    return parsed.violations(against: task, by: signer, at: receiveTime).isEmpty
  }

  /// Whether `key` signed the statement.
  func signs(_ statement: [UInt8], by key: VerifyingKey) -> Bool {
    SignedStatement.isSigned(
      statement,
      as: SignatureStatement.messageName,
      by: key,
      signature: signature
    )
  }
}
