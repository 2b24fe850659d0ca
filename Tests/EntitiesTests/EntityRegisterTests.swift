internal import APIConventions
internal import Accounts
internal import Foundation
internal import Ledger
internal import Postgres
internal import RegistryTestKit
internal import Testing
internal import Vocabulary

@testable internal import Entities

/// The migrations that the room stands on, and its own.
private let entitiesMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + AccountsMigrations.all
  + EntitiesMigrations.all

/// 2026-11-20 10:00 in Shenyang.
private let testDay = Date(timeIntervalSince1970: 1_795_140_000)

@Suite("Entering an entity into the register", .database(entitiesMigrations), .serialized)
struct EntityRegisterTests {
  private let database: Database

  init() async throws {
    database = try TestDatabase.ofSuite()
    try await database.withTransaction { transaction in
      try await CodePool(transaction).replenish(prefix: "XX", upTo: 200)
    }
  }

  private func establish(
    _ establishment: Establishment,
    id: RegionalID? = nil
  ) async throws -> Entity {
    let id = try id ?? RegionalID(region: .sample("210100"), uuid: UUID())
    return try await database.withTransaction { transaction in
      try await EntityRegister(transaction).establish(
        establishment,
        id: id,
        eventID: UUID(),
        filing: "filings/f",
        by: "staff/S0001",
        at: testDay
      )
    }
  }

  @Test("what went in comes out, with a valid code of its class and authority")
  func roundTrip() async throws {
    for (type, head) in [("1130", "91210100"), ("9500", "92210100"), ("9100", "93210100")] {
      let establishment = try Establishment.sample(type: type)
      let entity = try await establish(establishment)
      #expect(entity.version == 1)
      #expect(entity.items == establishment)
      let code = entity.creditCode.description
      #expect(code.hasPrefix(head))
      #expect(UnifiedSocialCreditCode(code) == entity.creditCode)
      let body = String(code.dropFirst(8).prefix(8))
      #expect(code.dropFirst(16).first == SubjectCode.checkDigit(of: body))
      let read = try await database.withTransaction { transaction in
        try await EntityRegister(transaction).entity(entity.creditCode)
      }
      #expect(read == entity)
      let signatory = try await database.withTransaction { transaction in
        try await EntityRegister(transaction).statutorySignatory(of: entity.creditCode)
      }
      #expect(signatory == establishment.responsiblePerson)
    }
  }

  @Test("an establishment leaves one event and one version")
  func event() async throws {
    let entity = try await establish(try .sample())
    let row = try await database.queryOne(
      """
      SELECT e.kind, e.filing, e.actor, v.version_number
      FROM ledger.event e
      JOIN entities.entity_version v ON v.entity_id = e.subject_id
      WHERE e.entity = \(entity.name)
      """
    )
    let (kind, filing, actor, version) = try #require(
      try row?.decode(String.self, String.self, String.self, Int64.self)
    )
    #expect(kind == "entity.established")
    #expect(filing == "filings/f")
    #expect(actor == "staff/S0001")
    #expect(version == 1)
  }

  @Test("nobody is known by a code that is not in the register")
  func unknown() async throws {
    let code = try #require(UnifiedSocialCreditCode("91210100604608172K"))
    let (entity, signatory) = try await database.withTransaction { transaction in
      let register = EntityRegister(transaction)
      return (try await register.entity(code), try await register.statutorySignatory(of: code))
    }
    #expect(entity == nil)
    #expect(signatory == nil)
  }

  @Test("the database refuses an entity whose responsible person is missing")
  func responsiblePerson() async throws {
    let entity = try await establish(try .sample())
    for column in ["responsible_name", "responsible_number"] {
      let error = await #expect(throws: PostgresError.self) {
        try await database.withTransaction { transaction in
          let update: SQL =
            column == "responsible_name"
            ? "UPDATE entities.entity SET responsible_name = NULL, version = version + 1"
            : "UPDATE entities.entity SET responsible_number = NULL, version = version + 1"
          try await transaction.execute(
            "\(update) WHERE credit_code = \(entity.creditCode.description)"
          )
        }
      }
      #expect(error?.columnName == column)
    }
  }

  @Test("a change of the register without its event cannot commit")
  func governed() async throws {
    let entity = try await establish(try .sample())
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        try await transaction.execute(
          """
          UPDATE entities.entity
          SET domicile = '别处', version = version + 1
          WHERE credit_code = \(entity.creditCode.description)
          """
        )
      }
    }
    #expect(error?.constraintName == "a_change_of_an_entity_has_its_event")
  }

  @Test("what lacks a responsible person, a scope, contributors or time to live stays out")
  func incomplete() async throws {
    let whole = try Establishment.sample()
    #expect(EntityRules.violations(in: whole).isEmpty)
    let lacking = Establishment(
      enterpriseName: whole.enterpriseName,
      entityType: whole.entityType,
      authority: whole.authority,
      domicileRegion: whole.domicileRegion,
      domicile: whole.domicile,
      capitalFen: 1,
      scopeItems: [],
      establishmentDate: whole.establishmentDate,
      termEndDate: whole.establishmentDate,
      compositionForm: nil,
      roles: [],
      responsiblePerson: whole.responsiblePerson
    )
    let error = await #expect(throws: EntityError.self) { try await establish(lacking) }
    #expect(
      error?.violations.map(\.rule) == [
        "RESPONSIBLE_PERSON_MISSING", "SCOPE_MISSING", "CONTRIBUTORS_MISSING",
        "TERM_ENDS_TOO_EARLY",
      ]
    )
  }

  @Test("no party holds one role twice")
  func rolesOnce() async throws {
    let sample = try Establishment.sample()
    let doubled = Establishment(
      enterpriseName: sample.enterpriseName,
      entityType: sample.entityType,
      authority: sample.authority,
      domicileRegion: sample.domicileRegion,
      domicile: sample.domicile,
      capitalFen: sample.capitalFen,
      scopeItems: sample.scopeItems,
      establishmentDate: sample.establishmentDate,
      termEndDate: sample.termEndDate,
      compositionForm: sample.compositionForm,
      roles: sample.roles + sample.roles.suffix(1),
      responsiblePerson: sample.responsiblePerson
    )
    let error = await #expect(throws: PostgresError.self) { try await establish(doubled) }
    #expect(error?.constraintName == "a_party_holds_a_role_once")
  }
}

