internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import Signatures
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings

/// A filing of three shareholders, each another for every test.
private struct Company {
  let counter: Counter
  let citizens: [Citizen]
  let content: FilingContent

  /// Registers three people and makes them shareholders; the first is legal representative.
  init(_ counter: Counter, family: Int) async throws {
    self.counter = counter
    let people = (0..<3).map { Person.born("1970010\($0 + 1)", serial: family) }
    var citizens: [Citizen] = []
    for person in people { citizens.append(try await counter.citizen(person)) }
    self.citizens = citizens
    content = .sample(
      .company(
        .sample(
          shareholders: people.map { .sample($0, 100) },
          legalRepresentative: people[0],
          directors: [people[0]],
          supervisors: [people[1]],
          manager: people[2]
        )
      ),
      liaison: people[1]
    )
  }

  var applicant: Citizen { citizens[0] }

  /// The tasks of a document that are not void.
  func tasks(
    of filing: Liaoning_Registry_V1_Filing,
    on document: String
  ) async throws -> [Liaoning_Registry_V1_SignatureTask] {
    try await counter.tasks(of: filing, for: applicant.caller)
      .filter { $0.document.hasSuffix("/\(document)") && $0.state != .voided }
  }

  /// Prepares a draft and has everybody sign everything.
  func signed() async throws -> Liaoning_Registry_V1_Filing {
    let draft = try await counter.open(content, by: applicant)
    let prepared = try await counter.prepare(draft, by: applicant)
    for citizen in citizens { try await counter.signAll(of: prepared, by: citizen) }
    return try await counter.get(prepared.name, as: applicant.caller)
  }

  /// A filing before the authority.
  func submitted() async throws -> Liaoning_Registry_V1_Filing {
    try await counter.submit(try await signed(), by: applicant)
  }

  /// Lets staff move a filing.
  func move(
    _ filing: Liaoning_Registry_V1_Filing,
    _ step: @Sendable (FilingDesk, Filing) async throws -> Filing
  ) async throws -> Liaoning_Registry_V1_Filing {
    let id = try RegionalID(filingName: filing.name)
    return try await counter.atDesk { desk, _ in
      let moved = try await step(desk, try await desk.lockedFiling(id))
      return try await desk.proto(of: moved)
    }
  }

  func accepted(_ filing: Liaoning_Registry_V1_Filing) async throws -> Liaoning_Registry_V1_Filing {
    try await move(filing) { desk, filing in
      let accepted = try filing.accepted(by: "staff/S0001", at: nineOClock, dueDate: today)
      try await desk.save(
        accepted,
        over: filing,
        .filingAccepted,
        by: "staff/S0001",
        at: nineOClock
      )
      return accepted
    }
  }

  func reservation(_ filing: Liaoning_Registry_V1_Filing) async throws -> Reservation {
    let id = try #require(
      RegionalID(resourceName: filing.reservation, collection: "reservations")
    )
    let newUUID = counter.surroundings.newUUID
    let found = try await counter.surroundings.database.withTransaction {
      try await NameReservations($0, newUUID: newUUID).reservation(id)
    }
    return try #require(found)
  }
}

