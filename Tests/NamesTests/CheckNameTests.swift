internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Checking names against the library", .database(namesMigrations), .serialized)
struct CheckNameTests {
  let desk: NameDesk

  init() async throws {
    desk = NameDesk(on: try TestDatabase.ofSuite())
    _ = try await desk.load(Vectors.library.map(Self.libraryName))
  }

  /// A row of the labelled library, its standing by the test day.
  static func libraryName(_ row: [String]) -> Liaoning_Registry_V1_LibraryName {
    .with {
      $0.libraryID = row[0]
      $0.enterpriseName = row[1]
      $0.division = row[2]
      $0.tradeName = row[3]
      $0.industryWords = row[4]
      $0.organizationForm = row[5]
      $0.industryClass = row[6]
      $0.entityType = row[7]
      $0.scopeCode = row[8]
      let days = Int(row[9].filter(\.isNumber)) ?? 0
      let day = CivilDate(testDay)
      $0.standing = .registered
      if row[9].hasPrefix("cancelled") { $0.standing = .cancelled }
      if row[9].hasPrefix("former") { $0.standing = .former }
      if row[9].hasPrefix("establishment revoked") { $0.standing = .revoked }
      if row[9].hasPrefix("reserved") { $0.standing = .reserved }
      if $0.standing != .registered {
        let ahead = $0.standing == .reserved
        $0.standingDate = day.adding(days: ahead ? days : -days).description
      }
    }
  }

  @Test(
    "each labelled candidate meets the labelled names, in their order",
    arguments: Vectors.pairs
  )
  func pair(row: [String]) async throws {
    let region = try #require(Vectors.library.first { $0[0] == row[4] })[8]
    let candidate = try Liaoning_Registry_V1_NameCandidate.sample(
      row[1],
      industry: row[2],
      industryClass: row[3],
      type: row[1].hasSuffix("（有限合伙）") ? "4533" : "1130",
      region: region
    )
    let reply = try await desk.check(candidate)
    let hits = reply.hits.map { "\($0.libraryID):\($0.rule)" }.joined(separator: ",")
    #expect(hits == row[9])
    let verdicts: [Liaoning_Registry_V1_NameHit.Verdict] = reply.hits.map(\.verdict)
    #expect(verdicts == verdicts.sorted { $0.rawValue < $1.rawValue })
    #expect(reply.violations.isEmpty)
    switch row[6] {
    case "IDENTICAL": #expect(reply.outcome == .refused)
    case "SIMILAR": #expect(reply.outcome == .reservableWithRisk)
    default: #expect(reply.outcome == .reservable)
    }
  }

  @Test("each labelled new name may be reserved", arguments: Vectors.good)
  func good(row: [String]) async throws {
    let reply = try await desk.check(
      .sample(row[1], industry: row[2], type: row[3], region: row[4])
    )
    #expect(reply.outcome == .reservable)
    #expect(reply.hits.isEmpty)
    #expect(reply.violations.isEmpty)
  }

  @Test(
    "what ended blocks for a year, to the day; what is reserved, until its day is over",
    arguments: [
      ("沈阳澄岭贸易有限公司", "2026-05-04", "2027-05-04"),
      ("沈阳碧霄技术有限公司", "2026-08-12", "2027-08-12"),
      ("沈阳石磬商贸有限公司", "2026-08-22", "2027-08-22"),
      ("沈阳墨棠设计有限公司", "2026-12-10", "2026-12-11"),
    ]
  )
  func window(name: String, since: String, free: String) async throws {
    let row = try #require(Vectors.library.first { $0[1] == name })
    let candidate = try Liaoning_Registry_V1_NameCandidate.sample(
      name,
      industry: row[4],
      industryClass: row[6]
    )
    let start = try #require(CivilDate(free)).startInstant
    #expect(Self.libraryName(row).standingDate == since)
    desk.setClock(to: start.addingTimeInterval(-0.001))
    #expect(try await desk.check(candidate).outcome == .refused)
    desk.setClock(to: start)
    #expect(try await desk.check(candidate).outcome == .reservable)
  }

  @Test("a cancellation a year ago to the day blocks on the last day only")
  func blockVector() async throws {
    var name = Self.libraryName(Vectors.library[23])
    name.libraryID = "vector"
    name.enterpriseName = "沈阳桐阙贸易有限公司"
    name.tradeName = "桐阙"
    name.standing = .cancelled
    name.standingDate = "2025-11-21"
    _ = try await desk.load([name])
    let candidate = try Liaoning_Registry_V1_NameCandidate.sample(
      "沈阳桐阙贸易有限公司",
      industry: "贸易",
      industryClass: "5199"
    )
    #expect(try await desk.check(candidate).outcome == .refused)
    desk.moveClock(byDays: 1)
    #expect(try await desk.check(candidate).outcome == .reservable)
  }

  @Test("newest first among equally serious; of unknown age last, by their ids")
  func order() async throws {
    func name(_ id: String, _ form: String, _ date: String) -> Liaoning_Registry_V1_LibraryName {
      .with {
        $0.libraryID = id
        $0.enterpriseName = "沈阳楸岫软件\(form)"
        $0.division = "沈阳"
        $0.tradeName = "楸岫"
        $0.industryWords = "软件"
        $0.organizationForm = form
        $0.industryClass = "6513"
        $0.entityType = "1130"
        $0.scopeCode = "210100"
        $0.standing = .registered
        $0.standingDate = date
      }
    }
    _ = try await desk.load([
      name("o1", "有限责任公司", ""), name("o2", "集团有限公司", "2019-01-01"),
      name("o3", "股份公司", "2020-01-01"), name("o0", "股份有限公司", ""),
    ])
    let reply = try await desk.check(.sample("沈阳楸岫软件有限公司"))
    #expect(reply.hits.map(\.libraryID) == ["o3", "o2", "o0", "o1"])
  }

