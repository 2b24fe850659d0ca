internal import Foundation
internal import GRPCCore
internal import Identity
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing

/// What the server reflects of itself.
private func reflectedServices(_ client: RegistryClient) async throws -> [String] {
  try await reflected(client, .with { $0.listServices = "" })
    .listServicesResponse.service.map(\.name)
}

private func reflected(
  _ client: RegistryClient,
  _ question: Grpc_Reflection_V1_ServerReflectionRequest
) async throws -> Grpc_Reflection_V1_ServerReflectionResponse {
  // One question and one answer have the same form on the wire as a unary call.
  try await client.unary(
    question,
    Grpc_Reflection_V1_ServerReflection.Method.ServerReflectionInfo.descriptor
  )
}

@Suite("Serving", .registry(), .timeLimit(.minutes(2)))
struct ServingTests {
  private let registry: RunningRegistry

  init() throws {
    registry = try RunningRegistry.ofSuite()
  }

  @Test(
    "both listeners tell their health, of the server and of each service that somebody may call"
  )
  func health() async throws {
    // On a busy machine the database may be late for a moment, which health rightly tells.
    for service in ["", "liaoning.registry.v1.NameService", "grpc.health.v1.Health"] {
      while try await !registry.calling(.outer, { try await $0.isServing(service) }) {}
    }
    while try await !registry.calling(
      .inner,
      as: "staff-S21010001",
      { try await $0.isServing() }
    ) {}
    let unknown = try await registry.failure(.outer) { client in
      _ = try await client.isServing("no.Service")
    }
    #expect(unknown.code == .notFound)
  }

  @Test("reflection is for partners outside and administrators inside")
  func reflection() async throws {
    let outer = try await registry.calling(.outer, as: "partner-icbc-shenyang") { client in
      try await reflectedServices(client)
    }
    #expect(outer.contains("liaoning.registry.v1.AccountService"))
    #expect(outer.contains("grpc.reflection.v1alpha.ServerReflection"))
    let inner = try await registry.calling(.inner, as: "staff-S21010005") { client in
      try await reflectedServices(client)
    }
    #expect(inner.contains("liaoning.registry.v1.FilingService"))
    let anonymous = try await registry.failure(.outer) { client in
      _ = try await reflectedServices(client)
    }
    #expect(anonymous.code == .unauthenticated)
    #expect(anonymous.reason == "CALLER_UNAUTHENTICATED")
    let clerk = try await registry.failure(.inner, as: "staff-S21010001") { client in
      _ = try await reflectedServices(client)
    }
    #expect(clerk.code == .permissionDenied)
    #expect(clerk.reason == "CALLER_NOT_PERMITTED")
  }

  @Test("the inner listener takes nobody without a certificate")
  func innerWithoutCertificate() async throws {
    let failure = try await registry.failure(.inner) { client in
      _ = try await client.isServing()
    }
    #expect(failure.code == .unavailable)
  }

  @Test("a certificate counts on its own listener only")
  func certificateOnTheOtherListener() async throws {
    for (listener, name) in [
      (Listener.inner, "partner-icbc-shenyang"),
      (.outer, "staff-S21010001"),
    ] {
      let failure = try await registry.failure(listener, as: name) { client in
        _ = try await client.isServing()
      }
      #expect(failure.code == .unauthenticated)
    }
  }

  @Test("a method that nobody registered is UNIMPLEMENTED")
  func unknownMethod() async throws {
    let failure = try await registry.failure(.outer) { client in
      let _: Grpc_Health_V1_HealthCheckResponse = try await client.unary(
        Grpc_Health_V1_HealthCheckRequest(),
        MethodDescriptor(fullyQualifiedService: "grpc.health.v1.Health", method: "Cure")
      )
    }
    #expect(failure.code == .unimplemented)
  }

  @Test("a registrar of another role may not, and one without a session may not")
  func wrongRole() async throws {
    let clerk = try await registry.failure(.inner, as: "staff-S21010001") { client in
      _ = try await client.accounts.createRestriction(.init())
    }
    #expect(clerk.code == .permissionDenied)
    #expect(
      clerk.metadata["method"] == "liaoning.registry.v1.AccountService/CreateRestriction"
    )
    let head = try await registry.failure(.inner, as: "staff-S21010003") { client in
      _ = try await client.accounts.createRestriction(.init())
    }
    #expect(head.code == .invalidArgument)
    let anonymous = try await registry.failure(.outer) { client in
      _ = try await client.names.reserveName(.init())
    }
    #expect(anonymous.code == .unauthenticated)
  }

  @Test("staff of every authority are known")
  func staffOfEveryAuthority() async throws {
    for region in ["210000", "210100", "210200", "211100", "211400"] {
      try await registry.calling(.inner, as: "staff-S\(region)06") { client in
        let agreement = try await client.accounts.getAgreement(
          .with { $0.name = "agreements/current" }
        )
        #expect(agreement.text.contains("辽宁省"))
      }
    }
  }

  @Test("a request is as large as its method takes, and no larger")
  func messageLimits() async throws {
    let check = try await registry.failure(.outer) { client in
      _ = try await client.names.checkName(
        .with { $0.candidate.tradeName = String(repeating: "a", count: 262_144) }
      )
    }
    #expect(check.code == .resourceExhausted)
    let names = Liaoning_Registry_V1_ImportNamesRequest.with {
      $0.names = [.with { $0.enterpriseName = String(repeating: "a", count: 900_000) }]
    }
    let taken = try await registry.failure(.inner, as: "staff-S21000005") { client in
      _ = try await client.names.importNames(names)
    }
    #expect(taken.code == .invalidArgument)
    let refused = try await registry.failure(.inner, as: "staff-S21000005") { client in
      _ = try await client.names.importNames(
        .with { $0.names = names.names + names.names }
      )
    }
    #expect(refused.code == .resourceExhausted)
  }

  @Test("bytes that are no message are refused as the caller's fault")
  func garbage() async throws {
    let failure = try await registry.failure(.outer) { client in
      let _: Grpc_Health_V1_HealthCheckResponse = try await client.unary(
        // Field 1 is text there, and no UTF-8 here.
        Google_Protobuf_BytesValue.with { $0.value = Data([0xff, 0xfe]) },
        Grpc_Health_V1_Health.Method.Check.descriptor
      )
    }
    #expect(failure.code == .invalidArgument)
    #expect(failure.reason == "REQUEST_UNREADABLE")
  }
}