@Suite("Changing a filing", .database(filingsMigrations))
struct ChangeTests {
  @Test("a changed word of the charter takes back the charter's signatures, and only those (C07)")
  func charterEdit() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 1)
    let counter = company.counter
    let draft = try await counter.open(company.content, by: company.applicant)
    let prepared = try await counter.prepare(draft, by: company.applicant)
    // Two of three sign the charter; the first signs all that is his.
    try await counter.signAll(of: prepared, by: company.citizens[0])
    try await counter.signAll(of: prepared, by: company.citizens[1])
    let before = try await company.tasks(of: prepared, on: "charter")
    #expect(before.count { $0.state == .signed } == 2)
    let current = try await counter.get(prepared.name, as: company.applicant.caller)
    let edited = try await counter.update(
      current,
      paths: ["content.company.charter_text"],
      by: company.applicant
    ) {
      $0.company.charterText += "\n第三条 公司营业期限为长期。"
    }
    #expect(edited.state == .draft)
    #expect(try await company.tasks(of: prepared, on: "charter").isEmpty)
    let application = try await company.tasks(of: prepared, on: "application")
    #expect(application.map(\.state) == [.signed])
    let appointment = try await company.tasks(of: prepared, on: "appointment")
    #expect(appointment.count { $0.state == .signed } == 2)
    // Prepared once more, only the charter is to be signed again, and the third still has his tasks.
    let again = try await counter.prepare(edited, by: company.applicant)
    #expect(again.signedCount == 3)
    #expect(
      try await company.tasks(of: again, on: "charter").map(\.state) == [
        .pending, .pending, .pending,
      ]
    )
    #expect(
      try await company.tasks(of: again, on: "application").map(\.name) == application.map(\.name)
    )
    for citizen in company.citizens { try await counter.signAll(of: again, by: citizen) }
    #expect(try await counter.get(again.name, as: company.applicant.caller).state == .ready)
  }

  @Test("an edit that changes nothing printed takes no signature back")
  func silentEdit() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 2)
    let counter = company.counter
    let ready = try await company.signed()
    #expect(ready.state == .ready)
    let edited = try await counter.update(ready, by: company.applicant) { _ in }
    #expect(edited.state == .draft)
    let again = try await counter.prepare(edited, by: company.applicant)
    #expect(again.state == .ready)
    #expect(again.signedCount == ready.signedCount)
  }

  @Test("until acceptance a filing is edited, afterwards not (C08)")
  func editAfterAcceptance() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 3)
    let counter = company.counter
    let submitted = try await company.submitted()
    let edited = try await counter.update(submitted, by: company.applicant) { _ in }
    #expect(edited.state == .draft)
    #expect(edited.dueDate.isEmpty)
    // The name's clock goes on once the filing is no longer before the authority.
    #expect(try await company.reservation(edited).keptTime == nil)
    #expect(try await company.reservation(edited).filing != nil)
    let again = try await counter.submit(
      try await counter.prepare(edited, by: company.applicant),
      by: company.applicant
    )
    let accepted = try await company.accepted(again)
    await expectReason("FILING_NOT_EDITABLE") {
      try await counter.update(accepted, by: company.applicant) { _ in }
    }
    await expectReason("FILING_NOT_DELETABLE") {
      try await counter.delete(accepted, by: company.applicant)
    }
    await expectReason("FILING_NOT_DRAFT") {
      try await counter.prepare(accepted, by: company.applicant)
    }
  }

  @Test("a filing is withdrawn until its decision, and its name has the time that remained (C09)")
  func withdrawal() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 4)
    let counter = company.counter
    let draft = try await counter.open(company.content, by: company.applicant)
    await expectReason("FILING_NOT_SUBMITTED") {
      try await counter.withdraw(draft, by: company.applicant)
    }
    _ = try await counter.delete(draft, by: company.applicant)
    let submitted = try await company.submitted()
    let remaining = try await company.reservation(submitted).remainingSeconds(at: counter.now)
    let accepted = try await company.accepted(submitted)
    counter.moveClock(by: 90 * 86_400)
    #expect(try await company.reservation(accepted).state(at: counter.now) == .reserved)
    let withdrawn = try await counter.withdraw(accepted, by: company.applicant)
    #expect(withdrawn.state == .withdrawn)
    let freed = try await company.reservation(withdrawn)
    #expect(freed.filing == nil)
    #expect(abs(freed.remainingSeconds(at: counter.now) - remaining) < 1)
    let tasks = try await counter.tasks(of: withdrawn, for: company.applicant.caller)
    #expect(tasks.allSatisfy { $0.state == .voided })
    // The name serves another filing.
    let next = try await counter.open(
      company.content,
      by: company.applicant,
      reservation: withdrawn.reservation
    )
    #expect(next.state == .draft)
    await expectReason("FILING_NOT_SUBMITTED") {
      try await counter.withdraw(withdrawn, by: company.applicant)
    }
  }

  @Test("a decided filing is not withdrawn; a rejected one gives its name back")
  func decided() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 5)
    let counter = company.counter
    var filing = try await company.accepted(try await company.submitted())
    filing = try await company.move(filing) { desk, filing in
      try await desk.examine(
        filing,
        expecting: filing.version,
        by: "staff/S0002",
        at: nineOClock
      )
    }
    #expect(filing.state == .examined)
    filing = try await company.move(filing) { desk, filing in
      try await desk.reject(
        filing,
        reason: "不符合规定",
        expecting: filing.version,
        by: "staff/S0002",
        at: nineOClock
      )
    }
    #expect(filing.state == .rejected)
    #expect(filing.decisionReason == "不符合规定")
    #expect(try await company.reservation(filing).filing == nil)
    let rejected = filing
    await expectReason("FILING_DECIDED") {
      try await counter.withdraw(rejected, by: company.applicant)
    }
  }

  @Test("a returned filing shows its corrections until it is submitted once more")
  func returned() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 6)
    let counter = company.counter
    let submitted = try await company.submitted()
    let returned = try await company.move(submitted) { desk, filing in
      try await desk.returnForCorrection(
        filing,
        corrections: [
          FilingCorrection(field: "domicile", description: "请补充房间号。"),
          FilingCorrection(field: "", description: "请补充说明。"),
        ],
        expecting: filing.version,
        by: "staff/S0001",
        at: nineOClock
      )
    }
    #expect(returned.state == .returned)
    let seen = try await counter.get(returned.name, as: company.applicant.caller)
    #expect(seen.corrections.map(\.field) == ["domicile", ""])
    let edited = try await counter.update(seen, paths: ["content.domicile"], by: company.applicant)
    {
      $0.domicile += "102室"
    }
    #expect(edited.corrections.count == 2)
    let prepared = try await counter.prepare(edited, by: company.applicant)
    for citizen in company.citizens { try await counter.signAll(of: prepared, by: citizen) }
    let ready = try await counter.get(prepared.name, as: company.applicant.caller)
    #expect(ready.corrections.count == 2)
    let again = try await counter.submit(ready, by: company.applicant)
    #expect(again.state == .submitted)
    #expect(again.corrections.isEmpty)
    #expect(try await counter.get(again.name, as: company.applicant.caller) == again)
  }

  @Test("a declined filing ends, tells why, and gives its name back")
  func declined() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 7)
    let submitted = try await company.submitted()
    let declined = try await company.move(submitted) { desk, filing in
      try await desk.decline(
        filing,
        reason: "请向大连市登记机关申请",
        expecting: filing.version,
        by: "staff/S0001",
        at: nineOClock
      )
    }
    #expect(declined.state == .notAccepted)
    #expect(declined.decisionReason == "请向大连市登记机关申请")
    #expect(try await company.reservation(declined).filing == nil)
  }

  @Test("a deleted filing frees its name and its signers, and stays to be read")
  func deletion() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 8)
    let counter = company.counter
    let ready = try await company.signed()
    var stale = ready
    stale.etag = "v1"
    let old = stale
    await expectReason("FILING_STALE") { try await counter.delete(old, by: company.applicant) }
    let deleted = try await counter.delete(ready, by: company.applicant)
    #expect(deleted.state == .deleted)
    #expect(try await company.reservation(deleted).filing == nil)
    #expect(try await counter.get(ready.name, as: company.applicant.caller).state == .deleted)
    await expectReason("FILING_NOT_DELETABLE") {
      try await counter.delete(deleted, by: company.applicant)
    }
  }

  @Test("a draft whose name ran out can still be deleted, but not prepared")
  func expiredName() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 9)
    let counter = company.counter
    let draft = try await counter.open(company.content, by: company.applicant)
    counter.moveClock(by: 100 * 86_400)
    await expectReason("RESERVATION_NOT_LIVE") {
      try await counter.prepare(draft, by: company.applicant)
    }
    let violations = try await counter.call(as: company.applicant.caller) {
      try await counter.filings.validateFiling(
        request: .with { $0.name = draft.name },
        context: $0
      ).violations
    }
    #expect(violations.map(\.rule) == ["RESERVATION_NOT_LIVE"])
    // Somebody else may declare the name now; the old row is marked as expired by that.
    let trade = try await company.reservation(draft).candidate.tradeName
    _ = try await counter.reserve(for: company.content, by: company.citizens[1], trade: trade)
    #expect(try await counter.delete(draft, by: company.applicant).state == .deleted)
  }

  @Test("a name that ran out between signing and submission is told")
  func expiredBeforeSubmission() async throws {
    let company = try await Company(Counter(on: TestDatabase.ofSuite()), family: 10)
    let ready = try await company.signed()
    company.counter.moveClock(by: 100 * 86_400)
    await expectReason("RESERVATION_NOT_LIVE") {
      try await company.counter.submit(ready, by: company.applicant)
    }
  }
}
