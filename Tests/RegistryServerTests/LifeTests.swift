internal import Foundation
internal import GRPCCore
internal import Glibc
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import RegistryServer
internal import SwiftProtobuf
internal import Testing

private typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

extension RunningRegistry {
  /// Runs a body while the creation of an account waits for a lock that the test holds, and one watches
  /// the health; the account is created after the body.
  ///
  /// - Returns: How the creation and the watch ended.
  fileprivate func whileCalled(
    _ body: @Sendable (inout AsyncStream<Status>.Iterator) async throws -> Void
  ) async throws -> (call: Result<Void, RegistryFailure>, watch: Result<Void, RegistryFailure>) {
    let database = try #require(database)
    let (locked, lock) = AsyncStream.makeStream(of: Void.self)
    let (released, release) = AsyncStream.makeStream(of: Void.self)
    defer { release.finish() }
    async let holder: Void = database.withTransaction { transaction in
      _ = try await transaction.execute("LOCK TABLE accounts.account IN ACCESS EXCLUSIVE MODE")
      lock.finish()
      for await _ in released {}
    }
    for await _ in locked {}
    let creation = try accountCreation(of: 1)
    async let call = outcome {
      try await self.calling(.outer) { _ = try await $0.accounts.createAccount(creation) }
    }
    let (statuses, heard) = AsyncStream.makeStream(of: Status.self)
    async let watch = outcome {
      try await self.calling(.inner, as: "staff-S21010001") { client in
        try await client.stream(
          Grpc_Health_V1_HealthCheckRequest(),
          Grpc_Health_V1_Health.Method.Watch.descriptor
        ) { (reply: Grpc_Health_V1_HealthCheckResponse) in
          heard.yield(reply.status)
        }
      }
      heard.finish()
    }
    try await waitForBlockedCall(database)
    var iterator = statuses.makeAsyncIterator()
    #expect(await iterator.next() == .serving)
    try await body(&iterator)
    release.finish()
    try await holder
    return (await call, await watch)
  }

  private func outcome(
    _ body: @Sendable () async throws -> Void
  ) async -> Result<Void, RegistryFailure> {
    do { return .success(try await body()) } catch { return .failure(RegistryFailure(error)) }
  }

  private func waitForBlockedCall(_ database: Database) async throws {
    while true {
      let row = try await database.queryOne(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts.account'::regclass"
      )
      if try row?.decode(Int.self) ?? 0 > 0 { return }
      await Task.yield()
    }
  }
}

@Suite("Ending", .timeLimit(.minutes(2)))
struct EndingTests {
  @Test("a drain says NOT_SERVING, lets a running call end, and exits with 0", .registry())
  func drain() async throws {
    let registry = try RunningRegistry.ofSuite()
    let outcomes = try await registry.whileCalled { health in
      registry.process.send(SIGTERM)
      #expect(await health.next() == .notServing)
      #expect(await health.next() == nil)
      #expect(!FileManager.default.fileExists(atPath: registry.folder + "/endpoints.json"))
    }
    try outcomes.call.get()
    try outcomes.watch.get()
    #expect(try await registry.process.exitCode() == 0)
    let gone = try await registry.failure(.outer) { _ = try await $0.isServing() }
    #expect(gone.code == .unavailable)
  }

  @Test("a second signal ends it at once", .registry(), arguments: [SIGTERM, SIGINT])
  func secondSignal(number: Int32) async throws {
    let registry = try RunningRegistry.ofSuite()
    let outcomes = try await registry.whileCalled { health in
      registry.process.send(SIGTERM)
      #expect(await health.next() == .notServing)
      registry.process.send(number)
      let code = try await registry.process.exitCode()
      #expect(code == 128 + number)
    }
    guard case .failure(let failure) = outcomes.call else {
      Issue.record("the call was answered")
      return
    }
    #expect(failure.code == .unavailable)
  }

  @Test("an interrupt drains too", .registry())
  func interrupt() async throws {
    let registry = try RunningRegistry.ofSuite()
    registry.process.send(SIGINT)
    #expect(try await registry.process.exitCode() == 0)
  }
}