  @Test("a name imported again replaces the one of its id, in another scope too")
  func replacement() async throws {
    var name = Liaoning_Registry_V1_LibraryName.with {
      $0.libraryID = "replaced"
      $0.enterpriseName = "沈阳梓栎软件有限公司"
      $0.tradeName = "梓栎"
      $0.industryWords = "软件"
      $0.organizationForm = "有限公司"
      $0.industryClass = "6513"
      $0.entityType = "1130"
      $0.scopeCode = "210100"
      $0.standing = .registered
    }
    _ = try await desk.load([name])
    let first = try Liaoning_Registry_V1_NameCandidate.sample("沈阳梓栎软件有限公司")
    #expect(try await desk.check(first).hits.map(\.libraryID) == ["replaced"])
    name.enterpriseName = "沈阳榛柞软件有限公司"
    name.tradeName = "榛柞"
    _ = try await desk.load([name])
    #expect(try await desk.check(first).hits.isEmpty)
    let second = try Liaoning_Registry_V1_NameCandidate.sample("沈阳榛柞软件有限公司")
    #expect(try await desk.check(second).hits.map(\.libraryID) == ["replaced"])
    name.enterpriseName = "大连榛柞软件有限公司"
    name.scopeCode = "210200"
    _ = try await desk.load([name])
    #expect(try await desk.check(second).hits.isEmpty)
    let third = try Liaoning_Registry_V1_NameCandidate.sample("大连榛柞软件有限公司", region: "210200")
    #expect(try await desk.check(third).hits.map(\.libraryID) == ["replaced"])
  }

  @Test("a name holds no other enterprise's whole name, but a branch its parent's")
  func containedName() async throws {
    let inside = try Liaoning_Registry_V1_NameCandidate.sample(
      "沈阳星澜软件有限公司销售中心",
      trade: "星澜",
      industry: "软件有限公司销售",
      type: "4540"
    )
    let reply = try await desk.check(inside)
    #expect(reply.outcome == .refused)
    #expect(reply.violations.contains { $0.rule == "V17" && $0.part == "沈阳星澜软件有限公司" })
    var branch = try Liaoning_Registry_V1_NameCandidate.sample(
      "大连明澈咨询有限公司沈阳分公司",
      trade: "明澈",
      industry: "咨询",
      industryClass: "7243",
      type: "2130"
    )
    branch.parentName = "大连明澈咨询有限公司"
    let branchReply = try await desk.check(branch)
    #expect(branchReply.outcome == .reservable)
    var stranger = try Liaoning_Registry_V1_NameCandidate.sample(
      "大连明澈咨询有限公司沈阳经营部",
      trade: "明澈",
      industry: "咨询有限公司沈阳",
      type: "9500",
      region: "210200"
    )
    #expect(try await desk.check(stranger).violations.contains { $0.rule == "V17" })
    stranger.enterpriseName = "大连明澄咨询有限公司沈阳经营部"
    stranger.tradeName = "明澄"
    #expect(try await !desk.check(stranger).violations.contains { $0.rule == "V17" })
  }

  @Test("violations carry rule, severity, part, words and article")
  func violation() async throws {
    let reply = try await desk.check(.sample("大连星漪软件有限公司", trade: "星漪"))
    #expect(reply.outcome == .refused)
    let violation = try #require(reply.violations.first)
    #expect(violation.rule == "V02a")
    #expect(violation.severity == .reject)
    #expect(violation.part == "大连")
    #expect(violation.description_p.contains("大连"))
    #expect(violation.basis == "企业名称登记管理规定第七条")
    let manual = try await desk.check(.sample("沈阳全国星漪物流有限公司", trade: "全国星漪", industry: "物流"))
    #expect(manual.outcome == .manualReview)
    #expect(manual.violations.map(\.severity) == [.manualReview])
  }

  @Test("fields that are missing or malformed are an error, each named")
  func malformed() async throws {
    let error = await expectReason("NAME_REQUEST_INVALID") {
      try await desk.check(
        .with {
          $0.enterpriseName = "沈阳漪"
          $0.industryClass = "65"
          $0.entityType = "x"
          $0.regionCode = "110100"
          $0.parentName = String(repeating: "长", count: 101)
        }
      )
    }
    #expect(
      error?.violations.map(\.field) == [
        "candidate.enterprise_name", "candidate.trade_name", "candidate.industry_class",
        "candidate.entity_type", "candidate.region_code", "candidate.parent_name",
      ]
    )
    await expectReason("NAME_REQUEST_INVALID") {
      try await desk.check(.sample("沈阳星漪软件有限公司", trade: "星澜"))
    }
  }

  @Test(
    "control characters, among them the NUL that the database cannot keep, are refused",
    arguments: ["\0", "\u{1B}", "\u{7F}", "\u{9B}"]
  )
  func controlCharacters(character: String) async throws {
    let error = await expectReason("NAME_REQUEST_INVALID") {
      try await desk.check(
        .with {
          $0 = try .sample("沈阳星\(character)漪软件有限公司", trade: "星\(character)漪")
          $0.parentName = character
        }
      )
    }
    #expect(
      error?.violations.map { "\($0.field) \($0.rule)" } == [
        "candidate.enterprise_name NAME_CHARACTER_INVALID",
        "candidate.trade_name NAME_CHARACTER_INVALID",
        "candidate.parent_name NAME_CHARACTER_INVALID",
      ]
    )
  }
}
