internal import APIConventions
internal import Entities
internal import Foundation
internal import Accounts
internal import Identity
internal import Ledger
internal import Licenses
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

@Suite("From submission to licence", .database(reviewsMigrations))
struct JourneyTests {
  @Test("a one-person company is accepted, examined and approved (C01)")
  func onePersonCompany() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let founder = try await hall.citizen(Person.sample(1))
    let supervisor = try await hall.citizen(Person.sample(2))
    let submitted = try await hall.brought(
      .company([founder.person], supervisor: supervisor.person),
      by: [founder, supervisor]
    )
    let completed = try await approved(submitted, hall)
    try await expectEstablished(completed, hall, codePrefix: "91210100", mobile: founder)
    let events = try await hall.events(of: submitted)
    #expect(events.filter { $0.hasPrefix("review.") }.count == 3)
    // What approval did stands in one transaction, each with its event.
    let approval = try await hall.surroundings.database.query(
      """
      SELECT e.kind
      FROM ledger.event e
      WHERE e.transaction_id = (SELECT x.transaction_id FROM ledger.event x
        WHERE x.filing = \(submitted.name) AND x.kind = 'filing.completed')
      ORDER BY e.kind
      LIMIT 20
      """
    ).map { try $0.decode(String.self) }
    #expect(
      approval == [
        "entity.established", "filing.completed", "license.issued", "reservation.used",
        "review.approved",
      ]
    )
  }

  @Test("so is a company of three (C02)")
  func companyOfThree() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let people = try await citizens(3, from: 10, hall)
    let submitted = try await hall.brought(.company(people.map(\.person)), by: people)
    let completed = try await approved(submitted, hall)
    try await expectEstablished(completed, hall, codePrefix: "91210100", mobile: people[0])
  }

  @Test("so is a farmers' cooperative, by the authority of its own city (C04)")
  func cooperative() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let people = try await citizens(5, from: 20, hall)
    let submitted = try await hall.brought(.cooperative(people.map(\.person)), by: people)
    let completed = try await approved(submitted, hall, of: "211100")
    try await expectEstablished(completed, hall, codePrefix: "93211100", mobile: people[0])
    let head = Caller.registrar("S0013", .head, of: "211100")
    let review = try await hall.review(of: completed, as: head)
    #expect(review.acceptanceNumber.hasPrefix("（辽盘）登记农设字〔2026〕第"))
  }

  @Test("so is an individual business of a family (C05)")
  func familyBusiness() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let people = try await citizens(2, from: 30, hall)
    let submitted = try await hall.brought(
      .familyBusiness(people[0].person, [people[1].person]),
      by: people
    )
    let completed = try await approved(submitted, hall)
    try await expectEstablished(completed, hall, codePrefix: "92210100", mobile: people[0])
  }

  private func citizens(_ count: Int, from first: Int, _ hall: Hall) async throws -> [Citizen] {
    var citizens: [Citizen] = []
    for serial in first..<first + count {
      citizens.append(try await hall.citizen(Person.sample(serial)))
    }
    return citizens
  }

  /// A filing accepted by a clerk, examined and approved by an examiner.
  private func approved(
    _ submitted: FilingMessage,
    _ hall: Hall,
    of authority: String = "210100"
  ) async throws -> FilingMessage {
    let clerk = Caller.registrar("S0011", .clerk, of: authority)
    let examiner = Caller.registrar("S0012", .examiner, of: authority)
    hall.moveClock(by: 60)
    let accepted = try await hall.accept(submitted, as: clerk)
    #expect(accepted.state == .accepted)
    #expect(accepted.dueDate == "2026-11-26")
    hall.moveClock(by: 60)
    let examined = try await hall.examine(accepted, as: examiner, remark: "材料齐全。")
    #expect(examined.state == .examined)
    hall.moveClock(by: 60)
    let completed = try await hall.approve(examined, as: examiner)
    #expect(completed.state == .completed)
    #expect(completed == (try await hall.get(submitted, as: clerk)))
    let review = try await hall.review(of: completed, as: clerk)
    #expect(review.clerk == "staff/S0011")
    #expect(review.examiner == "staff/S0012")
    #expect(review.decider == "staff/S0012")
    #expect(review.opinion == .approve)
    #expect(review.checklist == checklist())
    #expect(review.remark == "材料齐全。")
    #expect(review.decideTime.seconds - review.acceptTime.seconds == 120)
    #expect(review.examineTime.seconds - review.acceptTime.seconds == 60)
    #expect(review.acceptanceNumber != review.decisionNumber)
    #expect(review.decisionNumber.hasSuffix("号"))
    return completed
  }

  /// Entity, name, licence and message stand there.
  private func expectEstablished(
    _ completed: FilingMessage,
    _ hall: Hall,
    codePrefix: String,
    mobile citizen: Citizen
  ) async throws {
    let code = try #require(UnifiedSocialCreditCode(String(completed.entity.dropFirst(9))))
    #expect(code.description.hasPrefix(codePrefix))
    let id = try #require(
      RegionalID(resourceName: completed.reservation, collection: "reservations")
    )
    try await hall.atDesk { _, transaction in
      let entity = try #require(try await EntityRegister(transaction).entity(code))
      #expect(entity.enterpriseName == completed.enterpriseName)
      #expect(entity.establishmentDate.description == "2026-11-23")
      #expect(entity.responsiblePerson == citizen.person)
      let names = NameReservations(transaction, newUUID: hall.surroundings.newUUID)
      let reservation = try #require(try await names.reservation(id))
      #expect(reservation.state(at: hall.now) == .used)
      let license = try #require(
        try await LicenseDesk(
          transaction,
          signer: hall.reviews.signer,
          newUUID: hall.surroundings.newUUID
        ).license(of: code)
      )
      #expect(license.filing == completed.name)
      #expect(license.face.enterpriseName == completed.enterpriseName)
    }
    let payloads = try await hall.surroundings.database.query(
      """
      SELECT d.payload
      FROM outbox.delivery d
      WHERE d.subject = \("licenses/\(code)")
      LIMIT 10
      """
    ).map { try $0.decode([UInt8].self) }
    #expect(payloads.count == 1)
    let message = try Liaoning_Partners_V1_SendMessageRequest(
      serializedBytes: try #require(payloads.first)
    )
    #expect(message.mobileNumber == citizen.person.mobileNumber?.description)
    #expect(!message.text.contains(citizen.person.identityNumber.description))
  }
}
