internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Names beside each other in time and place", .database(namesMigrations))
struct UnseenReservationTests {
  private let desk: NameDesk

  init() throws {
    desk = NameDesk(on: try TestDatabase.ofSuite())
  }

  private func name(
    _ trade: String,
    _ standing: Liaoning_Registry_V1_LibraryName.Standing,
    on date: String
  ) -> Liaoning_Registry_V1_LibraryName {
    .with {
      $0.libraryID = "\(trade)-\(date)"
      $0.enterpriseName = "沈阳\(trade)软件有限公司"
      $0.division = "沈阳"
      $0.tradeName = trade
      $0.industryWords = "软件"
      $0.organizationForm = "有限公司"
      $0.industryClass = "6513"
      $0.entityType = "1130"
      $0.scopeCode = "210100"
      $0.standing = standing
      $0.standingDate = date
    }
  }

  @Test(
    "what ended blocks to the end of its year, however many days that has",
    arguments: [
      ("楮岚", "2025-11-21", "2026-11-21", Liaoning_Registry_V1_LibraryName.Standing.cancelled),
      ("楮屿", "2027-03-01", "2028-03-01", .cancelled), ("楮砚", "2027-02-28", "2028-02-28", .former),
      ("楮汐", "2028-02-28", "2029-02-28", .revoked), ("楮槿", "2028-02-29", "2029-03-01", .revoked),
      ("楮舸", "2028-03-01", "2029-03-01", .former), ("楮陂", "2025-12-31", "2026-12-31", .revoked),
    ]
  )
  func year(
    trade: String,
    since: String,
    free: String,
    standing: Liaoning_Registry_V1_LibraryName.Standing
  ) async throws {
    let clock = NameDesk(on: desk.database)
    _ = try await clock.load([name(trade, standing, on: since)])
    let candidate = try Liaoning_Registry_V1_NameCandidate.sample("沈阳\(trade)软件有限公司")
    let start = try #require(CivilDate(free)).startInstant
    for seconds in [-86_400, -1, -0.001] {
      clock.setClock(to: start.addingTimeInterval(seconds))
      #expect(try await clock.check(candidate).hits.map(\.rule) == ["R1"])
    }
    clock.setClock(to: start)
    #expect(try await clock.check(candidate).outcome == .reservable)
  }

  @Test(
    "one name stands in the province's set and in each city's, but a county's set is its city's"
  )
  func scopes() async throws {
    func candidate(_ division: String, _ region: String) throws
      -> Liaoning_Registry_V1_NameCandidate
    {
      try .sample("\(division)梣漪软件有限公司", trade: "梣漪", region: region)
    }
    let declarant = try await desk.declarant()
    for (division, region) in [("沈阳", "210100"), ("辽宁", "210100"), ("大连", "210200")] {
      let reservation = try await desk.reserve(try candidate(division, region), as: declarant)
      #expect(reservation.state == .reserved)
    }
    let other = try await desk.declarant()
    for (division, region) in [
      ("新民", "210181"), ("沈阳市和平区", "210102"), ("辽宁省沈阳市", "210100"), ("辽宁省", "210281"),
      ("大连庄河", "210283"), ("大连高新园区", "210200"),
    ] {
      await expectReason("NAME_TAKEN") {
        try await desk.reserve(try candidate(division, region), as: other, confirmed: true)
      }
    }
    _ = try await desk.reserve(try candidate("鞍山铁西", "210303"), as: other)
  }

  @Test("one's own reserved name is taken too; released it can be had again at once")
  func again() async throws {
    let declarant = try await desk.declarant()
    let first = try Liaoning_Registry_V1_NameCandidate.sample("沈阳楝屿软件有限公司")
    let second = try Liaoning_Registry_V1_NameCandidate.sample("沈阳楝岳软件有限公司")
    let reservation = try await desk.reserve(first, as: declarant)
    await expectReason("NAME_TAKEN") { try await desk.reserve(first, as: declarant) }
    let next = try await desk.reserve(first, second, as: declarant)
    #expect(next.candidate == second)
    _ = try await desk.release(reservation, as: declarant)
    let anew = try await desk.reserve(first, second, as: declarant)
    #expect(anew.candidate == first)
    #expect(anew.number != reservation.number)
  }

  @Test("an import run again changes nothing, whatever order its names come in")
  func importAgain() async throws {
    let names = ["榉岚", "榉屿", "榉岚屿", "岚榉"].map { name($0, .registered, on: "2020-02-29") }
    let candidate = try Liaoning_Registry_V1_NameCandidate.sample("沈阳榉岚软件开发有限公司", industry: "软件开发")
    func hits() async throws -> Set<String> {
      Set(try await desk.check(candidate).hits.map { "\($0.enterpriseName) \($0.rule)" })
    }
    func rows() async throws -> [Int64] {
      try await desk.database.query(
        """
        SELECT count(*)
        FROM names.name_key k
        JOIN names.library_name n
          ON n.scope_code = k.scope_code AND n.name_number = k.name_number
        WHERE n.library_id LIKE '%榉%'
        """
      ).map { try $0.decode(Int64.self) }
    }
    _ = try await desk.load(names)
    let (first, keys) = (try await hits(), try await rows())
    #expect(
      first == ["沈阳榉岚软件有限公司 R4", "沈阳榉岚屿软件有限公司 S2", "沈阳岚榉软件有限公司 S4"]
    )
    for order in [names, names.reversed()] {
      _ = try await desk.load(order)
      #expect(try await hits() == first)
      #expect(try await rows() == keys)
    }
  }
}
