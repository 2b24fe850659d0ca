internal import APIConventions
internal import Accounts
internal import Entities
internal import Filings
internal import Foundation
internal import Ledger
internal import RegistryAPI
internal import ShangMi
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

/// `metadata/business.json`: the business that the volume holds.
struct BusinessRecord: Codable, Hashable, Sendable {
  static let path = "metadata/business.json"

  let filing: String
  let filingNumber: String
  let business: String
  let entity: String
  let enterpriseName: String
  let entityType: String
  let entityTypeName: String
  let authorityCode: String
  let authorityName: String
  let applicant: String
  let createTime: String
  let submitTime: String?
  let acceptTime: String?
  let examineTime: String?
  let decideTime: String?
  let clerk: String?
  let examiner: String?
  let decider: String?

  init(_ source: VolumeSource) {
    let filing = source.filing
    self.filing = filing.resourceName
    filingNumber = filing.number
    business = filing.business.rawValue
    entity = source.entity.name
    enterpriseName = filing.name.enterpriseName
    entityType = source.entity.entityType.code
    entityTypeName = source.entity.entityType.name
    authorityCode = filing.authority.description
    authorityName = source.authority.name
    applicant = filing.applicant.name(in: "accounts")
    createTime = filing.createTime.archived
    submitTime = filing.submitTime?.archived
    acceptTime = filing.acceptTime?.archived
    examineTime = filing.examineTime?.archived
    decideTime = filing.decideTime?.archived
    clerk = filing.acceptedBy
    examiner = source.review?.examiner
    decider = source.review?.decider
  }
}

/// `metadata/process.json`: every step with who did it and when, as the trace tells it.
struct ProcessRecord: Codable, Hashable, Sendable {
  static let path = "metadata/process.json"

  struct Step: Codable, Hashable, Sendable {
    let event: String
    let kind: String
    let subject: String
    let subjectVersion: Int64
    let actor: String
    let time: String
    let details: [String: String]
    /// SM3 of a salt and the resource's state, 64 hexadecimal digits.
    let stateSm3: String
    /// The event's leaf in the chain, 64 hexadecimal digits.
    let leafSm3: String
    /// The place in the chain, from 0; missing if the event was not chained at packaging.
    let chainIndex: Int64?
    /// The chain's hash after it, 64 hexadecimal digits.
    let chainSm3: String?
  }

  let filing: String
  let steps: [Step]

  init(_ source: VolumeSource) throws {
    filing = source.filing.resourceName
    steps = try source.trail.map { try Step($0) }
  }
}

extension ProcessRecord.Step {
  fileprivate init(_ trail: TrailEvent) throws {
    let event = trail.event
    self.init(
      event: "events/\(event.region)-\(event.id.uuidString.lowercased())",
      kind: event.kind,
      subject: event.subject,
      subjectVersion: event.subjectVersion,
      actor: event.actor,
      time: event.time.archived,
      details: try JSONDecoder().decode([String: String].self, from: Data(event.details.utf8)),
      stateSm3: SM3Digest(bytes: event.stateSM3)?.hexadecimal ?? "",
      leafSm3: event.leafSM3.hexadecimal,
      chainIndex: trail.chainIndex,
      chainSm3: trail.chainSM3.flatMap { SM3Digest(bytes: $0)?.hexadecimal }
    )
  }
}

/// Somebody in a record, as the law knows him.
struct PartyEntry: Codable, Hashable, Sendable {
  /// `person` or `organization`.
  let kind: String
  let name: String
  /// The identity number or credit code; a person's masked where the record is for lending.
  let code: String

  init(_ party: PartyRecord, masked: Bool) {
    name = party.displayName
    switch party {
    case .person(let person):
      kind = "person"
      code =
        masked ? Mask.identityNumber(person.identityNumber) : person.identityNumber.description
    case .organization(let organization):
      kind = "organization"
      code = organization.creditCode.description
    }
  }
}

/// `metadata/agents.json`: who took part and in which role, numbers masked, for lending.
struct AgentsRecord: Codable, Hashable, Sendable {
  static let path = "metadata/agents.json"

  struct Agent: Codable, Hashable, Sendable {
    let role: String
    let party: PartyEntry
  }
  struct Handler: Codable, Hashable, Sendable {
    let role: String
    let staff: String
  }

  let parties: [Agent]
  let handlers: [Handler]

  init(_ source: VolumeSource) {
    parties = source.entity.roles.map {
      Agent(role: $0.kind.rawValue, party: PartyEntry($0.party, masked: true))
    }
    let named = [
      ("clerk", source.filing.acceptedBy), ("examiner", source.review?.examiner),
      ("decider", source.review?.decider),
    ]
    handlers = named.compactMap { role, staff in staff.map { Handler(role: role, staff: $0) } }
  }
}

/// `02-signatures/signatures.json`: every signature with what its verification needs.
struct SignaturesRecord: Codable, Hashable, Sendable {
  static let path = "02-signatures/signatures.json"

