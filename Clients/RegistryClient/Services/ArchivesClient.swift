public import Foundation
public import RegistryAPI

/// ArchiveService, a method an RPC.
public struct ArchivesClient: Sendable {
  let client: RegistryClient

  /// Reads the archive of an entity: its legal representative, and staff.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them.
  public func getArchive(
    _ request: Liaoning_Registry_V1_GetArchiveRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Archive {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ArchiveService.Method.GetArchive.descriptor
    )
  }

  /// Lists the volumes of an archive, by number.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them.
  public func listVolumes(
    _ request: Liaoning_Registry_V1_ListVolumesRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListVolumesResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ArchiveService.Method.ListVolumes.descriptor
    )
  }

  /// Reads a volume with its items.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them.
  public func getVolume(
    _ request: Liaoning_Registry_V1_GetVolumeRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Volume {
    try await client.unary(request, Liaoning_Registry_V1_ArchiveService.Method.GetVolume.descriptor)
  }

  /// Packages a completed filing as a volume: collects what happened, writes the manifest of SM3
  /// digests, signs it.
  ///
  /// Archivists only.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them.
  public func packageVolume(
    _ request: Liaoning_Registry_V1_PackageVolumeRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Volume {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ArchiveService.Method.PackageVolume.descriptor
    )
  }

  /// Seals a packaged volume after a four-property check of the stored bytes; the filing is then
  /// archived, and the volume never changes again.
  ///
  /// Archivists only.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them.
  public func sealVolume(
    _ request: Liaoning_Registry_V1_SealVolumeRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Volume {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ArchiveService.Method.SealVolume.descriptor
    )
  }

  /// Checks a volume from its stored bytes: authenticity, completeness, usability, safety.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them.
  public func checkVolume(
    _ request: Liaoning_Registry_V1_CheckVolumeRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_CheckReport {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ArchiveService.Method.CheckVolume.descriptor
    )
  }
}

extension ArchivesClient {
  /// Downloads a volume's package, a tar file, chunk by chunk; traced.
  ///
  /// - Parameters:
  ///   - request: Names the volume.
  ///   - take: Takes the next bytes, at most 256 KiB; the server waits for it.
  /// - Throws: `RegistryFailure`, its reasons as `archive_service.proto` lists them; what `take`
  ///   throws.
  public func downloadVolume(
    _ request: Liaoning_Registry_V1_DownloadVolumeRequest,
    _ take: @escaping @Sendable (Data) async throws -> Void
  ) async throws {
    try await client.stream(
      request,
      Liaoning_Registry_V1_ArchiveService.Method.DownloadVolume.descriptor
    ) { (part: Liaoning_Registry_V1_DownloadVolumeResponse) in
      try await take(part.chunk)
    }
  }
}
