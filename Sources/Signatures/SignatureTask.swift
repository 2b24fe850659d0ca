package import APIConventions
package import Accounts
package import Foundation
package import ShangMi
package import Vocabulary

/// Which paper of a filing is signed; the raw value is the SQL label and the id in resource names.
package enum DocumentKind: String, CaseIterable, Hashable, Sendable {
  /// D1, the application form (申请书).
  case application
  /// D2, the charter (章程).
  case charter
  /// D3, the appointments (任职文件).
  case appointment
  /// D13, the founders' minutes with member roster and list of contributions (设立大会纪要).
  case foundersMinutes = "founders_minutes"
}

/// In which capacity somebody signs; the raw value is the SQL label.
package enum SignatureRole: String, CaseIterable, Hashable, Sendable {
  /// The proposed legal representative (拟任法定代表人).
  case legalRepresentative = "legal_representative"
  /// A shareholder (股东).
  case shareholder
  /// A director (董事).
  case director
  /// A supervisor (监事).
  case supervisor
  /// The manager (经理).
  case manager
  /// A member of a cooperative (成员).
  case member
  /// The operator of an individual business (经营者).
  case `operator`
  /// A family member that takes part (参加经营的家庭成员).
  case familyMember = "family_member"

  /// The term in Chinese, as documents print it.
  package var term: String {
    switch self {
    case .legalRepresentative: "法定代表人"
    case .shareholder: "股东"
    case .director: "董事"
    case .supervisor: "监事"
    case .manager: "经理"
    case .member: "成员"
    case .operator: "经营者"
    case .familyMember: "参加经营的家庭成员"
    }
  }
}

/// The document that a task is about.
package struct DocumentKey: Hashable, Sendable {
  /// Which paper.
  package let kind: DocumentKind
  /// The title, in Chinese.
  package let title: String
  /// The SM3 of its PDF.
  package let pdfSM3: SM3Digest

  /// A document by kind, title and digest.
  package init(kind: DocumentKind, title: String, pdfSM3: SM3Digest) {
    self.kind = kind
    self.title = title
    self.pdfSM3 = pdfSM3
  }
}

/// What a filing asks one party to sign: one document, in all the roles that the party holds.
package struct SignatureRequest: Hashable, Sendable {
  /// The document.
  package let document: DocumentKey
  /// Who signs.
  package let party: PartyRecord
  /// In which capacities; at least one, none twice, in the order of `SignatureRole`.
  package let roles: [SignatureRole]
  /// For an organization: its statutory signatory, if the look-up found one.
  package let signatory: PersonRecord?

  /// A request; roles are put in order.
  package init(
    document: DocumentKey,
    party: PartyRecord,
    roles: Set<SignatureRole>,
    signatory: PersonRecord? = nil
  ) {
    self.document = document
    self.party = party
    self.roles = SignatureRole.allCases.filter(roles.contains)
    self.signatory = signatory
  }
}

