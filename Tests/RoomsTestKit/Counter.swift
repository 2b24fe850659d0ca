package import APIConventions
package import Accounts
internal import Entities
internal import EventLoops
package import Filings
package import Foundation
package import GRPCCore
package import Identity
internal import Ledger
package import Names
internal import Outbox
package import Postgres
package import Rendering
package import Signatures
internal import Synchronization
package import Vocabulary

/// The migrations that filings stand on, and their own.
package let filingsMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + OutboxMigrations.all
  + AccountsMigrations.all + EntitiesMigrations.all + NamesMigrations.all
  + SignaturesMigrations.all + FilingsMigrations.all

/// The rooms that a filing passes, on one database, with a clock and a legal-entity library that a test
/// sets.
package final class Counter: CounterHolder {
  /// What the rooms share.
  package let surroundings: Surroundings
  /// The accounts.
  package let accounts: AccountService
  /// The names.
  package let names: NameService
  /// The filings.
  package let filings: FilingService
  /// The signatures.
  package let signatures: SignatureService
  private let state: SharedState<State>

  private struct State {
    var now: Date
    var answers: [UnifiedSocialCreditCode: EntityLookUp] = [:]
    var isLibraryDown = false
  }

  /// One renderer for all tests of the process: fonts are slow to open.
  package static let renderer = Result {
    PDFRenderer(workers: try WorkerExecutor(threads: 2, queueLimit: 1_000))
  }

  /// A counter on a database.
  ///
  /// - Parameters:
  ///   - database: Migrated.
  ///   - instant: What the clock shows.
  ///   - law: The law in force.
  /// - Throws: What the system or the fonts say.
  package init(
    on database: Database,
    at instant: Date = nineOClock,
    law: LawProfile = .current
  ) throws {
    let state = SharedState(State(now: instant))
    self.state = state
    surroundings = Surroundings(
      database: database,
      now: { state.mutex.withLock { $0.now } },
      newUUID: { UUID() },
      law: law
    )
    let libraries = IdentityLibraries(
      comparePerson: { _, _, _ in .match },
      lookUpEntity: { code, _ in
        try state.mutex.withLock { state in
          guard !state.isLibraryDown else { throw AccountError.sourceUnavailable }
          return state.answers[code] ?? EntityLookUp(outcome: .notFound)
        }
      }
    )
    accounts = AccountService(surroundings, libraries: libraries)
    names = NameService(surroundings)
    filings = FilingService(
      surroundings,
      renderer: try Self.renderer.get(),
      libraries: libraries
    )
    let newUUID = surroundings.newUUID
    signatures = SignatureService(
      surroundings,
      libraries: libraries,
      documents: DocumentSource { transaction, filing, kind in
        try await FilingDesk(transaction, newUUID: newUUID).document(of: filing, kind)?.pdf
      }
    )
  }

  /// Itself.
  package var counter: Counter { self }

  /// What the clock shows.
  package var now: Date { state.mutex.withLock { $0.now } }

  /// Moves the clock.
  package func moveClock(by seconds: TimeInterval) {
    state.mutex.withLock { $0.now.addTimeInterval(seconds) }
  }

  /// Fills the pool of subject codes.
  package func replenish(codes: Int) async throws {
    try await surroundings.database.withTransaction { transaction in
      try await CodePool(transaction).replenish(prefix: "XX", upTo: codes)
    }
  }

  /// Sets who signs for an organization by the library.
  package func setSignatory(_ person: PersonRecord, of organization: OrganizationRecord) {
    setAnswer(
      EntityLookUp(
        outcome: .found,
        enterpriseName: organization.enterpriseName,
        legalRepresentative: person
      ),
      of: organization
    )
  }

  /// Sets what the library says of an organization.
  package func setAnswer(_ answer: EntityLookUp, of organization: OrganizationRecord) {
    state.mutex.withLock { $0.answers[organization.creditCode] = answer }
  }

  /// Sets whether the library answers.
  package func setLibrary(isDown: Bool) { state.mutex.withLock { $0.isLibraryDown = isDown } }

  private static let nameCount = Mutex(0)

  /// A number that no other test of the process gets.
  package func nextSerial() -> Int {
    Self.nameCount.withLock { count in
      count += 1
      return count
    }
  }

  /// A trade name that no other test of the process gets.
  package func nextTradeName() -> String {
    let number = nextSerial()
    // Four characters of ten: rare enough not to be words, and no two numbers share them.
    let digits = Array("澜漪舸砚荞棠岚穗笙蘅")
    return String(
      String(1_000 + number).suffix(4).compactMap(\.wholeNumberValue).map { digits[$0] }
    )
  }
}

/// Holds a mutex where closures can share it.
private final class SharedState<Value>: Sendable {
  let mutex: Mutex<Value>
  init(_ value: sending Value) { mutex = Mutex(value) }
}

/// A place built around a counter, which can do what the counter can.
package protocol CounterHolder: Sendable {
  /// The counter.
  var counter: Counter { get }
}

extension CounterHolder {
  /// What the rooms share.
  package var surroundings: Surroundings { counter.surroundings }
  /// The accounts.
  package var accounts: AccountService { counter.accounts }
  /// The names.
  package var names: NameService { counter.names }
  /// The filings.
  package var filings: FilingService { counter.filings }
  /// The signatures.
  package var signatures: SignatureService { counter.signatures }
  /// What the clock shows.
  package var now: Date { counter.now }

  /// Moves the clock.
  package func moveClock(by seconds: TimeInterval) { counter.moveClock(by: seconds) }

  /// Calls a service as `caller`.
  package func call<Reply>(
    as caller: Caller,
    _ method: (ServerContext) async throws -> Reply
  ) async throws -> Reply {
    try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.FilingService",
          method: "Test"
        ),
        remotePeer: "in-process:1",
        localPeer: "in-process:2",
        cancellation: handle
      )
      context.transportSpecific = CallContext(caller: caller, listener: .outer)
      return try await method(context)
    }
  }

  /// Runs a body with the filings' door in a transaction.
  package func atDesk<Value: Sendable>(
    _ body: (FilingDesk, Transaction) async throws -> Value
  ) async throws -> Value {
    let newUUID = surroundings.newUUID
    return try await surroundings.database.withTransaction { transaction in
      try await body(FilingDesk(transaction, newUUID: newUUID), transaction)
    }
  }
}
