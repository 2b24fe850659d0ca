internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@Suite("Becoming real-name", .database(accountsMigrations))
struct VerificationTests {
  private func verify(
    _ account: Liaoning_Registry_V1_Account,
    at office: Office,
    as caller: Caller? = nil,
    requestID: String = UUID().uuidString
  ) async throws -> Liaoning_Registry_V1_Account {
    let request = Liaoning_Registry_V1_VerifyAccountRequest.with {
      $0.name = account.name
      $0.requestID = requestID
    }
    return try await office.call(as: try caller ?? account.caller()) {
      try await office.service.verifyAccount(request: request, context: $0)
    }
  }

  @Test("a pending account is verified once the source is back; a repeat says the same")
  func pending() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    office.setAnswer(.sourceUnavailable, about: person)
    let account = try await Applicant(person).register(at: office)
    #expect(account.verification == .pending)
    await expectReason("IDENTITY_SOURCE_UNAVAILABLE") { try await verify(account, at: office) }
    office.setAnswer(nil, about: person)
    await expectReason("IDENTITY_SOURCE_UNAVAILABLE") { try await verify(account, at: office) }
    office.setAnswer(.match, about: person)
    let id = UUID().uuidString
    let verified = try await verify(account, at: office, requestID: id)
    #expect(verified.verification == .verified)
    #expect(verified.etag == "v2")
    office.setAnswer(nil, about: person)
    #expect(try await verify(account, at: office, requestID: id) == verified)
  }

  @Test("a source that does not answer changes nothing of a verified account; a refusal does")
  func laterAnswers() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let account = try await Applicant(person).register(at: office)
    office.setAnswer(.quota, about: person)
    await expectReason("IDENTITY_SOURCE_UNAVAILABLE") { try await verify(account, at: office) }
    let unchanged = try await office.inDirectory {
      try await $0.account(ofPerson: person.identityNumber)
    }
    #expect(unchanged?.verification == .verified)
    #expect(unchanged?.version == 1)
    office.setAnswer(.deceasedOrCancelled, about: person)
    #expect(try await verify(account, at: office).verification == .refused)
  }

  @Test("nobody verifies another's account")
  func others() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let one = try await Applicant(try Sample.person()).register(at: office)
    let other = try await Applicant(try Sample.person()).register(at: office)
    await expectReason("ACCOUNT_NOT_FOUND") {
      try await verify(one, at: office, as: try other.caller())
    }
    await expectReason("CALLER_UNAUTHENTICATED") {
      try await verify(one, at: office, as: .anonymous)
    }
  }

  @Test("a refused account does not come alive beside a live one")
  func secondLife() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    office.setAnswer(.nameMismatch, about: person)
    let refused = try await Applicant(person).register(at: office)
    office.setAnswer(.match, about: person)
    _ = try await Applicant(person).register(at: office)
    await expectReason("ACCOUNT_EXISTS") { try await verify(refused, at: office) }
  }

  @Test("an organization that stays without a legal representative keeps the one known")
  func legalRepresentative() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let company = try Sample.company()
    let representative = try Sample.person(named: "钱测试")
    office.setAnswer(
      EntityLookUp(
        outcome: .found,
        enterpriseName: company.enterpriseName,
        legalRepresentative: representative
      ),
      about: company
    )
    let account = try await Applicant(company).register(at: office)
    office.setAnswer(EntityLookUp(outcome: .notActive), about: company)
    let inactive = try await verify(account, at: office)
    #expect(inactive.verification == .refused)
    #expect(inactive.verificationCode == "10")
    #expect(inactive.legalRepresentativeName == "钱测试")
  }
}

@Suite("Signing the handling agreement", .database(accountsMigrations))
struct AgreementTests {
  private func sign(
    _ request: Liaoning_Registry_V1_SignAgreementRequest,
    as caller: Caller,
    at office: Office
  ) async throws -> Liaoning_Registry_V1_Account {
    try await office.call(as: caller) {
      try await office.service.signAgreement(request: request, context: $0)
    }
  }

