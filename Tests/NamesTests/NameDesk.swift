internal import APIConventions
internal import Accounts
internal import Entities
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Ledger
internal import Postgres
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Names

/// The migrations that the room stands on, and its own.
let namesMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + AccountsMigrations.all
  + EntitiesMigrations.all + NamesMigrations.all

/// 2026-11-20 10:00 in Shenyang: the test day.
let testDay = Date(timeIntervalSince1970: 1_795_140_000)

/// The service with a clock that a test sets, and declarants who may reserve.
final class NameDesk: Sendable {
  let database: Database
  let service: NameService
  let surroundings: Surroundings
  private let clock: SettableClock

  init(on database: Database, at instant: Date = testDay, law: LawProfile = .current) {
    let clock = SettableClock(instant)
    self.database = database
    self.clock = clock
    surroundings = Surroundings(
      database: database,
      now: { clock.now },
      newUUID: { UUID() },
      law: law
    )
    service = NameService(surroundings)
  }

  var now: Date { clock.now }
  func moveClock(byDays days: Double) { clock.move(by: days * 86_400) }
  func setClock(to instant: Date) { clock.move(by: instant.timeIntervalSince(now)) }

  /// Accounts of persons who may declare names.
  func declarants(_ count: Int) async throws -> [RegionalID] {
    let ids = (0..<count).map { _ in RegionalID(region: .liaoning, uuid: UUID()) }
    let key = SM2PrivateKey().publicKey
    let uuids = ids.map(\.uuid)
    let codes = ids.indices.map { _ in IdentityNumbers.next() }
    try await database.withTransaction { transaction in
      try await transaction.run([
        """
        INSERT INTO ledger.event (region_code, event_id, subject_id, subject_version, subject, kind,
          actor, event_time, salt, state_sm3, details)
        SELECT 210000, gen_random_uuid(), a.id, 1, 'accounts/' || a.id, 'account.created', 'test',
          \(testDay), decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'), '{}'
        FROM unnest(\(uuids)) a (id)
        """,
        """
        INSERT INTO accounts.account (region_code, account_id, category, holder_name, holder_code,
          mobile_number, verification, verification_mode, verification_code, verify_time,
          agreement_version, agreement_sign_time, create_time, version)
        SELECT 210000, a.id, 'natural_person', '赵测试', a.code, '13800000000', 'verified',
          'enforced', '00', \(testDay), (SELECT max(agreement_version) FROM accounts.agreement),
          \(testDay), \(testDay), 1
        FROM unnest(\(uuids), \(codes)::text[]) a (id, code)
        """,
        """
        INSERT INTO accounts.signing_key (region_code, account_id, key_sm3, public_key, algorithm,
          create_time)
        SELECT 210000, a.id, \(SM3.digest(key.der).bytes), \(key.der), 'SM2_WITH_SM3', \(testDay)
        FROM unnest(\(uuids)) a (id)
        """,
      ])
    }
    return ids
  }

  /// One such account.
  func declarant() async throws -> RegionalID {
    try await declarants(1)[0]
  }

  /// Calls the service as an account, as staff, or as nobody.
  func call<Reply>(
    as caller: Caller = .anonymous,
    _ method: (ServerContext) async throws -> Reply
  ) async throws -> Reply {
    try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.NameService",
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

  /// Declares candidates.
  func reserve(
    _ candidates: Liaoning_Registry_V1_NameCandidate...,
    as declarant: RegionalID,
    confirmed: Bool = false,
    requestID: UUID = UUID()
  ) async throws -> Liaoning_Registry_V1_Reservation {
    try await call(as: .account(declarant)) { context in
      try await service.reserveName(
        request: .with {
          $0.candidates = candidates
          $0.similarConfirmed = confirmed
          $0.requestID = requestID.uuidString
        },
        context: context
      )
    }
  }

  /// Checks a candidate.
  func check(
    _ candidate: Liaoning_Registry_V1_NameCandidate
  ) async throws -> Liaoning_Registry_V1_CheckNameResponse {
    try await call { context in
      try await service.checkName(request: .with { $0.candidate = candidate }, context: context)
    }
  }

  /// Reads a reservation.
  func get(
    _ name: String,
    as caller: Caller
  ) async throws -> Liaoning_Registry_V1_Reservation {
    try await call(as: caller) { context in
      try await service.getReservation(request: .with { $0.name = name }, context: context)
    }
  }

  /// Releases a reservation.
  func release(
    _ reservation: Liaoning_Registry_V1_Reservation,
    as declarant: RegionalID,
    etag: String? = nil
  ) async throws -> Liaoning_Registry_V1_Reservation {
    try await call(as: .account(declarant)) { context in
      try await service.releaseReservation(
        request: .with {
          $0.name = reservation.name
          $0.etag = etag ?? reservation.etag
          $0.requestID = UUID().uuidString
        },
        context: context
      )
    }
  }

  /// Loads names.
  func load(
    _ names: [Liaoning_Registry_V1_LibraryName]
  ) async throws -> Liaoning_Registry_V1_ImportNamesResponse {
    try await call(as: .administrator) { context in
      try await service.importNames(
        request: .with {
          $0.names = names
          $0.requestID = UUID().uuidString
        },
        context: context
      )
    }
  }

  /// Runs `body` with the door for later rooms.
  func atTheDoor<Value: Sendable>(
    _ body: (NameReservations) async throws -> Value
  ) async throws -> Value {
    try await database.withTransaction { transaction in
      try await body(NameReservations(transaction, newUUID: surroundings.newUUID))
    }
  }

  /// The kinds of a reservation's events, by version.
  func events(of name: String) async throws -> [String] {
    try await database.query(
      """
      SELECT kind
      FROM ledger.event
      WHERE subject = \(name)
      ORDER BY subject_version
      LIMIT 100
      """
    ).map { try $0.decode(String.self) }
  }
}

/// A clock that stands until it is moved.
private final class SettableClock: Sendable {
  private let state: Mutex<Date>

  init(_ instant: Date) { state = Mutex(instant) }
  var now: Date { state.withLock { $0 } }
  func move(by seconds: TimeInterval) { state.withLock { $0 += seconds } }
}

/// Made-up identity numbers of Shenyang's placeholder region, each other than all before.
private enum IdentityNumbers {
  private static let count = Mutex(0)

  static func next() -> String {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let (day, serial) = (number / 999, number % 999 + 1)
    let date = 19_000_101 + day % 28 + day / 28 % 12 * 100
    let body = "210101\(date)" + String(repeating: "0", count: 3 - "\(serial)".count) + "\(serial)"
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
    return body + String(Array("10X98765432")[sum % 11])
  }
}

extension Caller {
  static func account(_ id: RegionalID) -> Caller {
    .account(AccountCaller(id: id, session: []))
  }

  static let administrator = Caller.staff(
    StaffCaller(
      number: "S0009",
      authority: .liaoning,
      roles: [.administrator],
      identityNumber: "210101190001010018"
    )
  )
}

extension Liaoning_Registry_V1_NameCandidate {
  /// A candidate for Shenyang; its trade name stands between 沈阳 and the industry words.
  static func sample(
    _ name: String,
    trade: String? = nil,
    industry: String = "软件",
    industryClass: String = "6513",
    type: String = "1130",
    region: String = "210100"
  ) throws -> Self {
    let parts = try NameCandidate.sample(
      name,
      trade: trade,
      industry: industry,
      industryClass: industryClass,
      type: type,
      region: region
    )
    return Self(parts)
  }
}

/// Expects a failure of the house with this reason.
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
