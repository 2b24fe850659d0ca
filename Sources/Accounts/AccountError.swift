package import APIConventions
package import Foundation
package import GRPCCore

/// Every expected failure of this room.
package enum AccountError: RegistryError, Equatable {
  /// There is no version of that number, or none is in force.
  case agreementNotFound
  /// The account to be made breaks rules.
  case invalid([Violation])
  /// A statement is about something else, or is no statement.
  case statementMismatch
  /// The key did not sign the statement.
  case signatureInvalid
  /// The holder has an account.
  case exists
  /// A restriction bars a person: from what, and until when; no end means without limit.
  case restricted(RestrictionScope, until: Date?)
  /// There is no such account, or it is not the caller's.
  case notFound
  /// The account is not real-name.
  case notVerified(Account.Verification)
  /// The agreement in force, by its version, is not signed.
  case agreementUnsigned(Int32?)
  /// Another version of the agreement is in force.
  case agreementNotCurrent(Int32)
  /// Not of the form `accounts/{account}`.
  case malformedName
  /// A log-in failed; how is not told.
  case loginRefused
  /// The restriction, or its lifting, breaks rules.
  case restrictionInvalid([Violation])
  /// There is no such restriction.
  case restrictionNotFound
  /// It was lifted before.
  case restrictionLifted
  /// A library does not answer.
  case sourceUnavailable

  /// The status by case.
  package var code: RPCError.Code {
    switch self {
    case .invalid, .statementMismatch, .signatureInvalid, .malformedName, .restrictionInvalid:
      .invalidArgument
    case .agreementNotFound, .notFound, .restrictionNotFound: .notFound
    case .exists: .alreadyExists
    case .restricted: .permissionDenied
    case .notVerified, .agreementUnsigned, .agreementNotCurrent, .restrictionLifted:
      .failedPrecondition
    case .loginRefused: .unauthenticated
    case .sourceUnavailable: .unavailable
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .agreementNotFound: "AGREEMENT_NOT_FOUND"
    case .invalid: "ACCOUNT_INVALID"
    case .statementMismatch: "ACCOUNT_STATEMENT_MISMATCH"
    case .signatureInvalid: "ACCOUNT_SIGNATURE_INVALID"
    case .exists: "ACCOUNT_EXISTS"
    case .restricted: "ACCOUNT_RESTRICTED"
    case .notFound: "ACCOUNT_NOT_FOUND"
    case .notVerified: "ACCOUNT_NOT_VERIFIED"
    case .agreementUnsigned: "AGREEMENT_UNSIGNED"
    case .agreementNotCurrent: "AGREEMENT_NOT_CURRENT"
    case .malformedName: "ACCOUNT_NAME_MALFORMED"
    case .loginRefused: "LOGIN_REFUSED"
    case .restrictionInvalid: "RESTRICTION_INVALID"
    case .restrictionNotFound: "RESTRICTION_NOT_FOUND"
    case .restrictionLifted: "RESTRICTION_LIFTED"
    case .sourceUnavailable: "IDENTITY_SOURCE_UNAVAILABLE"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .agreementNotFound: "There is no agreement of that name."
    case .invalid: "The account breaks rules; each is named. Correct them and send it again."
    case .statementMismatch:
      "The statement is not about what the request asks for. Make it from the request's own values."
    case .signatureInvalid:
      "The signature is not by the account's key over the statement. Sign the statement's full "
        + "message name, a zero byte and its bytes as sent."
    case .exists: "This person or organization has an account. Log in to it."
    case .restricted: "A restriction bars this person. Ask the authority that decided it."
    case .notFound: "There is no such account, or it is not the caller's."
    case .notVerified: "The account is not real-name. Verify it first."
    case .agreementUnsigned: "The handling agreement in force is not signed. Read it and sign it."
    case .agreementNotCurrent: "Another version of the agreement is in force. Read it and sign it."
    case .malformedName: "An account's name has the form accounts/{account}."
    case .loginRefused: "The log-in is refused. Ask for a new challenge and sign it."
    case .restrictionInvalid: "The restriction breaks rules; each is named."
    case .restrictionNotFound: "There is no such restriction."
    case .restrictionLifted: "The restriction was lifted before."
    case .sourceUnavailable: "The identity library does not answer. Repeat later."
    }
  }

  /// What the reason needs; nothing of a person.
  package var metadata: [String: String] {
    switch self {
    case .restricted(let scope, let until):
      ["scope": scope.rawValue, "until": until?.ISO8601Format() ?? ""]
    case .notVerified(let verification): ["verification": verification.rawValue]
    case .agreementUnsigned(let version):
      version.map { ["agreement": Agreement.name(of: $0)] } ?? [:]
    case .agreementNotCurrent(let version): ["agreement": Agreement.name(of: version)]
    case .agreementNotFound, .invalid, .statementMismatch, .signatureInvalid, .exists, .notFound,
      .malformedName, .loginRefused, .restrictionInvalid, .restrictionNotFound, .restrictionLifted,
      .sourceUnavailable:
      [:]
    }
  }

  /// Every rule broken.
  package var violations: [Violation] {
    switch self {
    case .invalid(let violations), .restrictionInvalid(let violations): violations
    case .agreementNotFound, .statementMismatch, .signatureInvalid, .exists, .restricted, .notFound,
      .notVerified, .agreementUnsigned, .agreementNotCurrent, .malformedName, .loginRefused,
      .restrictionNotFound, .restrictionLifted, .sourceUnavailable:
      []
    }
  }

  /// Libraries are usually back within a minute.
  package var retryDelay: Duration? {
    switch self {
    case .sourceUnavailable: .seconds(30)
    case .agreementNotFound, .invalid, .statementMismatch, .signatureInvalid, .exists, .restricted,
      .notFound, .notVerified, .agreementUnsigned, .agreementNotCurrent, .malformedName,
      .loginRefused, .restrictionInvalid, .restrictionNotFound, .restrictionLifted:
      nil
    }
  }
}
