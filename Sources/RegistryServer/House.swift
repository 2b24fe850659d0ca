internal import APIConventions
internal import Accounts
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Glibc
internal import Identity
internal import Ledger
internal import Licenses
internal import Logging
internal import Outbox
internal import Postgres
internal import Rendering

/// The house with its database open: seeds, services, two listeners, and the work beside calls.
struct House: Sendable {
  let configuration: ServerConfiguration
  let clock: ServerClock
  let identity: ServerIdentity
  let reload: ReloadRequest
  let database: Database
  let loops: EventLoopGroup
  let workers: WorkerExecutor
  let logger: Logger
  /// Starts the database's server again, if that is our own.
  let startDatabaseServer: (@Sendable () async throws -> Void)?

  /// How long running calls may go on once the house drains.
  private static let drainPeriod = Duration.seconds(30)

  /// Plants the seeds, listens, serves until `end` returns, and drains.
  ///
  /// - Throws: What kept it from starting or serving.
  func serve(
    until end: @escaping @Sendable () async -> Void,
    ready: (Endpoints) throws -> Void
  ) async throws {
    if configuration.credentials == .development {
      try await DevelopmentSeed.plant(in: database, from: configuration.folder)
    }
    let renderer = PDFRenderer(workers: workers)
    try await renderer.checkFonts()
    let health = Health()
    let sequencer = Sequencer(database, now: { clock.now })
    let authenticator = Authenticator(surroundings)
    let check = HealthCheck(
      authenticator: authenticator,
      sequencer: sequencer,
      key: identity.signingKey,
      health: health,
      logger: logger
    )
    try await check.look()
    let gateways = try gateways()
    let doors = try doors(
      to: services(asking: gateways, renderer, health),
      authenticator
    )
    let watch = TLSWatch(
      identity,
      doors: .init(
        outer: doors.outer.transport,
        inner: doors.inner.transport,
        gateways: gateways
      ),
      request: reload,
      logger: logger
    )
    let work = BackgroundWork(
      jobs: [check.sequence, check.run, watch.run] + deliveries(through: gateways) + chores(health)
        + refusals(at: doors),
      logger: logger
    )
    try await connected(gateways) {
      try await doors.serve(
        open: { addresses in
          let endpoints = endpoints(addresses)
          try endpoints.write(to: configuration.folder)
          try ready(endpoints)
        },
        until: {
          await work.run(until: end)
          logger.notice("draining")
          health.drain()
          try? FileManager.default.removeItem(atPath: configuration.folder.endpoints)
        }
      )
    }
    await chainTheRest(sequencer)
  }

  private func services(
    asking gateways: PartnerGateways?,
    _ renderer: PDFRenderer,
    _ health: Health
  ) -> Services {
    Services(
      surroundings: surroundings,
      libraries: gateways?.libraries ?? Self.noLibraries,
      verification: configuration.identityVerification,
      renderer: renderer,
      workers: workers,
      signer: LicenseSigner(key: identity.signingKey),
      health: health
    )
  }

  private func doors(to services: Services, _ authenticator: Authenticator) throws -> Doors {
    try Doors(
      outer: door(.outer, to: services, authenticator),
      inner: door(.inner, to: services, authenticator)
    )
  }

  /// What the last calls wrote is chained too before the house is dark, or by the next start.
  private func chainTheRest(_ sequencer: Sequencer) async {
    do {
      while try await sequencer.sequence() == .chained(1_000) {}
    } catch {
      logger.warning("the trace's end is not chained yet", metadata: ["error": "\(error)"])
    }
  }

  private var surroundings: Surroundings {
    Surroundings(
      database: database,
      now: { clock.now },
      newUUID: { clock.newUUID },
      law: configuration.law
    )
  }

  /// Without gateways nobody answers.
  private static let noLibraries = IdentityLibraries(
    comparePerson: { _, _, _ in throw AccountError.sourceUnavailable },
    lookUpEntity: { _, _ in throw AccountError.sourceUnavailable }
  )

  private func gateways() throws -> PartnerGateways? {
    guard let place = configuration.gateways else { return nil }
    return try PartnerGateways(
      host: place.host,
      port: place.port,
      tls: identity.tls.clientOptions,
      eventLoop: loops.next(),
      workers: workers
    )
  }

