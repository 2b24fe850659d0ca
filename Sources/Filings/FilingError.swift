package import APIConventions
package import GRPCCore

/// Every expected failure of a filing.
package enum FilingError: RegistryError, Equatable {
  /// A field is missing or malformed, or a path of the mask unknown.
  case requestInvalid([Violation])
  /// The filing does not exist, or the caller may not see it; its name as asked for.
  case notFound(String)
  /// The document does not exist, or the caller may not see it; its name as asked for.
  case documentNotFound(String)
  /// It was accepted, or has ended.
  case notEditable(RegionalID, Filing.State)
  /// It was accepted, or has ended.
  case notDeletable(RegionalID, Filing.State)
  /// It is no draft.
  case notDraft(RegionalID, Filing.State)
  /// It breaks rules.
  case rulesBroken(RegionalID, [Violation])
  /// Its scope has items that need approval before registration.
  case preApprovalNotOnline(RegionalID, [PreApprovalItem])
  /// Signatures are missing, or another state.
  case notReady(RegionalID, Filing.State, missing: Int)
  /// It is not before the authority.
  case notSubmitted(RegionalID, Filing.State)
  /// It is not accepted.
  case notAccepted(RegionalID, Filing.State)
  /// It is not examined.
  case notExamined(RegionalID, Filing.State)
  /// It is not completed.
  case notCompleted(RegionalID, Filing.State)
  /// It was approved or rejected.
  case decided(RegionalID, Filing.State)
  /// The etag is not the current one.
  case stale(RegionalID)
  /// Another live filing holds the reservation.
  case reservationHeld
  /// The numbers of an authority's day are used up.
  case numbersExhausted
  /// As much rendering waits as may.
  case rendererBusy

  /// The status by case.
  package var code: RPCError.Code {
    switch self {
    case .requestInvalid, .rulesBroken: .invalidArgument
    case .notFound, .documentNotFound: .notFound
    case .notEditable, .notDeletable, .notDraft, .preApprovalNotOnline, .notReady, .notSubmitted,
      .notAccepted, .notExamined, .notCompleted, .decided, .reservationHeld:
      .failedPrecondition
    case .stale: .aborted
    case .numbersExhausted: .resourceExhausted
    case .rendererBusy: .unavailable
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .requestInvalid: "FILING_REQUEST_INVALID"
    case .notFound: "FILING_NOT_FOUND"
    case .documentNotFound: "DOCUMENT_NOT_FOUND"
    case .notEditable: "FILING_NOT_EDITABLE"
    case .notDeletable: "FILING_NOT_DELETABLE"
    case .notDraft: "FILING_NOT_DRAFT"
    case .rulesBroken: "FILING_RULES_BROKEN"
    case .preApprovalNotOnline: "PRE_APPROVAL_NOT_ONLINE"
    case .notReady: "FILING_NOT_READY"
    case .notSubmitted: "FILING_NOT_SUBMITTED"
    case .notAccepted: "FILING_NOT_ACCEPTED"
    case .notExamined: "FILING_NOT_EXAMINED"
    case .notCompleted: "FILING_NOT_COMPLETED"
    case .decided: "FILING_DECIDED"
    case .stale: "FILING_STALE"
    case .reservationHeld: "RESERVATION_HELD"
    case .numbersExhausted: "FILING_NUMBERS_EXHAUSTED"
    case .rendererBusy: "RENDERER_BUSY"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .requestInvalid: "Fields are missing or malformed; the violations say which."
    case .notFound: "There is no such filing for this caller."
    case .documentNotFound: "There is no such document for this caller."
    case .notEditable: "A filing that was accepted or has ended cannot be changed."
    case .notDeletable: "A filing that was accepted or has ended cannot be deleted."
    case .notDraft: "Only a draft can be prepared. Edit the filing first."
    case .rulesBroken: "The filing breaks rules; the violations say which and how to mend them."
    case .preApprovalNotOnline:
      "The scope has items that need approval before registration. File at the window."
    case .notReady: "Only a filing whose documents are all signed can be submitted."
    case .notSubmitted: "The filing is not before the authority."
    case .notAccepted: "The filing is not accepted."
    case .notExamined: "The filing is not examined."
    case .notCompleted: "The filing is not completed."
    case .decided: "The filing was decided and cannot be withdrawn any more."
    case .stale: "The filing changed since it was read. Read it again."
    case .reservationHeld: "Another live filing holds this reservation."
    case .numbersExhausted: "The authority's filing numbers of today are used up."
    case .rendererBusy: "Too many documents are being rendered. Repeat later."
    }
  }

  /// The filing with its state; the items that need approval.
  package var metadata: [String: String] {
    switch self {
    case .requestInvalid, .notFound, .documentNotFound, .reservationHeld, .numbersExhausted,
      .rendererBusy:
      [:]
    case .notEditable(let id, let state), .notDeletable(let id, let state),
      .notDraft(let id, let state), .notSubmitted(let id, let state),
      .notAccepted(let id, let state), .notExamined(let id, let state),
      .notCompleted(let id, let state), .decided(let id, let state):
      ["filing": id.name(in: "filings"), "state": state.rawValue.uppercased()]
    case .notReady(let id, let state, let missing):
      [
        "filing": id.name(in: "filings"), "state": state.rawValue.uppercased(),
        "missing_signatures": String(missing),
      ]
    case .rulesBroken(let id, _), .stale(let id): ["filing": id.name(in: "filings")]
    case .preApprovalNotOnline(let id, let items):
      [
        "filing": id.name(in: "filings"),
        "items": String(items.map(\.text).joined(separator: "；").prefix(500)),
      ]
    }
  }

  /// Every rule broken.
  package var violations: [Violation] {
    switch self {
    case .requestInvalid(let violations), .rulesBroken(_, let violations): violations
    case .preApprovalNotOnline(_, let items): items.map(\.violation)
    case .notFound, .documentNotFound, .notEditable, .notDeletable, .notDraft, .notReady,
      .notSubmitted, .notAccepted, .notExamined, .notCompleted,
      .decided, .stale, .reservationHeld, .numbersExhausted, .rendererBusy:
      []
    }
  }

  /// Rendering is soon done.
  package var retryDelay: Duration? {
    switch self {
    case .rendererBusy: .seconds(2)
    case .requestInvalid, .rulesBroken, .notFound, .documentNotFound, .notEditable, .notDeletable,
      .notDraft, .preApprovalNotOnline, .notReady, .notSubmitted, .notAccepted, .notExamined,
      .notCompleted, .decided, .stale, .reservationHeld, .numbersExhausted:
      nil
    }
  }
}
