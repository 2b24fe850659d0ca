package import APIConventions
package import Accounts
internal import Foundation
package import GRPCCore
internal import Identity
internal import Ledger
internal import Names
internal import Postgres
package import RegistryAPI
package import Rendering
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

/// The RPCs of filings.
package struct FilingService: Liaoning_Registry_V1_FilingService.SimpleServiceProtocol {
  let surroundings: Surroundings
  let renderer: PDFRenderer
  let signatories: StatutorySignatories

  /// The service.
  ///
  /// - Parameters:
  ///   - surroundings: Database, time, ids, law.
  ///   - renderer: Renders the papers on the workers.
  ///   - libraries: Where an organization's signatory is looked up if our register does not know it.
  package init(_ surroundings: Surroundings, renderer: PDFRenderer, libraries: IdentityLibraries) {
    self.surroundings = surroundings
    self.renderer = renderer
    self.signatories = StatutorySignatories(database: surroundings.database, libraries: libraries)
  }

  package func createFiling(
    request: Liaoning_Registry_V1_CreateFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let account = try Caller(context).requireAccount()
    let requestID = try RequestID(request.requestID)
    let creation = try FilingCreation(request)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: account.name, for: request) {
        let applicant = try await AccountDirectory(transaction).eligibleAccount(account.id, at: now)
        let filing = try await opened(creation, by: applicant, in: transaction, at: now)
        return filing.proto(.none, masked: true, to: applicant.holder.person?.identityNumber)
      }
    }
  }

  package func updateFiling(
    request: Liaoning_Registry_V1_UpdateFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    try await change(request, request.filing.name, request.requestID, context) { step in
      let filing = step.filing
      // State and etag come before the new content: what is wrong with it is moot otherwise.
      _ = try filing.edited(filing.content)
      try step.requireVersion(request.filing.etag)
      let merged = try FilingContentUpdate.merged(
        filing.content.proto(masked: false),
        with: request.filing.content,
        paths: request.updateMask.paths
      )
      let content = try FilingContent(merged, at: "filing.content")
      try content.requireAuthority(of: filing)
      let edited = try filing.edited(content)
      if filing.state.keepsNameAlive { try await step.resumeName() }
      try await step.voidChangedPapers(of: edited)
      try await step.save(edited, .filingEdited)
      return edited
    }
  }

  package func deleteFiling(
    request: Liaoning_Registry_V1_DeleteFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    try await change(request, request.name, request.requestID, context) { step in
      let deleted = try step.filing.deleted()
      try step.requireVersion(request.etag)
      try await step.end(deleted, .filingDeleted)
      return deleted
    }
  }

  package func prepareFiling(
    request: Liaoning_Registry_V1_PrepareFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let preparation = try await preparation(of: request, context)
    return try await change(request, request.name, request.requestID, context) { step in
      let prepared = try step.filing.prepared(at: step.now, under: surroundings.law)
      try step.requireVersion(request.etag)
      guard let preparation, preparation.version == step.filing.version else {
        throw FilingError.stale(step.filing.id)
      }
      let violations = PartyStandingRules.violations(
        in: step.filing.content,
        standings: preparation.standings
      )
      guard violations.isEmpty else { throw FilingError.rulesBroken(step.filing.id, violations) }
      try await step.requireLiveName()
      try await step.requireUnrestrictedParties()
      try await step.replacePapers(preparation)
      try await step.save(prepared, .filingPrepared)
      return prepared
    }
  }

  package func submitFiling(
    request: Liaoning_Registry_V1_SubmitFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    try await change(request, request.name, request.requestID, context) { step in
      let due = step.actionDueDate(under: surroundings.law)
      // Whoever holds the filing's lock is the only one who can take a signature back.
      let progress = try await step.desk.tasks.progress(of: step.filing.id)
      let submitted = try step.filing.submitted(with: progress, at: step.now, dueDate: due)
      try step.requireVersion(request.etag)
      try await step.requireLiveName()
      try await step.requireUnrestrictedParties()
      try await step.requireWholePapers()
      try await step.submit(submitted)
      return submitted
    }
  }

  package func withdrawFiling(
    request: Liaoning_Registry_V1_WithdrawFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let reason = try withdrawalReason(request.reason)
    return try await change(request, request.name, request.requestID, context) { step in
      let withdrawn = try step.filing.withdrawn(because: reason)
      if !request.etag.isEmpty { try step.requireVersion(request.etag) }
      try await step.end(withdrawn, .filingWithdrawn)
      return withdrawn
    }
  }
}
