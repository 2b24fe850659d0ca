internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import GRPCProtobuf
internal import Testing

/// A failure with as much to say as a test asks for.
private struct LoudError: RegistryError {
  var violations: [Violation]
  var retryDelay: Duration?
  var code: RPCError.Code { .invalidArgument }
  var reason: String { "FILING_RULES_BROKEN" }
  var message: String { "The filing breaks rules." }
  var metadata: [String: String] { ["filing": "filings/1"] }
}

@Suite("Telling a failure")
struct RegistryErrorTests {
  private func violations(_ count: Int, length: Int) -> [Violation] {
    (0..<count).map {
      Violation(
        field: "company.shareholders[\($0)].contribution_fen",
        rule: "SHAREHOLDER_COUNT_UNLAWFUL",
        description: String(repeating: "违", count: length),
        basis: String(repeating: "法", count: length)
      )
    }
  }

  private func status(of error: LoudError) throws -> GoogleRPCStatus {
    let told = RPCError(
      code: error.rpcErrorCode,
      message: error.rpcErrorMessage,
      metadata: error.rpcErrorMetadata
    )
    return try #require(try told.unpackGoogleRPCStatus())
  }

  @Test("the details stay below 16 KiB as trailers carry them", arguments: [0, 1, 40, 41, 5_000])
  func size(count: Int) throws {
    let error = LoudError(violations: violations(count, length: 5_000), retryDelay: .seconds(1))
    let bytes = error.rpcErrorMetadata.reduce(0) { sum, entry in
      switch entry.value {
      case .string(let text): sum + entry.key.utf8.count + text.utf8.count
      case .binary(let bytes): sum + entry.key.utf8.count + (bytes.count + 2) / 3 * 4
      }
    }
    #expect(bytes < 16 * 1_024)
  }

  @Test("reason, domain, values and violations arrive")
  func contents() throws {
    let status = try status(of: LoudError(violations: violations(41, length: 3)))
    #expect(status.code == .invalidArgument)
    #expect(status.message == "The filing breaks rules.")
    let info = try #require(status.details.compactMap(\.errorInfo).first)
    #expect(info.reason == "FILING_RULES_BROKEN")
    #expect(info.domain == "registry.liaoning")
    #expect(info.metadata == ["filing": "filings/1", "violation_count": "41"])
    let told = try #require(status.details.compactMap(\.badRequest).first).violations
    #expect((1...40).contains(told.count))
    #expect(told.first?.field == "company.shareholders[0].contribution_fen")
    #expect(told.first?.violationDescription == "违违违 (法法法)")
    #expect(told.first?.reason == "SHAREHOLDER_COUNT_UNLAWFUL")
  }

  @Test("without violations there is no BadRequest")
  func none() throws {
    let status = try status(of: LoudError(violations: []))
    #expect(status.details.compactMap(\.badRequest).isEmpty)
    #expect(status.details.count == 1)
  }
}
