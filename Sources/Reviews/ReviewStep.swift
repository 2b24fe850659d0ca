internal import APIConventions
internal import Accounts
internal import Entities
internal import Filings
internal import Foundation
internal import Identity
internal import Ledger
internal import Licenses
internal import Names
internal import Postgres
internal import RegistryAPI
internal import Vocabulary

/// A step of the authority, under way: the filing locked, in the transaction of the step.
struct ReviewStep: Sendable {
  /// The transaction.
  let transaction: Transaction
  /// Who takes the step.
  let staff: StaffCaller
  /// The filing as it was before, of the staff's own authority.
  let filing: Filing
  /// The applicant's account.
  let applicant: Account?
  /// What staff recorded before, if anything.
  let review: Review?
  /// The time now; never before an earlier step, whatever the clocks of the servers say.
  let now: Date
  /// The law in force.
  let law: LawProfile
  /// Where filings are written.
  let desk: FilingDesk
  /// Makes ids.
  let newUUID: @Sendable () -> UUID

  private var version: Int64 { filing.version }
  private var day: CivilDate { CivilDate(now) }
}

// MARK: Reception

extension ReviewStep {
  /// Returns with the full list of corrections (一次性告知).
  func returnForCorrection(_ order: ReturnOrder) async throws -> Filing {
    let returned = try await desk.returnForCorrection(
      filing,
      corrections: order.corrections,
      expecting: version,
      by: staff.name,
      at: now
    )
    try await save(
      begun(.returned).returned(by: staff.name),
      .reviewReturned,
      details: ["correction_count": String(order.corrections.count)]
    )
    return returned
  }

  /// Declines (不予受理), telling the right authority and the remedies.
  ///
  /// - Throws: `ReviewError.requestInvalid` if the right authority is this one.
  func decline(_ declination: Declination) async throws -> Filing {
    var parts = [declination.reason]
    if let region = declination.rightAuthority {
      guard region != filing.authority else {
        throw ReviewError.requestInvalid([
          Violation(
            field: "right_authority_code",
            rule: "RIGHT_AUTHORITY_IS_THIS_ONE",
            description: "有管辖权的登记机关不能是本机关。",
            basis: "行政许可法第三十二条"
          )
        ])
      }
      parts.append("请向\(try await authorityName(of: region))申请。")
    }
    parts.append(law.remedies(against: filing.authority))
    let declined = try await desk.decline(
      filing,
      reason: parts.joined(separator: "\n"),
      expecting: version,
      by: staff.name,
      at: now
    )
    let number = try await nextNumber(of: try await authority())
    try await save(
      begun(.declined).declined(by: staff.name, at: now, number: number),
      .reviewDeclined
    )
    return declined
  }

  /// The review as it stands, or a new one without a version yet.
  private func begun(_ state: Review.State) -> Review {
    review ?? Review(beginning: state, filing.id, by: staff.name, uuid: newUUID())
  }
}

// MARK: Examination and decision

extension ReviewStep {
  /// Records the formal examination (形式审查).
  ///
  /// - Throws: `ReviewError.samePerson`.
  func examine(_ examination: Examination) async throws -> Filing {
    let review = try begunReview()
    try ReviewRules.requireOther(than: filing.acceptedBy, staff, of: filing.id)
    let examined = try await desk.examine(
      filing,
      expecting: version,
      by: staff.name,
      at: now
    )
    let next = review.examined(by: staff.name, at: now, examination)
    try await ReviewStore(transaction).insertChecklist(of: next)
    try await save(
      next,
      .reviewExamined,
      details: ["opinion": examination.opinion.rawValue]
    )
    return examined
  }

  /// Approves (核准): the entity stands in the register, its name is used, its licence issued and the
  /// message about it queued, or nothing of all that.
  ///
  /// - Parameter signer: Signs the licence.
  /// - Returns: The filing, completed.
  /// - Throws: `ReviewError.samePerson`, `opinionNotToApprove`; `AccountError.restricted`;
  ///   `EntityError`, `NameError`, and what issuing throws.
  func approve(signer: LicenseSigner) async throws -> Filing {
    let review = try begunReview()
    try ReviewRules.requireOther(than: filing.acceptedBy, staff, of: filing.id)
    try review.requireSupport()
    try await requireUnrestrictedParties()
    let authority = try await authority()
    let entity = try await EntityRegister(transaction).establish(
      filing.establishment(on: day),
      id: RegionalID(region: filing.authority, uuid: newUUID()),
      eventID: newUUID(),
      filing: filing.resourceName,
      by: staff.name,
      at: now
    )
    try await NameReservations(transaction, newUUID: newUUID).consume(
      filing.name.reservation,
      for: entity.creditCode,
      by: staff.name,
      at: now
    )
    _ = try await LicenseDesk(transaction, signer: signer, newUUID: newUUID).issue(
      to: entity,
      authority: authority,
      filing: filing.resourceName,
      notifying: filing.content.responsiblePerson.mobileNumber,
      by: staff.name,
      at: now
    )
    let completed = try await desk.complete(
      filing,
      entity: entity.creditCode,
      expecting: version,
      by: staff.name,
      at: now
    )
    // The serial is locked last and shortly: whoever decides next waits for this commit.
    let number = try await nextNumber(of: authority)
    try await save(
      try review.approved(by: staff.name, at: now, number: number),
      .reviewApproved,
      entity: entity.name
    )
    return completed
  }

