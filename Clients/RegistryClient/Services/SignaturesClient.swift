public import RegistryAPI

/// SignatureService, a method an RPC.
public struct SignaturesClient: Sendable {
  let client: RegistryClient

  /// Lists the caller's own tasks, oldest first.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `signature_service.proto` lists them.
  public func listSignatureTasks(
    _ request: Liaoning_Registry_V1_ListSignatureTasksRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListSignatureTasksResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_SignatureService.Method.ListSignatureTasks.descriptor
    )
  }

  /// Reads a task: its signer, the filing's applicant, and staff.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `signature_service.proto` lists them.
  public func getSignatureTask(
    _ request: Liaoning_Registry_V1_GetSignatureTaskRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_SignatureTask {
    try await client.unary(
      request,
      Liaoning_Registry_V1_SignatureService.Method.GetSignatureTask.descriptor
    )
  }

  /// Marks that the signer has opened the document.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `signature_service.proto` lists them.
  public func openSignatureTask(
    _ request: Liaoning_Registry_V1_OpenSignatureTaskRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_SignatureTask {
    try await client.unary(
      request,
      Liaoning_Registry_V1_SignatureService.Method.OpenSignatureTask.descriptor
    )
  }

  /// Signs the document of a task.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `signature_service.proto` lists them.
  public func signDocument(
    _ request: Liaoning_Registry_V1_SignDocumentRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_SignatureTask {
    try await client.unary(
      request,
      Liaoning_Registry_V1_SignatureService.Method.SignDocument.descriptor
    )
  }

  /// Refuses to sign, with a reason.
  ///
  /// The filing then shows it until the applicant edits.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `signature_service.proto` lists them.
  public func refuseSignature(
    _ request: Liaoning_Registry_V1_RefuseSignatureRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_SignatureTask {
    try await client.unary(
      request,
      Liaoning_Registry_V1_SignatureService.Method.RefuseSignature.descriptor
    )
  }

  /// Verifies the signature of a task from the stored bytes: verdict, reasons, evidence.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `signature_service.proto` lists them.
  public func verifySignature(
    _ request: Liaoning_Registry_V1_VerifySignatureRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_VerifySignatureResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_SignatureService.Method.VerifySignature.descriptor
    )
  }
}