/// A signature task (签名任务).
package struct SignatureTask: Hashable, Sendable {
  /// Where a task stands; the raw value is the SQL label.
  ///
  /// Expiry is derived: see `isExpired(at:)`.
  package enum State: String, CaseIterable, Hashable, Sendable {
    /// Waiting for the signer.
    case pending
    /// The signer has opened the document.
    case opened
    /// Signed.
    case signed
    /// Refused by the signer.
    case refused
    /// Void: the document changed, or the filing ended.
    case voided
  }

  /// How long a task waits: 30 days.
  package static let lifetimeSeconds: TimeInterval = 30 * 86_400

  /// The task, in the filing's region.
  package let id: RegionalID
  /// The filing.
  package let filing: RegionalID
  /// The filing's applicant.
  package let applicant: RegionalID
  /// The document.
  package let document: DocumentKey
  /// Who signs.
  package let party: PartyRecord
  /// For an organization: who signs for it, as looked up last.
  package internal(set) var signatory: PersonRecord?
  /// In which capacities.
  package let roles: [SignatureRole]
  /// Where it stands.
  package internal(set) var state: State
  /// When it was opened for signing.
  package let createTime: Date
  /// From when on it is expired unless signed or refused.
  package let expireTime: Date
  /// When it was signed, refused or made void.
  package internal(set) var closeTime: Date?
  /// Why it was refused.
  package internal(set) var refusalReason: String?
  /// The account that signed.
  package internal(set) var signer: RegionalID?
  /// From 1, one more with each change.
  package internal(set) var version: Int64

  /// `signatureTasks/{signature_task}`.
  package var name: String { id.name(in: "signatureTasks") }

  /// `filings/{filing}/documents/{document}`.
  package var documentName: String {
    "\(filing.name(in: "filings"))/documents/\(document.kind.rawValue)"
  }

  /// The identity number of the person whose signature the task waits for: the party, or the
  /// statutory signatory of an organization if it is known.
  package var signingPerson: ResidentIdentityNumber? {
    switch party {
    case .person(let person): person.identityNumber
    case .organization: signatory?.identityNumber
    }
  }

  /// Whether nobody can sign any more because time ran out.
  package func isExpired(at instant: Date) -> Bool {
    switch state {
    case .pending, .opened: instant >= expireTime
    case .signed, .refused, .voided: false
    }
  }
}

extension SignatureTask {
  /// A new task.
  init(
    _ request: SignatureRequest,
    id: RegionalID,
    filing: RegionalID,
    applicant: RegionalID,
    at instant: Date
  ) {
    self.init(
      id: id,
      filing: filing,
      applicant: applicant,
      document: request.document,
      party: request.party,
      signatory: request.signatory,
      roles: request.roles,
      state: .pending,
      createTime: instant,
      expireTime: instant.addingTimeInterval(Self.lifetimeSeconds),
      version: 1
    )
  }

  /// Whether the task asks for exactly this and still stands for it.
  ///
  /// A signed task does; one that waits does until it expires. A refused one is asked for anew.
  func stands(for request: SignatureRequest, at instant: Date) -> Bool {
    guard document == request.document, party.isSameParty(as: request.party), roles == request.roles
    else { return false }
    return switch state {
    case .signed: true
    case .pending, .opened: !isExpired(at: instant)
    case .refused, .voided: false
    }
  }

  /// The document was opened by the signer.
  ///
  /// - Returns: This task, opened; unchanged if it was opened before.
  /// - Throws: `closed`.
  func opened(at instant: Date) throws(SignatureError) -> SignatureTask {
    try requireLive(at: instant)
    var task = self
    task.state = .opened
    if state != .opened { task.version += 1 }
    return task
  }

  /// The signer signed.
  ///
  /// - Throws: `closed`, `notOpened`.
  func signed(by account: RegionalID, at instant: Date) throws(SignatureError) -> SignatureTask {
    try requireLive(at: instant)
    guard state == .opened else { throw .notOpened(id) }
    var task = self
    task.state = .signed
    task.signer = account
    task.closeTime = instant
    task.version += 1
    return task
  }

  /// The signer refused.
  ///
  /// - Throws: `closed`.
  func refused(
    because reason: String,
    by account: RegionalID,
    at instant: Date
  ) throws(SignatureError) -> SignatureTask {
    try requireLive(at: instant)
    var task = self
    task.state = .refused
    task.signer = account
    task.refusalReason = reason
    task.closeTime = instant
    task.version += 1
    return task
  }

  /// The document changed, or the filing ended.
  ///
  /// - Returns: This task, void; nothing if it was void before.
  func voided(at instant: Date) -> SignatureTask? {
    guard state != .voided else { return nil }
    var task = self
    task.state = .voided
    task.closeTime = instant
    task.version += 1
    return task
  }

  /// - Throws: `closed` if the task is signed, refused, void or expired.
  private func requireLive(at instant: Date) throws(SignatureError) {
    switch state {
    case .pending, .opened:
      if isExpired(at: instant) { throw .closed(id, .expired) }
    case .signed: throw .closed(id, .signed)
    case .refused: throw .closed(id, .refused)
    case .voided: throw .closed(id, .voided)
    }
  }
}