  /// Rejects (不予登记) with reasons and remedies.
  ///
  /// - Throws: `ReviewError.samePerson`.
  func reject(_ rejection: Rejection) async throws -> Filing {
    let review = try begunReview()
    try ReviewRules.requireOther(than: filing.acceptedBy, staff, of: filing.id)
    let rejected = try await desk.reject(
      filing,
      reason: rejection.reason + "\n" + law.remedies(against: filing.authority),
      expecting: version,
      by: staff.name,
      at: now
    )
    let number = try await nextNumber(of: try await authority())
    try await save(
      review.rejected(by: staff.name, at: now, number: number),
      .reviewRejected
    )
    return rejected
  }

  /// The review that acceptance began.
  ///
  /// - Throws: `ReviewMissing`, which is no expected failure.
  private func begunReview() throws -> Review {
    guard let review else { throw ReviewMissing(filing: filing.resourceName) }
    return review
  }

  /// No restriction bars whoever acts for the applicant, or a party, or the legal representative from
  /// being one, now: what was checked at the submission may have changed since.
  ///
  /// - Throws: `AccountError.restricted`.
  private func requireUnrestrictedParties() async throws {
    let directory = AccountDirectory(transaction)
    let concerned = filing.people + (applicant?.people ?? [])
    try await directory.requireUnrestricted(
      concerned.map(\.identityNumber),
      from: [.onlineFiling, .allRegistration],
      at: now
    )
    guard filing.content.hasLegalRepresentative else { return }
    try await directory.requireUnrestricted(
      [filing.content.responsiblePerson.identityNumber],
      from: [.legalRepresentative],
      at: now
    )
  }
}

// MARK: Writing

extension ReviewStep {
  /// Writes the review with its event.
  private func save(
    _ next: Review,
    _ kind: EventKind,
    entity: String? = nil,
    details: [String: String] = [:]
  ) async throws {
    let store = ReviewStore(transaction)
    if next.version == 1 { try await store.insert(next) } else { try await store.save(next) }
    let event = next.event(kind, entity: entity, by: staff.name, at: now, details: details)
    try await Ledger(transaction).append(event, state: next.proto, id: newUUID())
  }

  /// The authority that acts, as it is called today.
  ///
  /// - Throws: `AuthorityMissing`, which is no expected failure.
  private func authority() async throws -> Authority {
    guard
      let authority = try await Authorities(transaction).authority(filing.authority, on: day)
    else { throw AuthorityMissing(region: filing.authority) }
    return authority
  }

  /// What an authority is called; by its region where it is none of ours.
  private func authorityName(of region: RegionCode) async throws -> String {
    if let known = try await Authorities(transaction).authority(region, on: day) {
      return known.name
    }
    return "登记机关（行政区划代码\(region)）"
  }

  private func nextNumber(of authority: Authority) async throws -> NoticeNumber {
    NoticeNumber(
      authority: authority,
      entityType: filing.content.entityType,
      year: day.year,
      serial: try await ReviewStore(transaction).nextSerial(of: authority.region, year: day.year)
    )
  }
}

extension Review {
  /// A review that a step begins, without a version yet.
  init(beginning state: State, _ filing: RegionalID, by clerk: String, uuid: UUID) {
    self.init(
      id: RegionalID(region: filing.region, uuid: uuid),
      filing: filing,
      state: state,
      clerk: clerk,
      version: 0
    )
  }

  /// The event of the step that made this version.
  func event(
    _ kind: EventKind,
    entity: String? = nil,
    by actor: String,
    at instant: Date,
    details: [String: String] = [:]
  ) -> LedgerEvent {
    var details = details
    details["state"] = state.rawValue
    if let number = decisionNumber ?? acceptanceNumber { details["number"] = number.description }
    return LedgerEvent(
      kind,
      of: id,
      named: resourceName,
      version: version,
      filing: filing.name(in: "filings"),
      entity: entity,
      by: actor,
      at: instant,
      details: details
    )
  }
}

/// A filing was accepted, and nobody recorded it.
struct ReviewMissing: Error {
  /// `filings/{filing}`.
  let filing: String
}

/// There is no authority of a region today.
struct AuthorityMissing: Error {
  /// The region.
  let region: RegionCode
}

extension EventKind {
  /// A clerk accepted.
  static let reviewAccepted = EventKind(rawValue: "review.accepted")
  /// A clerk returned.
  static let reviewReturned = EventKind(rawValue: "review.returned")
  /// A clerk declined.
  static let reviewDeclined = EventKind(rawValue: "review.declined")
  /// An examiner examined.
  static let reviewExamined = EventKind(rawValue: "review.examined")
  /// A decider approved.
  static let reviewApproved = EventKind(rawValue: "review.approved")
  /// A decider rejected.
  static let reviewRejected = EventKind(rawValue: "review.rejected")
}
