internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Two who want one name", .database(namesMigrations))
struct NameRaceTests {
  /// Of each kind.
  private static let rounds = 1_000
  private static let characters = Array("桐梓楠樟柏槐榆柳枫桦椴杉松竹梅菊荷莲桂椿杏桃李梨枣柿榴")

  /// A trade name of three characters for each round.
  private static func trade(_ round: Int) -> String {
    let count = characters.count
    return String([
      characters[round % count], characters[round / count % count],
      characters[(round * 7 + round / count + round / (count * count)) % count],
    ])
  }

  @Test(
    "exactly one gets it, whether the other is identical (R1) or in the same industry (R4)",
    arguments: [("软件", "软件"), ("软件", "软件开发")]
  )
  func race(firstWords: String, secondWords: String) async throws {
    let desk = NameDesk(on: try TestDatabase.ofSuite())
    let city = firstWords == secondWords ? ("沈阳", "210100") : ("大连", "210200")
    let people = try await desk.declarants(2 * Self.rounds)
    for round in 0..<Self.rounds {
      let trade = Self.trade(round)
      func attempt(_ words: String, _ declarant: RegionalID) async throws -> String {
        let candidate = try Liaoning_Registry_V1_NameCandidate.sample(
          "\(city.0)\(trade)\(words)有限公司",
          trade: trade,
          industry: words,
          region: city.1
        )
        do {
          _ = try await desk.reserve(candidate, as: declarant, confirmed: true)
          return "RESERVED"
        } catch let error as NameError {
          return error.reason
        }
      }
      async let first = attempt(firstWords, people[2 * round])
      async let second = attempt(secondWords, people[2 * round + 1])
      let outcomes = try await [first, second].sorted()
      try #require(outcomes == ["NAME_TAKEN", "RESERVED"], "round \(round), \(trade)")
    }
  }

  @Test("whoever tries five more at once holds five")
  func hoardingRace() async throws {
    let desk = NameDesk(on: try TestDatabase.ofSuite())
    let declarant = try await desk.declarant()
    let trades = Self.characters.prefix(10).map { "\($0)屿\($0)" }
    let reserved = try await withThrowingTaskGroup(of: Bool.self) { group in
      for (index, trade) in trades.enumerated() {
        group.addTask {
          let city = [("鞍山", "210300"), ("抚顺", "210400")][index % 2]
          do {
            _ = try await desk.reserve(
              .sample("\(city.0)\(trade)软件有限公司", region: city.1),
              as: declarant,
              confirmed: true
            )
            return true
          } catch let error as NameError where error.reason == "NAME_HOARDING" {
            return false
          }
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(reserved == 5)
  }

  @Test("one reservation, two filings at once: one holds it")
  func holdRace() async throws {
    let desk = NameDesk(on: try TestDatabase.ofSuite())
    let declarant = try await desk.declarant()
    for round in 0..<50 {
      let reservation = try await desk.reserve(
        .sample("营口\(Self.trade(round))软件有限公司", region: "210800"),
        as: declarant,
        confirmed: true
      )
      let id = try #require(
        RegionalID(resourceName: reservation.name, collection: "reservations")
      )
      @Sendable func attempt(_ filing: RegionalID) async throws -> Int {
        do {
          _ = try await desk.atTheDoor {
            try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
          }
          return 1
        } catch NameError.held {
          return 0
        }
      }
      async let first = attempt(RegionalID(region: .liaoning, uuid: UUID()))
      async let second = attempt(RegionalID(region: .liaoning, uuid: UUID()))
      let held = try await first + second
      #expect(held == 1)
      try await desk.atTheDoor { try await $0.giveBack(id, by: "test", at: desk.now) }
      let free = try await desk.get(reservation.name, as: .account(declarant))
      _ = try await desk.release(free, as: declarant)
    }
  }
}
