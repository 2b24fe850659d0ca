internal import APIConventions
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Synchronization
internal import Testing

@testable internal import Filings
@testable internal import Reviews

/// How many times the race is run, on four lanes at once.
private let rounds = 1_000
private let laneCount = 4

@Suite("Withdrawal against approval", .database(reviewsMigrations), .serialized)
struct ReviewRaceTests {
  @Test("exactly one of the two takes effect, and all of it (C10)", .timeLimit(.minutes(5)))
  func withdrawAndApprove() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite(), codes: rounds + 10)
    let approvals = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<laneCount {
        group.addTask {
          let lane = try await Lane(hall, number)
          for round in 0..<rounds / laneCount { try await lane.run(round) }
          return lane.approvals
        }
      }
      return try await group.reduce(0, +)
    }
    // Both come first now and then, or the race was none.
    #expect((1..<rounds).contains(approvals))
    // Each approval wrote everything once, each withdrawal nothing of it.
    let counts = try await hall.surroundings.database.query(
      """
      SELECT (SELECT count(*) FROM entities.entity), (SELECT count(*) FROM licenses.license),
        (SELECT count(*) FROM outbox.delivery), (SELECT count(*) FROM names.reservation r
          WHERE r.state = 'used'),
        (SELECT count(*) FROM reviews.review r WHERE r.state = 'approved'),
        (SELECT count(*) FROM filings.filing f WHERE f.state = 'completed'),
        (SELECT count(*) FROM entities.code_pool c WHERE c.entity_id IS NOT NULL),
        (SELECT count(*) FROM reviews.review r WHERE r.state = 'examined'),
        (SELECT count(*) FROM filings.filing f WHERE f.state = 'withdrawn')
      """
    )
    let row = try #require(counts.first)
    for column in 0..<7 { #expect(try row.decode(Int.self, at: column) == approvals) }
    for column in 7..<9 { #expect(try row.decode(Int.self, at: column) == rounds - approvals) }
  }
}

/// One applicant whose filings are withdrawn and approved at once, one after the other.
private final class Lane {
  private let hall: Hall
  private let citizen: Citizen
  private var reservation: String?
  /// How many approvals came first.
  private(set) var approvals = 0

  init(_ hall: Hall, _ number: Int) async throws {
    self.hall = hall
    citizen = try await hall.citizen(Person.sample(number, born: 1965))
  }

  func run(_ round: Int) async throws {
    let filing = try await examined()
    let (hall, citizen) = (hall, citizen)
    let withdrawal = { @Sendable in
      try await outcome { try await hall.withdraw(filing, by: citizen) }
    }
    let approval = { @Sendable in try await outcome { try await hall.approve(filing) } }
    // Whoever is started first is first somewhat more often: they take turns.
    let (withdrawn, approved): (String?, String?)
    if round.isMultiple(of: 2) {
      async let first = withdrawal()
      async let second = approval()
      (withdrawn, approved) = try await (first, second)
    } else {
      async let first = approval()
      async let second = withdrawal()
      (approved, withdrawn) = try await (first, second)
    }
    let end = try await hall.get(filing)
    switch (withdrawn, approved) {
    case (nil, "FILING_NOT_EXAMINED"):
      try #require(end.state == .withdrawn && end.entity.isEmpty, "\(filing.name)")
      reservation = filing.reservation
    case ("FILING_DECIDED", nil):
      try #require(end.state == .completed && !end.entity.isEmpty, "\(filing.name)")
      approvals += 1
      reservation = nil
    default:
      throw BothOrNone(withdrawn: withdrawn, approved: approved)
    }
  }

  /// A filing that is examined, with the name that a withdrawal gave back or a new one.
  private func examined() async throws -> FilingMessage {
    let submitted = try await hall.submitted(
      .company([citizen.person]),
      by: citizen,
      reservation: reservation
    )
    return try await hall.examine(try await hall.accept(submitted))
  }
}

/// The two calls did not exclude each other, or both failed.
private struct BothOrNone: Error {
  let withdrawn: String?
  let approved: String?
}