@Suite("Taking subject codes", .database(entitiesMigrations), .serialized)
struct CodePoolTests {
  private let database: Database

  init() throws {
    database = try TestDatabase.ofSuite()
  }

  private func replenish(_ prefix: String, upTo count: Int) async throws {
    try await database.withTransaction { transaction in
      try await CodePool(transaction).replenish(prefix: prefix, upTo: count)
    }
  }

  @Test("an empty pool is told as unavailable for now; many at once take different codes")
  func concurrency() async throws {
    let region = try RegionCode.sample("210100")
    let take: @Sendable () async throws -> String = { [database] in
      try await database.withTransaction { transaction in
        try await CodePool(transaction).take(for: RegionalID(region: region, uuid: UUID()))
      }
    }
    await #expect(throws: EntityError.codePoolEmpty) { try await take() }
    #expect(EntityError.codePoolEmpty.retryDelay == .seconds(60))
    try await replenish("XX", upTo: 40)
    let codes = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<40 { group.addTask { try await take() } }
      return try await group.reduce(into: [String]()) { $0.append($1) }
    }
    #expect(Set(codes).count == 40)
    #expect(codes.allSatisfy { $0.hasPrefix("XX") && $0.count == 9 })
    await #expect(throws: EntityError.codePoolEmpty) { try await take() }
    try await replenish("XX", upTo: 1)
    let next = try await take()
    #expect(!codes.contains(next))
  }

  @Test("a rolled-back taking gives its code back")
  func rollback() async throws {
    try await replenish("XX", upTo: 1)
    struct Refusal: Error {}
    let region = try RegionCode.sample("210100")
    await #expect(throws: Refusal.self) {
      try await database.withTransaction { transaction in
        _ = try await CodePool(transaction).take(for: RegionalID(region: region, uuid: UUID()))
        throw Refusal()
      }
    }
    let row = try await database.queryOne(
      "SELECT count(*) FROM entities.code_pool WHERE entity_id IS NULL"
    )
    #expect(try row?.decode(Int64.self) == 1)
  }

  @Test("the pool is filled to the count, no further, by lawful prefixes only")
  func replenishing() async throws {
    for count in [5, 5, 3, 7] { try await replenish("MA", upTo: count) }
    let row = try await database.queryOne(
      "SELECT count(*) FROM entities.code_pool WHERE left(subject_code, 2) = 'MA'"
    )
    #expect(try row?.decode(Int64.self) == 7)
    for prefix in ["", "M", "MAA", "OO", "ab", "I1"] {
      await #expect(throws: CodePool.Misuse.prefix) { try await replenish(prefix, upTo: 1) }
    }
  }
}

@Suite("Subject codes and credit codes")
struct SubjectCodeTests {
  @Test(
    "check digits of published codes",
    arguments: [
      ("D2143569", "X"), ("10000396", "2"), ("60460817", "2"), ("71526726", "X"), ("XX000001", "9"),
      ("XX000006", "X"), ("XX00000B", "0"), ("XX00000L", "2"),
    ] as [(String, Character)]
  )
  func checkDigit(body: String, digit: Character) {
    #expect(SubjectCode.checkDigit(of: body) == digit)
  }

  @Test("numbers and codes are each other's")
  func numbers() {
    for number in [0, 1, 30, 31, SubjectCode.firstNumber, 887_503_680] {
      let code = SubjectCode.text(prefix: "XX", number: number)
      #expect(code.count == 9)
      #expect(SubjectCode.number(in: code) == number)
    }
  }

  @Test("labelled credit codes are made of their parts")
  func creditCodes() throws {
    for (type, authority, subject, code) in [
      ("1130", "210100", "XX0000019", "91210100XX0000019C"),
      ("1130", "210800", "XX000006X", "91210800XX000006XK"),
      ("9500", "211302", "XX00000D7", "92211302XX00000D73"),
      ("9100", "211122", "XX00000E5", "93211122XX00000E5F"),
      ("1130", "210211", "XX00000B0", "91210211XX00000B0X"),
    ] {
      let made = CreditCodes.code(
        of: try .sample(type),
        authority: try .sample(authority),
        subject: subject
      )
      #expect(made?.description == code)
    }
  }
}
