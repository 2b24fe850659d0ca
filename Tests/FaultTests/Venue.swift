internal import EventLoops
internal import RegistryClient
internal import RegistryTestKit

/// Who calls.
struct CallerIdentity: Sendable {
  /// The name of the certificate's files in the data folder; staff call the inner listener.
  var certificate: String?
  /// The session's token.
  var token: String?

  /// Nobody.
  static let anyone = CallerIdentity()
  /// A registrar of the seeds, for instance `S21010001`.
  static func staff(_ number: String) -> CallerIdentity { .init(certificate: "staff-\(number)") }
  /// A partner of the seeds.
  static func partner(_ id: String) -> CallerIdentity { .init(certificate: "partner-\(id)") }
  /// Who is logged in.
  static func session(_ token: String) -> CallerIdentity { .init(token: token) }

  var isStaff: Bool { certificate?.hasPrefix("staff-") == true }
}

/// A registry with all that it needs, each a process of its own: PostgreSQL behind a proxy, the partners' systems, `registryd`.
struct Venue: Sendable {
  /// The database server.
  let cluster: MortalCluster
  /// What stands before it.
  let proxy: PostgresProxy
  /// The server, and its partners.
  let registry: RunningRegistry
  private let loops: EventLoopGroup
  private let workers: WorkerExecutor

  /// Starts everything.
  static func open() async throws -> Venue {
    let workers = try WorkerExecutor(threads: 2, queueLimit: 64, name: "venue")
    let cluster = try await workers.run { try MortalCluster.start() }
    let proxy = try PostgresProxy(to: cluster.socket)
    let registry = try await RunningRegistry.start(
      RunningRegistry.Options(
        hasPartners: true,
        flags: ["--database", "\(proxy.address) user=registry dbname=postgres"]
      )
    )
    return Venue(
      cluster: cluster,
      proxy: proxy,
      registry: registry,
      loops: try EventLoopGroup(count: 1, name: "venue"),
      workers: workers
    )
  }

  /// Ends everything.
  func close() async {
    await registry.remove()
    await proxy.close()
    await loops.shutDown()
    await workers.shutDown()
  }

  /// Kills all processes of the database server.
  func killPostgres() async throws {
    try await workers.run { try cluster.kill() }
  }

  /// Starts the database server again.
  func startPostgres() async throws {
    try await workers.run { try cluster.restart() }
  }

  /// Lends a new connection, on which nothing is tried twice.
  func connected<Value: Sendable>(
    as caller: CallerIdentity,
    _ body: (RegistryClient) async throws -> Value
  ) async throws -> Value {
    let endpoints = registry.endpoints
    let endpoint = try RegistryEndpoint(
      host: "127.0.0.1",
      port: caller.isStaff ? endpoints.innerPort : endpoints.outerPort,
      trustRootsFile: registry.authorityCertificate,
      certificateFile: caller.certificate.map { registry.certificate(of: $0) },
      keyFile: caller.certificate.map { registry.key(of: $0) }
    )
    var policy = CallPolicy()
    policy.tries = 1
    let client = try RegistryClient(
      to: endpoint,
      policy: policy,
      eventLoop: loops.next(),
      workers: workers
    )
    if let token = caller.token { client.resume(token: token, account: "") }
    return try await client.running(body)
  }
}
