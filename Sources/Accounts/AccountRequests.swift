internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf

/// A request for an account, parsed; its statement fits and is signed by the new key.
struct AccountCreation: Sendable {
  let requestID: RequestID
  let category: Account.Category
  let holder: PartyRecord
  let signature: DetachedSignature

  /// Reads the request.
  ///
  /// - Throws: `RequestLogError`, `invalid`, `statementMismatch`, `signatureInvalid`.
  init(_ request: Liaoning_Registry_V1_CreateAccountRequest) throws {
    requestID = try RequestID(request.requestID)
    var violations: [Violation] = []
    let category = Account.Category(request.account.category)
    if category == nil {
      violations.append(
        Violation(
          field: "account.category",
          rule: "CATEGORY_MISSING",
          description: "请选择身份类别：自然人、企业法人或者其他组织。"
        )
      )
    }
    let holder = PartyRecord(
      request.account.holder,
      at: "account.holder",
      needsMobileNumber: true,
      violations: &violations
    )
    if let category, let holder {
      violations += AccountRules.violations(category: category, holder: holder, at: "account")
    }
    guard violations.isEmpty, let category, let holder else {
      throw AccountError.invalid(violations)
    }
    self.category = category
    self.holder = holder
    guard let signature = DetachedSignature(request.signature) else {
      throw AccountError.signatureInvalid
    }
    self.signature = signature
    try Self.requireStatement(request, of: holder, by: signature)
  }

  private static func requireStatement(
    _ request: Liaoning_Registry_V1_CreateAccountRequest,
    of holder: PartyRecord,
    by signature: DetachedSignature
  ) throws(AccountError) {
    let bytes = [UInt8](request.statement)
    guard
      bytes.count <= AccountRules.statementLimit,
      let statement = try? Liaoning_Registry_V1_AccountStatement(serializedBytes: bytes),
      statement.requestID == request.requestID,
      statement.holderCode.uppercased() == holder.code,
      statement.publicKey == request.signature.publicKey
    else { throw .statementMismatch }
    guard
      signature.signs(bytes, as: Liaoning_Registry_V1_AccountStatement.protoMessageName)
    else { throw .signatureInvalid }
  }

  /// The account that comes of it.
  func account(_ id: RegionalID, comparison: Comparison, at instant: Date) -> Account {
    Account(
      id: id,
      category: category,
      holder: holder,
      comparison: comparison,
      agreementVersion: nil,
      agreementSignTime: nil,
      publicKey: signature.publicKey,
      createTime: instant,
      version: 1
    )
  }
}

/// A request to sign the agreement, parsed; what it says is checked against the account later.
struct AgreementSigning: Sendable {
  let requestID: RequestID
  let account: RegionalID
  private let statement: Liaoning_Registry_V1_AgreementStatement
  private let bytes: [UInt8]
  private let signature: DetachedSignature?

  /// Reads the request.
  ///
  /// - Throws: `RequestLogError`, `notFound`, `statementMismatch`.
  init(_ request: Liaoning_Registry_V1_SignAgreementRequest) throws {
    requestID = try RequestID(request.requestID)
    guard let account = RegionalID(resourceName: request.name, collection: "accounts") else {
      throw AccountError.notFound
    }
    bytes = [UInt8](request.statement)
    guard
      bytes.count <= AccountRules.statementLimit,
      let statement = try? Liaoning_Registry_V1_AgreementStatement(serializedBytes: bytes),
      statement.account == request.name
    else { throw AccountError.statementMismatch }
    self.account = account
    self.statement = statement
    signature = DetachedSignature(request.signature)
  }

  /// The proof, if the account's key signed the agreement in force.
  ///
  /// - Throws: `agreementNotCurrent`, `statementMismatch`, `signatureInvalid`.
  func proof(of current: Agreement, by key: VerifyingKey) throws(AccountError) -> AgreementProof {
    guard let version = Agreement.version(in: statement.agreement) else {
      throw .statementMismatch
    }
    guard version == current.version else { throw .agreementNotCurrent(current.version) }
    guard [UInt8](statement.textSm3) == current.textSM3.bytes else { throw .statementMismatch }
    guard
      let signature, signature.publicKey == key,
      signature.signs(bytes, as: Liaoning_Registry_V1_AgreementStatement.protoMessageName)
    else { throw .signatureInvalid }
    return AgreementProof(agreement: version, statement: bytes, signature: signature)
  }
}

