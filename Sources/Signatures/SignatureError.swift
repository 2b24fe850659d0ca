package import APIConventions
package import GRPCCore

/// Every expected failure of signing.
package enum SignatureError: RegistryError, Equatable {
  /// Why a task takes no signature any more.
  package enum Ending: String, Sendable {
    /// It was signed.
    case signed
    /// It was refused.
    case refused
    /// It is void.
    case voided
    /// Its time ran out.
    case expired
  }

  /// A field of the request is missing or malformed.
  case requestInvalid([Violation])
  /// The task does not exist, or the caller may not see it or sign it; its name as asked for.
  case notFound(String)
  /// The document was not opened before.
  case notOpened(RegionalID)
  /// The task takes no signature any more.
  case closed(RegionalID, Ending)
  /// The statement is about something else, or malformed.
  case statementMismatch([Violation])
  /// The caller's key did not sign the statement.
  case signatureInvalid(RegionalID)
  /// There is no signature to verify.
  case unsigned(RegionalID)
  /// Someone else changed the task between reading and writing.
  case stale(RegionalID)

  /// The status by case.
  package var code: RPCError.Code {
    switch self {
    case .requestInvalid, .statementMismatch, .signatureInvalid: .invalidArgument
    case .notFound: .notFound
    case .notOpened, .closed, .unsigned: .failedPrecondition
    case .stale: .aborted
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .requestInvalid: "SIGNATURE_REQUEST_INVALID"
    case .notFound: "SIGNATURE_TASK_NOT_FOUND"
    case .notOpened: "SIGNATURE_TASK_NOT_OPENED"
    case .closed: "SIGNATURE_TASK_CLOSED"
    case .statementMismatch: "SIGNATURE_STATEMENT_MISMATCH"
    case .signatureInvalid: "SIGNATURE_INVALID"
    case .unsigned: "SIGNATURE_TASK_UNSIGNED"
    case .stale: "SIGNATURE_TASK_STALE"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .requestInvalid: "A field is missing or malformed; the violations say which."
    case .notFound: "There is no such signature task for this caller."
    case .notOpened: "Open the document with OpenSignatureTask and read it before signing."
    case .closed(_, let ending):
      "The task is \(ending.rawValue) and takes no signature any more."
    case .statementMismatch:
      "The statement does not belong to this task; the violations say where."
    case .signatureInvalid:
      "The signature is not one of the caller's registered key over the statement."
    case .unsigned: "The task is not signed yet, so there is nothing to verify."
    case .stale: "The task changed meanwhile. Read it again."
    }
  }

  /// The task, and how it ended.
  package var metadata: [String: String] {
    switch self {
    case .requestInvalid, .statementMismatch, .notFound: [:]
    case .notOpened(let id), .signatureInvalid(let id), .unsigned(let id), .stale(let id):
      ["task": id.name(in: "signatureTasks")]
    case .closed(let id, let ending):
      ["task": id.name(in: "signatureTasks"), "state": ending.rawValue.uppercased()]
    }
  }

  /// Where the request or the statement is wrong.
  package var violations: [Violation] {
    switch self {
    case .requestInvalid(let violations), .statementMismatch(let violations): violations
    case .notFound, .notOpened, .closed, .signatureInvalid, .unsigned, .stale: []
    }
  }
}