@Suite("Starting again", .timeLimit(.minutes(2)))
struct RestartTests {
  private func createTime(of number: Int, in registry: RunningRegistry) async throws -> Date {
    let creation = try accountCreation(of: number)
    return try await registry.calling(.outer) { client in
      try await client.accounts.createAccount(creation).createTime.date
    }
  }

  @Test(
    "after a drain and after a kill everything is there, and the database server is its own",
    .registry(.init(database: .own, flags: ["--clock", "2017-06-01T09:00:00+08:00"]))
  )
  func keepsEverything() async throws {
    let registry = try RunningRegistry.ofSuite()
    let postmaster = registry.folder + "/postgres/data/postmaster.pid"
    let root = FileManager.default.contents(atPath: registry.authorityCertificate)
    let first = try await createTime(of: 1, in: registry)
    // --clock is Shenyang's morning of 1 June 2017.
    #expect(first >= Date(timeIntervalSince1970: 1_496_278_800))
    #expect(first < Date(timeIntervalSince1970: 1_496_278_800 + 600))

    #expect(try await registry.drain() == 0)
    #expect(!FileManager.default.fileExists(atPath: postmaster))
    try await registry.startAgain()
    let second = try await createTime(of: 2, in: registry)
    #expect(second >= first)

    try await registry.kill()
    #expect(FileManager.default.fileExists(atPath: postmaster))
    try await registry.startAgain()
    #expect(registry.process.messagesSoFar.contains("origin=adopted"))
    #expect(FileManager.default.contents(atPath: registry.authorityCertificate) == root)
    for number in [1, 2] {
      let failure = try await registry.failure(.outer) { client in
        _ = try await client.accounts.createAccount(try accountCreation(of: number))
      }
      #expect(failure.code == .alreadyExists)
    }
    try await registry.calling(.inner, as: "staff-S21010006") { client in
      let head = try await client.trace.getChainHead(.init())
      #expect(head.size >= 2)
    }
    #expect(try await registry.drain() == 0)
    #expect(!FileManager.default.fileExists(atPath: postmaster))
  }

  @Test(
    "its own database server is started again when it was killed; meanwhile it does not serve",
    .registry(.init(database: .own))
  )
  func databaseServerKilled() async throws {
    let registry = try RunningRegistry.ofSuite()
    let postmaster = try String(
      contentsOfFile: registry.folder + "/postgres/data/postmaster.pid",
      encoding: .utf8
    )
    let id = try #require(postmaster.split(separator: "\n").first.flatMap { Int32($0) })
    let (statuses, heard) = AsyncStream.makeStream(of: Status.self)
    let creation = try accountCreation(of: 1)
    try await registry.calling(.outer) { client in
      _ = try await client.accounts.createAccount(creation)
      async let watch: Void = client.stream(
        Grpc_Health_V1_HealthCheckRequest(),
        Grpc_Health_V1_Health.Method.Watch.descriptor
      ) { (reply: Grpc_Health_V1_HealthCheckResponse) in
        heard.yield(reply.status)
      }
      var health = statuses.makeAsyncIterator()
      #expect(await health.next() == .serving)
      kill(id, SIGKILL)
      #expect(await health.next() == .notServing)
      #expect(await health.next() == .serving)
      // The same request again: what was acknowledged is there.
      let repeated = try await client.accounts.createAccount(creation)
      #expect(repeated.name.hasPrefix("accounts/"))
      #expect(try await registry.drain() == 0)
      try await watch
    }
  }

