internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing

@testable internal import RegistryClient

@Suite("Trying again")
struct RetryTests {
  @Test("a read that is UNAVAILABLE is tried again, the wait doubling")
  func readIsTriedAgain() async throws {
    try await withRegistry { script in
      script.on(Names.CheckName.descriptor) {
        (_: Liaoning_Registry_V1_CheckNameRequest, call) -> Liaoning_Registry_V1_CheckNameResponse
        in
        guard call.number == 3 else { throw refusal(.unavailable, "BUSY") }
        return .with { $0.outcome = .reservable }
      }
    } _: { bed in
      let reply = try await bed.client.names.checkName(.init())
      #expect(reply.outcome == .reservable)
      #expect(bed.server.seen.count == 3)
      #expect(bed.hourglass.waits == [.milliseconds(200), .milliseconds(400)])
    }
  }

  @Test("a write is tried again with the same request_id, made up if there is none")
  func writeKeepsItsID() async throws {
    try await withRegistry { script in
      script.on(Names.ReserveName.descriptor) {
        (_: Liaoning_Registry_V1_ReserveNameRequest, call) -> Liaoning_Registry_V1_Reservation in
        guard call.number % 2 == 0 else { throw refusal(.unavailable, "BUSY") }
        return .with { $0.name = "reservations/1" }
      }
    } _: { bed in
      _ = try await bed.client.names.reserveName(.init())
      _ = try await bed.client.names.reserveName(.with { $0.requestID = "own" })
      let ids = try bed.server.seen.map {
        try $0.decoded(Liaoning_Registry_V1_ReserveNameRequest.self).requestID
      }
      #expect(ids.count == 4)
      #expect(ids[0] == ids[1] && ids[0].count == 36)
      #expect(ids[2...] == ["own", "own"])
    }
  }

  @Test("a write without request_id is never tried again")
  func writeWithoutID() async throws {
    try await withRegistry { script in
      script.on(Accounts.CreateLoginChallenge.descriptor) {
        (_: Liaoning_Registry_V1_CreateLoginChallengeRequest, _)
          -> Liaoning_Registry_V1_LoginChallenge in
        throw refusal(.unavailable, "BUSY")
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.accounts.createLoginChallenge(.with { $0.account = "accounts/1" })
      }
      #expect(failure?.reason == "BUSY")
      #expect(failure?.isInDoubt == false)
      #expect(bed.server.seen.count == 1)
    }
  }

  @Test(
    "nothing but UNAVAILABLE is tried again",
    arguments: [
      RPCError.Code.aborted, .resourceExhausted, .failedPrecondition, .internalError, .unknown,
      .deadlineExceeded, .notFound, .permissionDenied, .unauthenticated, .cancelled,
    ]
  )
  func otherCodes(code: RPCError.Code) async throws {
    try await withRegistry { script in
      script.on(Names.CheckName.descriptor) {
        (_: Liaoning_Registry_V1_CheckNameRequest, _) -> Liaoning_Registry_V1_CheckNameResponse in
        throw refusal(code, "NO", delay: .seconds(1))
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.checkName(.init())
      }
      #expect(failure?.code == code)
      #expect(failure?.tries == 1)
      #expect(bed.server.seen.count == 1)
      #expect(bed.hourglass.waits.isEmpty)
    }
  }

  @Test("it gives up after the policy's tries", arguments: [1, 2, 5])
  func triesAreBounded(tries: Int) async throws {
    var policy = CallPolicy.steady
    policy.tries = tries
    try await withRegistry(policy: policy) { script in
      script.on(Names.CheckName.descriptor) {
        (_: Liaoning_Registry_V1_CheckNameRequest, _) -> Liaoning_Registry_V1_CheckNameResponse in
        throw refusal(.unavailable, "BUSY")
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.checkName(.init())
      }
      #expect(failure?.tries == tries)
      #expect(failure?.method == "liaoning.registry.v1.NameService/CheckName")
      #expect(bed.server.seen.count == tries)
    }
  }

  @Test("it waits as long as the server asks for, never shorter")
  func retryInfo() async throws {
    try await withRegistry { script in
      script.on(Names.CheckName.descriptor) {
        (_: Liaoning_Registry_V1_CheckNameRequest, call) -> Liaoning_Registry_V1_CheckNameResponse
        in
        switch call.number {
        case 1: throw refusal(.unavailable, "BUSY", delay: .seconds(3))
        case 2: throw refusal(.unavailable, "BUSY", delay: .milliseconds(1))
        default: return .init()
        }
      }
    } _: { bed in
      _ = try await bed.client.names.checkName(.init())
      #expect(bed.hourglass.waits == [.seconds(3), .milliseconds(400)])
    }
  }

  @Test("it doesn't wait beyond the call's deadline", arguments: [(29, 2), (30, 1)])
  func deadline(seconds: Int, calls: Int) async throws {
    try await withRegistry { script in
      script.on(Names.CheckName.descriptor) {
        (_: Liaoning_Registry_V1_CheckNameRequest, _) -> Liaoning_Registry_V1_CheckNameResponse in
        throw refusal(.unavailable, "BUSY", delay: .seconds(seconds))
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.checkName(.init())
      }
      #expect(failure?.retryDelay == .seconds(seconds))
      #expect(bed.server.seen.count == calls)
    }
  }