  @Test("the agreement in force is read by anyone, with the digest of its text")
  func reading() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let agreement = try await office.agreement()
    #expect(agreement.name == "agreements/1")
    #expect([UInt8](agreement.textSm3) == SM3.digest(agreement.text).bytes)
    #expect(agreement.text.contains("全程电子化登记办理协议"))
    // 2017-09-21 in Shenyang.
    #expect(agreement.effectiveTime.seconds == 1_505_923_200)
    for name in ["agreements/7", "agreements/", "agreement/1"] {
      await expectReason("AGREEMENT_NOT_FOUND") {
        try await office.call {
          try await office.service.getAgreement(request: .with { $0.name = name }, context: $0)
        }
      }
    }
    let early = Office(
      on: office.database,
      at: Date(timeIntervalSince1970: 1_505_923_199.999)
    )
    await expectReason("AGREEMENT_NOT_FOUND") { try await early.agreement() }
    #expect(
      try await Office(on: office.database, at: Date(timeIntervalSince1970: 1_505_923_200))
        .agreement() == agreement
    )
  }

  @Test("it is signed once; another signature of the same version changes nothing")
  func signing() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await office.eligibleAccount(of: applicant)
    #expect(account.agreement == "agreements/1")
    #expect(account.agreementSignTime.seconds == Int64(nineOClock.timeIntervalSince1970))
    office.moveClock(by: 60)
    let again = try applicant.agreement(for: account.name, text: try await office.agreement())
    #expect(try await sign(again, as: try account.caller(), at: office) == account)
    #expect(try await sign(again, as: try account.caller(), at: office) == account)
  }

  @Test("another text, another key, another's account are refused")
  func refusals() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let other = try await Applicant(try Sample.person()).register(at: office)
    let caller = try account.caller()
    var text = try await office.agreement()
    let good = try applicant.agreement(for: account.name, text: text)
    let stranger = Applicant(try Sample.person())
    let forged = try stranger.agreement(for: account.name, text: text)
    await expectReason("ACCOUNT_SIGNATURE_INVALID") {
      try await sign(forged, as: caller, at: office)
    }
    let unsigned = {
      var request = good
      request.clearSignature()
      return request
    }()
    await expectReason("ACCOUNT_SIGNATURE_INVALID") {
      try await sign(unsigned, as: caller, at: office)
    }
    await expectReason("ACCOUNT_NOT_FOUND") {
      try await sign(good, as: try other.caller(), at: office)
    }
    text.textSm3[0] ^= 1
    let otherText = try applicant.agreement(for: account.name, text: text)
    await expectReason("ACCOUNT_STATEMENT_MISMATCH") {
      try await sign(otherText, as: caller, at: office)
    }
    text.name = "agreements/2"
    let otherVersion = try applicant.agreement(for: account.name, text: text)
    await expectReason("AGREEMENT_NOT_CURRENT") {
      try await sign(otherVersion, as: caller, at: office)
    }
    text.name = "agreements/x"
    let noVersion = try applicant.agreement(for: account.name, text: text)
    await expectReason("ACCOUNT_STATEMENT_MISMATCH") {
      try await sign(noVersion, as: caller, at: office)
    }
    var misnamed = good
    misnamed.statement = Data([0xFF])
    let sent = misnamed
    await expectReason("ACCOUNT_STATEMENT_MISMATCH") {
      try await sign(sent, as: caller, at: office)
    }
  }

  @Test("a new version has to be signed anew from the moment it is in force")
  func newVersion() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let account = try await office.eligibleAccount(of: Applicant(try Sample.person()))
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    let newYear = Date(timeIntervalSince1970: 1_893_427_200)
    try await office.database.withTransaction { transaction in
      try await transaction.execute(
        """
        INSERT INTO accounts.agreement (agreement_version, agreement_text, text_sm3, effective_time)
        VALUES (2, '第二版', \(SM3.digest("第二版").bytes), \(newYear))
        """
      )
    }
    office.setClock(to: newYear.addingTimeInterval(-0.001))
    #expect(
      try await office.inDirectory { try await $0.eligibleAccount(id, at: office.now) }.name
        == account.name
    )
    office.setClock(to: newYear)
    await expectReason("AGREEMENT_UNSIGNED") {
      try await office.inDirectory { try await $0.eligibleAccount(id, at: office.now).name }
    }
  }
}

