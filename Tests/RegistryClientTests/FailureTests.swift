internal import Foundation
internal import GRPCCore
internal import GRPCProtobuf
internal import RegistryAPI
internal import Testing

@testable internal import RegistryClient

@Suite("Telling what failed")
struct FailureTests {
  private func failure(of status: GoogleRPCStatus) async throws -> RegistryFailure? {
    let box = FailureBox()
    try await withRegistry { script in
      script.on(Names.CheckName.descriptor) {
        (_: Liaoning_Registry_V1_CheckNameRequest, _) -> Liaoning_Registry_V1_CheckNameResponse in
        throw status
      }
    } _: { bed in
      await box.set(
        RegistryClientTests.failure { () async throws(RegistryFailure) in
          try await bed.client.names.checkName(.init())
        }
      )
    }
    return await box.failure
  }

  private actor FailureBox {
    private(set) var failure: RegistryFailure?
    func set(_ failure: RegistryFailure?) { self.failure = failure }
  }

  @Test("reason, values, violations and delay are those of the rich status")
  func richStatus() async throws {
    let failure = try await failure(
      of: GoogleRPCStatus(
        code: .invalidArgument,
        message: "The filing breaks 2 rules.",
        details: [
          .errorInfo(
            reason: "FILING_RULES_BROKEN",
            domain: "registry.liaoning",
            metadata: ["filing": "filings/1", "violation_count": "57"]
          ),
          .badRequest(violations: [
            .init(
              field: "company.shareholders",
              description: "股东应当为1至50人 (公司法第42条)",
              reason: "SHAREHOLDER_COUNT_UNLAWFUL",
              localizedMessage: nil
            )
          ]),
          .retryInfo(delay: .milliseconds(1_500)),
        ]
      )
    )
    let found = try #require(failure)
    #expect(found.code == .invalidArgument)
    #expect(found.reason == "FILING_RULES_BROKEN")
    #expect(found.message == "The filing breaks 2 rules.")
    #expect(found.metadata["filing"] == "filings/1")
    #expect(
      found.violations == [
        .init(
          field: "company.shareholders",
          rule: "SHAREHOLDER_COUNT_UNLAWFUL",
          description: "股东应当为1至50人 (公司法第42条)"
        )
      ]
    )
    #expect(found.violationCount == 57)
    #expect(found.retryDelay == .milliseconds(1_500))
    #expect(found.requestNumber == nil)
    #expect(found.description.contains("SHAREHOLDER_COUNT_UNLAWFUL company.shareholders: 股东"))
  }

  @Test("an internal failure has the number to ask its operators for")
  func requestNumber() async throws {
    let failure = try await failure(
      of: refusal(.internalError, "INTERNAL_FAILURE", metadata: ["request": "1x9"])
    )
    #expect(failure?.requestNumber == "1x9")
  }

  @Test("a status without details leaves code and message")
  func plainStatus() {
    let failure = RegistryFailure(RPCError(code: .notFound, message: "gone"))
    #expect(failure.code == .notFound && failure.message == "gone" && failure.reason.isEmpty)
  }

  @Test("details that cannot be read leave code and message")
  func brokenDetails() {
    let failure = RegistryFailure(
      RPCError(
        code: .aborted,
        message: "stale",
        metadata: ["grpc-status-details-bin": .binary([0xFF, 0xFF])]
      )
    )
    #expect(failure.code == .aborted && failure.message == "stale" && failure.violations.isEmpty)
  }

  @Test("a method that the server does not have is UNIMPLEMENTED")
  func unimplemented() async throws {
    try await withRegistry { _ in
    } _: { bed in
      let failure = await RegistryClientTests.failure { () async throws(RegistryFailure) in
        try await bed.client.trace.getChainHead(.init())
      }
      #expect(failure?.code == .unimplemented)
    }
  }

  @Test("what a stranger throws is kept in words; giving up is CANCELLED")
  func foreignErrors() {
    struct Odd: Error {}
    #expect(RegistryFailure(Odd()).code == .unknown)
    #expect(RegistryFailure(CancellationError()).code == .cancelled)
    let own = RegistryFailure(code: .aborted, reason: "R", message: "m")
    #expect(RegistryFailure(own) == own)
  }
}
