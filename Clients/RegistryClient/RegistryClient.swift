public import EventLoops
public import GRPCCore
public import GRPCNghttp2Transport
internal import RegistryAPI
internal import SwiftProtobuf

/// A client of the registry: one connection over TLS, and every RPC as a typed method that repeats
/// what is safe to repeat, keeps its session alive and throws `RegistryFailure`.
///
/// Use it by `withRegistryClient`, or call `run()` in a task of your own and `shutDown()` when done.
/// Any number of tasks may use one client at once.
public final class RegistryClient: Sendable {
  /// Where the registry listens.
  public let endpoint: RegistryEndpoint
  /// How long calls may take, and how often they are tried, unless a call says otherwise.
  public let policy: CallPolicy
  /// The gRPC client below, for generated stubs and interceptors of one's own; calls made by it are
  /// neither repeated nor logged in.
  public let grpc: GRPCClient<Nghttp2ClientTransport>

  let sessions = SessionKeeper()
  let time: Timekeeper

  /// A client that is not connected yet; `run()` does that.
  ///
  /// - Parameters:
  ///   - endpoint: Where the registry listens.
  ///   - policy: How long calls may take, and how often they are tried.
  ///   - eventLoop: Where the connection lives; needed until `run()` has returned.
  ///   - workers: Where names are looked up; needed as long.
  /// - Throws: `ENDPOINT_INVALID` if port, trust roots, certificate or key cannot be used.
  public convenience init(
    to endpoint: RegistryEndpoint,
    policy: CallPolicy = CallPolicy(),
    eventLoop: EventLoop,
    workers: WorkerExecutor
  ) throws(RegistryFailure) {
    try self.init(
      to: endpoint,
      policy: policy,
      eventLoop: eventLoop,
      workers: workers,
      time: .system
    )
  }

  init(
    to endpoint: RegistryEndpoint,
    policy: CallPolicy,
    eventLoop: EventLoop,
    workers: WorkerExecutor,
    time: Timekeeper
  ) throws(RegistryFailure) {
    guard (1...65_535).contains(endpoint.port), !endpoint.host.isEmpty else {
      throw .endpointInvalid("A host and a port from 1 to 65,535 are needed.")
    }
    var configuration = Nghttp2ClientTransport.Configuration(
      tls: ClientTLSOptions(
        trustRoots: endpoint.trustRoots,
        identity: endpoint.identity,
        serverName: endpoint.serverName
      )
    )
    configuration.reconnection.initialBackoff = policy.firstWait
    configuration.reconnection.maximumBackoff = policy.longestWait
    configuration.connectTimeout = min(policy.deadline, .seconds(20))
    configuration.userAgent = "registry-client-swift"
    // A licence's PDF and a task list may be as large as a message may be, plus their frame.
    configuration.responseMessageBytes = 8 << 20
    let transport: Nghttp2ClientTransport
    do {
      transport = try Nghttp2ClientTransport(
        host: endpoint.host,
        port: endpoint.port,
        configuration: configuration,
        eventLoop: eventLoop,
        workers: workers
      )
    } catch {
      throw .endpointInvalid("TLS cannot be set up: \(error)")
    }
    self.endpoint = endpoint
    self.policy = policy
    self.time = time
    grpc = GRPCClient(transport: transport)
  }

  /// Keeps the connection until the client is shut down and its last call has ended, or until the
  /// task is cancelled; returns at once if it was shut down before.
  ///
  /// - Throws: `RegistryFailure` if called twice.
  public func run() async throws(RegistryFailure) {
    do {
      try await grpc.runConnections()
    } catch {
      let failure = RegistryFailure(error)
      guard failure.reason == "CLIENT_SHUT_DOWN" else { throw failure }
    }
  }

  /// Refuses new calls; those that run go on to their end.
  public func shutDown() {
    grpc.beginGracefulShutdown()
  }
}

extension RegistryClient {
  /// Accounts, agreement, log-in, restrictions.
  public var accounts: AccountsClient { AccountsClient(client: self) }
  /// Names: check, reserve, release, the library.
  public var names: NamesClient { NamesClient(client: self) }
  /// Filings: draft, validate, prepare, submit, withdraw; their documents.
  public var filings: FilingsClient { FilingsClient(client: self) }
  /// Signature tasks.
  public var signatures: SignaturesClient { SignaturesClient(client: self) }
  /// Review, for staff on the inner listener.
  public var reviews: ReviewsClient { ReviewsClient(client: self) }
  /// Licences: read, verify, download.
  public var licenses: LicensesClient { LicensesClient(client: self) }
  /// Archives and their volumes.
  public var archives: ArchivesClient { ArchivesClient(client: self) }
  /// The trace and its chain.
  public var trace: TraceClient { TraceClient(client: self) }

  /// Whether the registry says that it serves (`grpc.health.v1.Health`).
  ///
  /// - Parameter service: A service's full name; empty for the whole server.
  /// - Returns: Whether its status is SERVING.
  /// - Throws: `RegistryFailure`.
  public func isServing(_ service: String = "") async throws(RegistryFailure) -> Bool {
    let reply: Grpc_Health_V1_HealthCheckResponse = try await unary(
      Grpc_Health_V1_HealthCheckRequest.with { $0.service = service },
      Grpc_Health_V1_Health.Method.Check.descriptor
    )
    return reply.status == .serving
  }
}

/// Connects, lends the client to a closure, and disconnects.
///
/// The client has a loop and a thread of its own; to share them among clients make `RegistryClient`
/// yourself.
///
/// - Parameters:
///   - endpoint: Where the registry listens.
///   - policy: How long calls may take, and how often they are tried.
///   - isolation: The caller's.
///   - body: Uses the client.
/// - Returns: What the closure returns.
/// - Throws: `ENDPOINT_INVALID`, and what the closure throws.
public func withRegistryClient<Result: Sendable>(
  to endpoint: RegistryEndpoint,
  policy: CallPolicy = CallPolicy(),
  isolation: isolated (any Actor)? = #isolation,
  _ body: (RegistryClient) async throws -> Result
) async throws -> Result {
  let loops = try EventLoopGroup(count: 1, name: "registry")
  let workers = try WorkerExecutor(threads: 1, queueLimit: 16, name: "registry-dns")
  let outcome: Swift.Result<Result, any Error>
  do {
    let client = try RegistryClient(
      to: endpoint,
      policy: policy,
      eventLoop: loops.next(),
      workers: workers
    )
    outcome = .success(try await client.running(isolation: isolation, body))
  } catch {
    outcome = .failure(error)
  }
  await workers.shutDown()
  await loops.shutDown()
  return try outcome.get()
}

extension RegistryClient {
  /// Runs the connection while a closure uses the client.
  ///
  /// - Parameters:
  ///   - isolation: The caller's.
  ///   - body: Uses the client, which is shut down afterwards.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
  public func running<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (RegistryClient) async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self, isolation: isolation) { group in
      group.addTask { try await self.run() }
      let result: Result
      do {
        result = try await body(self)
      } catch {
        group.cancelAll()
        throw error
      }
      shutDown()
      try await group.waitForAll()
      return result
    }
  }
}