/// An answer to a challenge, parsed; whatever is wrong with it refuses the log-in.
struct LoginAnswer: Sendable {
  let challenge: RegionalID
  let account: RegionalID
  private let nonce: [UInt8]
  private let bytes: [UInt8]
  private let signature: DetachedSignature

  /// Reads the request.
  ///
  /// - Throws: `loginRefused`.
  init(_ request: Liaoning_Registry_V1_CreateSessionRequest) throws(AccountError) {
    bytes = [UInt8](request.statement)
    guard
      bytes.count <= AccountRules.statementLimit,
      let statement = try? Liaoning_Registry_V1_LoginStatement(serializedBytes: bytes),
      let challenge = RegionalID(
        resourceName: statement.challenge,
        collection: "loginChallenges"
      ),
      let account = RegionalID(resourceName: statement.account, collection: "accounts"),
      let signature = DetachedSignature(request.signature)
    else { throw .loginRefused }
    self.challenge = challenge
    self.account = account
    nonce = [UInt8](statement.nonce)
    self.signature = signature
  }

  /// Whether it answers a challenge by an account's key.
  ///
  /// It takes as long without a challenge or an account.
  func answers(_ challenge: LoginChallenge?, by account: Account?) -> Bool {
    let isSigned = signature.signs(
      bytes,
      as: Liaoning_Registry_V1_LoginStatement.protoMessageName
    )
    guard let challenge, let account else { return false }
    return isSigned && signature.publicKey == account.publicKey
      && challenge.id == self.challenge && challenge.account == self.account
      && account.id == self.account && constantTimeEquals(nonce, challenge.nonce)
  }
}

/// A request for a restriction, parsed.
struct RestrictionDecision: Sendable {
  let requestID: RequestID
  private let person: PersonRecord
  private let scope: RestrictionScope
  private let ground: String
  private let startTime: Date
  private let endTime: Date?

  /// Reads the request; the restriction stands from `instant` if it does not say from when.
  ///
  /// - Throws: `RequestLogError`, `restrictionInvalid`.
  init(_ request: Liaoning_Registry_V1_CreateRestrictionRequest, at instant: Date) throws {
    requestID = try RequestID(request.requestID)
    let proto = request.restriction
    var violations: [Violation] = []
    let person = PersonRecord(
      proto.person,
      at: "restriction.person",
      violations: &violations
    )
    let scope = RestrictionScope(proto.scope)
    if scope == nil {
      violations.append(
        Violation(
          field: "restriction.scope",
          rule: "SCOPE_MISSING",
          description: "请选择限制范围。"
        )
      )
    }
    violations += RestrictionRules.ground(proto.ground, at: "restriction.ground")
    let startTime = proto.hasStartTime ? Date(lawful: proto.startTime) : instant
    let endTime = proto.hasEndTime ? Date(lawful: proto.endTime) : nil
    if startTime == nil || (proto.hasEndTime && endTime == nil) {
      violations.append(
        Violation(
          field: startTime == nil ? "restriction.start_time" : "restriction.end_time",
          rule: "TIME_INVALID",
          description: "时间应在公元 1 年至 9999 年之间。"
        )
      )
    }
    if let startTime {
      violations += RestrictionRules.period(
        from: startTime,
        to: endTime,
        at: "restriction.end_time"
      )
    }
    guard violations.isEmpty, let person, let scope, let startTime else {
      throw AccountError.restrictionInvalid(violations)
    }
    // A restriction keeps nobody's telephone number.
    self.person = PersonRecord(fullName: person.fullName, identityNumber: person.identityNumber)
    self.scope = scope
    ground = proto.ground
    self.startTime = startTime
    self.endTime = endTime
  }

  /// The restriction that comes of it.
  func restriction(_ id: RegionalID, by staff: String, at instant: Date) -> Restriction {
    Restriction(
      id: id,
      person: person,
      scope: scope,
      ground: ground,
      startTime: startTime,
      endTime: endTime,
      decidedBy: staff,
      createTime: instant
    )
  }
}
