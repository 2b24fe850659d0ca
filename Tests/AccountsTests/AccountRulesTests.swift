internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Accounts

@Suite("Judging an account")
struct AccountRulesTests {
  @Test("a natural person's account is a person's, any other an organization's")
  func kindOfHolder() throws {
    let person = PartyRecord.person(try Sample.person())
    let company = PartyRecord.organization(try Sample.company())
    for category in Account.Category.allCases {
      let isPersonal = category == .naturalPerson
      let ofPerson = AccountRules.violations(category: category, holder: person, at: "account")
      let ofCompany = AccountRules.violations(category: category, holder: company, at: "account")
      #expect(ofPerson.map(\.rule) == (isPersonal ? [] : ["HOLDER_KIND_MISMATCH"]))
      #expect(ofCompany.map(\.rule) == (isPersonal ? ["HOLDER_KIND_MISMATCH"] : []))
    }
  }

  @Test(
    "an enterprise with legal personality is of the market regulator's register and no individual business",
    arguments: [
      ("91210100XX0000019C", true), ("93211122XX00000E5F", true), ("92210102XX00000C9H", false),
    ]
  )
  func classOfCode(code: String, isLawful: Bool) throws {
    let holder = PartyRecord.organization(
      OrganizationRecord(
        enterpriseName: "某",
        creditCode: try #require(UnifiedSocialCreditCode(code))
      )
    )
    let asEnterprise = AccountRules.violations(
      category: .enterpriseLegalPerson,
      holder: holder,
      at: "account"
    )
    let asOther = AccountRules.violations(
      category: .otherOrganization,
      holder: holder,
      at: "account"
    )
    #expect(asEnterprise.map(\.rule) == (isLawful ? [] : ["CATEGORY_UNLAWFUL"]))
    #expect(asOther.isEmpty)
  }

