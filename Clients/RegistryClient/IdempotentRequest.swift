public import RegistryAPI

/// A request of a write that may be repeated: with the same `request_id` the first reply is returned
/// (AIP-155).
public protocol IdempotentRequest: Sendable {
  /// A UUID v4; the client makes one up if it is empty.
  var requestID: String { get set }
}

extension Liaoning_Registry_V1_AcceptFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_ApproveFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_CreateAccountRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_CreateFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_CreateRestrictionRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_DeclineFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_DeleteFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_DownloadLicenseRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_ExamineFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_ImportNamesRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_LiftRestrictionRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_OpenSignatureTaskRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_PackageVolumeRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_PrepareFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_RefuseSignatureRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_RejectFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_ReleaseReservationRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_ReserveNameRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_ReturnFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_SealVolumeRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_SignAgreementRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_SignDocumentRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_SubmitFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_UpdateFilingRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_VerifyAccountRequest: IdempotentRequest {}
extension Liaoning_Registry_V1_WithdrawFilingRequest: IdempotentRequest {}
