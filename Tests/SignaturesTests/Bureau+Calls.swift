internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import SwiftProtobuf

@testable internal import Signatures

// MARK: Calls

extension Bureau {
  func page(
    as caller: Caller,
    size: Int32 = 0,
    token: String = "",
    filing: RegionalID? = nil
  ) async throws -> Liaoning_Registry_V1_ListSignatureTasksResponse {
    try await call(as: caller) {
      try await service.listSignatureTasks(
        request: .with {
          $0.pageSize = size
          $0.pageToken = token
          $0.filing = filing?.name(in: "filings") ?? ""
        },
        context: $0
      )
    }
  }

  func list(
    as caller: Caller,
    filing: RegionalID? = nil
  ) async throws -> [Liaoning_Registry_V1_SignatureTask] {
    try await page(as: caller, filing: filing).signatureTasks
  }

  func get(_ name: String, as caller: Caller) async throws -> Liaoning_Registry_V1_SignatureTask {
    try await call(as: caller) {
      try await service.getSignatureTask(request: .with { $0.name = name }, context: $0)
    }
  }

  func open(
    _ task: Liaoning_Registry_V1_SignatureTask,
    by signer: Signer
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    try await call(as: signer.caller) {
      try await service.openSignatureTask(
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
    by signer: Signer,
    request change: (inout Liaoning_Registry_V1_SignDocumentRequest) -> Void = { _ in },
    stating statement: (inout Liaoning_Registry_V1_DocumentStatement) -> Void = { _ in }
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    var request = try signer.signing(task, at: now, statement)
    change(&request)
    return try await call(as: signer.caller) { [request] context in
      try await service.signDocument(request: request, context: context)
    }
  }

  func refuse(
    _ task: Liaoning_Registry_V1_SignatureTask,
    because reason: String,
    by signer: Signer
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    try await call(as: signer.caller) {
      try await service.refuseSignature(
        request: .with {
          $0.name = task.name
          $0.reason = reason
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  func verify(
    _ task: Liaoning_Registry_V1_SignatureTask,
    as caller: Caller
  ) async throws -> Liaoning_Registry_V1_VerifySignatureResponse {
    try await call(as: caller) {
      try await service.verifySignature(request: .with { $0.name = task.name }, context: $0)
    }
  }
}

// MARK: The schema

extension Bureau {
  /// Writes a task in a state and moves it to another, by SQL alone; nothing of it is kept.
  ///
  /// - Returns: The constraint that refuses; nothing if none does.
  func moved(
    from state: SignatureTask.State,
    to next: SignatureTask.State
  ) async throws -> String? {
    try await refusal(
      of: state,
      """
      state = \(next.rawValue)::signatures.task_state, close_time = now(), refusal_reason = '理由',
      signer_region = 210000, signer_id = \(UUID())
      """
    )
  }

  /// Changes the roles of a task by SQL alone; nothing of it is kept.
  func changedRoles() async throws -> String? {
    try await refusal(of: .pending, "roles = '{manager}'")
  }

  private func refusal(of state: SignatureTask.State, _ change: SQL) async throws -> String? {
    let id = UUID()
    do {
      try await surroundings.database.withTransaction { transaction in
        try await transaction.execute(
          """
          INSERT INTO signatures.task (region_code, task_id, filing_id, applicant_region,
            applicant_id, document_kind, document_title, document_sm3, party, party_code,
            is_organization, roles, state, create_time, expire_time, close_time, refusal_reason,
            signer_region, signer_id)
          VALUES (210100, \(id), \(UUID()), 210000, \(UUID()), 'charter', '章程',
            \([UInt8](repeating: 0, count: 32)), '', '210101190001010018', false, '{shareholder}',
            \(state.rawValue)::signatures.task_state, now(), now() + interval '30 days', now(), '理由',
            210000, \(UUID()))
          """
        )
        try await transaction.execute(
          "UPDATE signatures.task SET \(change), version = 2 WHERE task_id = \(id)"
        )
        throw RolledBack()
      }
      return nil
    } catch let error as PostgresError {
      return error.constraintName ?? error.message
    } catch is RolledBack {
      return nil
    }
  }

  private struct RolledBack: Error {}
}