  @Test("only 00 verifies, 02 and 06 leave the manual path, 9x is nobody's fault")
  func personComparisons() {
    let verdicts = PersonComparison.allCases.map {
      "\($0.rawValue) \(AccountRules.verification(by: $0))"
    }
    #expect(
      verdicts == [
        "00 verified", "01 refused", "02 manual", "03 refused", "04 refused", "05 refused",
        "06 manual", "90 pending", "91 pending", "92 pending",
      ]
    )
  }

  @Test("of organizations, too")
  func entityLookUps() {
    let verdicts = EntityLookUp.Outcome.allCases.map {
      "\($0.rawValue) \(AccountRules.verification(by: $0))"
    }
    #expect(
      verdicts == [
        "00 verified", "01 manual", "02 refused", "03 refused", "10 refused", "90 pending",
        "91 pending", "92 pending",
      ]
    )
  }

  @Test("a found entity of another name is a mismatch; half-width parentheses are none")
  func entityNames() throws {
    let company = try Sample.company(named: "沈阳云舸（集团）有限公司")
    func outcome(_ name: String) -> EntityLookUp.Outcome {
      AccountRules.outcome(
        of: EntityLookUp(outcome: .found, enterpriseName: name),
        for: company
      )
    }
    #expect(outcome("沈阳云舸（集团）有限公司") == .found)
    #expect(outcome("沈阳云舸(集团)有限公司") == .found)
    #expect(outcome("沈阳云舸有限公司") == .nameMismatch)
    #expect(outcome("") == .nameMismatch)
  }

  @Test("a ground has 1 to 500 characters", arguments: [(0, 1), (1, 0), (500, 0), (501, 1)])
  func groundLength(count: Int, violations: Int) {
    let ground = String(repeating: "由", count: count)
    #expect(RestrictionRules.ground(ground, at: "ground").count == violations)
  }

  @Test("a restriction ends after it starts", arguments: [(-0.001, 1), (0, 1), (0.001, 0)])
  func period(seconds: TimeInterval, violations: Int) {
    let end = nineOClock.addingTimeInterval(seconds)
    #expect(RestrictionRules.period(from: nineOClock, to: end, at: "end").count == violations)
    #expect(RestrictionRules.period(from: nineOClock, to: nil, at: "end").isEmpty)
  }

  @Test("an agreement's name is exactly agreements/{version}")
  func agreementNames() {
    #expect(Agreement.version(in: "agreements/1") == 1)
    for name in [
      "agreements/0", "agreements/01", "agreements/+1", "agreements/", "agreement/1", "1",
    ] {
      #expect(Agreement.version(in: name) == nil)
    }
  }

  @Test("instants survive the database and the wire to the millisecond")
  func instants() throws {
    let instant = Date(timeIntervalSince1970: 1_772_413_200.123_9).wholeMilliseconds
    #expect(
      instant.timestamp == Google_Protobuf_Timestamp(seconds: 1_772_413_200, nanos: 123_000_000)
    )
    #expect(Date(lawful: instant.timestamp) == instant)
    #expect(
      Date(timeIntervalSince1970: -0.5).timestamp
        == Google_Protobuf_Timestamp(seconds: -1, nanos: 500_000_000)
    )
    #expect(Date(lawful: Google_Protobuf_Timestamp(seconds: 253_402_300_800)) == nil)
    #expect(Date(lawful: Google_Protobuf_Timestamp(seconds: 0, nanos: -1)) == nil)
  }

  @Test("every failure has the status and the reason that the protos promise")
  func errors() {
    let expected: [(AccountError, RPCError.Code, String)] = [
      (.agreementNotFound, .notFound, "AGREEMENT_NOT_FOUND"),
      (.invalid([]), .invalidArgument, "ACCOUNT_INVALID"),
      (.statementMismatch, .invalidArgument, "ACCOUNT_STATEMENT_MISMATCH"),
      (.signatureInvalid, .invalidArgument, "ACCOUNT_SIGNATURE_INVALID"),
      (.exists, .alreadyExists, "ACCOUNT_EXISTS"),
      (.restricted(.onlineFiling, until: nil), .permissionDenied, "ACCOUNT_RESTRICTED"),
      (.notFound, .notFound, "ACCOUNT_NOT_FOUND"),
      (.notVerified(.manual), .failedPrecondition, "ACCOUNT_NOT_VERIFIED"),
      (.agreementUnsigned(1), .failedPrecondition, "AGREEMENT_UNSIGNED"),
      (.agreementNotCurrent(2), .failedPrecondition, "AGREEMENT_NOT_CURRENT"),
      (.malformedName, .invalidArgument, "ACCOUNT_NAME_MALFORMED"),
      (.loginRefused, .unauthenticated, "LOGIN_REFUSED"),
      (.restrictionInvalid([]), .invalidArgument, "RESTRICTION_INVALID"),
      (.restrictionNotFound, .notFound, "RESTRICTION_NOT_FOUND"),
      (.restrictionLifted, .failedPrecondition, "RESTRICTION_LIFTED"),
      (.sourceUnavailable, .unavailable, "IDENTITY_SOURCE_UNAVAILABLE"),
    ]
    for (error, code, reason) in expected {
      #expect(error.code == code)
      #expect(error.reason == reason)
      #expect(!error.message.isEmpty)
      #expect((error.retryDelay != nil) == (code == .unavailable))
    }
    let barred = AccountError.restricted(.onlineFiling, until: nineOClock)
    #expect(barred.metadata == ["scope": "online_filing", "until": "2026-03-02T01:00:00Z"])
  }
}

@Suite("Reading a signature")
struct DetachedSignatureTests {
  private let statement = Liaoning_Registry_V1_LoginStatement.with { $0.account = "accounts/a" }

  @Test(
    "a key's signature over a statement holds, of either algorithm",
    arguments: KeyKind.allCases
  )
  func valid(kind: KeyKind) throws {
    let applicant = Applicant(try Sample.person(), key: SigningKey(generating: kind))
    let signature = try #require(DetachedSignature(try applicant.signature(over: statement)))
    let bytes: [UInt8] = try statement.serializedBytes()
    let name = Liaoning_Registry_V1_LoginStatement.protoMessageName
    #expect(signature.signs(bytes, as: name))
    #expect(!signature.signs(bytes + [0], as: name))
    #expect(!signature.signs(bytes, as: "liaoning.registry.v1.AgreementStatement"))
  }

  @Test("an algorithm or identifier that is not the key's is refused")
  func foreignAlgorithm() throws {
    let applicant = Applicant(try Sample.person())
    let proto = try applicant.signature(over: statement)
    #expect(DetachedSignature(proto) != nil)
    var changed = proto
    changed.algorithm = .ecdsaP256Sha256
    #expect(DetachedSignature(changed) == nil)
    changed = proto
    changed.distinguishingIdentifier = ""
    #expect(DetachedSignature(changed) == nil)
    changed = proto
    changed.publicKey = Data([1, 2, 3])
    #expect(DetachedSignature(changed) == nil)
    changed = proto
    changed.value = Data(repeating: 0, count: 81)
    #expect(DetachedSignature(changed) == nil)
    changed.value = Data()
    #expect(DetachedSignature(changed) == nil)
  }
}
