internal import APIConventions
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

private let shenyang = RegionCode.cities[0].code

/// Everything that acceptances leave behind, to be counted.
private struct Traces: Equatable {
  var accepted = 0
  var reviews = 0
  var events = 0
  var remembered = 0
  /// The serials that were given, from the first to the last.
  var serials: [Int] = []
}

@Suite("Acceptances that come together", .database(reviewsMigrations), .serialized)
struct AcceptanceBatchTests {
  private func hall() async throws -> Hall {
    try await Hall(on: TestDatabase.ofSuite())
  }

  /// What is there of some filings' acceptances.
  private func traces(of filings: [FilingMessage], _ hall: Hall) async throws -> Traces {
    let names = filings.map(\.name)
    let ids = try filings.map { try RegionalID(filingName: $0.name).uuid }
    let row = try await hall.surroundings.database.queryOne(
      """
      SELECT (SELECT count(*) FROM filings.filing f
          WHERE f.filing_id = ANY (\(ids)) AND f.state = 'accepted' AND f.version = 4),
        (SELECT count(*) FROM reviews.review r
          WHERE r.filing_id = ANY (\(ids)) AND r.state = 'accepted' AND r.version = 1),
        (SELECT count(*) FROM ledger.event e WHERE e.filing = ANY (\(names)::text[])
          AND e.kind IN ('filing.accepted', 'review.accepted'))
      """
    )
    let counts = try #require(row).decode(Int.self, Int.self, Int.self)
    let remembered = try await hall.surroundings.database.query(
      "SELECT reply FROM apiconventions.request_log WHERE caller LIKE 'staff/%'"
    ).filter { row in
      let reply = try FilingMessage(serializedBytes: row.decode([UInt8].self))
      return names.contains(reply.name) && reply.state == .accepted
    }
    let numbers = try await hall.surroundings.database.query(
      """
      SELECT r.acceptance_number
      FROM reviews.review r
      WHERE r.filing_id = ANY (\(ids))
      ORDER BY r.acceptance_number
      """
    ).map { try $0.decode(String.self) }
    let serials = numbers.compactMap { number in
      Int(number.split(separator: "第").last?.dropLast() ?? "")
    }
    return Traces(
      accepted: counts.0,
      reviews: counts.1,
      events: counts.2,
      remembered: remembered.count,
      serials: serials
    )
  }

  /// Filings before the authority, five of each applicant: nobody may hold more names.
  private func submitted(
    _ count: Int,
    _ hall: Hall,
    born year: Int
  ) async throws -> (filings: [FilingMessage], first: Citizen) {
    var filings: [FilingMessage] = []
    var citizens: [Citizen] = []
    while filings.count < count {
      let citizen = try await hall.citizen(Person.sample(citizens.count + 1, born: year))
      citizens.append(citizen)
      for _ in 0..<min(5, count - filings.count) {
        filings.append(try await hall.submitted(.company([citizen.person]), by: citizen))
      }
    }
    return (filings, citizens[0])
  }

