internal import APIConventions
internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Seeing and judging a filing", .database(filingsMigrations))
struct AccessTests {
  /// A citizen told from others by a serial, who is all that a company needs.
  private func citizen(_ counter: Counter, _ serial: Int) async throws -> Citizen {
    try await counter.citizen(Person.born("19600606", serial: serial))
  }

  private func content(_ person: PersonRecord, scope: [String] = ["软件开发"]) -> FilingContent {
    .sample(
      .company(
        .sample(
          shareholders: [.sample(person, 100)],
          legalRepresentative: person,
          directors: [person],
          supervisors: [],
          manager: nil
        )
      ),
      scope: scope,
      liaison: person
    )
  }

  @Test(
    "a filing is seen by its applicant, its signers and its authority's staff, masked to others"
  )
  func visibility() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 8)
    let signer = try await citizen(counter, 9)
    let stranger = try await citizen(counter, 10)
    let company = CompanyDetails.sample(
      shareholders: [.sample(applicant.person, 100)],
      legalRepresentative: applicant.person,
      directors: [applicant.person],
      supervisors: [signer.person],
      manager: nil
    )
    let draft = try await counter.open(
      .sample(.company(company), liaison: applicant.person),
      by: applicant
    )
    await expectReason("FILING_NOT_FOUND") { try await counter.get(draft.name, as: signer.caller) }
    let prepared = try await counter.prepare(draft, by: applicant)
    let seen = try await counter.get(prepared.name, as: signer.caller)
    let number = signer.person.identityNumber.description
    #expect(seen.content.company.supervisors[0].identityNumber == number)
    #expect(seen.content.company.directors[0].identityNumber.contains("**********"))
    #expect(prepared.content.company.supervisors[0].identityNumber.contains("**********"))
    #expect(prepared.content.liaison.mobileNumber == applicant.person.mobileNumber?.description)
    await expectReason("FILING_NOT_FOUND") {
      try await counter.get(draft.name, as: stranger.caller)
    }
    let staff = try await counter.get(draft.name, as: .registrar("S0001"))
    #expect(staff.content.company.directors[0].identityNumber.contains("**********"))
    await expectReason("FILING_NOT_FOUND") {
      try await counter.get(draft.name, as: .registrar("S0002", of: "210200"))
    }
    await expectReason("FILING_NOT_FOUND") {
      try await counter.get("filings/x", as: stranger.caller)
    }
    await expectReason("FILING_NOT_FOUND") { try await counter.delete(draft, by: signer) }
    await expectReason("FILING_NOT_FOUND") {
      try await counter.call(as: signer.caller) {
        try await counter.filings.validateFiling(
          request: .with { $0.name = draft.name },
          context: $0
        )
      }
    }
    await expectReason("FILING_NOT_FOUND") {
      try await counter.call(as: stranger.caller) {
        try await counter.filings.listDocuments(
          request: .with { $0.parent = draft.name },
          context: $0
        )
      }
    }
  }

  @Test("whoever reads, changes a word and writes need not know the numbers of others")
  func maskedWrite() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 11)
    let company = CompanyDetails.sample(
      shareholders: [.sample(applicant.person, 100)],
      legalRepresentative: applicant.person,
      directors: [applicant.person],
      supervisors: [Person.t09],
      manager: Person.t10
    )
    let draft = try await counter.open(
      .sample(.company(company), liaison: Person.t09),
      by: applicant
    )
    #expect(draft.content.liaison.mobileNumber.contains("*"))
    let edited = try await counter.update(draft, by: applicant) {
      $0.company.charterText += "第三条 附则。"
    }
    let id = try RegionalID(filingName: edited.name)
    let stored = try await counter.atDesk { desk, _ in try await desk.lockedFiling(id).content }
    guard case .company(let kept) = stored.details else { throw FilingError.notFound("") }
    #expect(kept.supervisors == [Person.t09])
    #expect(kept.manager == Person.t10)
    #expect(stored.liaison == Person.t09)
    await expectReason("FILING_REQUEST_INVALID") {
      try await counter.update(edited, by: applicant) {
        $0.company.supervisors[0].fullName = "别人"
      }
    }
  }

  @Test("a mask replaces what it names and nothing else; unknown paths are refused")
  func masks() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 12)
    let draft = try await counter.open(content(applicant.person), by: applicant)
    let edited = try await counter.update(draft, paths: ["content.domicile"], by: applicant) {
      $0.domicile = "辽宁省沈阳市和平区试验一路2号"
      $0.company.registeredCapitalFen = 5
    }
    #expect(edited.content.domicile == "辽宁省沈阳市和平区试验一路2号")
    #expect(edited.content.company.registeredCapitalFen == 100)
    for path in ["state", "content.company.nothing", "content.company.shareholders[0]", ""] {
      await expectReason("FILING_REQUEST_INVALID") {
        try await counter.update(edited, paths: [path], by: applicant) { _ in }
      }
    }
    await expectReason("FILING_REQUEST_INVALID") {
      try await counter.update(
        edited,
        paths: ["content.domicile_region_code", "content.domicile"],
        by: applicant
      ) {
        $0.domicileRegionCode = "210202"
        $0.domicile = "辽宁省大连市中山区试验广场4号"
      }
    }
  }

  @Test("rules broken and items that need approval first are told by prepare and validate (C06)")
  func rules() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 13)
    let draft = try await counter.open(
      content(applicant.person, scope: ["软件开发", "危险化学品经营"]),
      by: applicant
    )
    await expectReason("PRE_APPROVAL_NOT_ONLINE") {
      try await counter.prepare(draft, by: applicant)
    }
    let broken = try await counter.update(draft, by: applicant) {
      $0.scopeItems.removeLast()
      $0.company.registeredCapitalFen = 1
    }
    await expectReason("FILING_RULES_BROKEN") { try await counter.prepare(broken, by: applicant) }
    let reply = try await counter.call(as: applicant.caller) {
      try await counter.filings.validateFiling(request: .with { $0.name = draft.name }, context: $0)
    }
    #expect(reply.violations.map(\.rule) == ["CAPITAL_SUM_MISMATCH"])
    #expect(reply.violations.allSatisfy { !$0.basis.isEmpty && !$0.description_p.isEmpty })
    let mended = try await counter.update(broken, by: applicant) {
      $0.company.registeredCapitalFen = 100
    }
    #expect(try await counter.prepare(mended, by: applicant).state == .awaitingSignatures)
  }

  @Test(
    "a barred party is refused when tasks would be opened (C11), and a barred legal representative"
  )
  func restrictedParties() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 14)
    try await counter.restrict(Person.t15, .onlineFiling)
    let supervised = CompanyDetails.sample(
      shareholders: [.sample(applicant.person, 100)],
      legalRepresentative: applicant.person,
      directors: [applicant.person],
      supervisors: [Person.t15],
      manager: nil
    )
    let draft = try await counter.open(
      .sample(.company(supervised), liaison: applicant.person),
      by: applicant
    )
    await expectReason("ACCOUNT_RESTRICTED") { try await counter.prepare(draft, by: applicant) }
    try await counter.restrict(Person.t16, .legalRepresentative)
    let represented = CompanyDetails.sample(
      shareholders: [.sample(applicant.person, 100)],
      legalRepresentative: Person.t16,
      directors: [Person.t16],
      supervisors: [],
      manager: nil
    )
    let barred = try await counter.open(
      .sample(.company(represented), liaison: applicant.person),
      by: applicant
    )
    await expectReason("ACCOUNT_RESTRICTED") { try await counter.prepare(barred, by: applicant) }
    // As a director alone T16 is not barred.
    let director = CompanyDetails.sample(
      shareholders: [.sample(applicant.person, 100)],
      legalRepresentative: applicant.person,
      directors: [Person.t16],
      supervisors: [],
      manager: applicant.person
    )
    let lawful = try await counter.open(
      .sample(.company(director), liaison: applicant.person),
      by: applicant
    )
    #expect(try await counter.prepare(lawful, by: applicant).state == .awaitingSignatures)
  }

  @Test("a restriction between signing and submission is found")
  func restrictedBeforeSubmission() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 15)
    let draft = try await counter.open(content(applicant.person), by: applicant)
    let prepared = try await counter.prepare(draft, by: applicant)
    try await counter.signAll(of: prepared, by: applicant)
    let ready = try await counter.get(prepared.name, as: applicant.caller)
    try await counter.restrict(applicant.person, .allRegistration)
    await expectReason("ACCOUNT_RESTRICTED") { try await counter.submit(ready, by: applicant) }
  }

  @Test("one's own filings are listed newest first, page by page")
  func list() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 16)
    var opened: [String] = []
    for _ in 0..<5 {
      counter.moveClock(by: 1.5)
      opened.append(try await counter.open(content(applicant.person), by: applicant).name)
    }
    func page(_ token: String) async throws -> Liaoning_Registry_V1_ListFilingsResponse {
      try await counter.call(as: applicant.caller) {
        try await counter.filings.listFilings(
          request: .with {
            $0.pageSize = 2
            $0.pageToken = token
          },
          context: $0
        )
      }
    }
    var listed: [String] = []
    var token = ""
    repeat {
      let reply = try await page(token)
      listed += reply.filings.map(\.name)
      token = reply.nextPageToken
    } while !token.isEmpty
    #expect(listed == opened.reversed())
    await expectReason("PAGE_TOKEN_INVALID") { try await page("x") }
    let foreign = PageToken(list: "signatureTasks", keys: ["1", UUID().uuidString]).text
    await expectReason("PAGE_TOKEN_INVALID") { try await page(foreign) }
    let spoilt = PageToken(list: "filings", keys: [String(Int64.min), UUID().uuidString]).text
    await expectReason("PAGE_TOKEN_INVALID") { try await page(spoilt) }
  }

  @Test("a reason of a withdrawal has at most 500 characters", arguments: [500, 501])
  func withdrawalReason(length: Int) async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let request = Liaoning_Registry_V1_WithdrawFilingRequest.with {
      $0.name = "filings/210100-\(UUID().uuidString.lowercased())"
      $0.reason = String(repeating: "字", count: length)
      $0.requestID = UUID().uuidString
    }
    let applicant = try await citizen(counter, 17 + length - 500)
    await expectReason(length == 500 ? "FILING_NOT_FOUND" : "FILING_REQUEST_INVALID") {
      try await counter.call(as: applicant.caller) {
        try await counter.filings.withdrawFiling(request: request, context: $0)
      }
    }
    var unprintable = request
    unprintable.reason = "不办了\0"
    let sent = unprintable
    await expectReason("FILING_REQUEST_INVALID") {
      try await counter.call(as: applicant.caller) {
        try await counter.filings.withdrawFiling(request: sent, context: $0)
      }
    }
  }
}
