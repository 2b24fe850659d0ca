internal import EventLoops
internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing

@testable internal import Postgres

@Suite("A running registry whose database fails", .serialized, .timeLimit(.minutes(3)))
struct DatabaseFaultTests {
  /// A registry and what stands before its database.
  private struct Stage: Sendable {
    let registry: RunningRegistry
    let proxy: FaultProxy
    let loops: EventLoopGroup
    let workers: WorkerExecutor

    /// Makes a call to the database that anybody may make, once.
    func ask(_ client: RegistryClient) async throws(RegistryFailure) {
      let _: Liaoning_Registry_V1_Agreement = try await client.unary(
        Liaoning_Registry_V1_GetAgreementRequest.with { $0.name = "agreements/current" },
        Liaoning_Registry_V1_AccountService.Method.GetAgreement.descriptor
      )
    }

    func connected<Value: Sendable>(
      timeout: Duration = .seconds(30),
      _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
      let endpoint = try RegistryEndpoint(
        host: "127.0.0.1",
        port: registry.endpoints.outerPort,
        trustRootsFile: registry.authorityCertificate
      )
      var policy = CallPolicy()
      policy.tries = 1
      policy.deadline = timeout
      let client = try RegistryClient(
        to: endpoint,
        policy: policy,
        eventLoop: loops.next(),
        workers: workers
      )
      return try await client.running(body)
    }

    /// Makes calls at once over one connection; tells of each that is refused, as all must be that
    /// aren't answered.
    func hundredCalls(
      refused: @escaping @Sendable () -> Void
    ) async throws -> (answered: Int, refused: Int) {
      try await connected { client in
        try await withThrowingTaskGroup(of: Bool.self) { calls in
          for _ in 0..<100 {
            calls.addTask {
              do throws(RegistryFailure) {
                try await ask(client)
                return true
              } catch {
                #expect(error.code == .unavailable)
                #expect(error.reason == "SERVER_BUSY")
                #expect(error.retryDelay != nil)
                refused()
                return false
              }
            }
          }
          return try await calls.reduce(into: (answered: 0, refused: 0)) {
            if $1 { $0.answered += 1 } else { $0.refused += 1 }
          }
        }
      }
    }

    /// What a single call fails with.
    func failure(timeout: Duration = .seconds(30)) async throws -> RegistryFailure? {
      try await connected(timeout: timeout) { client in
        do throws(RegistryFailure) {
          try await ask(client)
          return nil
        } catch {
          return error
        }
      }
    }
  }

  private func with(_ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
    let database = try await TestDatabase.create()
    let address = database.database.configuration.connectionString
    let folder = try #require(address.firstMatch(of: /host='([^']*)'/)).1
    let proxy = try FaultProxy(to: .unix(path: "\(folder)/.s.PGSQL.5432"))
    guard case .tcp(let host, let port) = proxy.address else { throw POSIXError(.EINVAL) }
    let string =
      "host=\(host) port=\(port) user=registry dbname=\(database.name) sslmode=disable gssencmode=disable"
    let stage = Stage(
      registry: try await RunningRegistry.start(
        RunningRegistry.Options(flags: ["--database", string])
      ),
      proxy: proxy,
      loops: try EventLoopGroup(count: 1, name: "fault"),
      workers: try WorkerExecutor(threads: 1, queueLimit: 64, name: "fault")
    )
    let result = await Task { try await body(stage) }.result
    await stage.registry.remove()
    await proxy.close()
    await stage.loops.shutDown()
    await stage.workers.shutDown()
    await database.drop()
    try result.get()
  }

  @Test("every call ends in time and says what happened, and all goes on without a restart")
  func faultsAreTold() async throws {
    try await with { stage in
      #expect(try await stage.failure() == nil)
      await stage.proxy.set(.discard)
      let late = try await stage.failure(timeout: .milliseconds(700))
      #expect(late?.code == .deadlineExceeded)
      try await stage.proxy.set(.refusing)
      await stage.proxy.cut()
      let away = try await stage.failure()
      #expect(away?.code == .unavailable)
      #expect(away?.reason == "DATABASE_UNAVAILABLE")
      #expect(away?.retryDelay != nil)
      try await stage.connected { client in while try await client.isServing() {} }
      await stage.proxy.set(.pass)
      try await stage.proxy.set(.open)
      try await stage.connected { client in while try await !client.isServing() {} }
      #expect(try await stage.failure() == nil)
    }
  }

  @Test("of 10,000 calls at once those without room are refused at arrival, the others answered")
  func crowdsAreRefused() async throws {
    try await with { stage in
      await stage.proxy.set(.hold, .toClient)
      let (refusals, refused) = AsyncStream<Void>.makeStream()
      let counts = try await withThrowingTaskGroup(of: (answered: Int, refused: Int).self) {
        group in
        for _ in 0..<100 {
          group.addTask { try await stage.hundredCalls { refused.yield() } }
        }
        var seen = 0
        for await _ in refusals {
          seen += 1
          if seen == 9_000 { break }
        }
        // The crowd still waits, and whoever asks for the server's health is told.
        _ = try await stage.connected { try await $0.isServing() }
        await stage.proxy.set(.pass, .toClient)
        return try await group.reduce(into: (answered: 0, refused: 0)) {
          $0.answered += $1.answered
          $0.refused += $1.refused
        }
      }
      #expect(counts.answered + counts.refused == 10_000)
      #expect(counts.answered >= 64)
      #expect(try await stage.failure() == nil)
    }
  }
}
