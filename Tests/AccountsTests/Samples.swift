internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

/// Made-up people and organizations, each other than all before.
enum Sample {
  private static let count = Mutex(0)

  private static func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }

  /// A person of Shenyang's placeholder region, born in 1990.
  static func person(named fullName: String = "赵测试") throws -> PersonRecord {
    let number = next()
    let day = 1 + number / 999 % 28
    let body = "21010119900" + "1" + twoDigits(day) + threeDigits(number % 999 + 1)
    return PersonRecord(
      fullName: fullName,
      identityNumber: try #require(ResidentIdentityNumber(identityNumber(body: body))),
      mobileNumber: MobileNumber("138" + String(10_000_000 + number))
    )
  }

  /// A company of Shenyang.
  static func company(named name: String = "沈阳星澜软件有限公司") throws -> OrganizationRecord {
    let subject = organizationCode(body: "XX" + String(100_000 + next()))
    return OrganizationRecord(
      enterpriseName: name,
      creditCode: try #require(UnifiedSocialCreditCode(creditCode(body: "91210100" + subject)))
    )
  }

  /// A registrar of Shenyang.
  static func staff(_ role: Role = .head) -> Caller {
    .staff(
      StaffCaller(
        number: "S0001",
        authority: .liaoning,
        roles: [role],
        identityNumber: "210101198001010014"
      )
    )
  }

  /// Completes an identity number (GB 11643-1999).
  static func identityNumber(body: String) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
    return body + String(Array("10X98765432")[sum % 11])
  }

  /// Completes an organization code (GB 11714-1997).
  static func organizationCode(body: String) -> String {
    let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    let weights = [3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap { alphabet.firstIndex(of: $0) }, weights)
      .reduce(0) { $0 + $1.0 * $1.1 }
    return body + String(Array("0X987654321")[sum % 11])
  }

  /// Completes a unified social credit code (GB 32100-2015).
  static func creditCode(body: String) -> String {
    let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
    var weight = 1
    var sum = 0
    for character in body {
      sum += (alphabet.firstIndex(of: character) ?? 0) * weight
      weight = weight * 3 % 31
    }
    return body + String(alphabet[(31 - sum % 31) % 31])
  }

  private static func twoDigits(_ number: Int) -> String {
    String(String(100 + number).dropFirst())
  }
  private static func threeDigits(_ number: Int) -> String {
    String(String(1_000 + number).dropFirst())
  }
}

/// Whoever holds a key and talks to the service.
struct Applicant: Sendable {
  let party: PartyRecord
  let key: SigningKey
  var category: Liaoning_Registry_V1_Account.Category

  init(_ person: PersonRecord, key: SigningKey = SigningKey(generating: .sm2)) {
    party = .person(person)
    category = .naturalPerson
    self.key = key
  }

  init(_ organization: OrganizationRecord, key: SigningKey = SigningKey(generating: .sm2)) {
    party = .organization(organization)
    category = .enterpriseLegalPerson
    self.key = key
  }

  /// A signature over a statement.
  func signature(
    over statement: some Message
  ) throws -> Liaoning_Registry_V1_DigitalSignature {
    let bytes: [UInt8] = try statement.serializedBytes()
    let value = try key.sign(
      SignedStatement.bytes(of: type(of: statement).protoMessageName, bytes)
    )
    return .with {
      $0.algorithm = key.algorithm.proto
      $0.distinguishingIdentifier = key.kind == .sm2 ? "1234567812345678" : ""
      $0.value = Data(value)
      $0.publicKey = Data(key.publicKey.der)
    }
  }

  /// A request for an account, in order.
  func creation(
    requestID: String = UUID().uuidString
  ) throws -> Liaoning_Registry_V1_CreateAccountRequest {
    let statement = Liaoning_Registry_V1_AccountStatement.with {
      $0.requestID = requestID
      $0.holderCode = party.code
      $0.publicKey = Data(key.publicKey.der)
    }
    return try .with {
      $0.account.category = category
      $0.account.holder = party.proto(masked: false)
      $0.statement = try statement.serializedBytes()
      $0.signature = try signature(over: statement)
      $0.requestID = requestID
    }
  }

  /// Registers an account.
  func register(at office: Office) async throws -> Liaoning_Registry_V1_Account {
    let request = try creation()
    return try await office.call {
      try await office.service.createAccount(request: request, context: $0)
    }
  }

  /// A request to sign an agreement, in order.
  func agreement(
    for account: String,
    text: Liaoning_Registry_V1_Agreement,
    requestID: String = UUID().uuidString
  ) throws -> Liaoning_Registry_V1_SignAgreementRequest {
    let statement = Liaoning_Registry_V1_AgreementStatement.with {
      $0.account = account
      $0.agreement = text.name
      $0.textSm3 = text.textSm3
    }
    return try .with {
      $0.name = account
      $0.statement = try statement.serializedBytes()
      $0.signature = try signature(over: statement)
      $0.requestID = requestID
    }
  }

  /// Answers a challenge.
  func login(
    _ challenge: Liaoning_Registry_V1_LoginChallenge,
    for account: String
  ) throws -> Liaoning_Registry_V1_CreateSessionRequest {
    let statement = Liaoning_Registry_V1_LoginStatement.with {
      $0.account = account
      $0.challenge = challenge.name
      $0.nonce = challenge.nonce
    }
    return try .with {
      $0.statement = try statement.serializedBytes()
      $0.signature = try signature(over: statement)
    }
  }
}

extension Liaoning_Registry_V1_Account {
  /// The account as a caller.
  func caller() throws -> Caller {
    .account(
      AccountCaller(
        id: try #require(RegionalID(resourceName: name, collection: "accounts")),
        session: []
      )
    )
  }
}

extension Office {
  /// The agreement in force.
  func agreement() async throws -> Liaoning_Registry_V1_Agreement {
    try await call {
      try await service.getAgreement(
        request: .with { $0.name = "agreements/current" },
        context: $0
      )
    }
  }

  /// Registers an account that may file and sign.
  func eligibleAccount(of applicant: Applicant) async throws -> Liaoning_Registry_V1_Account {
    let account = try await applicant.register(at: self)
    let request = try applicant.agreement(for: account.name, text: try await agreement())
    return try await call(as: try account.caller()) {
      try await service.signAgreement(request: request, context: $0)
    }
  }

  /// Bars a person.
  func restrict(
    _ person: PersonRecord,
    _ scope: Liaoning_Registry_V1_Restriction.Scope,
    from start: TimeInterval? = nil,
    until end: TimeInterval? = nil
  ) async throws -> Liaoning_Registry_V1_Restriction {
    let request = Liaoning_Registry_V1_CreateRestrictionRequest.with {
      $0.restriction.person = person.proto(masked: false)
      $0.restriction.scope = scope
      $0.restriction.ground = "沈市监罚〔2026〕1号"
      if let start { $0.restriction.startTime = timestamp(start) }
      if let end { $0.restriction.endTime = timestamp(end) }
      $0.requestID = UUID().uuidString
    }
    return try await call(as: Sample.staff()) {
      try await service.createRestriction(request: request, context: $0)
    }
  }

  /// An instant so many seconds from now.
  func timestamp(_ seconds: TimeInterval) -> Google_Protobuf_Timestamp {
    Google_Protobuf_Timestamp(
      seconds: Int64(now.timeIntervalSince1970 + seconds)
    )
  }
}
