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

@Suite("Asking for a filing", .database(filingsMigrations))
struct RequestTests {
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

  @Test("every missing or malformed field of a draft is told at once")
  func malformedCreation() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 1)
    var sent = content(applicant.person).proto(masked: false)
    sent.entityType = "4540"
    sent.domicileRegionCode = "210100"
    sent.domicile = "短"
    sent.scopeItems = []
    sent.termEndDate = "2026-02-30x"
    sent.clearLiaison()
    sent.company.charterText = "第一条\u{202E}公司依法设立。"
    sent.company.shareholders[0].party.person.identityNumber = "210101190001010019"
    sent.company.clearLegalRepresentative()
    let request = Liaoning_Registry_V1_CreateFilingRequest.with {
      $0.filing.content = sent
      $0.requestID = UUID().uuidString
    }
    do {
      _ = try await counter.call(as: applicant.caller) {
        try await counter.filings.createFiling(request: request, context: $0)
      }
      Issue.record("the request is malformed")
    } catch let error as FilingError {
      #expect(error.reason == "FILING_REQUEST_INVALID")
      #expect(
        Set(error.violations.map(\.rule)) == [
          "BUSINESS_UNKNOWN", "RESERVATION_NAME_MALFORMED", "ENTITY_TYPE_UNKNOWN",
          "REGION_CODE_UNKNOWN", "TEXT_LENGTH_UNLAWFUL", "SCOPE_ITEM_COUNT_UNLAWFUL",
          "PERSON_MISSING", "DATE_MALFORMED", "IDENTITY_NUMBER_INVALID", "TEXT_CHARACTER_UNLAWFUL",
        ]
      )
      #expect(error.violations.contains { $0.field == "filing.content.liaison" })
      // What is told holds nobody's number.
      #expect(!"\(error.violations)".contains("21010119000101"))
    }
  }

  @Test("details fit the entity type")
  func detailsMismatch() async throws {
    let applicant = Person.t01
    var sent = content(applicant).proto(masked: false)
    sent.entityType = "9500"
    #expect(throws: FilingError.self) { try FilingContent(sent, at: "content") }
    do throws(FilingError) {
      _ = try FilingContent(sent, at: "content")
    } catch {
      #expect(error.violations.map(\.rule) == ["DETAILS_MISMATCH"])
    }
    sent.details = nil
    do throws(FilingError) {
      _ = try FilingContent(sent, at: "content")
    } catch {
      #expect(error.violations.map(\.rule) == ["DETAILS_MISSING"])
    }
  }

  @Test("content goes to a message and back unchanged")
  func roundTrip() throws {
    let family = IndividualBusinessDetails(
      form: .family,
      operator: Person.t08,
      familyMembers: [Person.t09]
    )
    for content in [
      FilingContent.sample(termEnd: "2046-11-23"),
      .sample(.cooperative(.sample())), .sample(.individualBusiness(family)),
    ] {
      #expect(try FilingContent(content.proto(masked: false), at: "content") == content)
    }
  }

  @Test("only a real-name account that signed the agreement and is not barred files")
  func eligibility() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 2)
    let held = try await counter.reserve(for: content(applicant.person), by: applicant)
    try await counter.restrict(applicant.person, .onlineFiling)
    await expectReason("ACCOUNT_RESTRICTED") {
      try await counter.open(content(applicant.person), by: applicant, reservation: held)
    }
    await expectReason("CALLER_UNAUTHENTICATED") {
      try await counter.call(as: .anonymous) {
        try await counter.filings.createFiling(request: .init(), context: $0)
      }
    }
  }

  @Test("a reservation is one's own, live, and serves one filing")
  func reservations() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 3)
    let other = try await citizen(counter, 4)
    let held = try await counter.reserve(for: content(applicant.person), by: applicant)
    await expectReason("RESERVATION_NOT_FOUND") {
      try await counter.open(content(other.person), by: other, reservation: held)
    }
    _ = try await counter.open(content(applicant.person), by: applicant, reservation: held)
    await expectReason("RESERVATION_HELD") {
      try await counter.open(content(applicant.person), by: applicant, reservation: held)
    }
    let spare = try await counter.reserve(for: content(other.person), by: other)
    counter.moveClock(by: 100 * 86_400)
    await expectReason("RESERVATION_NOT_LIVE") {
      try await counter.open(content(other.person), by: other, reservation: spare)
    }
  }

  @Test("numbers count up by authority and day")
  func numbers() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 5)
    let first = try await counter.open(content(applicant.person), by: applicant)
    let second = try await counter.open(content(applicant.person), by: applicant)
    let serials = [first, second].compactMap { Int($0.number.dropFirst(16).prefix(6)) }
    #expect(serials[1] > serials[0])
    counter.moveClock(by: 86_400 * 3)
    let later = try await counter.open(content(applicant.person), by: applicant)
    #expect(later.number.hasPrefix("2101002026112601000001"))
  }

  @Test("the last serial of a day is 999999")
  func numbersRunOut() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let day = try #require(CivilDate("2026-12-24"))
    let authority = try #require(RegionCode("210700"))
    try await counter.surroundings.database.withTransaction { transaction in
      let store = FilingStore(transaction)
      #expect(
        try await store.nextSerial(authority: authority, day: day, business: .establishment) == 1
      )
      try await transaction.execute(
        "UPDATE filings.number_day SET last_serial = 999998 WHERE region_code = 210700"
      )
      #expect(
        try await store.nextSerial(authority: authority, day: day, business: .establishment)
          == 999_999
      )
    }
    await #expect(throws: FilingError.numbersExhausted) {
      try await counter.surroundings.database.withTransaction { transaction in
        try await FilingStore(transaction)
          .nextSerial(authority: authority, day: day, business: .establishment)
      }
    }
  }

  @Test("a repeat of a request returns the first reply; its id serves no other request")
  func idempotency() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 6)
    let draft = try await counter.open(content(applicant.person), by: applicant)
    let request = Liaoning_Registry_V1_PrepareFilingRequest.with {
      $0.name = draft.name
      $0.etag = draft.etag
      $0.requestID = UUID().uuidString
    }
    func prepare(
      _ request: Liaoning_Registry_V1_PrepareFilingRequest
    ) async throws -> Liaoning_Registry_V1_Filing {
      try await counter.call(as: applicant.caller) {
        try await counter.filings.prepareFiling(request: request, context: $0)
      }
    }
    let first = try await prepare(request)
    try await counter.signAll(of: first, by: applicant)
    _ = try await counter.submit(
      try await counter.get(first.name, as: applicant.caller),
      by: applicant
    )
    #expect(try await prepare(request) == first)
    var other = request
    other.etag = first.etag
    let reused = other
    await expectReason("REQUEST_ID_REUSED") { try await prepare(reused) }
    var malformed = request
    malformed.requestID = "1"
    let wrong = malformed
    await expectReason("REQUEST_ID_MALFORMED") { try await prepare(wrong) }
  }

  @Test("a stale etag is refused by every change")
  func stale() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let applicant = try await citizen(counter, 7)
    let draft = try await counter.open(content(applicant.person), by: applicant)
    _ = try await counter.update(draft, by: applicant) { _ in }
    await expectReason("FILING_STALE") { try await counter.prepare(draft, by: applicant) }
    await expectReason("FILING_STALE") { try await counter.update(draft, by: applicant) { _ in } }
    await expectReason("FILING_STALE") { try await counter.delete(draft, by: applicant) }
    let current = try await counter.get(draft.name, as: applicant.caller)
    let prepared = try await counter.prepare(current, by: applicant)
    try await counter.signAll(of: prepared, by: applicant)
    var old = try await counter.get(draft.name, as: applicant.caller)
    old.etag = current.etag
    let ready = old
    await expectReason("FILING_STALE") { try await counter.submit(ready, by: applicant) }
  }
}
