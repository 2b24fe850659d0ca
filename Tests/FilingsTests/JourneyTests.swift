internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Filing from draft to submission", .database(filingsMigrations))
struct JourneyTests {
  @Test("a one-person company is prepared, signed and submitted (C01)")
  func onePersonCompany() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let t01 = try await counter.citizen(Person.t01)
    let draft = try await counter.open(
      .sample(scope: ["软件开发", "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广"]),
      by: t01
    )
    #expect(draft.state == .draft)
    #expect(draft.number.count == 23)
    #expect(draft.number.hasPrefix("2101002026112301"))
    #expect(draft.authorityCode == "210100")

    let prepared = try await counter.prepare(draft, by: t01)
    #expect(prepared.state == .awaitingSignatures)
    // D1 and D2 by T01; D3 by T01, once in three roles, and by T02.
    #expect(prepared.signatureCount == 4)
    let own = try await counter.tasks(of: prepared, for: t01.caller)
    #expect(own.count == 4)
    let appointment = try #require(
      own.first { $0.document.hasSuffix("appointment") && $0.party.person.fullName == "赵测试一" }
    )
    #expect(appointment.roles == [.shareholder, .director, .manager])

    await expectReason("FILING_NOT_READY") { try await counter.submit(prepared, by: t01) }
    try await counter.signAll(of: prepared, by: t01)
    #expect(try await counter.get(prepared.name, as: t01.caller).signedCount == 3)

    // T02 has no account yet; the task waits for the person.
    let t02 = try await counter.citizen(Person.t02)
    let waiting = try await counter.tasks(of: prepared, for: t02.caller)
    #expect(waiting.map(\.roles) == [[.supervisor]])
    #expect(waiting[0].party.person.identityNumber == Person.t02.identityNumber.description)
    try await counter.signAll(of: prepared, by: t02)

    let ready = try await counter.get(prepared.name, as: t01.caller)
    #expect(ready.state == .ready)
    #expect(ready.signedCount == 4)
    let submitted = try await counter.submit(ready, by: t01)
    #expect(submitted.state == .submitted)
    #expect(submitted.dueDate == "2026-11-26")
    #expect(submitted == (try await counter.get(prepared.name, as: t01.caller)))
  }

  @Test("an organization signs through its statutory signatory (C02)")
  func organizationShareholder() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    counter.setSignatory(Person.t05, of: Organization.mingche)
    let t03 = try await counter.citizen(Person.t03)
    let t04 = try await counter.citizen(Person.t04)
    let t05 = try await counter.citizen(Person.t05)
    let company = CompanyDetails.sample(
      shareholders: [
        .sample(Person.t03, 50_000_00), .sample(Person.t04, 30_000_00),
        .sample(Organization.mingche, 20_000_00),
      ],
      legalRepresentative: Person.t03,
      directors: [Person.t03],
      supervisors: [Person.t04],
      manager: nil
    )
    let draft = try await counter.open(
      .sample(.company(company), liaison: Person.t04),
      by: t03
    )
    let prepared = try await counter.prepare(draft, by: t03)
    let tasks = try await counter.tasks(of: prepared, for: t05.caller)
    #expect(tasks.map(\.signatoryName) == ["周测试五", "周测试五"])
    #expect(tasks.allSatisfy { $0.party.organization.creditCode == "91210200XX0000027C" })
    for citizen in [t03, t04, t05] { try await counter.signAll(of: prepared, by: citizen) }
    let ready = try await counter.get(prepared.name, as: t03.caller)
    #expect(ready.state == .ready)
    #expect(try await counter.submit(ready, by: t03).state == .submitted)
  }

  @Test("whoever signs for an organization is looked up at signing time, not at preparation")
  func signatoryChanges() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    counter.setSignatory(Person.t09, of: Organization.wantang)
    let t06 = try await counter.citizen(Person.t06)
    let old = try await counter.citizen(Person.t09)
    let new = try await counter.citizen(Person.t10)
    let company = CompanyDetails.sample(
      shareholders: [.sample(Person.t06, 80), .sample(Organization.wantang, 20)],
      legalRepresentative: Person.t06,
      directors: [Person.t06],
      supervisors: [],
      manager: nil
    )
    let draft = try await counter.open(.sample(.company(company)), by: t06)
    let prepared = try await counter.prepare(draft, by: t06)
    let task = try #require(try await counter.tasks(of: prepared, for: old.caller).first)
    counter.setSignatory(Person.t10, of: Organization.wantang)
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await counter.openTask(task, by: old) }
    counter.setLibrary(isDown: true)
    await expectReason("IDENTITY_SOURCE_UNAVAILABLE") { try await counter.openTask(task, by: new) }
    counter.setLibrary(isDown: false)
    #expect(try await counter.openTask(task, by: new).signatoryName == "陈测试十")
    await expectReason("SIGNATURE_TASK_NOT_FOUND") { try await counter.sign(task, by: old) }
    #expect(try await counter.sign(task, by: new).state == .signed)
  }

  @Test("a cooperative's founders sign charter and minutes (C04)")
  func cooperative() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    counter.setSignatory(Person.t04, of: Organization.hemuyuan)
    let chair = try await counter.citizen(Person.person("成立人", "210101190001200209"))
    let members =
      [Contributor.sample(chair.person, 100, farmer: true)]
      + Person.crowd(3).map { .sample($0, 100, farmer: true) }
      + [.sample(Organization.hemuyuan, 100)]
    let content = FilingContent.sample(
      .cooperative(.sample(members: members, chair: chair.person)),
      region: "211122",
      domicile: "辽宁省盘锦市盘山县试验乡测试村14组",
      liaison: chair.person
    )
    let draft = try await counter.open(content, by: chair)
    let prepared = try await counter.prepare(draft, by: chair)
    let tasks = try await counter.tasks(of: prepared, for: chair.caller)
    func count(_ document: String) -> Int { tasks.count { $0.document.hasSuffix(document) } }
    #expect(count("/application") == 1)
    #expect(count("/charter") == 5)
    #expect(count("/appointment") == 1)
    #expect(count("/founders_minutes") == 5)
    let documents = try await counter.call(as: chair.caller) {
      try await counter.filings.listDocuments(
        request: .with { $0.parent = prepared.name },
        context: $0
      ).documents
    }
    #expect(documents.map(\.kind) == [.application, .charter, .appointment, .foundersMinutes])
  }

  @Test("an individual business of a family is signed by operator and family (C05)")
  func familyBusiness() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let t08 = try await counter.citizen(Person.t08)
    let family = IndividualBusinessDetails(
      form: .family,
      operator: Person.t08,
      familyMembers: [Person.t07]
    )
    let draft = try await counter.open(
      .sample(.individualBusiness(family), scope: ["餐饮服务"], liaison: Person.t08),
      by: t08
    )
    let prepared = try await counter.prepare(draft, by: t08)
    let tasks = try await counter.tasks(of: prepared, for: t08.caller)
    #expect(Set(tasks.map(\.roles)) == [[.operator], [.familyMember]])
    #expect(tasks.allSatisfy { $0.document.hasSuffix("/application") })
  }

  @Test("a document is the PDF whose digest is signed, and only its signers see it")
  func documents() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await counter.citizen(Person.born("19800101", serial: 1))
    let supervisor = try await counter.citizen(Person.born("19800102", serial: 2))
    let company = CompanyDetails.sample(
      shareholders: [.sample(applicant.person, 100)],
      legalRepresentative: applicant.person,
      directors: [applicant.person],
      supervisors: [supervisor.person],
      manager: nil
    )
    let draft = try await counter.open(
      .sample(.company(company), liaison: applicant.person),
      by: applicant
    )
    let prepared = try await counter.prepare(draft, by: applicant)
    func document(
      _ kind: String,
      as caller: Caller
    ) async throws -> Liaoning_Registry_V1_Document {
      try await counter.call(as: caller) {
        try await counter.filings.getDocument(
          request: .with { $0.name = "\(prepared.name)/documents/\(kind)" },
          context: $0
        )
      }
    }
    let charter = try await document("charter", as: applicant.caller)
    #expect(charter.pdf.starts(with: "%PDF".utf8))
    #expect(charter.sizeBytes == Int64(charter.pdf.count))
    #expect(SM3.digest(Array(charter.pdf)).bytes == Array(charter.pdfSm3))
    let task = try #require(
      try await counter.tasks(of: prepared, for: applicant.caller)
        .first { $0.document == charter.name }
    )
    #expect(task.documentSm3 == charter.pdfSm3)
    #expect(try await document("appointment", as: supervisor.caller).kind == .appointment)
    await expectReason("DOCUMENT_NOT_FOUND") {
      try await document("charter", as: supervisor.caller)
    }
    await expectReason("DOCUMENT_NOT_FOUND") {
      try await document("founders_minutes", as: applicant.caller)
    }
    await expectReason("DOCUMENT_NOT_FOUND") {
      try await document("nothing", as: applicant.caller)
    }
    #expect(try await document("charter", as: .registrar("S0001")).title == charter.title)
    await expectReason("DOCUMENT_NOT_FOUND") {
      try await document("charter", as: .registrar("S0002", of: "210200"))
    }
  }
}
