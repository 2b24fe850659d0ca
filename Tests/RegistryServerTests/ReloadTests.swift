internal import Foundation
internal import GRPCCore
internal import Glibc
internal import Identity
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import ShangMi
internal import Synchronization
internal import Testing

@testable internal import RegistryServer

private typealias HealthStatus = Grpc_Health_V1_HealthCheckResponse.ServingStatus

extension RunningRegistry {
  private var data: DataFolder { DataFolder(path: folder) }

  /// Runs the program's `revoke`.
  fileprivate func revoke(_ name: String) async throws {
    let process = try ChildProcess(
      "registryd",
      ["revoke", "--data", folder, name],
      messages: folder + "/revoke.log"
    )
    #expect(try await process.exitCode() == 0)
  }

  /// Waits until the server has said something so many times, asking it for something meanwhile.
  fileprivate func said(_ words: String, times: Int = 1) async throws {
    while process.messagesSoFar.components(separatedBy: words).count <= times {
      try Task.checkCancellation()
      _ = try? await calling(.outer) { try await $0.isServing() }
    }
  }

  /// Watches the health as somebody until the server ends that.
  ///
  /// - Returns: How it ended.
  fileprivate func watchHealth(
    as name: String,
    _ statuses: AsyncStream<HealthStatus>.Continuation
  ) async -> RegistryFailure? {
    defer { statuses.finish() }
    do {
      try await calling(.outer, as: name) { client in
        try await client.stream(
          Grpc_Health_V1_HealthCheckRequest(),
          Grpc_Health_V1_Health.Method.Watch.descriptor
        ) { (reply: Grpc_Health_V1_HealthCheckResponse) in
          statuses.yield(reply.status)
        }
      }
      return nil
    } catch {
      return RegistryFailure(error)
    }
  }