  /// Makes calls that form one batch: all of them wait while two acceptances before them are kept from
  /// their numbers.
  ///
  /// - Parameters:
  ///   - hall: Where.
  ///   - ahead: The two.
  ///   - refused: How many of the calls are refused before they come to wait.
  ///   - calls: The calls.
  /// - Returns: What became of them.
  /// - Throws: What the first two meet.
  private func together<Value: Sendable>(
    _ hall: Hall,
    after ahead: ArraySlice<FilingMessage>,
    refused: Int = 0,
    _ calls: [@Sendable () async throws -> Value]
  ) async throws -> [Result<Value, any Error>] {
    let (first, tasks) = try await hall.atDesk { _, transaction in
      _ = try await ReviewStore(transaction).nextSerial(of: shenyang, year: 2026)
      let first = ahead.map { filing in Task { try await hall.accept(filing) } }
      while try await blocked(hall) < 2 { await Task.yield() }
      let tasks = calls.map { call in Task { try await call() } }
      while hall.reviews.acceptances.waiting < calls.count - refused { await Task.yield() }
      return (first, tasks)
    }
    for task in first { #expect(try await task.value.state == .accepted) }
    var results: [Result<Value, any Error>] = []
    for task in tasks { results.append(await task.result) }
    return results
  }

  /// How many statements in the database wait for a lock.
  private func blocked(_ hall: Hall) async throws -> Int {
    let row = try await hall.surroundings.database.queryOne(
      """
      SELECT count(*)
      FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
      """
    )
    return try row?.decode(Int.self) ?? 0
  }

  @Test("a thousand callers accept five filings once each", .timeLimit(.minutes(1)))
  func race() async throws {
    let hall = try await hall()
    let filings = try await submitted(5, hall, born: 1981).filings
    let outcomes = try await withThrowingTaskGroup { group in
      for number in 0..<1_000 {
        group.addTask {
          let clerk = Caller.registrar("S0\(100 + number % 7)", .clerk)
          let filing = filings[number % 5]
          return (filing.name, try await outcome { try await hall.accept(filing, as: clerk) })
        }
      }
      return try await group.reduce(into: [:]) { counts, outcome in
        counts[[outcome.0, outcome.1 ?? "OK"], default: 0] += 1
      }
    }
    for filing in filings {
      #expect(outcomes[[filing.name, "OK"]] == 1)
      #expect(outcomes[[filing.name, "FILING_NOT_SUBMITTED"]] == 199)
    }
    let traces = try await traces(of: filings, hall)
    #expect(traces.accepted == 5)
    #expect(traces.reviews == 5)
    #expect(traces.events == 10)
    #expect(traces.remembered == 5)
  }

  @Test("repeats at once get one reply")
  func repeats() async throws {
    let hall = try await hall()
    let filings = try await submitted(3, hall, born: 1982).filings
    let requestID = UUID().uuidString
    let results = try await together(
      hall,
      after: filings[1...],
      (0..<50).map { _ in { try await hall.accept(filings[0], requestID: requestID) } }
    )
    let replies = try results.map { try $0.get() }
    #expect(replies.allSatisfy { $0 == replies[0] && $0.state == .accepted })
    #expect(try await traces(of: [filings[0]], hall).remembered == 1)
  }

  @Test("of two filings under one id at once one is accepted, in the same batch or not")
  func oneIDForTwo() async throws {
    let hall = try await hall()
    let filings = try await submitted(20, hall, born: 1983).filings
    for place in stride(from: 0, to: 20, by: 4) {
      let (pair, requestID) = (filings[place..<place + 2], UUID().uuidString)
      let calls = pair.map { one in
        { @Sendable in try await outcome { try await hall.accept(one, requestID: requestID) } }
      }
      let outcomes = try await together(hall, after: filings[place + 2..<place + 4], calls)
        .map { try $0.get() }
      #expect(Set(outcomes) == [nil, "REQUEST_ID_REUSED"])
      #expect(try await traces(of: Array(pair), hall).accepted == 1)
    }
    let last = try await submitted(20, hall, born: 1984).filings
    for place in stride(from: 0, to: 20, by: 2) {
      let requestID = UUID().uuidString
      async let one = outcome { try await hall.accept(last[place], requestID: requestID) }
      async let other = outcome { try await hall.accept(last[place + 1], requestID: requestID) }
      let outcomes = try await [one, other]
      #expect(Set(outcomes) == [nil, "REQUEST_ID_REUSED"])
    }
  }

  @Test("each of many at once ends as it would alone, and only what stands is written")
  func mixture() async throws {
    let hall = try await hall()
    let (all, _) = try await submitted(42, hall, born: 1985)
    let filings = all[..<40]
    let returned = try await hall.returned(filings[0])
    var (stale, absent) = (filings[1], filings[2])
    stale.etag = "v2"
    absent.name = "filings/210100-\(UUID().uuidString.lowercased())"
    let used = UUID().uuidString
    let first = try await hall.accept(filings[3], requestID: used)
    // The sixth filing is that of the second applicant.
    let own = Caller.registrar("S0033", .clerk, person: Person.sample(2, born: 1985))
    let stranger = Caller.registrar("S0034", .clerk, of: "210200")
    let cases: [(filing: FilingMessage, caller: Caller, requestID: String, reason: String?)] =
      [
        (returned, .clerk, UUID().uuidString, "FILING_NOT_SUBMITTED"),
        (stale, .clerk, UUID().uuidString, "FILING_STALE"),
        (absent, .clerk, UUID().uuidString, "FILING_NOT_FOUND"),
        (filings[3], .clerk, used, nil),
        (filings[3], .clerk, UUID().uuidString, "FILING_NOT_SUBMITTED"),
        (filings[4], .clerk, used, "REQUEST_ID_REUSED"),
        (filings[5], own, UUID().uuidString, "REVIEW_OWN_FILING"),
        (filings[6], stranger, UUID().uuidString, "FILING_NOT_FOUND"),
        (filings[7], .clerk, "1", "REQUEST_ID_MALFORMED"),
      ] + filings[8...].map { ($0, .clerk, UUID().uuidString, nil) }
    let results = try await together(
      hall,
      after: all[40...],
      refused: 2,
      cases.map { one in
        { try await hall.accept(one.filing, as: one.caller, requestID: one.requestID) }
      }
    )
    for (one, result) in zip(cases, results) {
      #expect(try await outcome { try result.get() } == one.reason, "\(one.filing.name)")
      if one.reason == nil { #expect(try result.get().name == one.filing.name) }
    }
    #expect(try results[3].get() == first)
    let traces = try await traces(of: Array(filings[1...]), hall)
    #expect(traces.accepted == 33)
    #expect(traces.reviews == 33)
    #expect(traces.events == 66)
    #expect(traces.remembered == 33)
    // The numbers of those that were accepted at once are of one series without a gap.
    let serials = traces.serials.dropFirst()
    #expect(serials.last.map { $0 - serials.count + 1 } == serials.first)
  }

  @Test("what one filing lacks keeps no other from being accepted")
  func hardFailure() async throws {
    let hall = try await hall()
    let (all, citizen) = try await submitted(11, hall, born: 1986)
    let filings = Array(all[..<9])
    let clerk = Caller.registrar("S0035", .clerk, of: "211100")
    let chair = try await hall.citizen(Person.sample(50, born: 1986))
    let cooperative = try await hall.submitted(
      .cooperative([citizen.person] + Person.crowd(5)),
      by: chair
    )
    try await hall.surroundings.database.runScript(
      "DELETE FROM accounts.authority WHERE region_code = 211100"
    )
    let results = try await together(
      hall,
      after: all[9...],
      [{ try await hall.accept(cooperative, as: clerk) }]
        + filings.map { filing in { try await hall.accept(filing) } }
    )
    #expect(throws: AuthorityMissing.self) { try results[0].get() }
    for result in results.dropFirst() { #expect(try result.get().state == .accepted) }
    let traces = try await traces(of: filings, hall)
    #expect(traces.accepted == 9)
    #expect(traces.serials.last.map { $0 - 8 } == traces.serials.first)
    #expect(try await self.traces(of: [cooperative], hall) == Traces())
  }

  @Test("what was returned before is accepted among others, in its own review")
  func afterReturns() async throws {
    let hall = try await hall()
    let (all, citizen) = try await submitted(14, hall, born: 1987)
    var filings = Array(all[..<12])
    // The first five are of one applicant.
    for number in [0, 3] {
      let returned = try await hall.returned(filings[number])
      let edited = try await hall.update(returned, paths: ["content.domicile"], by: citizen) {
        $0.domicile = "辽宁省沈阳市和平区试验二路2号B座202室"
      }
      filings[number] = try await hall.resubmitted(edited, by: citizen)
    }
    let results = try await together(
      hall,
      after: all[12...],
      filings.map { filing in { try await hall.accept(filing) } }
    )
    for (number, result) in results.enumerated() {
      let accepted = try result.get()
      let review = try await hall.review(of: accepted)
      #expect(review.acceptanceNumber.isEmpty == false)
      let events = try await hall.events(of: accepted)
      #expect(events.suffix(2) == ["filing.accepted", "review.accepted"])
      #expect(events.contains("review.returned") == [0, 3].contains(number))
    }
  }
}