  struct Entry: Codable, Hashable, Sendable {
    let task: String
    /// The paper's path in the package.
    let document: String
    /// The SM3 of the paper's PDF, 64 hexadecimal digits.
    let documentSm3: String
    let party: PartyEntry
    /// Who signed for an organization.
    let signatory: PartyEntry?
    let roles: [String]
    let signer: String
    /// The path of the signed DocumentStatement, handwriting included.
    let statement: String
    let algorithm: String
    let distinguishingIdentifier: String
    /// DER of SEQUENCE { r, s }, in Base64.
    let value: Data
    /// The signer's key: DER SubjectPublicKeyInfo, in Base64.
    let publicKey: Data
    let receiveTime: String
    /// What the verification found wrong at packaging; empty if the signature holds.
    let faults: [String]
  }

  /// How many signatures the papers ask for.
  let requiredCount: Int
  let signatures: [Entry]

  init(_ source: VolumeSource) {
    requiredCount = source.signatureCount
    let papers = Dictionary(source.documents.map { ($0.kind, $0.pdf) }) { first, _ in first }
    signatures = source.evidence.enumerated().map { place, evidence in
      Entry(
        evidence,
        statement: Self.statementPath(place, evidence.task.document.kind),
        faults: evidence.faults(pdf: papers[evidence.task.document.kind])
      )
    }
  }

  /// Where the statement of a signature lies, by its place in the list.
  static func statementPath(_ place: Int, _ kind: DocumentKind) -> String {
    "02-signatures/\(String(10_001 + place).dropFirst())-\(kind.paperNumber).statement.pb"
  }
}

extension SignaturesRecord.Entry {
  fileprivate init(_ evidence: SignatureEvidence, statement: String, faults: [String]) {
    let task = evidence.task
    self.init(
      task: task.name,
      document: task.document.kind.path,
      documentSm3: task.document.pdfSM3.hexadecimal,
      party: PartyEntry(task.party, masked: false),
      signatory: task.signatory.map { PartyEntry(.person($0), masked: false) },
      roles: task.roles.map(\.rawValue),
      signer: task.signer.map { $0.name(in: "accounts") } ?? "",
      statement: statement,
      algorithm: evidence.algorithm.rawValue,
      distinguishingIdentifier: evidence.distinguishingIdentifier,
      value: Data(evidence.signature),
      publicKey: Data(evidence.publicKey),
      receiveTime: evidence.receiveTime.archived,
      faults: faults
    )
  }

  private var protoSignature: Liaoning_Registry_V1_DigitalSignature {
    .with {
      $0.algorithm = SignatureAlgorithm(rawValue: algorithm)?.proto ?? .unspecified
      $0.distinguishingIdentifier = distinguishingIdentifier
      $0.value = value
      $0.publicKey = publicKey
    }
  }

  /// Why a statement is not what the signer signed, from the packaged bytes alone.
  ///
  /// - Parameters:
  ///   - bytes: The statement as it lies in the package.
  ///   - paper: The SM3 of the paper as it lies in the package; nothing if there is none.
  /// - Returns: What is wrong, in Chinese; nothing if the signature holds.
  func fault(in bytes: [UInt8], paper: SM3Digest?) -> String? {
    guard let signature = DetachedSignature(protoSignature) else { return "公钥不可用" }
    let name = Liaoning_Registry_V1_DocumentStatement.protoMessageName
    guard signature.signs(bytes, as: name) else { return "签名无效" }
    guard let said = try? Liaoning_Registry_V1_DocumentStatement(serializedBytes: bytes),
      said.task == task, said.signer == signer
    else { return "签名内容与任务不符" }
    guard let paper, [UInt8](said.documentSm3) == paper.bytes, documentSm3 == paper.hexadecimal
    else { return "签名的文件与卷内文件不符" }
    return faults.first.map { "归档时已不成立：\($0)" }
  }
}

/// `04-result/register.json`: what stands in the register (登记簿), numbers in full.
struct RegisterRecord: Codable, Hashable, Sendable {
  static let path = "04-result/register.json"

  struct Role: Codable, Hashable, Sendable {
    let kind: String
    let party: PartyEntry
    let contributionFen: Int64?
    let dueDate: String?
    let farmer: Bool
  }
  struct ScopeItem: Codable, Hashable, Sendable {
    let text: String
    let industryClass: String
  }

  let entity: String
  let creditCode: String
  let version: Int64
  let enterpriseName: String
  let entityType: String
  let authorityCode: String
  let domicileRegionCode: String
  let domicile: String
  let capitalFen: Int64?
  let scopeItems: [ScopeItem]
  let establishmentDate: String
  let termEndDate: String?
  let compositionForm: String?
  let responsiblePerson: PartyEntry
  let roles: [Role]

  init(_ entity: Entity) {
    self.entity = entity.name
    creditCode = entity.creditCode.description
    version = entity.version
    enterpriseName = entity.enterpriseName
    entityType = entity.entityType.code
    authorityCode = entity.authority.description
    domicileRegionCode = entity.domicileRegion.description
    domicile = entity.domicile
    capitalFen = entity.capitalFen
    scopeItems = entity.scopeItems.map {
      ScopeItem(text: $0.text, industryClass: $0.industryClass.code)
    }
    establishmentDate = entity.establishmentDate.description
    termEndDate = entity.termEndDate?.description
    compositionForm = entity.compositionForm
    responsiblePerson = PartyEntry(.person(entity.responsiblePerson), masked: false)
    roles = entity.roles.map {
      Role(
        kind: $0.kind.rawValue,
        party: PartyEntry($0.party, masked: false),
        contributionFen: $0.contributionFen,
        dueDate: $0.dueDate?.description,
        farmer: $0.farmer
      )
    }
  }
}
