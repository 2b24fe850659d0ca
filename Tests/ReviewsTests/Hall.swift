internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Licenses
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RoomsTestKit
internal import ShangMi
internal import Signatures
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

/// The migrations that the room stands on, and its own.
let reviewsMigrations = filingsMigrations + LicensesMigrations.all + ReviewsMigrations.all

/// The hall where filings are brought and reviewed: every room up to this one on one database, with a
/// clock that a test sets.
final class Hall: CounterHolder {
  let counter: Counter
  let reviews: ReviewService

  /// One key for all tests of the process.
  private static let key = SigningKey(generating: .sm2)

  /// A hall on a database.
  ///
  /// - Parameters:
  ///   - database: Migrated.
  ///   - codes: How many subject codes are in the pool.
  ///   - instant: What the clock shows.
  ///   - law: The law in force.
  /// - Throws: What the database or the fonts say.
  init(
    on database: Database,
    codes: Int = 20,
    at instant: Date = nineOClock,
    law: LawProfile = .current
  ) async throws {
    counter = try Counter(on: database, at: instant, law: law)
    reviews = ReviewService(counter.surroundings, signer: LicenseSigner(key: Self.key))
    try await counter.replenish(codes: codes)
  }

  /// A filing before the authority: its rows written by the steps themselves, without papers, which no
  /// step of a review reads.
  func submitted(
    _ content: Liaoning_Registry_V1_FilingContent,
    by citizen: Citizen,
    reservation: String? = nil
  ) async throws -> Liaoning_Registry_V1_Filing {
    let opened = try await open(content, by: citizen, reservation: reservation)
    return try await resubmitted(opened, by: citizen)
  }

  /// The same of a draft that is there.
  func resubmitted(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let id = try RegionalID(filingName: filing.name)
    let (now, law) = (now, surroundings.law)
    return try await atDesk { desk, _ in
      let draft = try await desk.lockedFiling(id)
      let prepared = try draft.prepared(at: now, under: law)
      try await desk.save(prepared, over: draft, .filingPrepared, by: citizen.account, at: now)
      let submitted = try prepared.submitted(
        with: SignatureProgress(total: 1, signed: 1, refusal: nil),
        at: now,
        dueDate: law.actionDueDate(after: CivilDate(now))
      )
      try await desk.names.keepAlive(draft.name.reservation, by: citizen.account, from: now)
      try await desk.save(submitted, over: prepared, .filingSubmitted, by: citizen.account, at: now)
      return try await desk.proto(of: submitted)
    }
  }
}
