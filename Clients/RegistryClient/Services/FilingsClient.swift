public import RegistryAPI

/// FilingService, a method an RPC.
public struct FilingsClient: Sendable {
  let client: RegistryClient

  /// Opens a draft.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func createFiling(
    _ request: Liaoning_Registry_V1_CreateFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.CreateFiling.descriptor
    )
  }

  /// Reads a filing: the applicant, its signers, and staff of its authority.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func getFiling(
    _ request: Liaoning_Registry_V1_GetFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(request, Liaoning_Registry_V1_FilingService.Method.GetFiling.descriptor)
  }

  /// Lists one's own filings, newest first.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func listFilings(
    _ request: Liaoning_Registry_V1_ListFilingsRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListFilingsResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.ListFilings.descriptor
    )
  }

  /// Changes the content before acceptance.
  ///
  /// A filing that was prepared goes back to `STATE_DRAFT`, and the signatures of the documents
  /// that change are void.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func updateFiling(
    _ request: Liaoning_Registry_V1_UpdateFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.UpdateFiling.descriptor
    )
  }

  /// Deletes a filing before acceptance; its trace stays.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func deleteFiling(
    _ request: Liaoning_Registry_V1_DeleteFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.DeleteFiling.descriptor
    )
  }

  /// Judges the content as it stands: every violation at once, nothing is written.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func validateFiling(
    _ request: Liaoning_Registry_V1_ValidateFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ValidateFilingResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.ValidateFiling.descriptor
    )
  }

  /// Seals a draft: renders its documents as PDF, opens a signature task for each signer, and
  /// moves `STATE_DRAFT` to `STATE_AWAITING_SIGNATURES`.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func prepareFiling(
    _ request: Liaoning_Registry_V1_PrepareFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.PrepareFiling.descriptor
    )
  }

  /// Submits a filing whose documents are all signed.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func submitFiling(
    _ request: Liaoning_Registry_V1_SubmitFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.SubmitFiling.descriptor
    )
  }

  /// Withdraws a submitted filing before its decision; the name keeps its remaining time.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func withdrawFiling(
    _ request: Liaoning_Registry_V1_WithdrawFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.WithdrawFiling.descriptor
    )
  }

  /// Lists the documents of a filing as prepared.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func listDocuments(
    _ request: Liaoning_Registry_V1_ListDocumentsRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListDocumentsResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.ListDocuments.descriptor
    )
  }

  /// Reads a document with its PDF.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `filing_service.proto` lists them.
  public func getDocument(
    _ request: Liaoning_Registry_V1_GetDocumentRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Document {
    try await client.unary(
      request,
      Liaoning_Registry_V1_FilingService.Method.GetDocument.descriptor
    )
  }
}