  /// Puts a file in the place of another at once.
  fileprivate static func put(_ contents: some StringProtocol, at path: String) throws {
    try Data(contents.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// A list of its authority that takes nobody back and is good until an instant.
  fileprivate func emptyList(until end: Date) throws -> String {
    let root = try String(contentsOfFile: authorityCertificate, encoding: .utf8)
    let authority = try CertificateAuthority(
      certificate: Certificate(pem: root),
      key: KeyFile.read(data.authorityKey)
    )
    return try authority.revocationList(
      of: [],
      number: 9,
      updateTime: end.addingTimeInterval(-86_400),
      nextUpdateTime: end
    ).pem
  }
}

@Suite("Reading certificates anew", .timeLimit(.minutes(2)))
struct ReloadTests {
  private static let bank = "partner-icbc-shenyang"
  private static let tax = "partner-tax-liaoning"
  private static let readAnew = "certificates, key, roots and revocation lists read anew"
  private static let refused = "are refused, the present ones stay"

  @Test(
    "a revoked bank's open connection ends within 5 s, and it gets no other; others stay",
    .registry()
  )
  func revoked() async throws {
    let registry = try RunningRegistry.ofSuite()
    let (bankStatuses, bankHeard) = AsyncStream.makeStream(of: HealthStatus.self)
    let (taxStatuses, taxHeard) = AsyncStream.makeStream(of: HealthStatus.self)
    async let bank = registry.watchHealth(as: Self.bank, bankHeard)
    async let tax = registry.watchHealth(as: Self.tax, taxHeard)
    var (bankHealth, taxHealth) = (
      bankStatuses.makeAsyncIterator(), taxStatuses.makeAsyncIterator()
    )
    #expect(await bankHealth.next() == .serving)
    #expect(await taxHealth.next() == .serving)

    try await registry.revoke(Self.bank)
    let begin = ContinuousClock.now
    let failure = await bank
    // The law of the issue, not a measure of speed.
    #expect(begin.duration(to: .now) < .seconds(5))
    #expect(failure?.code == .unauthenticated)
    let again = try await registry.failure(.outer, as: Self.bank) { _ = try await $0.isServing() }
    #expect(again.code == .unavailable)
    try await registry.said("its certificate is refused")

    #expect(try await registry.calling(.outer, as: Self.tax) { try await $0.isServing() })
    #expect(try await registry.drain() == 0)
    #expect(await taxHealth.next() == .notServing)
    #expect(await tax == nil)
  }

  @Test("SIGHUP brings another certificate, and drops no connection", .registry())
  func hangUp() async throws {
    let registry = try RunningRegistry.ofSuite()
    let (statuses, heard) = AsyncStream.makeStream(of: HealthStatus.self)
    async let watch = registry.watchHealth(as: Self.bank, heard)
    var health = statuses.makeAsyncIterator()
    #expect(await health.next() == .serving)

    let other = try ScratchFolder()
    try DevelopmentAuthority(other.folder).mint(at: Date())
    for (from, to) in [
      (other.folder.certificate(of: "registry"), registry.certificate(of: "registry")),
      (other.folder.key(of: "registry"), registry.key(of: "registry")),
    ] { try RunningRegistry.put(try other.text(of: from), at: to) }
    registry.process.send(SIGHUP)
    try await registry.said(Self.readAnew)

    let endpoint = try RegistryEndpoint(
      host: "127.0.0.1",
      port: registry.endpoints.outerPort,
      trustRootsFile: other.folder.authorityCertificate
    )
    #expect(try await withRegistryClient(to: endpoint) { try await $0.isServing() })
    let stale = try await registry.failure(.outer) { _ = try await $0.isServing() }
    #expect(stale.code == .unavailable)
    #expect(try await registry.drain() == 0)
    #expect(await health.next() == .notServing)
    #expect(await watch == nil)
  }

  @Test("a broken file is refused by its words, and the present one stays", .registry())
  func broken() async throws {
    let registry = try RunningRegistry.ofSuite()
    let path = registry.folder + "/ca/ca.crl"
    let good = try String(contentsOfFile: path, encoding: .utf8)
    let stranger = try CertificateAuthority(
      commonName: "Liaoning registry development CA",
      keyKind: .p256,
      notBefore: Date(timeIntervalSinceNow: -60),
      notAfter: Date(timeIntervalSinceNow: 86_400)
    ).revocationList(
      of: [],
      number: 2,
      updateTime: Date(timeIntervalSinceNow: -60),
      nextUpdateTime: Date(timeIntervalSinceNow: 86_400)
    )
    let bad = [
      "torn", String(good.dropLast(60)), stranger.pem,
      try registry.emptyList(until: Date(timeIntervalSinceNow: -60)),
    ]
    for (index, contents) in bad.enumerated() {
      try RunningRegistry.put(contents, at: path)
      try await registry.said(Self.refused, times: index + 1)
      #expect(try await registry.calling(.outer, as: Self.bank) { try await $0.isServing() })
    }
    #expect(registry.process.messagesSoFar.contains("the new revocation list has run out already"))
    #expect(!registry.process.messagesSoFar.contains(Self.readAnew))
    try RunningRegistry.put(good, at: path)
    try await registry.said(Self.readAnew)
    #expect(try await registry.calling(.outer, as: Self.bank) { try await $0.isServing() })
  }

  @Test("with a list that has run out the public is served, certificates are not", .registry())
  func outdated() async throws {
    let registry = try RunningRegistry.ofSuite()
    #expect(try await registry.drain() == 0)
    let list = registry.folder + "/list.crl"
    try RunningRegistry.put(
      registry.emptyList(until: Date(timeIntervalSinceNow: -60)),
      at: list
    )
    let site = try await RunningRegistry.start(
      .init(
        database: .shared,
        flags: [
          "--certificate", registry.certificate(of: "registry"), "--key",
          registry.key(of: "registry"), "--roots", registry.authorityCertificate,
          "--revocation-lists", list, "--signing-key",
          registry.folder + "/keys/registry-sm2.key", "--identity-verification", "off",
        ]
      )
    )
    func endpoint(_ name: String?) throws -> RegistryEndpoint {
      try RegistryEndpoint(
        host: "127.0.0.1",
        port: site.endpoints.outerPort,
        trustRootsFile: registry.authorityCertificate,
        certificateFile: name.map { registry.certificate(of: $0) },
        keyFile: name.map { registry.key(of: $0) }
      )
    }
    try await site.said("a revocation list has run out")
    #expect(try await withRegistryClient(to: endpoint(nil)) { try await $0.isServing() })
    var policy = CallPolicy()
    policy.tries = 1
    let refused = await #expect(throws: RegistryFailure.self) {
      try await withRegistryClient(to: endpoint(Self.bank), policy: policy) {
        _ = try await $0.isServing()
      }
    }
    #expect(refused?.code == .unavailable)

    try RunningRegistry.put(
      registry.emptyList(until: Date(timeIntervalSinceNow: 86_400)),
      at: list
    )
    try await site.said(Self.readAnew)
    // The bank's certificate is accepted; that nobody planted it here is another matter.
    let unknown = await #expect(throws: RegistryFailure.self) {
      try await withRegistryClient(to: endpoint(Self.bank), policy: policy) {
        _ = try await $0.isServing()
      }
    }
    #expect(unknown?.code == .unauthenticated)
    await site.remove()
  }
}
