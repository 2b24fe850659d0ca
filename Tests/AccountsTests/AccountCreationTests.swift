internal import APIConventions
internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@Suite("Registering an account", .database(accountsMigrations))
struct AccountCreationTests {
  @Test("a person whom the library confirms is real-name, and reads the account unmasked")
  func person() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person(named: "尤\u{B7}测试")
    let applicant = Applicant(person)
    let account = try await applicant.register(at: office)
    #expect(account.verification == .verified)
    #expect(account.verificationCode == "00")
    #expect(account.verifyTime.seconds == Int64(nineOClock.timeIntervalSince1970))
    #expect(account.agreement.isEmpty)
    #expect(account.etag == "v1")
    #expect(account.holder.person == person.proto(masked: false))
    let request = Liaoning_Registry_V1_GetAccountRequest.with { $0.name = account.name }
    let read = try await office.call(as: try account.caller()) {
      try await office.service.getAccount(request: request, context: $0)
    }
    #expect(read == account)
    let byStaff = try await office.call(as: Sample.staff(.clerk)) {
      try await office.service.getAccount(request: request, context: $0)
    }
    #expect(byStaff.holder.person == person.proto(masked: true))
  }

  @Test("nobody reads another's account, or one that does not exist")
  func othersAccounts() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let one = try await Applicant(try Sample.person()).register(at: office)
    let another = try await Applicant(try Sample.person()).register(at: office)
    func get(_ name: String, as caller: Caller) async throws -> Liaoning_Registry_V1_Account {
      try await office.call(as: caller) {
        try await office.service.getAccount(request: .with { $0.name = name }, context: $0)
      }
    }
    await expectReason("ACCOUNT_NOT_FOUND") { try await get(one.name, as: try another.caller()) }
    await expectReason("ACCOUNT_NOT_FOUND") { try await get("accounts/1", as: Sample.staff()) }
    let absent = RegionalID(region: .liaoning, uuid: UUID()).name(in: "accounts")
    await expectReason("ACCOUNT_NOT_FOUND") { try await get(absent, as: Sample.staff()) }
    await expectReason("CALLER_UNAUTHENTICATED") { try await get(one.name, as: .anonymous) }
  }

  @Test("what the library says decides where it is enforced", arguments: PersonComparison.allCases)
  func enforced(answer: PersonComparison) async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    office.setAnswer(answer, about: person)
    let account = try await Applicant(person).register(at: office)
    let expected: Liaoning_Registry_V1_Account.Verification =
      switch answer {
      case .match: .verified
      case .nameMismatch, .invalidNumber, .deceasedOrCancelled, .faceMismatch: .refused
      case .noRecord, .noPhoto: .manual
      case .sourceUnavailable, .timeout, .quota: .pending
      }
    #expect(account.verification == expected)
    #expect(account.verificationCode == answer.rawValue)
  }

  @Test("it is kept and decides nothing in the shadow, and is not asked for where it is off")
  func shadowAndOff() async throws {
    let shadow = Office(on: try TestDatabase.ofSuite(), verification: .shadow)
    let person = try Sample.person()
    shadow.setAnswer(.nameMismatch, about: person)
    let shadowed = try await Applicant(person).register(at: shadow)
    #expect(shadowed.verification == .verified)
    #expect(shadowed.verificationCode == "01")
    let unanswered = try Sample.person()
    shadow.setAnswer(nil, about: unanswered)
    let account = try await Applicant(unanswered).register(at: shadow)
    #expect(account.verification == .verified)
    #expect(account.verificationCode.isEmpty)
    #expect(!account.hasVerifyTime)
    let off = Office(on: try TestDatabase.ofSuite(), verification: .off)
    #expect(try await Applicant(try Sample.person()).register(at: off).verification == .verified)
    #expect(off.comparisonIDs.isEmpty)
  }

  @Test("without an answer there is no account, and the same request may be repeated")
  func libraryDown() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let request = try Applicant(person).creation()
    func register() async throws -> Liaoning_Registry_V1_Account {
      try await office.call {
        try await office.service.createAccount(request: request, context: $0)
      }
    }
    office.setAnswer(nil, about: person)
    await expectReason("IDENTITY_SOURCE_UNAVAILABLE") { try await register() }
    office.setAnswer(.match, about: person)
    let account = try await register()
    #expect(account.verification == .verified)
    // The first reply comes back even while the library is down.
    office.setAnswer(nil, about: person)
    #expect(try await register() == account)
    #expect(Set(office.comparisonIDs).count == 1)
  }

  @Test("a request id serves one request, and another's comparison has another id")
  func requestIDs() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let id = UUID().uuidString
    let one = try Applicant(try Sample.person()).creation(requestID: id)
    let other = try Applicant(try Sample.person()).creation(requestID: id)
    _ = try await office.call {
      try await office.service.createAccount(request: one, context: $0)
    }
    await expectReason("REQUEST_ID_REUSED") {
      try await office.call {
        try await office.service.createAccount(request: other, context: $0)
      }
    }
    #expect(Set(office.comparisonIDs).count == 2)
    await expectReason("REQUEST_ID_MALFORMED") {
      try await office.call {
        try await office.service.createAccount(
          request: try Applicant(try Sample.person()).creation(requestID: "1"),
          context: $0
        )
      }
    }
  }

  @Test("a person has one live account; one that was refused is not live")
  func oneAccount() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    office.setAnswer(.nameMismatch, about: person)
    #expect(try await Applicant(person).register(at: office).verification == .refused)
    #expect(
      try await office.inDirectory { try await $0.account(ofPerson: person.identityNumber) } == nil
    )
    office.setAnswer(.match, about: person)
    let account = try await Applicant(person).register(at: office)
    await expectReason("ACCOUNT_EXISTS") { try await Applicant(person).register(at: office) }
    let found = try await office.inDirectory {
      try await $0.account(ofPerson: person.identityNumber)
    }
    #expect(found?.name == account.name)
    #expect(found?.holder == .person(person))
  }

  @Test("of requests for one person at once exactly one makes an account")
  func race() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let reasons = await withTaskGroup(of: String.self, returning: [String].self) { group in
      for _ in 0..<8 {
        group.addTask {
          do {
            _ = try await Applicant(person).register(at: office)
            return "made"
          } catch let error as any RegistryError {
            return error.reason
          } catch {
            return "\(error)"
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reasons.filter { $0 == "made" }.count == 1)
    #expect(reasons.filter { $0 == "ACCOUNT_EXISTS" }.count == 7)
  }

  @Test("of repeats of one request at once all get the same reply")
  func repeatsAtOnce() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let request = try Applicant(try Sample.person()).creation()
    let names = try await withThrowingTaskGroup(of: String.self, returning: Set<String>.self) {
      group in
      for _ in 0..<8 {
        group.addTask {
          try await office.call {
            try await office.service.createAccount(request: request, context: $0).name
          }
        }
      }
      return try await group.reduce(into: []) { $0.insert($1) }
    }
    #expect(names.count == 1)
  }

  @Test("every violation is named")
  func violations() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    var request = try Applicant(try Sample.person()).creation()
    request.account.category = .unspecified
    request.account.holder.person.fullName = "赵"
    request.account.holder.person.mobileNumber = ""
    do {
      _ = try await office.call {
        try await office.service.createAccount(request: request, context: $0)
      }
      Issue.record("the account was made")
    } catch let error as AccountError {
      #expect(
        error.violations.map(\.rule) == [
          "CATEGORY_MISSING", "FULL_NAME_LENGTH_UNLAWFUL", "MOBILE_NUMBER_MISSING",
        ]
      )
    }
  }

  @Test("a statement about something else is refused")
  func statements() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let request = try applicant.creation()
    let bytes: [UInt8] = Array(request.statement)
    let statement = try Liaoning_Registry_V1_AccountStatement(serializedBytes: bytes)
    func refuses(
      _ reason: String,
      _ change: (inout Liaoning_Registry_V1_CreateAccountRequest) throws -> Void
    ) async throws {
      var changed = request
      try change(&changed)
      let sent = changed
      await expectReason(reason) {
        try await office.call {
          try await office.service.createAccount(request: sent, context: $0)
        }
      }
    }
    func stating(
      _ change: (inout Liaoning_Registry_V1_AccountStatement) -> Void
    ) throws -> (Data, Liaoning_Registry_V1_DigitalSignature) {
      var changed = statement
      change(&changed)
      return (try changed.serializedBytes(), try applicant.signature(over: changed))
    }
    for change in [
      { $0.requestID = UUID().uuidString }, { $0.holderCode = "210101190001010018" },
      { $0.publicKey = Data([1]) },
    ] as [(inout Liaoning_Registry_V1_AccountStatement) -> Void] {
      try await refuses("ACCOUNT_STATEMENT_MISMATCH") {
        ($0.statement, $0.signature) = try stating(change)
      }
    }
    try await refuses("ACCOUNT_STATEMENT_MISMATCH") { $0.statement = Data([0xFF]) }
    try await refuses("ACCOUNT_STATEMENT_MISMATCH") {
      $0.statement += Data(repeating: 0, count: 1_024)
    }
    try await refuses("ACCOUNT_SIGNATURE_INVALID") { $0.signature.value.removeLast() }
    try await refuses("ACCOUNT_SIGNATURE_INVALID") { $0.clearSignature() }
    try await refuses("ACCOUNT_SIGNATURE_INVALID") {
      let other = Applicant(try Sample.person())
      $0.signature.value = try other.signature(over: statement).value
    }
  }

  @Test("who cannot do SM2 may bring a P-256 key")
  func p256() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let applicant = Applicant(person, key: SigningKey(generating: .p256))
    _ = try await applicant.register(at: office)
    let account = try await office.inDirectory {
      try await $0.account(ofPerson: person.identityNumber)
    }
    #expect(account?.publicKey == applicant.key.publicKey)
    #expect(account?.algorithm == .ecdsaP256SHA256)
  }

  @Test("an organization is compared by name, and its legal representative recorded")
  func organizations() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let representative = try Sample.person()
    func register(
      _ outcome: EntityLookUp.Outcome,
      named name: String = "沈阳星澜软件有限公司"
    ) async throws -> (Liaoning_Registry_V1_Account, OrganizationRecord) {
      let company = try Sample.company()
      office.setAnswer(
        EntityLookUp(
          outcome: outcome,
          enterpriseName: name,
          entityType: "1130",
          legalRepresentative: representative
        ),
        about: company
      )
      return (try await Applicant(company).register(at: office), company)
    }
    let (found, company) = try await register(.found)
    #expect(found.verification == .verified)
    #expect(found.legalRepresentativeName == representative.fullName)
    let account = try await office.inDirectory {
      try await $0.account(ofOrganization: company.creditCode)
    }
    #expect(account?.legalRepresentative?.isSamePerson(as: representative) == true)
    let (misnamed, _) = try await register(.found, named: "沈阳另一软件有限公司")
    #expect(misnamed.verification == .refused)
    #expect(misnamed.verificationCode == "02")
    #expect(misnamed.legalRepresentativeName.isEmpty)
    #expect(try await register(.notFound).0.verification == .manual)
    #expect(try await register(.notActive).0.verification == .refused)
    #expect(try await register(.timeout).0.verification == .pending)
  }

  @Test("whoever is barred from filing gets no account, nor does a company led by one")
  func barred() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    func registers(
      _ scope: Liaoning_Registry_V1_Restriction.Scope,
      from start: TimeInterval? = nil,
      until end: TimeInterval? = nil,
      after pause: TimeInterval = 0
    ) async throws -> Bool {
      let person = try Sample.person()
      let later = Office(
        on: office.database,
        at: office.now.addingTimeInterval(pause)
      )
      _ = try await office.restrict(person, scope, from: start, until: end)
      do {
        _ = try await Applicant(person).register(at: later)
        return true
      } catch AccountError.restricted {
        return false
      }
    }
    #expect(try await !registers(.onlineFiling))
    #expect(try await !registers(.allRegistration))
    #expect(try await registers(.legalRepresentative))
    #expect(try await registers(.onlineFiling, from: 1))
    #expect(try await !registers(.onlineFiling, from: 1, after: 1))
    #expect(try await !registers(.onlineFiling, until: 60, after: 59.999))
    #expect(try await registers(.onlineFiling, until: 60, after: 60))
    let representative = try Sample.person()
    let company = try Sample.company()
    office.setAnswer(
      EntityLookUp(
        outcome: .found,
        enterpriseName: company.enterpriseName,
        legalRepresentative: representative
      ),
      about: company
    )
    _ = try await office.restrict(representative, .onlineFiling)
    await expectReason("ACCOUNT_RESTRICTED") { try await Applicant(company).register(at: office) }
  }

  @Test("every change has its event, without personal data, and none can do without")
  func events() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let account = try await office.eligibleAccount(of: Applicant(person))
    #expect(account.etag == "v2")
    let rows = try await office.database.query(
      """
      SELECT kind, actor, details
      FROM ledger.event
      WHERE subject = \(account.name)
      ORDER BY subject_version
      """
    )
    let events = try rows.map { try $0.decode(String.self, String.self, String.self) }
    #expect(events.map(\.0) == ["account.created", "account.agreed"])
    #expect(events.allSatisfy { $0.1 == account.name })
    for number in [person.identityNumber.description, person.mobileNumber?.description ?? "-"] {
      #expect(!events.contains { $0.2.contains(number) || $0.2.contains(person.fullName) })
    }
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    let error = await #expect(throws: PostgresError.self) {
      try await office.database.withTransaction { transaction in
        try await transaction.execute(
          """
          UPDATE accounts.account SET verification = 'manual', version = version + 1
          WHERE account_id = \(id.uuid)
          """
        )
      }
    }
    #expect(error?.constraintName == "a_change_of_an_account_has_its_event")
  }
}
