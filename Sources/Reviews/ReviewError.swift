package import APIConventions
package import GRPCCore

/// Every expected failure of a review.
package enum ReviewError: RegistryError, Equatable {
  /// A field is missing or malformed, the checklist incomplete, or the opinion contradicts it.
  case requestInvalid([Violation])
  /// The caller accepted this filing.
  case samePerson(RegionalID)
  /// The caller is a party to it.
  case ownFiling(RegionalID)
  /// The examiner's opinion is not to approve.
  case opinionNotToApprove(RegionalID)

  /// The status by case.
  package var code: RPCError.Code {
    switch self {
    case .requestInvalid: .invalidArgument
    case .samePerson, .ownFiling: .permissionDenied
    case .opinionNotToApprove: .failedPrecondition
    }
  }

  /// The reason by case; for whoever approves, a filing that the examiner does not support is as good as
  /// not examined.
  package var reason: String {
    switch self {
    case .requestInvalid: "REVIEW_REQUEST_INVALID"
    case .samePerson: "REVIEW_SAME_PERSON"
    case .ownFiling: "REVIEW_OWN_FILING"
    case .opinionNotToApprove: "FILING_NOT_EXAMINED"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .requestInvalid: "Fields are missing or malformed; the violations say which."
    case .samePerson: "Whoever accepted a filing neither examines nor decides it. Ask a colleague."
    case .ownFiling: "Whoever is a party to a filing takes no step in it. Ask a colleague."
    case .opinionNotToApprove:
      "The examiner's opinion is not to approve. The filing can be rejected."
    }
  }

  /// The filing.
  package var metadata: [String: String] {
    switch self {
    case .requestInvalid: [:]
    case .samePerson(let filing), .ownFiling(let filing): ["filing": filing.name(in: "filings")]
    case .opinionNotToApprove(let filing):
      ["filing": filing.name(in: "filings"), "state": "EXAMINED", "opinion": "OPINION_REJECT"]
    }
  }

  /// Everything that is wrong.
  package var violations: [Violation] {
    switch self {
    case .requestInvalid(let violations): violations
    case .samePerson, .ownFiling, .opinionNotToApprove: []
    }
  }
}
