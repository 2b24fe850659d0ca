internal import APIConventions
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Testing
internal import Vocabulary

@testable internal import Accounts

@Suite("Who acts by an account", .database(accountsMigrations))
struct ActingPeopleTests {
  @Test("a person acts by his own account and by those of the organizations that he represents")
  func ownAndRepresented() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let (person, other) = (try Sample.person(), try Sample.person())
    let company = try Sample.company()
    office.setAnswer(
      EntityLookUp(
        outcome: .found,
        enterpriseName: company.enterpriseName,
        entityType: "1130",
        legalRepresentative: person
      ),
      about: company
    )
    let names = [
      try await Applicant(company).register(at: office).name,
      try await Applicant(person).register(at: office).name,
    ]
    _ = try await Applicant(other).register(at: office)
    let number = person.identityNumber.description
    let accounts = try await office.database.withTransaction { transaction in
      try await transaction.run(
        AccountDirectory.accounts(ofPeople: [
          number, try Sample.person().identityNumber.description,
        ])
      )
    }
    #expect(Array(accounts.keys) == [number])
    #expect(Set(accounts[number, default: []].map { $0.name(in: "accounts") }) == Set(names))
  }
}
