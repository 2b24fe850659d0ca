internal import GRPCCore
internal import Foundation
internal import Identity
internal import RegistryAPI
internal import RegistryClient
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

/// A call that was to fail was answered.
struct CallAnswered: Error {}

extension RunningRegistry {
  /// The endpoint of a listener, with the certificate of somebody, or without one.
  func endpoint(
    _ listener: Listener,
    as name: String? = nil
  ) throws -> RegistryEndpoint {
    try RegistryEndpoint(
      host: "127.0.0.1",
      port: listener == .outer ? endpoints.outerPort : endpoints.innerPort,
      trustRootsFile: authorityCertificate,
      certificateFile: name.map { certificate(of: $0) },
      keyFile: name.map { key(of: $0) }
    )
  }

  /// Calls as somebody, each call tried once.
  func calling<Value: Sendable>(
    _ listener: Listener,
    as name: String? = nil,
    _ body: (RegistryClient) async throws -> Value
  ) async throws -> Value {
    var policy = CallPolicy()
    policy.tries = 1
    return try await withRegistryClient(to: endpoint(listener, as: name), policy: policy, body)
  }

  /// How a call fails.
  func failure(
    _ listener: Listener,
    as name: String? = nil,
    _ body: (RegistryClient) async throws -> Void
  ) async throws -> RegistryFailure {
    do {
      try await calling(listener, as: name, body)
    } catch let failure as RegistryFailure {
      return failure
    }
    throw CallAnswered()
  }
}

/// A request to register a made-up person's account, with a new key.
///
/// - Parameter number: Which person, 1 to 999.
/// - Throws: `KEY_UNUSABLE`.
/// - Returns: The request, signed.
func accountCreation(
  of number: Int
) throws -> Liaoning_Registry_V1_CreateAccountRequest {
  // 210101 is a placeholder (市辖区) and never a birthplace.
  let body = "21010119900101" + String(String(1_000 + number).suffix(3))
  let identityNumber = try #require(
    "0123456789X".lazy.compactMap { ResidentIdentityNumber(body + String($0)) }.first
  )
  return try accountCreation(named: "赵测试", identityNumber.description)
}

/// A request to register a person's account, with a new key.
///
/// - Throws: `KEY_UNUSABLE`.
/// - Returns: The request, signed.
func accountCreation(
  named fullName: String,
  _ identityNumber: String
) throws -> Liaoning_Registry_V1_CreateAccountRequest {
  try .signed(
    .with {
      $0.category = .naturalPerson
      $0.holder.person.fullName = fullName
      $0.holder.person.identityNumber = identityNumber
      $0.holder.person.mobileNumber = "13800000001"
    },
    key: AccountKey()
  )
}
