internal import APIConventions
internal import Accounts
internal import Entities
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Ledger
internal import Outbox
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Rendering
internal import ShangMi
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Licenses

/// The migrations that the room stands on, and its own.
let licensesMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + OutboxMigrations.all
  + AccountsMigrations.all + EntitiesMigrations.all + LicensesMigrations.all

/// The room with a key, a clock and a population library that a test sets.
final class Office: Sendable {
  let surroundings: Surroundings
  let signer: LicenseSigner
  let service: LicenseService
  private let accounts: AccountService
  private let state: Shared

  private struct State {
    var now = tenOClock
    var answer = PersonComparison.match
  }

  private final class Shared: Sendable {
    let mutex = Mutex(State())
  }

  /// One renderer for all tests of the process: fonts are slow to open.
  private static let renderer = Result {
    PDFRenderer(workers: try WorkerExecutor(threads: 2, queueLimit: 1_000))
  }

  init(
    on database: Database,
    signer: LicenseSigner = LicenseSigner(key: SigningKey(generating: .sm2)),
    renderer: PDFRenderer? = nil
  ) async throws {
    let state = Shared()
    self.state = state
    self.signer = signer
    surroundings = Surroundings(
      database: database,
      now: { state.mutex.withLock { $0.now } },
      newUUID: { UUID() },
      law: .current
    )
    accounts = AccountService(
      surroundings,
      libraries: IdentityLibraries(
        comparePerson: { _, _, _ in state.mutex.withLock { $0.answer } },
        lookUpEntity: { _, _ in EntityLookUp(outcome: .notFound) }
      ),
      verification: .enforced
    )
    service = LicenseService(
      surroundings,
      signer: signer,
      renderer: try renderer ?? Self.renderer.get()
    )
    try await database.withTransaction { transaction in
      try await CodePool(transaction).replenish(prefix: "XX", upTo: 100)
    }
  }

  var now: Date { state.mutex.withLock { $0.now } }
  func moveClock(by seconds: TimeInterval) {
    state.mutex.withLock { $0.now.addTimeInterval(seconds) }
  }

  /// Sets what the population library says of people from now on.
  func setAnswer(_ answer: PersonComparison) { state.mutex.withLock { $0.answer = answer } }

  /// Calls the service as `caller`.
  func call<Reply>(
    as caller: Caller,
    _ method: (ServerContext) async throws -> Reply
  ) async throws -> Reply {
    try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.LicenseService",
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

  /// Runs a body with the door of the room in a transaction.
  func atDesk<Value: Sendable>(
    _ body: (LicenseDesk) async throws -> Value
  ) async throws -> Value {
    let (signer, newUUID) = (signer, surroundings.newUUID)
    return try await surroundings.database.withTransaction { transaction in
      try await body(LicenseDesk(transaction, signer: signer, newUUID: newUUID))
    }
  }

  /// The only row of a statement.
  func row(_ sql: SQL) async throws -> Row {
    try #require(try await surroundings.database.queryOne(sql))
  }
}

// MARK: Entities and licences

extension Office {
  /// Enters an entity into the register.
  func entity(_ establishment: Establishment) async throws -> Entity {
    let id = surroundings.newID(in: establishment.authority)
    let (eventID, instant) = (surroundings.newUUID(), now)
    return try await surroundings.database.withTransaction { transaction in
      try await EntityRegister(transaction).establish(
        establishment,
        id: id,
        eventID: eventID,
        filing: "filings/f",
        by: "staff/S0001",
        at: instant
      )
    }
  }

  /// Issues a licence as an approval does.
  func issue(
    to entity: Entity,
    by authority: Authority? = nil,
    notifying mobile: MobileNumber? = nil
  ) async throws -> License {
    let authority = try authority ?? .shenyang()
    let instant = now
    return try await atDesk {
      try await $0.issue(
        to: entity,
        authority: authority,
        filing: "filings/f",
        notifying: mobile,
        by: "staff/S0002",
        at: instant
      )
    }
  }

  /// A licence of a new entity of that person.
  func licensed(_ chief: PersonRecord? = nil, type: String = "1130") async throws -> License {
    let chief = try chief ?? Person.anyone()
    return try await issue(to: try await entity(.sample(of: chief, type: type)))
  }

