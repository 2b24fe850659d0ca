internal import APIConventions
package import Foundation
internal import Signatures
package import Vocabulary

// One function a transition of `domain.md` 5.2, F2 to F15. Each returns the filing as it is afterwards,
// with the next version; the schema refuses every other change of state once more.
extension Filing {
  /// A new filing (F1).
  init(
    id: RegionalID,
    business: Business,
    name: ReservedName,
    content: FilingContent,
    number: String,
    applicant: RegionalID,
    at instant: Date
  ) {
    self.init(
      id: id,
      business: business,
      name: name,
      content: content,
      state: .draft,
      number: number,
      applicant: applicant,
      corrections: [],
      createTime: instant,
      version: 1
    )
  }

  /// Changes the content (F2, F9): until acceptance, and back to a draft.
  ///
  /// - Throws: `notEditable`.
  func edited(_ content: FilingContent) throws(FilingError) -> Filing {
    switch state {
    case .draft, .awaitingSignatures, .submitted, .returned: break
    case .notAccepted, .accepted, .examined, .completed, .rejected, .archived, .withdrawn, .deleted:
      throw .notEditable(id, state)
    }
    var filing = next(.draft)
    filing.content = content
    filing.dueDate = nil
    return filing
  }

  /// Seals a draft, so that its parties can sign it (F3).
  ///
  /// - Parameters:
  ///   - instant: When the applicant asked, by the server's clock.
  ///   - law: The law in force.
  /// - Returns: This filing, awaiting signatures.
  /// - Throws: `notDraft`; `preApprovalNotOnline` naming the items; `rulesBroken` with every violation.
  func prepared(at instant: Date, under law: LawProfile) throws(FilingError) -> Filing {
    guard state == .draft else { throw .notDraft(id, state) }
    let barred = ScopeRules.preApprovalItems(in: content)
    guard barred.isEmpty else { throw .preApprovalNotOnline(id, barred) }
    let violations = FilingRules.violations(in: self, on: CivilDate(instant), under: law)
    guard violations.isEmpty else { throw .rulesBroken(id, violations) }
    var filing = next(.awaitingSignatures)
    filing.prepareTime = instant
    return filing
  }

  /// Puts a filing before the authority, once all has been signed (F4, F5).
  ///
  /// - Parameters:
  ///   - progress: How far the signing has come.
  ///   - instant: When it entered the system.
  ///   - dueDate: The day by which the authority must act.
  /// - Returns: This filing, before the authority.
  /// - Throws: `notReady`.
  func submitted(
    with progress: SignatureProgress,
    at instant: Date,
    dueDate: CivilDate
  ) throws(FilingError) -> Filing {
    guard state == .awaitingSignatures, progress.isComplete else {
      throw .notReady(id, state, missing: progress.total - progress.signed)
    }
    var filing = next(.submitted)
    filing.submitTime = instant
    filing.dueDate = dueDate
    filing.corrections = []
    return filing
  }

  /// Accepts (F6).
  ///
  /// - Throws: `notSubmitted`.
  package func accepted(
    by actor: String,
    at instant: Date,
    dueDate: CivilDate
  ) throws(FilingError) -> Filing {
    guard state == .submitted else { throw .notSubmitted(id, state) }
    var filing = next(.accepted)
    filing.acceptTime = instant
    filing.acceptedBy = actor
    filing.dueDate = dueDate
    return filing
  }

  /// Returns with the full list of corrections (F7).
  ///
  /// - Throws: `notSubmitted`.
  package func returned(with corrections: [FilingCorrection]) throws(FilingError) -> Filing {
    guard state == .submitted else { throw .notSubmitted(id, state) }
    var filing = next(.returned)
    filing.corrections = corrections
    filing.dueDate = nil
    return filing
  }

