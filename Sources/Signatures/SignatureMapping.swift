internal import APIConventions
internal import Accounts
internal import Foundation
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf

extension SignatureRole {
  /// The role of a request; nothing for one that is unspecified or unknown.
  init?(proto: Liaoning_Registry_V1_SignatureTask.Role) {
    switch proto {
    case .legalRepresentative: self = .legalRepresentative
    case .shareholder: self = .shareholder
    case .director: self = .director
    case .supervisor: self = .supervisor
    case .manager: self = .manager
    case .member: self = .member
    case .operator: self = .operator
    case .familyMember: self = .familyMember
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  /// The role for a reply.
  var proto: Liaoning_Registry_V1_SignatureTask.Role {
    switch self {
    case .legalRepresentative: .legalRepresentative
    case .shareholder: .shareholder
    case .director: .director
    case .supervisor: .supervisor
    case .manager: .manager
    case .member: .member
    case .operator: .operator
    case .familyMember: .familyMember
    }
  }
}

extension SignatureTask {
  /// The task for a reply.
  ///
  /// - Parameters:
  ///   - masked: Whether a person's numbers are masked, as they are to everyone but the person.
  ///   - instant: The time now, which tells whether the task is expired.
  /// - Returns: The message.
  func proto(masked: Bool, at instant: Date) -> Liaoning_Registry_V1_SignatureTask {
    .with {
      $0.name = name
      $0.filing = filing.name(in: "filings")
      $0.document = documentName
      $0.documentTitle = document.title
      $0.documentSm3 = Data(document.pdfSM3.bytes)
      $0.roles = roles.map(\.proto)
      $0.party = party.proto(masked: masked)
      $0.signatoryName = signatory?.fullName ?? ""
      $0.state = protoState(at: instant)
      if let closeTime { $0.closeTime = closeTime.timestamp }
      $0.refusalReason = refusalReason ?? ""
      $0.expireTime = expireTime.timestamp
      $0.signer = signer.map { $0.name(in: "accounts") } ?? ""
    }
  }

  private func protoState(at instant: Date) -> Liaoning_Registry_V1_SignatureTask.State {
    if isExpired(at: instant) { return .expired }
    return switch state {
    case .pending: .pending
    case .opened: .opened
    case .signed: .signed
    case .refused: .refused
    case .voided: .voided
    }
  }
}

extension SignatureEvidence {
  /// The signature for a reply.
  var protoSignature: Liaoning_Registry_V1_DigitalSignature {
    .with {
      $0.algorithm = algorithm.proto
      $0.distinguishingIdentifier = distinguishingIdentifier
      $0.value = Data(signature)
      $0.publicKey = Data(publicKey)
    }
  }
}