  @Test(
    "with certificates of the operator nobody is planted, and the public is served",
    .registry()
  )
  func operatorsCertificates() async throws {
    let registry = try RunningRegistry.ofSuite()
    #expect(try await registry.drain() == 0)
    let site = try await RunningRegistry.start(
      .init(
        database: .shared,
        flags: [
          "--certificate", registry.certificate(of: "registry"), "--key",
          registry.key(of: "registry"), "--roots", registry.authorityCertificate,
          "--signing-key", registry.folder + "/keys/registry-sm2.key",
          "--identity-verification", "off",
        ]
      )
    )
    #expect(!FileManager.default.fileExists(atPath: site.authorityCertificate))
    // The registry that minted them lends its root and its registrar's certificate.
    let staff = try RegistryEndpoint(
      host: "127.0.0.1",
      port: site.endpoints.innerPort,
      trustRootsFile: registry.authorityCertificate,
      certificateFile: registry.certificate(of: "staff-S21010001"),
      keyFile: registry.key(of: "staff-S21010001")
    )
    let failure = await #expect(throws: RegistryFailure.self) {
      _ = try await withRegistryClient(to: staff) { try await $0.isServing() }
    }
    #expect(failure?.code == .unauthenticated)
    let applicant = try RegistryEndpoint(
      host: "127.0.0.1",
      port: site.endpoints.outerPort,
      trustRootsFile: registry.authorityCertificate
    )
    #expect(try await withRegistryClient(to: applicant) { try await $0.isServing() })
    await site.remove()
  }

  @Test("no second server works in the folder of one that runs", .registry())
  func secondServer() async throws {
    let registry = try RunningRegistry.ofSuite()
    let second = try ChildProcess(
      "registryd",
      ["--data", registry.folder, "--outer", "127.0.0.1:0", "--inner", "127.0.0.1:0"],
      messages: registry.folder + "/second.log"
    )
    #expect(try await second.exitCode() == 1)
    #expect(second.messagesSoFar.contains("another registryd works in \(registry.folder)"))
    #expect(try await registry.calling(.outer) { try await $0.isServing() })
  }

  @Test("a port that is taken is told, and nothing is left running", .registry())
  func portTaken() async throws {
    let registry = try RunningRegistry.ofSuite()
    // The listeners of one server share ports by SO_REUSEPORT; any other socket takes it.
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(socket, address, length) == 0, listen(socket, 1) == 0,
          getsockname(socket, address, &length) == 0
        else { return UInt16(0) }
        return UnsafeRawPointer(address).loadUnaligned(fromByteOffset: 2, as: UInt16.self)
          .bigEndian
      }
    }
    try #require(port != 0)
    #expect(try await registry.drain() == 0)
    let failure = await #expect(throws: ChildProcess.Failure.self) {
      try await registry.startAgain(flags: ["--outer", "127.0.0.1:\(port)"])
    }
    #expect(failure?.description.contains("the program ended") == true)
    #expect(failure?.description.contains("bind") == true)
  }

  @Test("problems of the configuration are all told, and nothing starts")
  func misconfigured() async throws {
    let log = try ScratchFolder()
    let process = try ChildProcess(
      "registryd",
      ["--data", log.folder.path + "/data", "--law", "1949", "--loops", "none"],
      environment: ["REGISTRYD_CLOCK": "yesterday"],
      messages: log.folder.path + "/messages"
    )
    #expect(try await process.exitCode() == 1)
    for flag in ["--law", "--loops", "--clock"] {
      #expect(process.messagesSoFar.contains(flag + ": "))
    }
    #expect(!FileManager.default.fileExists(atPath: log.folder.path + "/data"))
  }
}

@Suite("Asking partners", .timeLimit(.minutes(2)))
struct PartnerTests {
  @Test(
    "identities are compared through the gateways, and while those are down nobody is verified",
    .registry(.init(database: .shared, hasPartners: true))
  )
  func comparison() async throws {
    let registry = try RunningRegistry.ofSuite()
    let partners = try #require(registry.partners)
    try await registry.calling(.outer) { client in
      let known = try await client.accounts.createAccount(
        try accountCreation(named: "赵测试一", "210101190001010018")
      )
      #expect(known.verification == .verified)
      #expect(known.verificationCode == "00")
      let other = try await client.accounts.createAccount(
        try accountCreation(named: "钱另名", "210101190001020021")
      )
      #expect(other.verification == .refused)
    }
    await partners.end()
    let failure = try await registry.failure(.outer) { client in
      _ = try await client.accounts.createAccount(
        try accountCreation(named: "孙测试三", "210201190001030030")
      )
    }
    #expect(failure.code == .unavailable)
    #expect(failure.reason == "IDENTITY_SOURCE_UNAVAILABLE")
    #expect(try await registry.calling(.outer) { try await $0.isServing() })
  }
}
