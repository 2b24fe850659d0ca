internal import APIConventions
internal import Accounts
internal import Archives
internal import Entities
internal import EventLoops
internal import Filings
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Identity
internal import Ledger
internal import Licenses
internal import Names
internal import Outbox
internal import Postgres
internal import RegistryAPI
internal import Rendering
internal import Reviews
internal import ShangMi
internal import Signatures

/// The schema of the house: every room's migrations.
enum Schema {
  static let migrations: [Migration] =
    APIConventionsMigrations.all + LedgerMigrations.all + OutboxMigrations.all
    + AccountsMigrations.all + EntitiesMigrations.all + NamesMigrations.all
    + SignaturesMigrations.all + FilingsMigrations.all + LicensesMigrations.all
    + ReviewsMigrations.all + ArchivesMigrations.all
}

/// The services of the house and what they are made of, in one place.
struct Services: Sendable {
  let surroundings: Surroundings
  let libraries: IdentityLibraries
  let verification: IdentityVerificationMode
  let renderer: PDFRenderer
  let workers: WorkerExecutor
  let signer: LicenseSigner
  let health: Health

  /// Registers the rooms' services: a new room adds its lines here and its migrations to `Schema`.
  private func registerRooms(in served: inout ServedMethods) {
    let accounts = AccountService(surroundings, libraries: libraries, verification: verification)
    accounts.registerMethods(with: &served.router)
    accounts.registerUnaryMethods(with: &served.unary)
    let names = NameService(surroundings)
    names.registerMethods(with: &served.router)
    names.registerUnaryMethods(with: &served.unary)
    let signatures = SignatureService(surroundings, libraries: libraries, documents: documents)
    signatures.registerMethods(with: &served.router)
    signatures.registerUnaryMethods(with: &served.unary)
    let filings = FilingService(surroundings, renderer: renderer, libraries: libraries)
    filings.registerMethods(with: &served.router)
    filings.registerUnaryMethods(with: &served.unary)
    let licenses = LicenseService(surroundings, signer: signer, renderer: renderer)
    licenses.registerMethods(with: &served.router)
    licenses.registerUnaryMethods(with: &served.unary)
    let reviews = ReviewService(surroundings, signer: signer)
    reviews.registerMethods(with: &served.router)
    reviews.registerUnaryMethods(with: &served.unary)
    let archives = ArchiveService(
      surroundings,
      signer: signer,
      renderer: renderer,
      workers: workers
    )
    archives.registerMethods(with: &served.router)
    archives.registerUnaryMethods(with: &served.unary)
    let trace = TraceService(surroundings)
    trace.registerMethods(with: &served.router)
    trace.registerUnaryMethods(with: &served.unary)
  }

  /// What is signed: papers of filings.
  private var documents: DocumentSource {
    let newUUID = surroundings.newUUID
    return DocumentSource { transaction, filing, kind in
      try await FilingDesk(transaction, newUUID: newUUID).document(of: filing, kind)?.pdf
    }
  }

  /// Everything that a listener serves, under the call policy.
  ///
  /// - Parameters:
  ///   - listener: Which one; health and reflection tell of what somebody may call there.
  ///   - policy: What each call passes through.
  /// - Returns: The methods.
  /// - Throws: If the descriptors of the protos cannot be read.
  func methods(of listener: Listener, under policy: CallPolicy) throws -> ServedMethods {
    var served = ServedMethods(under: policy)
    registerRooms(in: &served)
    let own = [
      Grpc_Health_V1_Health.descriptor, Grpc_Reflection_V1_ServerReflection.descriptor,
      Grpc_Reflection_V1alpha_ServerReflection.descriptor,
    ].map(\.fullyQualifiedService)
    let rooms = served.router.methods.filter { method in
      Permissions.rule(of: method.method, in: method.service.fullyQualifiedService)?
        .admits(Set(Role.allCases), on: listener) == true
    }
    let names = Set(rooms.map(\.service.fullyQualifiedService) + own)
    let healthService = HealthService(health: health, services: names)
    healthService.registerMethods(with: &served.router)
    healthService.registerUnaryMethods(with: &served.unary)
    let reflection = ReflectionService(
      index: try ReflectionIndex(descriptorSet: DescriptorSet.serialized, served: names)
    )
    reflection.registerMethods(with: &served.router)
    AlphaReflectionService(service: reflection).registerMethods(with: &served.router)
    served.router.registerInterceptors(
      pipeline: [.apply(CallDeadline(), to: .all), .apply(policy, to: .all)]
    )
    return served
  }
}

/// The methods of a listener: streams by the router, unary ones also directly, under the same policy.
struct ServedMethods {
  var router = RPCRouter<Nghttp2ServerTransport>()
  var unary: UnaryMethods<UnaryInterceptors<CallDeadline, CallPolicy>>

  init(under policy: CallPolicy) {
    unary = UnaryMethods(through: CallDeadline().then(policy))
  }
}

/// What a listener allows beside the transport's own limits.
enum CallLimits {
  /// Request messages: rooms that take more say so in their protos.
  static let requestMessageBytes = 262_144
  /// The methods whose requests are larger, or never are.
  static let requestMessageBytesByMethod: [MethodDescriptor: Int] = [
    // 1,000 names.
    Liaoning_Registry_V1_NameService.Method.ImportNames.descriptor: 1_048_576,
    // A statement of 256 KiB, which holds handwriting.
    Liaoning_Registry_V1_SignatureService.Method.SignDocument.descriptor: 270_336,
    // A licence file of 64 KiB.
    Liaoning_Registry_V1_LicenseService.Method.VerifyLicense.descriptor: 69_632,
    Grpc_Health_V1_Health.Method.Check.descriptor: 4_096,
    Grpc_Health_V1_Health.Method.Watch.descriptor: 4_096,
  ]

  /// The limits of a listener.
  ///
  /// Outside, where there may be several servers behind one name, a connection is replaced after an
  /// hour, so that clients spread anew; its calls have five minutes to end, more than any deadline.
  static func limits(of listener: Listener) -> Nghttp2ServerTransport.Limits {
    var limits = Nghttp2ServerTransport.Limits()
    limits.requestMessageBytes = requestMessageBytes
    limits.requestMessageBytesByMethod = requestMessageBytesByMethod
    limits.unaryTimeout = .seconds(30)
    limits.idleTimeout = .seconds(600)
    if listener == .outer {
      limits.connectionAge = .seconds(3_600)
      limits.connectionAgeGrace = .seconds(300)
    }
    return limits
  }

  /// What becomes of unary calls that a loop can't answer within 40 ms: sooner than the pools would
  /// refuse them, since that costs as much as a call; health is told all the same.
  static var overload: Nghttp2ServerTransport.Overload {
    let refusals = (0..<8).map { number in
      RPCError(CallFailure.overloaded(retryAfter: .milliseconds(500 + 200 * number)))
    }
    var overload = Nghttp2ServerTransport.Overload(
      callsAtOnce: 1_000,
      refusals: refusals,
      exempt: [Grpc_Health_V1_Health.Method.Check.descriptor]
    )
    // Fewer than the reads have room for at least.
    overload.callsAtLeast = 60
    overload.wantedWait = .milliseconds(40)
    return overload
  }
}
