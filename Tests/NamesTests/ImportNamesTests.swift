internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing

@testable internal import Names

@Suite("Importing names", .database(namesMigrations))
struct ImportNamesTests {
  private let desk: NameDesk

  init() throws {
    desk = NameDesk(on: try TestDatabase.ofSuite())
  }

  private func name(_ id: String) -> Liaoning_Registry_V1_LibraryName {
    var name = CheckNameTests.libraryName(Vectors.library[0])
    name.libraryID = id
    return name
  }

  @Test(
    "1 to 1,000 names a call",
    arguments: [(0, false), (1, true), (1_000, true), (1_001, false)]
  )
  func count(count: Int, isLawful: Bool) async throws {
    let names = (0..<count).map { name("c\(count)-\($0)") }
    if isLawful {
      #expect(try await desk.load(names).importedCount == Int32(count))
    } else {
      await expectReason("NAME_LIBRARY_INVALID") { try await desk.load(names) }
    }
  }

  @Test("every violation is named, and nothing is loaded")
  func violations() async throws {
    var broken = [
      name("a"), name("a"), name(""), name(String(repeating: "i", count: 41)), name("e"), name("f"),
      name("g"), name("h"), name("i"), name("j"), name("k"), name("l"), name("m"),
      name("n\0"),
    ]
    broken[4].enterpriseName = "沈"
    broken[5].tradeName = "星空"
    broken[6].organizationForm = ""
    broken[7].industryClass = "651"
    broken[8].entityType = "abc"
    broken[9].scopeCode = "210102"
    broken[10].standing = .cancelled
    broken[11].standingDate = "2026-02-30"
    broken[12].creditCode = "91210100XX0000019D"
    broken[13].enterpriseName += "\0"
    broken[13].division += "\u{202E}"
    let error = await expectReason("NAME_LIBRARY_INVALID") { try await desk.load(broken) }
    #expect(
      error?.violations.map { "\($0.field) \($0.rule)" } == [
        "names[1].library_id LIBRARY_ID_REPEATED",
        "names[2].library_id LIBRARY_ID_LENGTH_INVALID",
        "names[3].library_id LIBRARY_ID_LENGTH_INVALID",
        "names[4].enterprise_name ENTERPRISE_NAME_LENGTH_INVALID",
        "names[4].trade_name NAME_PARTS_MISMATCH",
        "names[4].industry_words NAME_PARTS_MISMATCH",
        "names[4].organization_form NAME_PARTS_MISMATCH",
        "names[5].trade_name NAME_PARTS_MISMATCH",
        "names[6].organization_form NAME_PARTS_MISMATCH",
        "names[7].industry_class INDUSTRY_CLASS_INVALID",
        "names[8].entity_type ENTITY_TYPE_INVALID",
        "names[9].scope_code SCOPE_CODE_INVALID",
        "names[10].standing_date STANDING_DATE_MISSING",
        "names[11].standing_date STANDING_DATE_INVALID",
        "names[12].credit_code CREDIT_CODE_INVALID",
        "names[13].library_id CHARACTER_INVALID",
        "names[13].enterprise_name CHARACTER_INVALID",
        "names[13].division CHARACTER_INVALID",
      ]
    )
  }

  @Test("an import leaves its event")
  func event() async throws {
    _ = try await desk.load([name("event")])
    let rows = try await desk.database.query(
      "SELECT actor FROM ledger.event WHERE kind = 'names.imported' LIMIT 10"
    )
    #expect(try rows.map { try $0.decode(String.self) }.allSatisfy { $0 == "staff/S0009" })
    #expect(!rows.isEmpty)
  }

  @Test("only staff import")
  func staffOnly() async throws {
    await expectReason("CALLER_NOT_PERMITTED") {
      try await desk.call { context in
        try await desk.service.importNames(request: .init(), context: context)
      }
    }
  }
}
