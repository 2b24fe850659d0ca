internal import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
internal import Identity
internal import Licenses
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

@Suite("Examining and deciding", .database(reviewsMigrations))
struct DecisionTests {
  private func accepted(
    _ hall: Hall,
    _ serial: Int,
    shareholder: PersonRecord? = nil,
    by clerk: Caller = .clerk
  ) async throws -> (filing: FilingMessage, citizen: Citizen) {
    let citizen = try await hall.citizen(Person.sample(serial, born: 1962))
    let content = Liaoning_Registry_V1_FilingContent.company([shareholder ?? citizen.person])
    let submitted = try await hall.submitted(content, by: citizen)
    return (try await hall.accept(submitted, as: clerk), citizen)
  }

  private func hall(codes: Int = 20, _ law: LawProfile = .current) async throws -> Hall {
    try await Hall(on: TestDatabase.ofSuite(), codes: codes, law: law)
  }

  @Test("the examiner is never the clerk, nor is the decider")
  func samePerson() async throws {
    let hall = try await hall()
    let (filing, _) = try await accepted(hall, 1, by: .registrar("S0031", .clerk))
    let same = Caller.registrar("S0031", .examiner)
    await expectReason("REVIEW_SAME_PERSON") { try await hall.examine(filing, as: same) }
    let examined = try await hall.examine(filing, as: .registrar("S0032", .examiner))
    await expectReason("REVIEW_SAME_PERSON") { try await hall.approve(examined, as: same) }
    await expectReason("REVIEW_SAME_PERSON") { try await hall.reject(examined, as: same) }
    // The examiner may decide himself; here the head does.
    let completed = try await hall.approve(examined, as: .registrar("S0033", .head))
    #expect(completed.state == .completed)
    let review = try await hall.review(of: completed)
    #expect(
      [review.clerk, review.examiner, review.decider]
        == ["staff/S0031", "staff/S0032", "staff/S0033"]
    )
  }

  @Test("whoever is a party neither examines nor decides")
  func ownFiling() async throws {
    let hall = try await hall()
    let shareholder = Person.sample(50, born: 1962)
    let (filing, citizen) = try await accepted(hall, 2, shareholder: shareholder)
    let people = [citizen.person, shareholder]
    for person in people {
      let own = Caller.registrar("S0034", .examiner, person: person)
      await expectReason("REVIEW_OWN_FILING") { try await hall.examine(filing, as: own) }
    }
    let examined = try await hall.examine(filing)
    for person in people {
      let own = Caller.registrar("S0034", .head, person: person)
      await expectReason("REVIEW_OWN_FILING") { try await hall.approve(examined, as: own) }
      await expectReason("REVIEW_OWN_FILING") { try await hall.reject(examined, as: own) }
    }
  }

  @Test("every step comes in its state, with the current etag")
  func states() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(3, born: 1962))
    let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
    await expectReason("FILING_NOT_ACCEPTED") { try await hall.examine(submitted) }
    await expectReason("FILING_NOT_EXAMINED") { try await hall.approve(submitted) }
    let accepted = try await hall.accept(submitted)
    await expectReason("FILING_NOT_EXAMINED") { try await hall.approve(accepted) }
    await expectReason("FILING_NOT_EXAMINED") { try await hall.reject(accepted) }
    await expectReason("FILING_STALE") {
      try await hall.examine(
        .with {
          $0.name = accepted.name
          $0.etag = submitted.etag
        }
      )
    }
    let examined = try await hall.examine(accepted)
    await expectReason("FILING_NOT_ACCEPTED") { try await hall.examine(examined) }
    let stale = FilingMessage.with {
      $0.name = accepted.name
      $0.etag = accepted.etag
    }
    await expectReason("FILING_STALE") { try await hall.approve(stale) }
    await expectReason("FILING_STALE") { try await hall.reject(stale) }
    let completed = try await hall.approve(examined)
    await expectReason("FILING_NOT_EXAMINED") { try await hall.approve(completed) }
    await expectReason("FILING_NOT_EXAMINED") { try await hall.reject(completed) }
  }

  @Test("staff of another authority neither examines nor decides")
  func otherAuthority() async throws {
    let hall = try await hall()
    let (filing, _) = try await accepted(hall, 4)
    let stranger = Caller.registrar("S0035", .examiner, of: "210102")
    await expectReason("FILING_NOT_FOUND") { try await hall.examine(filing, as: stranger) }
    let examined = try await hall.examine(filing)
    await expectReason("FILING_NOT_FOUND") { try await hall.approve(examined, as: stranger) }
    await expectReason("FILING_NOT_FOUND") { try await hall.reject(examined, as: stranger) }
  }

  @Test(
    "what the examiner does not support is rejected, with reasons and remedies, and never approved"
  )
  func rejection() async throws {
    let hall = try await hall()
    let (filing, citizen) = try await accepted(hall, 5)
    let examined = try await hall.examine(
      filing,
      .reject,
      checklist: checklist(failing: [.scope])
    )
    let failure = await expectReason("FILING_NOT_EXAMINED") { try await hall.approve(examined) }
    #expect(
      failure as? ReviewError == .opinionNotToApprove(try RegionalID(filingName: filing.name))
    )
    for length in [0, 2_001] {
      await expectReason("REVIEW_REQUEST_INVALID") {
        try await hall.reject(examined, reason: String(repeating: "由", count: length))
      }
    }
    let reason = String(repeating: "由", count: 2_000)
    let rejected = try await hall.reject(examined, reason: reason)
    #expect(rejected.state == .rejected)
    #expect(rejected.decisionReason.hasPrefix(reason + "\n如不服本决定，可以自收到本决定之日起六十日内"))
    #expect(rejected.decisionReason.hasSuffix("六个月内向人民法院提起行政诉讼。"))
    let review = try await hall.review(of: rejected)
    #expect(review.decider == "staff/S0003")
    #expect(review.opinion == .reject)
    #expect(review.checklist.first { !$0.passed }?.item == "SCOPE")
    await expectReason("FILING_DECIDED") { try await hall.withdraw(rejected, by: citizen) }
    // The name is free again.
    _ = try await hall.open(
      .company([citizen.person]),
      by: citizen,
      reservation: rejected.reservation
    )
  }

  @Test("the head may reject what the examiner supports")
  func headDisagrees() async throws {
    let hall = try await hall()
    let (filing, _) = try await accepted(hall, 6)
    let rejected = try await hall.reject(try await hall.examine(filing))
    #expect(rejected.state == .rejected)
    #expect(rejected.entity.isEmpty)
  }

  @Test("whoever was restricted between submission and approval stops it")
  func restrictedMeanwhile() async throws {
    let hall = try await hall()
    let supervisor = Person.sample(60, born: 1962)
    let founder = Person.sample(61, born: 1962)
    let citizen = try await hall.citizen(Person.sample(7, born: 1962))
    let submitted = try await hall.submitted(
      .company([founder], supervisor: supervisor),
      by: citizen
    )
    let examined = try await hall.examine(try await hall.accept(submitted))
    // As a supervisor or applicant nobody need be fit to be a legal representative.
    try await hall.restrict(supervisor, .legalRepresentative)
    try await hall.restrict(citizen.person, .legalRepresentative)
    let other = try await hall.submitted(.company([citizen.person]), by: citizen)
    let barred = try await hall.examine(try await hall.accept(other))
    await expectReason("ACCOUNT_RESTRICTED") { try await hall.approve(barred) }
    try await hall.restrict(supervisor, .onlineFiling)
    await expectReason("ACCOUNT_RESTRICTED") { try await hall.approve(examined) }
    #expect(try await hall.get(examined) == examined)
    #expect(try await hall.reject(examined).state == .rejected)
  }

  @Test("a restriction of the applicant or of all registration stops it too", arguments: [8, 9])
  func restrictedApplicant(serial: Int) async throws {
    let hall = try await hall()
    let founder = Person.sample(62 + serial, born: 1962)
    let (filing, citizen) = try await accepted(hall, serial, shareholder: founder)
    let examined = try await hall.examine(filing)
    if serial == 8 {
      try await hall.restrict(citizen.person, .onlineFiling)
    } else {
      try await hall.restrict(founder, .allRegistration)
    }
    await expectReason("ACCOUNT_RESTRICTED") { try await hall.approve(examined) }
  }

  @Test("a repeated approval gives the first reply and establishes nothing anew")
  func repeatedApproval() async throws {
    let hall = try await hall()
    let (filing, _) = try await accepted(hall, 10)
    let examined = try await hall.examine(filing)
    let requestID = UUID().uuidString
    async let one = hall.approve(examined, requestID: requestID)
    async let other = hall.approve(examined, requestID: requestID)
    let (first, second) = try await (one, other)
    #expect(first == second)
    #expect(try await hall.approve(examined, requestID: requestID) == first)
    let entities = try await hall.surroundings.database.query(
      """
      SELECT count(*)
      FROM ledger.event e
      WHERE e.filing = \(filing.name) AND e.kind IN ('entity.established', 'license.issued')
      LIMIT 1
      """
    ).map { try $0.decode(Int.self) }
    #expect(entities == [2])
  }

  @Test("if the licence cannot be signed, nothing of the approval stands")
  func allOrNothing() async throws {
    let hall = try await hall()
    let (filing, _) = try await accepted(hall, 12)
    let examined = try await hall.examine(filing)
    let before = try await hall.events(of: filing)
    let unsigned = ReviewService(
      hall.surroundings,
      signer: LicenseSigner(key: SigningKey(generating: .p256))
    )
    await expectReason("LICENSE_SIGNING_FAILED") {
      try await hall.call(as: .examiner) {
        try await unsigned.approveFiling(
          request: .with {
            $0.name = examined.name
            $0.etag = examined.etag
            $0.requestID = UUID().uuidString
          },
          context: $0
        )
      }
    }
    #expect(try await hall.events(of: filing) == before)
    #expect(try await hall.get(examined) == examined)
    let id = try #require(
      RegionalID(resourceName: examined.reservation, collection: "reservations")
    )
    let reservation = try await hall.atDesk { desk, _ in try await desk.names.reservation(id) }
    #expect(try #require(reservation).state(at: hall.now) == .reserved)
    let entities = try await hall.surroundings.database.query(
      """
      SELECT count(*)
      FROM entities.entity e
      WHERE e.enterprise_name = \(examined.enterpriseName)
      LIMIT 1
      """
    ).map { try $0.decode(Int.self) }
    #expect(entities == [0])
    #expect(try await hall.approve(examined).state == .completed)
  }

  @Test("of an approval and a rejection at once exactly one takes effect")
  func twoDeciders() async throws {
    let hall = try await hall()
    let citizen = try await hall.citizen(Person.sample(11, born: 1962))
    for _ in 0..<10 {
      let submitted = try await hall.submitted(.company([citizen.person]), by: citizen)
      let examined = try await hall.examine(try await hall.accept(submitted))
      func attempt(_ decide: () async throws -> FilingMessage) async throws -> String {
        do {
          return try await "\(decide().state)"
        } catch let error as any RegistryError {
          return error.reason
        }
      }
      async let approval = attempt { try await hall.approve(examined) }
      async let rejection = attempt { try await hall.reject(examined) }
      let outcomes = try await (approval, rejection)
      #expect(
        outcomes == ("completed", "FILING_NOT_EXAMINED")
          || outcomes == ("FILING_NOT_EXAMINED", "rejected")
      )
      guard outcomes.1 == "rejected" else { continue }
      // Whoever was refused keeps the name, and may hold five.
      _ = try await hall.call(as: citizen.caller) {
        let reservation = try await hall.names.getReservation(
          request: .with { $0.name = examined.reservation },
          context: $0
        )
        return try await hall.names.releaseReservation(
          request: .with {
            $0.name = reservation.name
            $0.etag = reservation.etag
            $0.requestID = UUID().uuidString
          },
          context: $0
        )
      }
    }
  }

  @Test(
    "under the law of 2017 the decision is due 15 working days after acceptance, 20 for a cooperative"
  )
  func lawOf2017() async throws {
    let calendar = WorkingDayCalendar.stateCouncil
    let company = try #require(EntityType("1130"))
    let business = try #require(EntityType("9500"))
    let cooperative = try #require(EntityType("9100"))
    let receipt = try #require(CivilDate("2017-09-27"))
    let acceptance = try #require(CivilDate("2017-09-29"))
    func due(_ type: EntityType, _ law: LawProfile) -> CivilDate {
      law.decisionDueDate(receipt: receipt, acceptance: acceptance, entityType: type)
    }
    // 30 September was a make-up day; 1 to 8 October were off.
    #expect(due(company, .current).description == "2017-09-30")
    #expect(due(cooperative, .current).description == "2017-09-30")
    #expect(due(company, .law2017).description == "2017-10-26")
    #expect(due(business, .law2017) == due(company, .law2017))
    #expect(due(cooperative, .law2017).description == "2017-11-02")
    #expect(calendar.isWorkingDay(due(cooperative, .law2017)))
    #expect(
      LawProfile.law2017.remedies(against: try #require(RegionCode("210200")))
        .contains("向大连市人民政府或者上一级登记机关申请行政复议")
    )
  }
}