  /// Declines (F8).
  ///
  /// - Throws: `notSubmitted`.
  package func declined(because reason: String, at instant: Date) throws(FilingError) -> Filing {
    guard state == .submitted else { throw .notSubmitted(id, state) }
    var filing = next(.notAccepted)
    filing.decideTime = instant
    filing.decisionReason = reason
    filing.dueDate = nil
    return filing
  }

  /// Records that the formal examination took place (F10).
  ///
  /// - Throws: `notAccepted`.
  package func examined(at instant: Date) throws(FilingError) -> Filing {
    guard state == .accepted else { throw .notAccepted(id, state) }
    var filing = next(.examined)
    filing.examineTime = instant
    return filing
  }

  /// Approves and completes: the entity stands in the register (F11, F14).
  ///
  /// - Throws: `notExamined`.
  package func completed(
    as entity: UnifiedSocialCreditCode,
    at instant: Date
  ) throws(FilingError) -> Filing {
    guard state == .examined else { throw .notExamined(id, state) }
    var filing = next(.completed)
    filing.decideTime = instant
    filing.entity = entity
    filing.dueDate = nil
    return filing
  }

  /// Rejects (F11).
  ///
  /// - Throws: `notExamined`.
  package func rejected(because reason: String, at instant: Date) throws(FilingError) -> Filing {
    guard state == .examined else { throw .notExamined(id, state) }
    var filing = next(.rejected)
    filing.decideTime = instant
    filing.decisionReason = reason
    filing.dueDate = nil
    return filing
  }

  /// Closes a completed filing whose volume is sealed (F15).
  ///
  /// - Throws: `notCompleted`.
  package func archived() throws(FilingError) -> Filing {
    guard state == .completed else { throw .notCompleted(id, state) }
    return next(.archived)
  }

  /// Withdraws what is before the authority, until the decision (F12).
  ///
  /// - Throws: `decided`, `notSubmitted`.
  func withdrawn(because reason: String) throws(FilingError) -> Filing {
    switch state {
    case .submitted, .returned, .accepted, .examined: break
    case .completed, .rejected, .archived: throw .decided(id, state)
    case .draft, .awaitingSignatures, .notAccepted, .withdrawn, .deleted:
      throw .notSubmitted(id, state)
    }
    var filing = next(.withdrawn)
    filing.withdrawalReason = reason.isEmpty ? nil : reason
    filing.dueDate = nil
    return filing
  }

  /// Deletes, until acceptance (F13).
  ///
  /// - Throws: `notDeletable`.
  func deleted() throws(FilingError) -> Filing {
    switch state {
    case .draft, .awaitingSignatures, .submitted, .returned: break
    case .notAccepted, .accepted, .examined, .completed, .rejected, .archived, .withdrawn, .deleted:
      throw .notDeletable(id, state)
    }
    var filing = next(.deleted)
    filing.dueDate = nil
    return filing
  }

  private func next(_ state: State) -> Filing {
    var filing = self
    filing.state = state
    filing.version += 1
    return filing
  }
}

extension Filing.State {
  /// Whether the filing keeps its name reservation from others.
  var holdsName: Bool {
    switch self {
    case .draft, .awaitingSignatures, .submitted, .returned, .accepted, .examined: true
    case .notAccepted, .completed, .rejected, .archived, .withdrawn, .deleted: false
    }
  }

  /// Whether the filing was submitted and not yet decided, so that its name does not expire.
  var keepsNameAlive: Bool {
    switch self {
    case .submitted, .returned, .accepted, .examined: true
    case .draft, .awaitingSignatures, .notAccepted, .completed, .rejected, .archived, .withdrawn,
      .deleted:
      false
    }
  }

  /// Whether the corrections of the last return are still to be made.
  var showsCorrections: Bool {
    switch self {
    case .draft, .awaitingSignatures, .returned: true
    case .submitted, .notAccepted, .accepted, .examined, .completed, .rejected, .archived,
      .withdrawn, .deleted:
      false
    }
  }
}
