internal import APIConventions
internal import Accounts
internal import Entities
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

@testable internal import Signatures

/// The migrations that the room stands on, and its own.
let signaturesMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + AccountsMigrations.all
  + EntitiesMigrations.all + SignaturesMigrations.all

/// The room with a clock, a document and a legal-entity library that a test sets.
final class Bureau: Sendable {
  let surroundings: Surroundings
  let service: SignatureService
  private let accounts: AccountService
  private let state: Shared

  private struct State {
    var now = nineOClock
    var pdf = Array("章程".utf8)
    /// Whom the library names for every organization; no answer once it was set to nothing.
    var answer: EntityLookUp? = EntityLookUp(outcome: .notFound)
  }

  private final class Shared: Sendable {
    let mutex = Mutex(State())
  }

  init(on database: Database) throws {
    let state = Shared()
    self.state = state
    surroundings = Surroundings(
      database: database,
      now: { state.mutex.withLock { $0.now } },
      newUUID: { UUID() },
      law: .current
    )
    let libraries = IdentityLibraries(
      comparePerson: { _, _, _ in .match },
      lookUpEntity: { _, _ in
        guard let answer = state.mutex.withLock({ $0.answer }) else {
          throw AccountError.sourceUnavailable
        }
        return answer
      }
    )
    accounts = AccountService(surroundings, libraries: libraries)
    service = SignatureService(
      surroundings,
      libraries: libraries,
      documents: DocumentSource { _, _, _ in state.mutex.withLock { $0.pdf } }
    )
  }

  var now: Date { state.mutex.withLock { $0.now } }
  var pdf: [UInt8] { state.mutex.withLock { $0.pdf } }
  func moveClock(by seconds: TimeInterval) {
    state.mutex.withLock { $0.now.addTimeInterval(seconds) }
  }
  func setPDF(_ pdf: [UInt8]) { state.mutex.withLock { $0.pdf = pdf } }

  /// Sets whom the library names; nothing means no answer.
  func setSignatory(_ person: PersonRecord?) {
    state.mutex.withLock {
      $0.answer = person.map { EntityLookUp(outcome: .found, legalRepresentative: $0) }
    }
  }