  /// Issues the next version as a change of registration will: the one before is superseded.
  func reissued(
    _ license: License,
    _ change: (inout Liaoning_Registry_V1_LicenseFace) -> Void = { $0.place = "辽宁省沈阳市和平区试验二路2号" }
  ) async throws -> License {
    var content = Liaoning_Registry_V1_LicenseContent()
    content.formatVersion = 1
    content.version = license.number + 1
    content.serial = Liaoning_Registry_V1_LicenseContent.serial(
      of: license.creditCode,
      issuedBy: try .shenyang(),
      number: Int(license.number) + 1
    )
    content.face = license.face
    change(&content.face)
    content.issueTime = now.timestamp
    content.previousSerial = license.serial
    #expect(LicenseRules.violations(in: content, issuedBy: try .shenyang()).isEmpty)
    let next = License(
      id: surroundings.newID(in: license.id.region),
      entityID: license.entityID,
      creditCode: license.creditCode,
      serial: content.serial,
      number: content.version,
      status: .valid,
      filing: "filings/g",
      issueTime: now,
      face: content.face,
      file: try SignedLicense(content, by: signer).file,
      version: 1
    )
    try await move(license, to: .superseded) { transaction in
      try await LicenseStore(transaction).insert(next, seal: signer.seal(of: next.file))
      try await trace(next.id, next.name, version: 1, in: transaction)
    }
    return next
  }

  /// Changes a licence's status with its event.
  func move(
    _ license: License,
    to status: License.Status,
    and then: (Transaction) async throws -> Void = { _ in }
  ) async throws {
    try await surroundings.database.withTransaction { transaction in
      try await transaction.execute(
        """
        UPDATE licenses.license
        SET status = \(status.rawValue)::licenses.license_status, status_time = \(now),
          version = version + 1
        WHERE region_code = \(license.id.region.rawValue) AND license_id = \(license.id.uuid)
        """
      )
      try await trace(license.id, license.name, version: license.version + 1, in: transaction)
      try await then(transaction)
    }
  }

  private func trace(
    _ id: RegionalID,
    _ name: String,
    version: Int64,
    in transaction: Transaction
  ) async throws {
    try await Ledger(transaction).append(
      LedgerEvent(
        EventKind(rawValue: "license.changed"),
        of: id,
        named: name,
        version: version,
        by: "staff/S0002",
        at: now
      ),
      state: Liaoning_Registry_V1_License(),
      id: surroundings.newUUID()
    )
  }

  /// Spoils the register's own copy of a licence, behind the back of its constraints.
  func spoil(_ license: License, with file: [UInt8]) async throws {
    try await surroundings.database.withTransaction { transaction in
      try await transaction.execute("SET LOCAL session_replication_role = replica")
      try await transaction.execute(
        "UPDATE licenses.license SET file = \(file) WHERE license_id = \(license.id.uuid)"
      )
    }
  }
}

// MARK: Callers

extension Office {
  /// A registrar.
  var staff: Caller {
    .staff(
      StaffCaller(
        number: "S0001",
        authority: .liaoning,
        roles: [.clerk],
        identityNumber: "210101198001010014"
      )
    )
  }

  /// A bank that may ask for the opening of accounts.
  func bank(
    purposes: Set<String> = ["ACCOUNT_OPENING"],
    fields: Set<String> = Set(LicenseFaceField.allCases.map(\.rawValue))
  ) -> Caller {
    .partner(PartnerCaller(id: "bank-shenyang", purposes: purposes, fields: fields))
  }

  /// Registers a person.
  func account(of person: PersonRecord) async throws -> Caller {
    try await account(of: .person(person), as: .naturalPerson)
  }

  /// Registers a party.
  func account(
    of holder: PartyRecord,
    as category: Liaoning_Registry_V1_Account.Category
  ) async throws -> Caller {
    let key = SigningKey(generating: .sm2)
    let requestID = UUID().uuidString
    let statement: [UInt8] = try Liaoning_Registry_V1_AccountStatement.with {
      $0.requestID = requestID
      $0.holderCode = holder.code
      $0.publicKey = Data(key.publicKey.der)
    }.serializedBytes()
    let name = Liaoning_Registry_V1_AccountStatement.protoMessageName
    let value = try key.sign(SignedStatement.bytes(of: name, statement))
    let request = Liaoning_Registry_V1_CreateAccountRequest.with {
      $0.account.category = category
      $0.account.holder = holder.proto(masked: false)
      $0.statement = Data(statement)
      $0.signature.algorithm = .sm2WithSm3
      $0.signature.distinguishingIdentifier = "1234567812345678"
      $0.signature.value = Data(value)
      $0.signature.publicKey = Data(key.publicKey.der)
      $0.requestID = requestID
    }
    let account = try await call(as: .anonymous) {
      try await accounts.createAccount(request: request, context: $0)
    }
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    return .account(AccountCaller(id: id, session: []))
  }
}

/// Expects a failure of the house with this reason, and returns the rules that it names.
@discardableResult
func expectReason(
  _ reason: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () async throws -> some Sendable
) async -> [String] {
  do {
    _ = try await body()
    Issue.record("\(reason) was expected, and nothing failed", sourceLocation: sourceLocation)
  } catch let error as any RegistryError {
    #expect(error.reason == reason, sourceLocation: sourceLocation)
    return error.violations.map(\.rule)
  } catch {
    Issue.record("\(reason) was expected: \(error)", sourceLocation: sourceLocation)
  }
  return []
}
