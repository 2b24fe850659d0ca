package import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Ledger
internal import Names
internal import Postgres
internal import ShangMi
internal import Signatures
internal import Vocabulary

/// A change by the applicant, under way: the filing locked, in the transaction of the change.
struct FilingStep: Sendable {
  /// The transaction.
  let transaction: Transaction
  /// The applicant's account.
  let applicant: Account
  /// The filing as it was before.
  let filing: Filing
  /// The time now.
  let now: Date
  /// Where filings are written.
  let desk: FilingDesk

  private var actor: String { applicant.name }

  /// The applicant read the current version.
  ///
  /// - Throws: `FilingError.stale`.
  func requireVersion(_ etag: String) throws(FilingError) {
    guard let etag = ETag(etag) else { throw .stale(filing.id) }
    try desk.requireVersion(etag.version, of: filing)
  }

  /// The reserved name is alive and held by this filing.
  ///
  /// - Throws: `RESERVATION_NOT_LIVE`.
  func requireLiveName() async throws {
    _ = try await desk.names.requireLive(filing.name.reservation, heldBy: filing.id, at: now)
  }

  /// No restriction bars the applicant or a party, nor the legal representative from being one.
  ///
  /// - Throws: `AccountError.restricted`, `notVerified`, `agreementUnsigned`.
  func requireUnrestrictedParties() async throws {
    let directory = AccountDirectory(transaction)
    _ = try await directory.eligibleAccount(applicant.id, at: now)
    try await directory.requireUnrestricted(
      filing.content.people.map(\.identityNumber),
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

  /// Writes the filing as it is now, with its event.
  func save(_ changed: Filing, _ kind: EventKind, details: [String: String] = [:]) async throws {
    try await desk.save(changed, over: filing, kind, by: actor, at: now, details: details)
  }

  /// Ends the filing: its tasks are void, its name is free again.
  func end(_ ended: Filing, _ kind: EventKind) async throws {
    try await desk.giveNameBack(of: filing, by: actor, at: now)
    try await desk.tasks.void(filing.id, documents: nil, by: actor, at: now)
    try await save(ended, kind)
  }

  /// Puts the filing before the authority: its name stays alive until the decision.
  func submit(_ submitted: Filing) async throws {
    try await desk.names.keepAlive(filing.name.reservation, by: actor, from: now)
    try await save(submitted, .filingSubmitted, details: submitted.flagDetails)
    try await FilingStore(transaction).replaceCorrections(of: submitted)
  }

  /// Sets the clock of the name going again: what is edited is no longer before the authority.
  func resumeName() async throws {
    try await desk.names.giveBack(filing.name.reservation, by: actor, at: now)
    _ = try await desk.names.hold(
      filing.name.reservation,
      for: filing.id,
      of: filing.applicant,
      by: actor,
      at: now
    )
  }

  /// Takes back exactly the signatures of the papers that no longer say what the filing says.
  func voidChangedPapers(of edited: Filing) async throws {
    let earlier = try await DocumentStore(transaction).documents(of: filing.id, withPDF: false)
    try await desk.tasks.void(
      filing.id,
      documents: edited.changedPapers(since: earlier),
      by: actor,
      at: now
    )
  }

  /// Keeps the papers as rendered and asks their parties to sign.
  func replacePapers(_ preparation: FilingPreparation) async throws {
    let store = DocumentStore(transaction)
    try await store.removeAll(of: filing.id, except: preparation.papers.map(\.document.kind))
    for paper in preparation.papers where paper.isNew {
      try await store.replace(paper.document, of: filing.id, at: now)
    }
    try await desk.tasks.open(
      preparation.requests,
      for: filing.id,
      applicant: filing.applicant,
      by: actor,
      at: now
    )
  }

  /// The papers are what was signed, byte for byte (F5).
  ///
  /// - Throws: `DocumentDamaged`, which is no expected failure.
  func requireWholePapers() async throws {
    for document in try await DocumentStore(transaction).documents(of: filing.id, withPDF: true)
    where SM3Digest(hashing: document.pdf) != document.pdfSM3 {
      throw DocumentDamaged(name: "\(filing.resourceName)/documents/\(document.kind.rawValue)")
    }
  }

  /// The day by which the authority must act on what is submitted now.
  func actionDueDate(under law: LawProfile) -> CivilDate {
    law.actionDueDate(after: CivilDate(now))
  }
}

/// A stored PDF no longer has the digest that was signed.
struct DocumentDamaged: Error {
  /// `filings/{filing}/documents/{document}`.
  let name: String
}

extension Filing {
  /// Hints for the examiner: no violations, yet worth a look.
  package var examinerFlags: [Violation] {
    ScopeRules.flags(in: content) + CooperativeRules.flags(in: content)
  }

  /// The hints as a detail of the submission's event: rules and fields, no personal data.
  fileprivate var flagDetails: [String: String] {
    let flags = examinerFlags
    if flags.isEmpty { return [:] }
    return ["flags": flags.map { "\($0.rule) \($0.field)" }.joined(separator: "; ")]
  }
}

extension FilingContent {
  /// Whether the responsible person is a legal representative.
  package var hasLegalRepresentative: Bool {
    switch details {
    case .company, .cooperative: true
    case .individualBusiness: false
    }
  }

  /// The domicile stays within the authority: a filing's id and number name it.
  ///
  /// - Throws: `FilingError.requestInvalid`.
  func requireAuthority(of filing: Filing) throws(FilingError) {
    guard domicileRegion.city == filing.authority else {
      throw .requestInvalid([
        Violation(
          field: "filing.content.domicile_region_code",
          rule: "AUTHORITY_CHANGED",
          description: "住所改到另一市的，请删除本申请，向该市登记机关重新申请。",
          basis: "市场主体登记管理条例第五条"
        )
      ])
    }
  }
}
