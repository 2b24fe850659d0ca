internal import APIConventions
internal import Accounts
internal import Foundation
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Ledger
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

@Suite("What the schema of reviews refuses by itself", .database(reviewsMigrations))
struct StoreTests {
  /// A review that waits for its examination.
  private func accepted(_ serial: Int) async throws -> (Hall, Review) {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let citizen = try await hall.citizen(Person.sample(serial, born: 1964))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    let filing = try RegionalID(filingName: try await hall.accept(submitted).name)
    let review = try await hall.atDesk { _, transaction in
      try await ReviewStore(transaction).review(of: filing)
    }
    return (hall, try #require(review))
  }

  private func expectConstraint(
    _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
  ) async {
    do {
      try await body()
      Issue.record("\(name) was expected to refuse", sourceLocation: sourceLocation)
    } catch let error as PostgresError {
      #expect(error.constraintName == name, sourceLocation: sourceLocation)
    } catch {
      Issue.record("\(name) was expected to refuse: \(error)", sourceLocation: sourceLocation)
    }
  }

  private func examination(
    _ opinion: Review.Opinion,
    failing: [ChecklistPoint] = [],
    without missing: Int = 0
  ) -> Examination {
    Examination(
      opinion: opinion,
      checklist: ChecklistPoint.allCases.dropFirst(missing).map {
        ChecklistEntry(
          point: $0,
          passed: !failing.contains($0),
          remark: failing.contains($0) ? "不符。" : nil
        )
      },
      remark: nil
    )
  }

  /// Writes an examination as it stands, rules or not.
  private func write(_ review: Review, _ hall: Hall) async throws {
    try await hall.atDesk { _, transaction in
      let store = ReviewStore(transaction)
      if review.state == .examined { try await store.insertChecklist(of: review) }
      try await store.save(review)
    }
  }

  @Test("the examiner is the clerk")
  func examinerIsClerk() async throws {
    let (hall, review) = try await accepted(1)
    let same = review.examined(by: review.clerk, at: hall.now, examination(.approve))
    await expectConstraint("the_examiner_is_never_the_clerk") { try await write(same, hall) }
  }

  @Test("an incomplete checklist, or one that the opinion contradicts")
  func checklists() async throws {
    let (hall, review) = try await accepted(2)
    func examined(_ examination: Examination) -> Review {
      review.examined(by: "staff/S0002", at: hall.now, examination)
    }
    await expectConstraint("a_checklist_is_complete") {
      try await write(examined(examination(.approve, without: 1)), hall)
    }
    await expectConstraint("an_opinion_fits_its_checklist") {
      try await write(examined(examination(.approve, failing: [.name])), hall)
    }
    await expectConstraint("an_opinion_fits_its_checklist") {
      try await write(examined(examination(.reject)), hall)
    }
    let unexplained = Examination(
      opinion: .reject,
      checklist: ChecklistPoint.allCases.map {
        ChecklistEntry(point: $0, passed: false, remark: nil)
      },
      remark: nil
    )
    await expectConstraint("what_is_not_passed_is_explained") {
      try await write(examined(unexplained), hall)
    }
    let early = review.examined(
      by: "staff/S0002",
      at: hall.now.addingTimeInterval(-1),
      examination(.approve)
    )
    await expectConstraint("an_examination_follows_its_acceptance") {
      try await write(early, hall)
    }
    // Nothing but the event is missing.
    await expectConstraint("a_change_has_its_event") {
      try await write(examined(examination(.approve)), hall)
    }
  }

  @Test("a decision without examination, by the clerk, before the examination, or against it")
  func decisions() async throws {
    let (hall, review) = try await accepted(3)
    let number = NoticeNumber(stored: "（辽沈）登记内设字〔2026〕第999999号")
    let unexamined = review.rejected(by: "staff/S0003", at: hall.now, number: number)
    await expectConstraint("a_review_moves_forward") { try await write(unexamined, hall) }
    let filing = FilingMessage.with {
      $0.name = review.filing.name(in: "filings")
      $0.etag = "v4"
    }
    _ = try await hall.examine(filing, .reject, checklist: checklist(failing: [.name]))
    let examined = try #require(
      try await hall.atDesk { _, transaction in
        try await ReviewStore(transaction).review(of: review.filing)
      }
    )
    await expectConstraint("the_decider_is_never_the_clerk") {
      try await write(examined.rejected(by: review.clerk, at: hall.now, number: number), hall)
    }
    await expectConstraint("a_decision_follows_its_examination") {
      try await write(
        examined.rejected(
          by: "staff/S0003",
          at: hall.now.addingTimeInterval(-1),
          number: number
        ),
        hall
      )
    }
    let pushed = Review(
      id: examined.id,
      filing: examined.filing,
      state: .approved,
      clerk: examined.clerk,
      examiner: examined.examiner,
      decider: "staff/S0003",
      opinion: .reject,
      acceptanceNumber: examined.acceptanceNumber,
      decisionNumber: number,
      acceptTime: examined.acceptTime,
      examineTime: examined.examineTime,
      decideTime: hall.now,
      version: examined.version + 1
    )
    await expectConstraint("only_what_the_examiner_supports_is_approved") {
      try await write(pushed, hall)
    }
    #expect(throws: ReviewError.opinionNotToApprove(review.filing)) {
      try examined.approved(by: "staff/S0003", at: hall.now, number: number)
    }
    let again = examined.accepted(by: "staff/S0005", at: hall.now, number: number)
    await expectConstraint("a_review_moves_forward") { try await write(again, hall) }
  }

  @Test("a second review of a filing, or one that begins without a clerk's step")
  func beginnings() async throws {
    let (hall, review) = try await accepted(4)
    let number = NoticeNumber(stored: "（辽沈）登记内设字〔2026〕第999998号")
    func new(_ state: Review.State) -> Review {
      Review(
        id: RegionalID(region: review.filing.region, uuid: UUID()),
        filing: review.filing,
        state: state,
        clerk: "staff/S0001",
        acceptanceNumber: number,
        acceptTime: hall.now,
        version: 1
      )
    }
    await expectConstraint("a_filing_has_one_review") {
      try await hall.atDesk { _, transaction in
        try await ReviewStore(transaction).insert(new(.accepted))
      }
    }
    await expectConstraint("a_review_begins_with_a_clerk") {
      try await hall.atDesk { _, transaction in
        try await ReviewStore(transaction).insert(new(.examined))
      }
    }
  }

  @Test("numbers count by authority and year, and grow beyond six digits")
  func numbers() async throws {
    let (hall, review) = try await accepted(5)
    let region = review.filing.region
    let serials = try await hall.atDesk { _, transaction in
      let store = ReviewStore(transaction)
      return [
        try await store.nextSerial(of: region, year: 2030),
        try await store.nextSerial(of: region, year: 2030),
        try await store.nextSerial(of: region, year: 2031),
        try await store.nextSerial(of: .liaoning, year: 2030),
      ]
    }
    #expect(serials == [1, 2, 1, 1])
    let day = try #require(CivilDate("2026-11-23"))
    let (city, province) = try await hall.atDesk { _, transaction in
      let authorities = Authorities(transaction)
      return (
        try #require(try await authorities.authority(region, on: day)),
        try #require(try await authorities.authority(.liaoning, on: day))
      )
    }
    let company = try #require(EntityType("1130"))
    let business = try #require(EntityType("9500"))
    let numbers = [
      NoticeNumber(authority: city, entityType: company, year: 2017, serial: 1),
      NoticeNumber(authority: city, entityType: business, year: 2026, serial: 1_000_000),
      NoticeNumber(authority: province, entityType: company, year: 2026, serial: 42),
    ]
    #expect(
      numbers.map(\.description) == [
        "（辽沈）登记内设字〔2017〕第000001号", "（辽沈）登记个设字〔2026〕第1000000号", "（辽）登记内设字〔2026〕第000042号",
      ]
    )
  }
}