@Suite("Being allowed to act", .database(accountsMigrations))
struct EligibilityTests {
  private func eligible(
    _ account: Liaoning_Registry_V1_Account,
    at office: Office
  ) async throws -> String {
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    return try await office.inDirectory { try await $0.eligibleAccount(id, at: office.now).name }
  }

  @Test("real-name, agreed and unrestricted: and nobody else")
  func eligibility() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let account = try await office.eligibleAccount(of: Applicant(person))
    #expect(try await eligible(account, at: office) == account.name)

    let unsigned = try await Applicant(try Sample.person()).register(at: office)
    await expectReason("AGREEMENT_UNSIGNED") { try await eligible(unsigned, at: office) }

    let unknown = try Sample.person()
    office.setAnswer(.noRecord, about: unknown)
    let manual = try await office.eligibleAccount(of: Applicant(unknown))
    await expectReason("ACCOUNT_NOT_VERIFIED") { try await eligible(manual, at: office) }

    var absent = account
    absent.name = RegionalID(region: .liaoning, uuid: UUID()).name(in: "accounts")
    let nobody = absent
    await expectReason("ACCOUNT_NOT_FOUND") { try await eligible(nobody, at: office) }

    _ = try await office.restrict(person, .onlineFiling, until: 60)
    await expectReason("ACCOUNT_RESTRICTED") { try await eligible(account, at: office) }
    office.moveClock(by: 60)
    #expect(try await eligible(account, at: office) == account.name)
  }

  @Test("a company is barred with its legal representative")
  func company() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let company = try Sample.company()
    let representative = try Sample.person()
    office.setAnswer(
      EntityLookUp(
        outcome: .found,
        enterpriseName: company.enterpriseName,
        legalRepresentative: representative
      ),
      about: company
    )
    let account = try await office.eligibleAccount(of: Applicant(company))
    #expect(try await eligible(account, at: office) == account.name)
    _ = try await office.restrict(representative, .allRegistration)
    await expectReason("ACCOUNT_RESTRICTED") { try await eligible(account, at: office) }
  }

  @Test("everyone concerned is asked about, by what they are about to do")
  func everyone() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let free = try Sample.person()
    let barred = try Sample.person()
    let unfit = try Sample.person()
    let outcast = try Sample.person()
    _ = try await office.restrict(barred, .onlineFiling, until: 3_600)
    _ = try await office.restrict(barred, .onlineFiling, until: 7_200)
    _ = try await office.restrict(unfit, .legalRepresentative)
    _ = try await office.restrict(outcast, .allRegistration)
    let all = [free, barred, unfit, outcast, barred].map(\.identityNumber)
    func restrictions(_ scopes: Set<RestrictionScope>) async throws -> Set<String> {
      let standing = try await office.inDirectory {
        try await $0.restrictions(of: all, from: scopes, at: office.now)
      }
      #expect(standing.count == Set(standing.map(\.person)).count)
      return Set(
        standing.map {
          "\($0.person) \($0.scope) \($0.until?.timeIntervalSince(office.now) ?? 0)"
        }
      )
    }
    let online = "\(barred.identityNumber) onlineFiling 7200.0"
    let leading = "\(unfit.identityNumber) legalRepresentative 0.0"
    let everything = "\(outcast.identityNumber) allRegistration 0.0"
    #expect(try await restrictions([.onlineFiling]) == [online, everything])
    #expect(try await restrictions([.legalRepresentative]) == [leading, everything])
    #expect(
      try await restrictions([.onlineFiling, .legalRepresentative]) == [
        online, leading, everything,
      ]
    )
    try await office.inDirectory {
      try await $0.requireUnrestricted(
        [free.identityNumber],
        from: Set(RestrictionScope.allCases),
        at: office.now
      )
      try await $0.requireUnrestricted([], from: Set(RestrictionScope.allCases), at: office.now)
    }
    await expectReason("ACCOUNT_RESTRICTED") {
      try await office.inDirectory {
        try await $0.requireUnrestricted(all, from: [.onlineFiling], at: office.now)
      }
    }
  }
}
