internal import APIConventions
internal import Accounts
internal import Entities
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Ledger
internal import Names
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Rendering
internal import ShangMi
internal import Signatures
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Filings

/// The migrations that the room stands on, and its own.
let filingsMigrations =
  APIConventionsMigrations.all + LedgerMigrations.all + AccountsMigrations.all
  + EntitiesMigrations.all + NamesMigrations.all + SignaturesMigrations.all + FilingsMigrations.all

/// The rooms that a filing passes, on one database, with a clock and a legal-entity library that a test
/// sets.
final class Counter: Sendable {
  let surroundings: Surroundings
  let accounts: AccountService
  let names: NameService
  let filings: FilingService
  let signatures: SignatureService
  private let state: SharedState<State>

  private struct State {
    var now: Date
    var answers: [UnifiedSocialCreditCode: EntityLookUp] = [:]
    var isLibraryDown = false
  }

  /// One renderer for all tests of the process: fonts are slow to open.
  private static let renderer = Result {
    PDFRenderer(workers: try WorkerExecutor(threads: 2, queueLimit: 1_000))
  }

  init(on database: Database, at instant: Date = nineOClock, law: LawProfile = .current) throws {
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

  var now: Date { state.mutex.withLock { $0.now } }
  func moveClock(by seconds: TimeInterval) {
    state.mutex.withLock { $0.now.addTimeInterval(seconds) }
  }

  /// Sets who signs for an organization by the library.
  func setSignatory(_ person: PersonRecord, of organization: OrganizationRecord) {
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
  func setAnswer(_ answer: EntityLookUp, of organization: OrganizationRecord) {
    state.mutex.withLock { $0.answers[organization.creditCode] = answer }
  }

  /// Whether the library answers.
  func setLibrary(isDown: Bool) { state.mutex.withLock { $0.isLibraryDown = isDown } }

  private static let nameCount = Mutex(0)

  /// A number that no other test of the process gets.
  func nextSerial() -> Int {
    Self.nameCount.withLock { count in
      count += 1
      return count
    }
  }

  /// A trade name that no other test of the process gets.
  func nextTradeName() -> String {
    let number = nextSerial()
    // Four characters of ten: rare enough not to be words, and no two numbers share them.
    let digits = Array("澜漪舸砚荞棠岚穗笙蘅")
    return String(
      String(1_000 + number).suffix(4).compactMap(\.wholeNumberValue).map { digits[$0] }
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
  func atDesk<Value: Sendable>(
    _ body: (FilingDesk, Transaction) async throws -> Value
  ) async throws -> Value {
    let newUUID = surroundings.newUUID
    return try await surroundings.database.withTransaction { transaction in
      try await body(FilingDesk(transaction, newUUID: newUUID), transaction)
    }
  }
}

/// Holds a mutex where closures can share it.
private final class SharedState<Value>: Sendable {
  let mutex: Mutex<Value>
  init(_ value: sending Value) { mutex = Mutex(value) }
}

/// Somebody with an account and a key.
struct Citizen: Sendable {
  let person: PersonRecord
  let key: SigningKey
  let account: String
  let caller: Caller

  /// A signature over a statement.
  func signature(
    over statement: [UInt8],
    as messageName: String,
    identifier: String = "1234567812345678"
  ) throws -> Liaoning_Registry_V1_DigitalSignature {
    let value = try key.sign(SignedStatement.bytes(of: messageName, statement))
    return .with {
      $0.algorithm = key.algorithm.proto
      $0.distinguishingIdentifier = identifier
      $0.value = Data(value)
      $0.publicKey = Data(key.publicKey.der)
    }
  }

  /// A request to sign a task, in order.
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
      $0.strokes = [
        .with { stroke in
          stroke.points = (0..<20).map { index in
            .with {
              $0.x = Int32(10 + index)
              $0.y = Int32(20 + index)
              $0.offsetMs = Int32(index * 8)
              $0.pressure = 500
            }
          }
        }
      ]
      $0.device = "test"
    }
    change(&statement)
    let bytes: [UInt8] = try statement.serializedBytes()
    return try .with {
      $0.name = task.name
      $0.statement = Data(bytes)
      $0.signature = try signature(
        over: bytes,
        as: Liaoning_Registry_V1_DocumentStatement.protoMessageName
      )
      $0.requestID = UUID().uuidString
    }
  }
}

extension Counter {
  /// Registers a person and signs the agreement.
  func citizen(_ person: PersonRecord) async throws -> Citizen {
    let key = SigningKey(generating: .sm2)
    let requestID = UUID().uuidString
    var citizen = Citizen(person: person, key: key, account: "", caller: .anonymous)
    let statement: [UInt8] = try Liaoning_Registry_V1_AccountStatement.with {
      $0.requestID = requestID
      $0.holderCode = person.identityNumber.description
      $0.publicKey = Data(key.publicKey.der)
    }.serializedBytes()
    let creation = try Liaoning_Registry_V1_CreateAccountRequest.with {
      $0.account.category = .naturalPerson
      $0.account.holder = PartyRecord.person(person).proto(masked: false)
      $0.statement = Data(statement)
      $0.signature = try citizen.signature(
        over: statement,
        as: Liaoning_Registry_V1_AccountStatement.protoMessageName
      )
      $0.requestID = requestID
    }
    let account = try await call(as: .anonymous) {
      try await accounts.createAccount(request: creation, context: $0)
    }
    let id = try #require(RegionalID(resourceName: account.name, collection: "accounts"))
    citizen = Citizen(
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
      $0.signature = try citizen.signature(
        over: acceptance,
        as: Liaoning_Registry_V1_AgreementStatement.protoMessageName
      )
      $0.requestID = UUID().uuidString
    }
    _ = try await call(as: citizen.caller) {
      try await accounts.signAgreement(request: signing, context: $0)
    }
    return citizen
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
    _ = try await call(as: staff("S0009", .head)) {
      try await accounts.createRestriction(request: request, context: $0)
    }
  }

  /// A registrar of Shenyang, or of another authority.
  func staff(_ number: String, _ role: Role = .clerk, of authority: String = "210100") -> Caller {
    .staff(
      StaffCaller(
        number: number,
        authority: RegionCode(authority) ?? .liaoning,
        roles: [role],
        identityNumber: "210101198001010014"
      )
    )
  }

  /// Reserves a name fit for a content, of a trade name of its own unless one is given.
  func reserve(
    for content: FilingContent,
    by citizen: Citizen,
    trade: String? = nil
  ) async throws -> String {
    let trade = trade ?? nextTradeName()
    let city = content.domicileRegion.city.name.dropLast()
    let (industry, form) =
      switch content.details {
      case .company: ("软件", "有限公司")
      case .cooperative: ("水稻种植", "专业合作社")
      case .individualBusiness: ("面", "馆")
      }
    let division = content.contributorsField.isEmpty ? "\(city)市" : String(city)
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

  /// Opens a draft with a name of its own.
  func open(
    _ content: FilingContent = .sample(),
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
