internal import APIConventions
internal import Foundation
internal import Vocabulary

/// What staff recorded about a filing (受理、审查、核准).
struct Review: Hashable, Sendable {
  /// The authority's last step; the raw value is the SQL label.
  enum State: String, CaseIterable, Hashable, Sendable {
    /// Returned with the full list of corrections (一次性告知).
    case returned
    /// Not accepted (不予受理).
    case declined
    /// Accepted (受理).
    case accepted
    /// Examined (审查).
    case examined
    /// Approved (核准).
    case approved
    /// Rejected (不予登记).
    case rejected
  }

  /// What the examiner proposes; the raw value is the SQL label.
  enum Opinion: String, CaseIterable, Hashable, Sendable {
    /// To approve.
    case approve
    /// To reject.
    case reject
  }

  /// Its id, in the region of the authority.
  let id: RegionalID
  /// The filing.
  let filing: RegionalID
  /// The authority's last step.
  private(set) var state: State
  /// Who accepted, returned or declined last, `staff/{number}`.
  private(set) var clerk: String
  /// Who examined: never the clerk.
  private(set) var examiner: String?
  /// Who approved or rejected: never the clerk.
  private(set) var decider: String?
  /// What the examiner proposes.
  private(set) var opinion: Opinion?
  /// The checklist of the examination, each point once; empty before.
  private(set) var checklist: [ChecklistEntry]
  /// The remark of the examination, 1 to 500 characters.
  private(set) var remark: String?
  /// The number of the notice of acceptance (受理通知书).
  private(set) var acceptanceNumber: NoticeNumber?
  /// The number of the notice of the decision (准予登记通知书, 驳回通知书, 不予受理通知书).
  private(set) var decisionNumber: NoticeNumber?
  /// When it was accepted.
  private(set) var acceptTime: Date?
  /// When it was examined.
  private(set) var examineTime: Date?
  /// When it was decided.
  private(set) var decideTime: Date?
  /// From 1, one more with each step.
  private(set) var version: Int64

  /// `reviews/{review}`, as the trace names it.
  var resourceName: String { id.name(in: "reviews") }

  /// A review as it was recorded.
  init(
    id: RegionalID,
    filing: RegionalID,
    state: State,
    clerk: String,
    examiner: String? = nil,
    decider: String? = nil,
    opinion: Opinion? = nil,
    checklist: [ChecklistEntry] = [],
    remark: String? = nil,
    acceptanceNumber: NoticeNumber? = nil,
    decisionNumber: NoticeNumber? = nil,
    acceptTime: Date? = nil,
    examineTime: Date? = nil,
    decideTime: Date? = nil,
    version: Int64
  ) {
    self.id = id
    self.filing = filing
    self.state = state
    self.clerk = clerk
    self.examiner = examiner
    self.decider = decider
    self.opinion = opinion
    self.checklist = checklist
    self.remark = remark
    self.acceptanceNumber = acceptanceNumber
    self.decisionNumber = decisionNumber
    self.acceptTime = acceptTime
    self.examineTime = examineTime
    self.decideTime = decideTime
    self.version = version
  }
}

// MARK: Steps. Each returns the next version; the schema refuses every other once more.

extension Review {
  /// Accepted (F6), under a number.
  func accepted(by clerk: String, at instant: Date, number: NoticeNumber) -> Review {
    stepped(.accepted) {
      $0.clerk = clerk
      $0.acceptTime = instant
      $0.acceptanceNumber = number
    }
  }

  /// Returned with corrections (F7); after the next submission somebody else may be the clerk.
  func returned(by clerk: String) -> Review {
    stepped(.returned) { $0.clerk = clerk }
  }

  /// Declined (F8), under a number.
  func declined(by clerk: String, at instant: Date, number: NoticeNumber) -> Review {
    stepped(.declined) {
      $0.clerk = clerk
      $0.decideTime = instant
      $0.decisionNumber = number
    }
  }

  /// Examined (F10).
  func examined(by examiner: String, at instant: Date, _ examination: Examination) -> Review {
    stepped(.examined) {
      $0.examiner = examiner
      $0.examineTime = instant
      $0.opinion = examination.opinion
      $0.checklist = examination.checklist
      $0.remark = examination.remark
    }
  }

  /// Approved (F11), under a number, as the examiner proposes.
  ///
  /// - Throws: `opinionNotToApprove`.
  func approved(
    by decider: String,
    at instant: Date,
    number: NoticeNumber
  ) throws(ReviewError) -> Review {
    try requireSupport()
    return decided(.approved, by: decider, at: instant, number: number)
  }

  /// Rejected (F11), under a number, whatever the examiner proposes.
  func rejected(by decider: String, at instant: Date, number: NoticeNumber) -> Review {
    decided(.rejected, by: decider, at: instant, number: number)
  }

  /// Only what the examiner supports may be approved.
  ///
  /// - Throws: `opinionNotToApprove`.
  func requireSupport() throws(ReviewError) {
    guard opinion == .approve else { throw .opinionNotToApprove(filing) }
  }

  private func decided(
    _ state: State,
    by decider: String,
    at instant: Date,
    number: NoticeNumber
  ) -> Review {
    stepped(state) {
      $0.decider = decider
      $0.decideTime = instant
      $0.decisionNumber = number
    }
  }

  private func stepped(_ state: State, _ change: (inout Review) -> Void) -> Review {
    var review = self
    review.state = state
    review.version += 1
    change(&review)
    return review
  }
}

/// A point of the formal examination (形式审查); the raw value is its id.
///
/// Source: Regulations on the Registration of Market Entities, art. 19 (form, not substance).
enum ChecklistPoint: String, CaseIterable, Hashable, Sendable {
  /// Every material that the law demands is there (材料齐全).
  case materialsComplete = "MATERIALS_COMPLETE"
  /// Each is in the legal form (符合法定形式).
  case legalForm = "LEGAL_FORM"
  /// The name is the reserved one and lawful.
  case name = "NAME"
  /// The scope is in standard wording and needs no approval before.
  case scope = "SCOPE"
  /// Everyone who must has signed what stands there.
  case signatures = "SIGNATURES"
  /// The authority is the right one.
  case jurisdiction = "JURISDICTION"
}

/// What the examiner found on a point.
struct ChecklistEntry: Hashable, Sendable {
  /// The point.
  let point: ChecklistPoint
  /// Whether the filing meets it.
  let passed: Bool
  /// A remark, 1 to 500 characters; always there if not passed.
  let remark: String?
}

/// What an examiner hands in.
struct Examination: Hashable, Sendable {
  /// What he proposes.
  let opinion: Review.Opinion
  /// Each point once.
  let checklist: [ChecklistEntry]
  /// A remark, 1 to 500 characters.
  let remark: String?
}
