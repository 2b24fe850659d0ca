public import RegistryAPI

/// LicenseService, a method an RPC.
public struct LicensesClient: Sendable {
  let client: RegistryClient

  /// Reads the current licence of an entity: its legal representative, and staff.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `license_service.proto` lists them.
  public func getLicense(
    _ request: Liaoning_Registry_V1_GetLicenseRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_License {
    try await client.unary(
      request,
      Liaoning_Registry_V1_LicenseService.Method.GetLicense.descriptor
    )
  }

  /// Verifies a licence by credit code or by its file: authentic, status and currency are told
  /// apart.
  ///
  /// For partners, with their certificate, and staff.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `license_service.proto` lists them.
  public func verifyLicense(
    _ request: Liaoning_Registry_V1_VerifyLicenseRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_VerifyLicenseResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_LicenseService.Method.VerifyLicense.descriptor
    )
  }

  /// Downloads the licence as signed file or as PDF: its legal representative only; traced.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `license_service.proto` lists them.
  public func downloadLicense(
    _ request: Liaoning_Registry_V1_DownloadLicenseRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_DownloadLicenseResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_LicenseService.Method.DownloadLicense.descriptor
    )
  }
}