  /// Calls the service as `caller`.
  func call<Reply>(
    as caller: Caller,
    _ method: (ServerContext) async throws -> Reply
  ) async throws -> Reply {
    try await withServerContextRPCCancellationHandle { handle in
      var context = ServerContext(
        descriptor: MethodDescriptor(
          fullyQualifiedService: "liaoning.registry.v1.SignatureService",
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
  func inTasks<Value: Sendable>(
    _ body: (SignatureTasks) async throws -> Value
  ) async throws -> Value {
    let newUUID = surroundings.newUUID
    return try await surroundings.database.withTransaction { transaction in
      try await body(SignatureTasks(transaction, newUUID: newUUID))
    }
  }

  /// Runs a body with the room's tables in a transaction.
  func inStore<Value: Sendable>(
    _ body: (SignatureStore) async throws -> Value
  ) async throws -> Value {
    try await surroundings.database.withTransaction { transaction in
      try await body(SignatureStore(transaction))
    }
  }

  /// A registrar of Shenyang, or of another authority.
  func staff(of authority: String = "210100") -> Caller {
    .staff(
      StaffCaller(
        number: "S0001",
        authority: RegionCode(authority) ?? .liaoning,
        roles: [.clerk],
        identityNumber: "210101198001010014"
      )
    )
  }

  /// Asks parties to sign a charter.
  func opened(
    _ parties: [PartyRecord],
    roles: Set<SignatureRole> = [.shareholder],
    applicant: RegionalID = newID(),
    filing: RegionalID = newID()
  ) async throws -> RegionalID {
    let instant = now
    let key = DocumentKey(kind: .charter, title: "章程", pdfSM3: SM3Digest(hashing: pdf))
    try await inTasks {
      try await $0.open(
        parties.map { SignatureRequest(document: key, party: $0, roles: roles) },
        for: filing,
        applicant: applicant,
        by: "system",
        at: instant
      )
    }
    return filing
  }
}

// MARK: Signers

/// Somebody with an account and a key.
struct Signer: Sendable {
  let person: PersonRecord
  let key: SigningKey
  let account: String
  let caller: Caller

  /// A signature over a statement.
  func signature(
    over statement: [UInt8],
    as messageName: String
  ) throws -> Liaoning_Registry_V1_DigitalSignature {
    let value = try key.sign(SignedStatement.bytes(of: messageName, statement))
    return .with {
      $0.algorithm = key.algorithm.proto
      $0.distinguishingIdentifier = key.kind == .sm2 ? "1234567812345678" : ""
      $0.value = Data(value)
      $0.publicKey = Data(key.publicKey.der)
    }
  }

  /// A request to sign a task, in order but for what a test changes.
  func signing(
    _ task: Liaoning_Registry_V1_SignatureTask,
    at instant: Date,
    _ change: (inout Liaoning_Registry_V1_DocumentStatement) -> Void = { _ in }
  ) throws -> Liaoning_Registry_V1_SignDocumentRequest {
    var statement = Liaoning_Registry_V1_DocumentStatement.with {
      $0.task = task.name
      $0.documentSm3 = task.documentSm3
      $0.signer = account
      $0.roles = task.roles
      $0.signTime = Google_Protobuf_Timestamp(date: instant)
      $0.strokes = [.sample(points: 40)]
    }
    change(&statement)
    let bytes: [UInt8] = try statement.serializedBytes()
    return try .with {
      $0.name = task.name
      $0.statement = Data(bytes)
      $0.signature = try signature(over: bytes, as: SignatureStatement.messageName)
      $0.requestID = UUID().uuidString
    }
  }
}

extension Bureau {
  /// Registers a person and signs the agreement.
  func citizen(
    _ person: PersonRecord,
    key: SigningKey = SigningKey(generating: .sm2)
  ) async throws -> Signer {
    let requestID = UUID().uuidString
    let nobody = Signer(person: person, key: key, account: "", caller: .anonymous)
    let statement: [UInt8] = try Liaoning_Registry_V1_AccountStatement.with {
      $0.requestID = requestID
      $0.holderCode = person.identityNumber.description
      $0.publicKey = Data(key.publicKey.der)
    }.serializedBytes()
    let creation = try Liaoning_Registry_V1_CreateAccountRequest.with {
      $0.account.category = .naturalPerson
      $0.account.holder = PartyRecord.person(person).proto(masked: false)
      $0.statement = Data(statement)
      $0.signature = try nobody.signature(
        over: statement,
        as: Liaoning_Registry_V1_AccountStatement.protoMessageName
      )
      $0.requestID = requestID
    }
    let account = try await call(as: .anonymous) {
      try await accounts.createAccount(request: creation, context: $0)
    }
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    let signer = Signer(
      person: person,
      key: key,
      account: account.name,
      caller: .account(AccountCaller(id: id, session: []))
    )
    let agreement = try await call(as: .anonymous) {
      try await accounts.getAgreement(
        request: .with { $0.name = "agreements/current" },
        context: $0
      )
    }
    let acceptance: [UInt8] = try Liaoning_Registry_V1_AgreementStatement.with {
      $0.account = account.name
      $0.agreement = agreement.name
      $0.textSm3 = agreement.textSm3
    }.serializedBytes()
    let signing = try Liaoning_Registry_V1_SignAgreementRequest.with {
      $0.name = account.name
      $0.statement = Data(acceptance)
      $0.signature = try signer.signature(
        over: acceptance,
        as: Liaoning_Registry_V1_AgreementStatement.protoMessageName
      )
      $0.requestID = UUID().uuidString
    }
    _ = try await call(as: signer.caller) {
      try await accounts.signAgreement(request: signing, context: $0)
    }
    return signer
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
    _ = try await call(as: staff()) {
      try await accounts.createRestriction(request: request, context: $0)
    }
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
