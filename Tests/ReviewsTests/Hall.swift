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
internal import RegistryAPI
internal import Rendering
internal import ShangMi
internal import Signatures
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Filings
@testable internal import Reviews

/// The migrations that the room stands on, and its own.
let reviewsMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + OutboxMigrations.all
  + AccountsMigrations.all + EntitiesMigrations.all + NamesMigrations.all
  + SignaturesMigrations.all + FilingsMigrations.all + LicensesMigrations.all
  + ReviewsMigrations.all

/// The hall where filings are brought and reviewed: every room up to this one on one database, with a
/// clock that a test sets.
final class Hall: Sendable {
  let surroundings: Surroundings
  let accounts: AccountService
  let names: NameService
  let filings: FilingService
  let signatures: SignatureService
  let reviews: ReviewService
  private let clock: Clock

  /// Holds the time where closures can share it.
  private final class Clock: Sendable {
    let now: Mutex<Date>
    init(_ now: Date) { self.now = Mutex(now) }
  }

  /// One renderer for all tests of the process: fonts are slow to open.
  private static let renderer = Result {
    PDFRenderer(workers: try WorkerExecutor(threads: 2, queueLimit: 1_000))
  }

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
    reviews = ReviewService(surroundings, signer: LicenseSigner(key: Self.key))
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
          fullyQualifiedService: "liaoning.registry.v1.ReviewService",
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

  /// Bars a person.
  func restrict(
    _ person: PersonRecord,
    _ scope: Liaoning_Registry_V1_Restriction.Scope
  ) async throws {
    let request = Liaoning_Registry_V1_CreateRestrictionRequest.with {
      $0.restriction.person = person.proto(masked: false)
      $0.restriction.scope = scope
      $0.restriction.ground = "沈市监罚〔2026〕1号"
      $0.requestID = UUID().uuidString
    }
    _ = try await call(as: .registrar("S0009", .head)) {
      try await accounts.createRestriction(request: request, context: $0)
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

  /// A filing before the authority: its rows written by the steps themselves, without papers, which no
  /// step of a review reads.
  func submitted(
    _ content: FilingContent,
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
  /// The head of Shenyang.
  static let head = registrar("S0003", .head)
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
