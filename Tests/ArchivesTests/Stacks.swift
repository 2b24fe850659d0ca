internal import APIConventions
internal import Accounts
internal import Entities
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Ledger
internal import Licenses
internal import Names
internal import Outbox
internal import Postgres
internal import Reviews
internal import RegistryAPI
internal import Rendering
internal import ShangMi
internal import Signatures
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Archives

/// The migrations that the room stands on, and its own.
let archivesMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + OutboxMigrations.all
  + AccountsMigrations.all + EntitiesMigrations.all + NamesMigrations.all
  + SignaturesMigrations.all + FilingsMigrations.all + LicensesMigrations.all
  + ReviewsMigrations.all + ArchivesMigrations.all

/// The stacks (库房): every room up to the archives on one database, with a clock that a test sets.
final class Stacks: Sendable {
  let surroundings: Surroundings
  let accounts: AccountService
  let names: NameService
  let filings: FilingService
  let signatures: SignatureService
  let reviews: ReviewService
  let archives: ArchiveService
  private let clock: Clock

  /// Holds the time where closures can share it.
  private final class Clock: Sendable {
    let now: Mutex<Date>
    init(_ now: Date) { self.now = Mutex(now) }
  }

  /// The workers of all tests of the process.
  static let workers = Result { try WorkerExecutor(threads: 2, queueLimit: 1_000) }

  /// One renderer for all tests of the process: fonts are slow to open.
  static let renderer = Result { PDFRenderer(workers: try workers.get()) }

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
    let clock = Clock(instant)
    self.clock = clock
    surroundings = Surroundings(
      database: database,
      now: { clock.now.withLock(\.self) },
      newUUID: { UUID() },
      law: law
    )
    let libraries = IdentityLibraries(
      comparePerson: { _, _, _ in .match },
      lookUpEntity: { _, _ in EntityLookUp(outcome: .notFound) }
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
    reviews = ReviewService(surroundings, signer: Self.signer)
    archives = ArchiveService(
      surroundings,
      signer: Self.signer,
      renderer: try Self.renderer.get(),
      workers: try Self.workers.get()
    )
    try await database.withTransaction { transaction in
      try await CodePool(transaction).replenish(prefix: "XX", upTo: codes)
    }
  }

  var now: Date { clock.now.withLock(\.self) }
  func moveClock(by seconds: TimeInterval) {
    clock.now.withLock { $0.addTimeInterval(seconds) }
  }

  private static let nameCount = Mutex(0)

  /// A trade name that no other test of the process gets.
  private func nextTradeName() -> String {
    let number = Self.nameCount.withLock { count in
      count += 1
      return count
    }
    // Four characters of ten: rare enough not to be words, and no two numbers share them.
    let digits = Array("澜漪舸砚荞棠岚穗笙蘅")
    return String(
      String(10_000 + number).suffix(4).compactMap(\.wholeNumberValue).map { digits[$0] }
    )
  }

  /// Calls a service as `caller`.
  func call<Reply>(
    as caller: Caller,
    _ method: (ServerContext) async throws -> Reply
  ) async throws -> Reply {
    try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.ArchiveService",
          method: "Test"
        ),
        remotePeer: "in-process:1",
        localPeer: "in-process:2",
        cancellation: handle
      )
      context.transportSpecific = CallContext(caller: caller, listener: .inner)
      return try await method(context)
    }
  }

  /// Runs a body with the filings' door in a transaction.
  func atDesk<Value: Sendable>(
    _ body: (FilingDesk, Transaction) async throws -> Value
  ) async throws -> Value {
    let newUUID = surroundings.newUUID
    return try await surroundings.database.withTransaction { transaction in
      try await body(FilingDesk(transaction, newUUID: newUUID), transaction)
    }
  }

  /// Reserves a name fit for a content, of a trade name of its own.
  func reserve(for content: FilingContent, by citizen: Citizen) async throws -> String {
    let city = content.domicileRegion.city.name.dropLast()
    let (division, industry, form) =
      switch content.details {
      case .company: ("\(city)", "软件", "有限公司")
      case .cooperative: ("\(city)", "水稻种植", "专业合作社")
      case .individualBusiness: ("\(city)市", "面", "馆")
      }
    let trade = nextTradeName()
    let request = Liaoning_Registry_V1_ReserveNameRequest.with {
      $0.candidates = [
        .with {
          $0.enterpriseName = division + trade + industry + form
          $0.tradeName = trade
          $0.industryWords = industry
          $0.industryClass = "6513"
          $0.entityType = content.entityType.code
          $0.regionCode = content.domicileRegion.city.description
        }
      ]
      $0.similarConfirmed = true
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await names.reserveName(request: request, context: $0).name
    }
  }

  /// Opens a draft with a name of its own, or one that is reserved.
  func open(
    _ content: FilingContent,
    by citizen: Citizen,
    reservation: String? = nil
  ) async throws -> Liaoning_Registry_V1_Filing {
    let held: String
    if let reservation {
      held = reservation
    } else {
      held = try await reserve(for: content, by: citizen)
    }
    let request = Liaoning_Registry_V1_CreateFilingRequest.with {
      $0.filing.business = .establishment
      $0.filing.reservation = held
      $0.filing.content = content.proto(masked: false)
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.createFiling(request: request, context: $0)
    }
  }
}

extension Caller {
  /// A registrar of Shenyang, or of another authority.
  static func registrar(
    _ number: String,
    _ role: Role,
    of authority: String = "210100",
    person: PersonRecord? = nil
  ) -> Caller {
    .staff(
      StaffCaller(
        number: number,
        authority: RegionCode(authority) ?? .liaoning,
        roles: [role],
        identityNumber: person?.identityNumber.description ?? "210101198001010014"
      )
    )
  }

  /// The clerk of Shenyang.
  static let clerk = registrar("S0001", .clerk)
  /// An examiner of Shenyang.
  static let examiner = registrar("S0002", .examiner)
  /// An archivist of Shenyang.
  static let archivist = registrar("S0004", .archivist)
}

/// Expects a failure of the house with this reason.
///
/// - Returns: The failure, for a closer look.
@discardableResult
func expectReason(
  _ reason: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> some Sendable
) async -> (any RegistryError)? {
  do {
    _ = try await body()
    Issue.record("\(reason) was expected, and nothing failed", sourceLocation: sourceLocation)
  } catch let error as any RegistryError {
    #expect(error.reason == reason, sourceLocation: sourceLocation)
    return error
  } catch {
    Issue.record("\(reason) was expected: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

/// Runs a call, and tells the reason of its failure; nothing if it succeeded.
func outcome(_ body: @Sendable () async throws -> some Sendable) async throws -> String? {
  do {
    _ = try await body()
    return nil
  } catch let error as any RegistryError {
    return error.reason
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
