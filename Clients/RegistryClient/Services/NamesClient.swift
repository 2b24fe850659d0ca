public import RegistryAPI

/// NameService, a method an RPC.
public struct NamesClient: Sendable {
  let client: RegistryClient

  /// Judges a name without reserving it: every violation and every hit.
  ///
  /// Needs no log-in.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `name_service.proto` lists them.
  public func checkName(
    _ request: Liaoning_Registry_V1_CheckNameRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_CheckNameResponse {
    try await client.unary(request, Liaoning_Registry_V1_NameService.Method.CheckName.descriptor)
  }

  /// Reserves the first of 1 to 3 candidates that may be reserved (名称申报).
  ///
  /// Two callers never both get one name.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `name_service.proto` lists them.
  public func reserveName(
    _ request: Liaoning_Registry_V1_ReserveNameRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Reservation {
    try await client.unary(request, Liaoning_Registry_V1_NameService.Method.ReserveName.descriptor)
  }

  /// Reads a reservation of one's own, or any for staff.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `name_service.proto` lists them.
  public func getReservation(
    _ request: Liaoning_Registry_V1_GetReservationRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Reservation {
    try await client.unary(
      request,
      Liaoning_Registry_V1_NameService.Method.GetReservation.descriptor
    )
  }

  /// Lists one's own reservations, newest first.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `name_service.proto` lists them.
  public func listReservations(
    _ request: Liaoning_Registry_V1_ListReservationsRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListReservationsResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_NameService.Method.ListReservations.descriptor
    )
  }

  /// Gives a reservation up.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `name_service.proto` lists them.
  public func releaseReservation(
    _ request: Liaoning_Registry_V1_ReleaseReservationRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Reservation {
    try await client.unary(
      request,
      Liaoning_Registry_V1_NameService.Method.ReleaseReservation.descriptor
    )
  }

  /// Loads names into the library that new names are compared with.
  ///
  /// Staff only; at most 1,000 a call; a name whose id is already in the library is replaced.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `name_service.proto` lists them.
  public func importNames(
    _ request: Liaoning_Registry_V1_ImportNamesRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ImportNamesResponse {
    try await client.unary(request, Liaoning_Registry_V1_NameService.Method.ImportNames.descriptor)
  }
}
