internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing

@testable internal import RegistryClient

@Suite("Connecting")
struct ConnectionTests {
  private static func script(_ script: inout Script) {
    script.on(Names.CheckName.descriptor) {
      (_: Liaoning_Registry_V1_CheckNameRequest, _) -> Liaoning_Registry_V1_CheckNameResponse in
      .with { $0.outcome = .reservable }
    }
    script.on(Grpc_Health_V1_Health.Method.Check.descriptor) {
      (request: Grpc_Health_V1_HealthCheckRequest, _) -> Grpc_Health_V1_HealthCheckResponse in
      .with { $0.status = request.service.isEmpty ? .serving : .notServing }
    }
  }

  @Test("a client that is lent connects, is used by many, and disconnects")
  func lent() async throws {
    try await withRegistry {
      Self.script(&$0)
    } _: { bed in
      let outcomes = try await withRegistryClient(to: bed.endpoint) { client in
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
          for _ in 0..<50 {
            tasks.addTask { try await client.names.checkName(.init()).outcome == .reservable }
          }
          return try await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
      }
      #expect(outcomes == 50)
    }
  }

  @Test("what its user throws comes out as it is")
  func userThrows() async throws {
    struct Own: Error {}
    try await withRegistry {
      Self.script(&$0)
    } _: { bed in
      await #expect(throws: Own.self) {
        try await withRegistryClient(to: bed.endpoint) { _ in throw Own() }
      }
    }
  }

  @Test("a client that is not used at all ends in peace", arguments: 0..<20)
  func unused(_: Int) async throws {
    try await withRegistryClient(to: RegistryEndpoint(host: "127.0.0.1", port: 1)) { _ in }
  }

  @Test("health is told by service")
  func health() async throws {
    try await withRegistry {
      Self.script(&$0)
    } _: { bed in
      let whole = try await bed.client.isServing()
      let one = try await bed.client.isServing("liaoning.registry.v1.NameService")
      #expect(whole && !one)
    }
  }

  @Test("a server that nobody vouches for is not called")
  func untrusted() async throws {
    try await withRegistry {
      Self.script(&$0)
    } _: { bed in
      var endpoint = bed.endpoint
      endpoint.serverName = "another.example"
      var policy = CallPolicy()
      policy.tries = 1
      let failure = await failure { () async throws(RegistryFailure) in
        do {
          try await withRegistryClient(to: endpoint, policy: policy) {
            _ = try await $0.names.checkName(.init())
          }
        } catch {
          throw RegistryFailure(error)
        }
      }
      #expect(failure?.code == .unavailable)
      #expect(bed.server.seen.isEmpty)
    }
  }

  @Test("a client that was shut down refuses calls")
  func shutDown() async throws {
    try await withRegistry {
      Self.script(&$0)
    } _: { bed in
      bed.client.shutDown()
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.checkName(.init())
      }
      #expect(failure?.reason == "CLIENT_SHUT_DOWN")
    }
  }

  @Test("every RPC of the registry has its typed method")
  func typedMethods() throws {
    let folder =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Clients/RegistryClient/Services")
    let sources = try FileManager.default.contentsOfDirectory(atPath: folder.path).map {
      try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
    }.joined()
    let files = try Google_Protobuf_FileDescriptorSet(serializedBytes: DescriptorSet.serialized)
    let services = files.file.filter { $0.package == "liaoning.registry.v1" }.flatMap(\.service)
    #expect(services.count >= 8)
    for service in services {
      for method in service.method {
        let name = "\(service.name).Method.\(method.name).descriptor"
        #expect(sources.contains(name), "\(name) has no method")
      }
    }
  }
}
