internal import APIConventions
internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Ledger
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

/// The migrations that the room stands on, and its own.
let accountsMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + AccountsMigrations.all

/// 2026-03-02 09:00 in Shenyang: the hour of the tests unless they move it.
let nineOClock = Date(timeIntervalSince1970: 1_772_413_200)

/// The room with a clock and libraries that a test sets.
final class Office: Sendable {
  let database: Database
  let surroundings: Surroundings
  let service: AccountService
  private let clock: SharedClock
  private let libraries = ScriptedLibraries()

  init(
    on database: Database,
    at instant: Date = nineOClock,
    verification: IdentityVerificationMode = .enforced
  ) {
    let clock = SharedClock(instant)
    self.clock = clock
    self.database = database
    surroundings = Surroundings(
      database: database,
      now: { clock.now },
      newUUID: { clock.newUUID() },
      law: .current
    )
    service = AccountService(
      surroundings,
      libraries: libraries.libraries,
      verification: verification
    )
  }

  var now: Date { clock.now }
  func moveClock(by seconds: TimeInterval) { clock.move(by: seconds) }
  func setClock(to instant: Date) { clock.move(by: instant.timeIntervalSince(now)) }

  /// Sets what the population library says of a person from now on; nothing means no answer.
  func setAnswer(_ answer: PersonComparison?, about person: PersonRecord) {
    libraries.set(answer, about: person.identityNumber)
  }

  /// Sets what the legal-entity library says of an organization from now on; nothing means no answer.
  func setAnswer(_ answer: EntityLookUp?, about organization: OrganizationRecord) {
    libraries.set(answer, about: organization.creditCode)
  }

  /// The ids under which the libraries were asked, in order.
  var comparisonIDs: [UUID] { libraries.ids }

  /// Calls the service as `caller`.
  func call<Reply>(
    as caller: Caller = .anonymous,
    _ method: (ServerContext) async throws -> Reply
  ) async throws -> Reply {
    try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.AccountService",
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

  /// Runs `body` with the directory in a transaction.
  func inDirectory<Value: Sendable>(
    _ body: (AccountDirectory) async throws -> Value
  ) async throws -> Value {
    try await database.withTransaction { transaction in
      try await body(AccountDirectory(transaction))
    }
  }
}

/// A clock that stands until it is moved, and ids that follow one another.
final class SharedClock: Sendable {
  private let state: Mutex<(now: Date, count: UInt64)>

  init(_ instant: Date) {
    state = Mutex((instant, 0))
  }

  var now: Date { state.withLock { $0.now } }
  func move(by seconds: TimeInterval) {
    state.withLock { $0.now = $0.now.addingTimeInterval(seconds) }
  }

  /// A UUID v7 of the clock's time and a count, so that ids stand in the order of their making.
  func newUUID() -> UUID {
    let (time, count) = state.withLock { state in
      state.count += 1
      return (UInt64(state.now.timeIntervalSince1970 * 1_000), state.count)
    }
    let random = secureRandomBytes(8)
    func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 {
      UInt8(truncatingIfNeeded: value >> shift)
    }
    return UUID(
      uuid: (
        byte(time, 40), byte(time, 32), byte(time, 24), byte(time, 16), byte(time, 8),
        byte(time, 0),
        0x70 | byte(count, 8) & 0x0F, byte(count, 0), 0x80 | random[0] & 0x3F, random[1], random[2],
        random[3], random[4], random[5], random[6], random[7]
      )
    )
  }
}

/// Libraries that answer what a test tells them; whoever they know nothing of matches.
final class ScriptedLibraries: Sendable {
  private struct Script {
    var people: [ResidentIdentityNumber: PersonComparison?] = [:]
    var entities: [UnifiedSocialCreditCode: EntityLookUp?] = [:]
    var ids: [UUID] = []
  }
  private let script = Mutex(Script())

  var ids: [UUID] { script.withLock { $0.ids } }

  func set(_ answer: PersonComparison?, about number: ResidentIdentityNumber) {
    script.withLock { $0.people[number] = .some(answer) }
  }

  func set(_ answer: EntityLookUp?, about code: UnifiedSocialCreditCode) {
    script.withLock { $0.entities[code] = .some(answer) }
  }

  var libraries: IdentityLibraries {
    IdentityLibraries(
      comparePerson: { [self] _, number, id in
        let answer = script.withLock { script in
          script.ids.append(id)
          return script.people[number] ?? .match
        }
        guard let answer else { throw AccountError.sourceUnavailable }
        return answer
      },
      lookUpEntity: { [self] code, id in
        let answer = script.withLock { script in
          script.ids.append(id)
          return script.entities[code] ?? EntityLookUp(outcome: .notFound)
        }
        guard let answer else { throw AccountError.sourceUnavailable }
        return answer
      }
    )
  }
}

/// Expects a failure of the house with this reason.
func expectReason(
  _ reason: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> some Sendable
) async {
  do {
    _ = try await body()
    Issue.record("\(reason) was expected, and nothing failed", sourceLocation: sourceLocation)
  } catch let error as any RegistryError {
    #expect(error.reason == reason, sourceLocation: sourceLocation)
  } catch {
    Issue.record("\(reason) was expected: \(error)", sourceLocation: sourceLocation)
  }
}
