internal import EventLoops
internal import Foundation
internal import GRPCNghttp2Transport
internal import Logging
internal import ShangMi
internal import Synchronization

@testable internal import PartnerSimulators
@testable internal import RegistryServer

/// Certificates of one run of the tests: two authorities, of which the partners trust the first.
enum PartnerCertificates {
  private struct Minted {
    let authority: CertificateAuthority
    let stranger: CertificateAuthority
  }

  private static let minted = Result {
    Minted(authority: try root("Trusted CA"), stranger: try root("Stranger"))
  }
  private static let notBefore = Date(timeIntervalSince1970: 1_000_000_000)
  private static let notAfter = Date(timeIntervalSince1970: 4_000_000_000)

  private static func root(_ name: String) throws -> CertificateAuthority {
    try CertificateAuthority(
      commonName: name,
      keyKind: .p256,
      notBefore: notBefore,
      notAfter: notAfter
    )
  }

  /// The roots that both sides trust, PEM.
  static var roots: [UInt8] {
    get throws { Array(try minted.get().authority.certificate.pem.utf8) }
  }

  /// A certificate of somebody for this machine, and its key.
  static func identity(_ name: String, fromStranger: Bool = false) throws -> TLSIdentity {
    let key = SigningKey(generating: .p256)
    let minted = try minted.get()
    let certificate = try (fromStranger ? minted.stranger : minted.authority).issue(
      commonName: name,
      publicKey: key.publicKey,
      ipAddresses: ["127.0.0.1"],
      serverAuth: true,
      clientAuth: true,
      notBefore: notBefore,
      notAfter: notAfter
    )
    return TLSIdentity(
      certificateChain: Array(certificate.pem.utf8),
      privateKey: Array(try key.pem().utf8)
    )
  }
}

/// Partners served in this process over real TLS, and the registry's gateways to them.
struct PartnerBed {
  let partners: Partners
  let gateways: PartnerGateways
  let address: SocketAddress
  let log: LogLines

  /// Runs a body with both; the script's rows come after the test data's.
  static func with<Value: Sendable>(
    script: String = "",
    messages: String? = nil,
    identity: TLSIdentity? = nil,
    limits: GatewayLimits = .quick,
    _ body: (PartnerBed) async throws -> Value
  ) async throws -> Value {
    let partners = try Partners(script: .following(script), messagesPath: messages)
    return try await server(of: partners).run { address in
      try await withGateways(to: address, identity: identity, limits: limits) { gateways, log in
        try await body(
          PartnerBed(partners: partners, gateways: gateways, address: address, log: log)
        )
      }
    }
  }

  /// A server of partners on a port of this machine; 0 lets the system choose.
  static func server(of partners: Partners, port: Int = 0) throws -> PartnerServer {
    PartnerServer(
      address: try SocketAddress.local(port),
      identity: try PartnerCertificates.identity("gateways"),
      trustRoots: try PartnerCertificates.roots,
      clientName: "registry",
      partners: partners
    )
  }

  /// Runs a body with gateways to an address, whoever listens there.
  static func withGateways<Value: Sendable>(
    to address: SocketAddress,
    identity: TLSIdentity? = nil,
    limits: GatewayLimits = .quick,
    _ body: (PartnerGateways, LogLines) async throws -> Value
  ) async throws -> Value {
    let loops = try EventLoopGroup(count: 1)
    let workers = try WorkerExecutor(threads: 1, queueLimit: 8)
    let log = LogLines()
    let gateways = try PartnerGateways(
      host: address.host,
      port: address.port,
      tls: ClientTLSOptions(
        trustRoots: .pem(PartnerCertificates.roots),
        identity: identity ?? PartnerCertificates.identity("registry")
      ),
      limits: limits,
      eventLoop: loops.next(),
      workers: workers,
      logger: log.logger
    )
    let outcome: Result<Value, any Error>
    do {
      outcome = .success(
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          tasks.addTask { try await gateways.run() }
          defer { tasks.cancelAll() }
          return try await body(gateways, log)
        }
      )
    } catch {
      outcome = .failure(error)
    }
    await loops.shutDown()
    await workers.shutDown()
    return try outcome.get()
  }
}

extension GatewayLimits {
  /// Limits under which a test need not wait long.
  static var quick: GatewayLimits {
    var limits = GatewayLimits()
    limits.longestReconnectionPause = .milliseconds(250)
    return limits
  }

  /// These, but with a short time for answers and receipts.
  func answering(within timeout: Duration) -> GatewayLimits {
    var limits = self
    limits.answerTimeout = timeout
    limits.receiptTimeout = timeout
    return limits
  }
}

extension PartnerScript {
  /// The test data, then these rows.
  static func following(_ rows: String) throws -> PartnerScript {
    try PartnerScript(
      parsing: String(decoding: PackageResources.script_tsv, as: UTF8.self) + rows
    )
  }
}

extension SocketAddress {
  /// A port of this machine.
  static func local(_ port: Int) throws -> SocketAddress {
    guard let address = SocketAddress(host: "127.0.0.1", port: port) else { throw NoAddress() }
    return address
  }

  private struct NoAddress: Error {}
}

/// What was logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  /// The lines so far.
  var all: [String] { lines.withLock { $0 } }

  /// A logger that writes here.
  var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    func log(event: LogEvent) {
      lines.lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
  }
}