  /// What leaves the house by the gateways.
  private func deliveries(through gateways: PartnerGateways?) -> [BackgroundWork.Job] {
    guard let gateways else { return [] }
    return [Deliverer(database, to: gateways.receivers, now: { clock.now }).run]
  }

  /// What keeps the house as it is.
  private func chores(_ health: Health) -> [BackgroundWork.Job] {
    let keeping = Housekeeping(database: database, now: { clock.now }, logger: logger)
    guard let startDatabaseServer else { return [keeping.forgetOldReplies] }
    return [
      keeping.forgetOldReplies,
      { await keeping.keepDatabaseServer(startDatabaseServer, while: health) },
    ]
  }

  /// What each door turned away goes into the log.
  private func refusals(at doors: Doors) -> [BackgroundWork.Job] {
    [("outer", doors.outer), ("inner", doors.inner)].map { name, door in
      RefusalLog(listener: name, transport: door.transport, logger: logger).run
    }
  }

  /// Keeps the gateways connected while calls are served: the last of them may still ask.
  private func connected(
    _ gateways: PartnerGateways?,
    _ body: () async throws -> Void
  ) async throws {
    guard let gateways else { return try await body() }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await gateways.run() }
      try await body()
      gateways.beginGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  /// A listener with everything that it serves; nothing listens yet.
  private func door(
    _ listener: Listener,
    to services: Services,
    _ authenticator: Authenticator
  ) throws -> Doors.Door {
    let policy = CallPolicy(
      on: listener,
      directory: CallerDirectory(
        session: { try await authenticator.caller(sessionToken: $0) },
        certificate: { try await authenticator.caller(certificateSPKISHA256: $0, on: $1) }
      ),
      counter: CallCounter(),
      logger: logger,
      translating: CallFailure.translated
    )
    var settings = Nghttp2ServerTransport.Configuration(
      tls: identity.tls.serverOptions(on: listener),
      limits: CallLimits.limits(of: listener),
      drainPeriod: Self.drainPeriod
    )
    settings.overload = CallLimits.overload
    let transport = try Nghttp2ServerTransport(
      address: listener == .outer ? configuration.outer : configuration.inner,
      configuration: settings,
      eventLoops: loops
    )
    let served = try services.methods(of: listener, under: policy)
    transport.callDirectly(served.unary)
    return Doors.Door(
      transport: transport,
      server: GRPCServer(transport: transport, router: served.router)
    )
  }

  private func endpoints(_ addresses: Doors.Addresses) -> Endpoints {
    func text(_ address: SocketAddress) -> String {
      ServerConfiguration.HostAndPort(host: address.host, port: address.port).description
    }
    return Endpoints(
      outer: text(addresses.outer),
      inner: text(addresses.inner),
      data: configuration.folder.path,
      processID: getpid()
    )
  }
}

/// The two listeners, opened and closed together.
struct Doors: Sendable {
  /// A listener and its server.
  struct Door: Sendable {
    let transport: Nghttp2ServerTransport
    let server: GRPCServer<Nghttp2ServerTransport>
  }

  /// Where the doors are.
  struct Addresses: Sendable {
    let outer: SocketAddress
    let inner: SocketAddress
  }

  let outer: Door
  let inner: Door

  /// Serves at both until `end` returns and the last call has ended.
  ///
  /// - Parameters:
  ///   - open: Called once both listen.
  ///   - end: Returns when calls are to end; does not go on if a listener fails.
  /// - Throws: What either listener, or `open`, throws.
  func serve(
    open: (Addresses) throws -> Void,
    until end: @escaping @Sendable () async -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for door in [outer, inner] {
        tasks.addTask { try await door.server.serve() }
      }
      do {
        try open(
          Addresses(
            outer: try await outer.transport.listeningAddress,
            inner: try await inner.transport.listeningAddress
          )
        )
      } catch {
        close()
        // If a listener failed, its own error says why.
        while try await tasks.next() != nil {}
        throw error
      }
      tasks.addTask {
        await end()
        close()
      }
      // Not waitForAll, which would not stop at the first failure.
      while try await tasks.next() != nil {}
    }
  }

  private func close() {
    outer.server.beginGracefulShutdown()
    inner.server.beginGracefulShutdown()
  }
}
