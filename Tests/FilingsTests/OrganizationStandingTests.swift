internal import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Filing with organizations that do not stand", .database(filingsMigrations))
struct OrganizationStandingTests {
  /// A person whom no other test of the process knows.
  private func stranger(_ counter: Counter) -> PersonRecord {
    let serial = counter.nextSerial()
    return Person.born("1971\(String(serial / 100 + 101).suffix(2))11", serial: serial % 100)
  }

  /// Shares of a person and, next to them, of an organization.
  private func content(of citizen: Citizen, with organization: OrganizationRecord) -> FilingContent
  {
    .sample(
      .company(
        .sample(
          shareholders: [.sample(citizen.person, 80), .sample(organization, 20)],
          legalRepresentative: citizen.person,
          directors: [citizen.person],
          supervisors: [],
          manager: nil
        )
      ),
      liaison: citizen.person
    )
  }

  private func violations(
    _ counter: Counter,
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> [Liaoning_Registry_V1_FilingViolation] {
    try await counter.call(as: citizen.caller) {
      try await counter.filings.validateFiling(
        request: .with { $0.name = filing.name },
        context: $0
      ).violations
    }
  }

  @Test(
    "an organization that is unknown, ended, of another name or a branch is told before signing",
    arguments: [
      (EntityLookUp(outcome: .notFound), "ORGANIZATION_NOT_FOUND"),
      (EntityLookUp(outcome: .notActive), "ORGANIZATION_NOT_ACTIVE"),
      (EntityLookUp(outcome: .nameMismatch), "ORGANIZATION_NAME_MISMATCH"),
      (
        EntityLookUp(outcome: .found, enterpriseName: "上海拂晓商贸有限公司"),
        "ORGANIZATION_NAME_MISMATCH"
      ),
      (
        EntityLookUp(outcome: .found, enterpriseName: "上海拂晓贸易有限公司", entityType: "2130"),
        "ORGANIZATION_IS_BRANCH"
      ),
    ]
  )
  func refused(answer: EntityLookUp, rule: String) async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let citizen = try await counter.citizen(stranger(counter))
    counter.setAnswer(answer, of: Stranger.trader)
    let draft = try await counter.open(content(of: citizen, with: Stranger.trader), by: citizen)
    let told = try await violations(counter, draft, by: citizen)
    #expect(told.map(\.rule) == [rule])
    #expect(told.map(\.field) == ["company.shareholders[1].party.organization"])
    await expectReason("FILING_RULES_BROKEN") { try await counter.prepare(draft, by: citizen) }
    // Once the library says otherwise, the draft is prepared as it stands.
    counter.setAnswer(
      EntityLookUp(
        outcome: .found,
        enterpriseName: "上海拂晓贸易有限公司",
        entityType: "1130",
        legalRepresentative: Stranger.hai
      ),
      of: Stranger.trader
    )
    #expect(try await violations(counter, draft, by: citizen).isEmpty)
    #expect(try await counter.prepare(draft, by: citizen).state == .awaitingSignatures)
  }

  @Test("a library that does not answer bars nobody; it is asked again when the task is opened")
  func silentLibrary() async throws {
    let counter = try Counter(on: TestDatabase.ofSuite())
    let citizen = try await counter.citizen(stranger(counter))
    counter.setLibrary(isDown: true)
    let draft = try await counter.open(content(of: citizen, with: Stranger.brewery), by: citizen)
    #expect(try await violations(counter, draft, by: citizen).isEmpty)
    let prepared = try await counter.prepare(draft, by: citizen)
    let waiting = try await counter.tasks(of: prepared, for: citizen.caller)
      .filter { $0.party.organization.creditCode == Stranger.brewery.creditCode.description }
    #expect(waiting.count == 2)
    #expect(waiting.map(\.signatoryName) == ["", ""])
  }
}
