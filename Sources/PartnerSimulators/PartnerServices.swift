internal import Foundation
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// The way into a partner: only the registry is answered, unless the script says down, and late if it
/// says so.
struct PartnerDoor: Sendable {
  let partner: Partner
  let partners: Partners
  /// The common name of the only client answered.
  let clientName: String

  /// Answers a call.
  ///
  /// - Parameters:
  ///   - context: The call.
  ///   - reply: What is answered; it takes effect before the delay, as at a partner whose answer is
  ///     slow to arrive.
  /// - Returns: The reply.
  /// - Throws: `RPCError`: `permissionDenied`, `unavailable`, `cancelled`; what `reply` throws.
  func answer<Reply: Sendable>(
    _ context: ServerContext,
    _ reply: () throws -> Reply
  ) async throws -> Reply {
    let peer = context.transportSpecific as? Nghttp2ServerTransport.Context
    guard peer?.peerCertificate?.subjectCommonName == clientName else {
      throw RPCError(code: .permissionDenied, message: "Only \(clientName) is answered here.")
    }
    guard !partners.isDown(partner) else {
      throw RPCError(code: .unavailable, message: "The partner is down.")
    }
    let answer = try reply()
    try await wait(partners.delay(of: partner), for: context.cancellation)
    return answer
  }

  private func wait(
    _ delay: Duration,
    for call: ServerContext.RPCCancellationHandle
  ) async throws {
    guard delay > .zero else { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await Task.sleep(for: delay) }
      group.addTask {
        try await call.cancelled
        throw RPCError(code: .cancelled, message: "The caller has gone.")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// The id that makes a repeat known.
  ///
  /// - Parameters:
  ///   - text: A UUID.
  ///   - field: Whose it is.
  /// - Returns: The id in lower case.
  /// - Throws: `RPCError` with `invalidArgument`.
  static func id(_ text: String, _ field: String) throws -> String {
    guard UUID(uuidString: text) != nil else {
      throw RPCError(code: .invalidArgument, message: "\(field) is no UUID.")
    }
    return text.lowercased()
  }
}

/// `liaoning.partners.v1.PopulationService`.
struct PopulationLibrary: Liaoning_Partners_V1_PopulationService.SimpleServiceProtocol {
  let door: PartnerDoor

  func comparePerson(
    request: Liaoning_Partners_V1_ComparePersonRequest,
    context: ServerContext
  ) async throws -> Liaoning_Partners_V1_ComparePersonResponse {
    try await door.answer(context) {
      let id = try PartnerDoor.id(request.requestID, "request_id")
      return .with {
        $0.resultCode = door.partners.comparison(
          of: request.fullName,
          request.identityNumber,
          request: id
        )
      }
    }
  }
}

/// `liaoning.partners.v1.LegalEntityService`.
struct LegalEntityLibrary: Liaoning_Partners_V1_LegalEntityService.SimpleServiceProtocol {
  let door: PartnerDoor

  func lookUpEntity(
    request: Liaoning_Partners_V1_LookUpEntityRequest,
    context: ServerContext
  ) async throws -> Liaoning_Partners_V1_LookUpEntityResponse {
    try await door.answer(context) {
      let id = try PartnerDoor.id(request.requestID, "request_id")
      let answer = door.partners.lookUp(request.creditCode, request: id)
      return .with {
        $0.resultCode = answer.code
        guard let entity = answer.entity else { return }
        $0.enterpriseName = entity.name
        $0.entityType = entity.type
        $0.legalRepresentativeName = entity.legalRepresentative?.name ?? ""
        $0.legalRepresentativeIdentityNumber = entity.legalRepresentative?.number ?? ""
      }
    }
  }
}

/// `liaoning.partners.v1.MessageService`.
struct MessageGateway: Liaoning_Partners_V1_MessageService.SimpleServiceProtocol {
  let door: PartnerDoor

  func sendMessage(
    request: Liaoning_Partners_V1_SendMessageRequest,
    context: ServerContext
  ) async throws -> Liaoning_Partners_V1_SendMessageResponse {
    try await door.answer(context) {
      let id = try PartnerDoor.id(request.deliveryID, "delivery_id")
      guard MobileNumber(request.mobileNumber) != nil else {
        throw RPCError(code: .invalidArgument, message: "mobile_number is none of the mainland.")
      }
      guard (1...500).contains(request.text.unicodeScalars.count) else {
        throw RPCError(code: .invalidArgument, message: "text is 1 to 500 characters.")
      }
      do throws(MessageLogError) {
        let receipt = try door.partners.send(id, to: request.mobileNumber, text: request.text)
        return .with { $0.receipt = receipt }
      } catch {
        throw RPCError(code: .unavailable, message: error.description)
      }
    }
  }
}
