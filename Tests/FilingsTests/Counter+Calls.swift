internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Names
internal import RegistryAPI
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

@testable internal import Filings

// The calls of a filing's way, as a client makes them.
extension Counter {
  func prepare(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_PrepareFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.prepareFiling(request: request, context: $0)
    }
  }

  func submit(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_SubmitFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.submitFiling(request: request, context: $0)
    }
  }

  func update(
    _ filing: Liaoning_Registry_V1_Filing,
    paths: [String] = [],
    by citizen: Citizen,
    _ change: (inout Liaoning_Registry_V1_FilingContent) -> Void
  ) async throws -> Liaoning_Registry_V1_Filing {
    var request = Liaoning_Registry_V1_UpdateFilingRequest.with {
      $0.filing = filing
      $0.updateMask.paths = paths
      $0.requestID = UUID().uuidString
    }
    change(&request.filing.content)
    return try await call(as: citizen.caller) { [request] context in
      try await filings.updateFiling(request: request, context: context)
    }
  }

  func delete(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_DeleteFilingRequest.with {
      $0.name = filing.name
      $0.etag = filing.etag
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.deleteFiling(request: request, context: $0)
    }
  }

  func withdraw(
    _ filing: Liaoning_Registry_V1_Filing,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_Filing {
    let request = Liaoning_Registry_V1_WithdrawFilingRequest.with {
      $0.name = filing.name
      $0.requestID = UUID().uuidString
    }
    return try await call(as: citizen.caller) {
      try await filings.withdrawFiling(request: request, context: $0)
    }
  }

  func get(_ name: String, as caller: Caller) async throws -> Liaoning_Registry_V1_Filing {
    try await call(as: caller) {
      try await filings.getFiling(request: .with { $0.name = name }, context: $0)
    }
  }

  /// A citizen's own tasks of a filing.
  func tasks(
    of filing: Liaoning_Registry_V1_Filing,
    for caller: Caller
  ) async throws -> [Liaoning_Registry_V1_SignatureTask] {
    try await call(as: caller) {
      try await signatures.listSignatureTasks(
        request: .with { $0.filing = filing.name },
        context: $0
      ).signatureTasks
    }
  }

  func openTask(
    _ task: Liaoning_Registry_V1_SignatureTask,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    try await call(as: citizen.caller) {
      try await signatures.openSignatureTask(
        request: .with {
          $0.name = task.name
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  func sign(
    _ task: Liaoning_Registry_V1_SignatureTask,
    by citizen: Citizen
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    let request = try citizen.signing(task, at: now)
    return try await call(as: citizen.caller) {
      try await signatures.signDocument(request: request, context: $0)
    }
  }

  /// Opens and signs everything of a filing that waits for a citizen.
  func signAll(of filing: Liaoning_Registry_V1_Filing, by citizen: Citizen) async throws {
    for task in try await tasks(of: filing, for: citizen.caller)
    where task.state == .pending && isFor(citizen, task) {
      _ = try await openTask(task, by: citizen)
      _ = try await sign(task, by: citizen)
    }
  }

  private func isFor(_ citizen: Citizen, _ task: Liaoning_Registry_V1_SignatureTask) -> Bool {
    switch task.party.kind {
    case .person(let person):
      person.identityNumber == citizen.person.identityNumber.description
    case .organization, nil: task.signatoryName == citizen.person.fullName
    }
  }
}
