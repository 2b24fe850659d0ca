internal import APIConventions
internal import EventLoops
internal import Foundation
internal import Identity
internal import Licenses
internal import Postgres
internal import Reviews
internal import Rendering
internal import RoomsTestKit
internal import ShangMi
internal import Vocabulary

@testable internal import Archives

/// The migrations that the room stands on, and its own.
let archivesMigrations =
  filingsMigrations + LicensesMigrations.all + ReviewsMigrations.all + ArchivesMigrations.all

/// The stacks (库房): every room up to the archives on one database, with a clock that a test sets.
final class Stacks: CounterHolder {
  let counter: Counter
  let reviews: ReviewService
  let archives: ArchiveService

  /// The workers of all tests of the process.
  static let workers = Result { try WorkerExecutor(threads: 2, queueLimit: 1_000) }

  /// The registry's key in all tests of the process.
  static let signer = LicenseSigner(key: SigningKey(generating: .sm2))

  /// The stacks on a database.
  ///
  /// - Parameters:
  ///   - database: Migrated.
  ///   - codes: How many subject codes are in the pool.
  ///   - instant: What the clock shows.
  ///   - law: The law in force.
  /// - Throws: What the database or the system says.
  init(
    on database: Database,
    codes: Int = 20,
    at instant: Date = nineOClock,
    law: LawProfile = .current
  ) async throws {
    counter = try Counter(on: database, at: instant, law: law)
    reviews = ReviewService(counter.surroundings, signer: Self.signer)
    archives = ArchiveService(
      counter.surroundings,
      signer: Self.signer,
      renderer: try Counter.renderer.get(),
      workers: try Self.workers.get()
    )
    try await counter.replenish(codes: codes)
  }
}

extension Stacks {
  /// An archivist of Shenyang or of another authority.
  static func archivist(_ number: String = "S0004", of authority: String = "210100") -> Caller {
    .registrar(number, .archivist, of: authority)
  }

  /// Workers of a test's own.
  static func idleWorkers() throws -> WorkerExecutor {
    try WorkerExecutor(threads: 1, queueLimit: 1)
  }
}
