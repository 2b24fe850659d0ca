internal import APIConventions
internal import Accounts
internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Identity
internal import Ledger
package import Logging
internal import Outbox
internal import Postgres
internal import Rendering
internal import ShangMi

/// The registry: started in order, served, and ended in the opposite order.
package struct Registry: Sendable {
  private let configuration: ServerConfiguration
  private let logger: Logger

  /// A registry that does not run yet.
  package init(_ configuration: ServerConfiguration, logger: Logger = Logger(label: "registryd")) {
    self.configuration = configuration
    self.logger = logger
  }

  /// Runs the registry: folder, certificates, database, migrations, seeds, services, listeners; then
  /// drains: calls end, listeners close, and a database server of our own stops.
  ///
  /// - Parameters:
  ///   - reload: Asks for certificates and their like to be read anew.
  ///   - end: Returns when the registry is to drain.
  ///   - ready: Called once it can be called.
  /// - Throws: What kept it from starting or serving.
  package func run(
    reload: ReloadRequest = ReloadRequest(),
    until end: @escaping @Sendable () async -> Void,
    ready: @Sendable (Endpoints) throws -> Void
  ) async throws {
    DescriptorLimit.raise()
    let folder = configuration.folder
    try folder.create()
    let lock = try folder.lock()
    let clock =
      try configuration.clock.map { try ServerClock(startingAt: $0, in: folder) }
      ?? ServerClock()
    let identity = try ServerIdentity(configuration)
    let workers = try WorkerExecutor(
      threads: max(2, EventLoopGroup.processorCount),
      queueLimit: 64,
      name: "worker"
    )
    let loops = try EventLoopGroup(count: configuration.loops)
    let outcome = await outcome {
      try await withDatabase(on: loops, workers) { database, startServer in
        let house = House(
          configuration: configuration,
          clock: clock,
          identity: identity,
          reload: reload,
          database: database,
          loops: loops,
          workers: workers,
          logger: logger,
          startDatabaseServer: startServer
        )
        try await house.serve(until: end, ready: ready)
      }
    }
    await workers.shutDown()
    await loops.shutDown()
    lock.clear()
    try outcome.get()
  }

  private func outcome(
    of body: () async throws -> Void
  ) async -> Result<Void, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  /// Opens the database, of our own server or the operator's, at the schema of this program.
  private func withDatabase(
    on loops: EventLoopGroup,
    _ workers: WorkerExecutor,
    _ body: (Database, _ startServer: (@Sendable () async throws -> Void)?) async throws -> Void
  ) async throws {
    let cluster: PrivateCluster?
    let address: String
    var startServer: (@Sendable () async throws -> Void)?
    switch configuration.database {
    case .given(let connectionString):
      cluster = nil
      address = connectionString
    case .own:
      let settings = PrivateCluster.Configuration(folder: configuration.folder.cluster)
      let started = try await workers.run { try PrivateCluster.start(settings) }
      logger.notice("database server", metadata: ["origin": "\(started.origin)"])
      cluster = started
      address = started.connectionString
      startServer = { _ = try await workers.run { try PrivateCluster.start(settings) } }
    }
    var settings = DatabaseConfiguration(connectionString: address)
    settings.readConnections = max(2, configuration.loops)
    let database = Database(configuration: settings, loops: loops)
    let outcome = await outcome {
      try await database.start()
      let landed = try await Migrator(database).migrate(Schema.migrations)
      if !landed.isEmpty {
        logger.notice("migrated", metadata: ["steps": "\(landed.map(\.version))"])
      }
      try await body(database, startServer)
    }
    database.close()
    // The folder is locked by this process, so that the server is nobody else's, adopted or not.
    if let cluster { try await workers.run { try cluster.stop() } }
    try outcome.get()
  }
}

/// The certificates and keys that the server shows and signs with.
struct ServerIdentity: Sendable {
  /// Where what TLS needs is read from.
  let files: TLSFiles
  /// The files' marks just before they were read.
  let marks: [TLSFiles.Mark?]
  /// What they said.
  let tls: TLSMaterial
  /// The registry's SM2 key.
  let signingKey: SigningKey

  /// Reads the operator's files, or those that the development CA mints.
  ///
  /// - Throws: `ServerError`, `ShangMiError`.
  init(_ configuration: ServerConfiguration) throws {
    let signing: String
    switch configuration.credentials {
    case .development:
      // By the system's clock, whatever the registry's shows: TLS peers have no other.
      try DevelopmentAuthority(configuration.folder).mint(at: Date())
      signing = configuration.folder.signingKey
    case .files(_, let givenSigningKey):
      signing = givenSigningKey
    }
    files = TLSFiles(configuration)
    marks = files.marks
    tls = try files.read()
    signingKey = try KeyFile.read(signing)
    guard signingKey.kind == .sm2 else { throw ServerError.signingKeyNotSM2 }
  }
}