  @Test("a call that takes too long fails with DEADLINE_EXCEEDED, and is in doubt if it writes")
  func slowServer() async throws {
    var policy = CallPolicy.steady
    policy.deadline = .milliseconds(100)
    try await withRegistry(policy: policy) { script in
      script.on(Names.ReserveName.descriptor) {
        (_: Liaoning_Registry_V1_ReserveNameRequest, call) -> Liaoning_Registry_V1_Reservation in
        try await call.cancellation.cancelled
        throw CancellationError()
      }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.reserveName(.with { $0.requestID = "own" })
      }
      #expect(failure?.code == .deadlineExceeded)
      #expect(failure?.requestID == "own")
      #expect(failure?.isInDoubt == true)
    }
  }

  @Test("a server that isn't there is UNAVAILABLE, tried as often as the policy says")
  func nobodyListens() async throws {
    let loops = try EventLoopGroup(count: 1, name: "test")
    let workers = try WorkerExecutor(threads: 1, queueLimit: 4)
    let hourglass = Hourglass()
    let client = try RegistryClient(
      to: RegistryEndpoint(host: "127.0.0.1", port: 1),
      policy: .steady,
      eventLoop: loops.next(),
      workers: workers,
      time: hourglass.timekeeper
    )
    try await client.running { client in
      let failure = await failure { () async throws(RegistryFailure) in
        try await client.names.checkName(.init())
      }
      #expect(failure?.code == .unavailable)
      #expect(failure?.tries == 5)
      #expect(hourglass.waits.count == 4)
    }
    await workers.shutDown()
    await loops.shutDown()
  }

  @Test("the waits grow to a limit and vary by their jitter")
  func waits() {
    var policy = CallPolicy.steady
    #expect(policy.wait(afterTry: 1, serverDelay: nil) == .milliseconds(200))
    #expect(policy.wait(afterTry: 40, serverDelay: nil) == .seconds(5))
    #expect(policy.wait(afterTry: 40, serverDelay: .seconds(6)) == .seconds(6))
    policy.jitter = 0.5
    let waits = (0..<100).map { _ in policy.wait(afterTry: 1, serverDelay: nil) }
    #expect(waits.allSatisfy { (.milliseconds(100)...(.milliseconds(300))).contains($0) })
    #expect(Set(waits).count > 1)
  }

  /// The writes that the client may repeat.
  private static let writes: [any IdempotentRequest.Type] = [
    Liaoning_Registry_V1_AcceptFilingRequest.self,
    Liaoning_Registry_V1_ApproveFilingRequest.self,
    Liaoning_Registry_V1_CreateAccountRequest.self,
    Liaoning_Registry_V1_CreateFilingRequest.self,
    Liaoning_Registry_V1_CreateRestrictionRequest.self,
    Liaoning_Registry_V1_DeclineFilingRequest.self,
    Liaoning_Registry_V1_DeleteFilingRequest.self,
    Liaoning_Registry_V1_DownloadLicenseRequest.self,
    Liaoning_Registry_V1_ExamineFilingRequest.self,
    Liaoning_Registry_V1_ImportNamesRequest.self,
    Liaoning_Registry_V1_LiftRestrictionRequest.self,
    Liaoning_Registry_V1_OpenSignatureTaskRequest.self,
    Liaoning_Registry_V1_PackageVolumeRequest.self,
    Liaoning_Registry_V1_PrepareFilingRequest.self,
    Liaoning_Registry_V1_RefuseSignatureRequest.self,
    Liaoning_Registry_V1_RejectFilingRequest.self,
    Liaoning_Registry_V1_ReleaseReservationRequest.self,
    Liaoning_Registry_V1_ReserveNameRequest.self,
    Liaoning_Registry_V1_ReturnFilingRequest.self,
    Liaoning_Registry_V1_SealVolumeRequest.self,
    Liaoning_Registry_V1_SignAgreementRequest.self,
    Liaoning_Registry_V1_SignDocumentRequest.self,
    Liaoning_Registry_V1_SubmitFilingRequest.self,
    Liaoning_Registry_V1_UpdateFilingRequest.self,
    Liaoning_Registry_V1_VerifyAccountRequest.self,
    Liaoning_Registry_V1_WithdrawFilingRequest.self,
  ]

  @Test("every request with a request_id is known as a write that may be repeated")
  func idempotentRequests() throws {
    let files = try Google_Protobuf_FileDescriptorSet(serializedBytes: DescriptorSet.serialized)
    let names = files.file.filter { $0.package == "liaoning.registry.v1" }
      .flatMap(\.messageType)
      .filter { $0.name.hasSuffix("Request") && $0.field.contains { $0.name == "request_id" } }
      .map(\.name)
    #expect(names.count > 20)
    #expect(Set(names) == Set(Self.writes.map { "\($0)".droppingPrefix() }))
  }
}

extension String {
  fileprivate func droppingPrefix() -> String {
    replacing("Liaoning_Registry_V1_", with: "")
  }
}
