public import RegistryAPI

/// TraceService, a method an RPC.
public struct TraceClient: Sendable {
  let client: RegistryClient

  /// Reads an event: staff any, an account those of its own filings and of itself.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `trace_service.proto` lists them.
  public func getEvent(
    _ request: Liaoning_Registry_V1_GetEventRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Event {
    try await client.unary(request, Liaoning_Registry_V1_TraceService.Method.GetEvent.descriptor)
  }

  /// Lists events in the order in which they were written.
  ///
  /// Staff see all; an account sees those that it caused and those of the filings that it applied
  /// for.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `trace_service.proto` lists them.
  public func listEvents(
    _ request: Liaoning_Registry_V1_ListEventsRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListEventsResponse {
    try await client.unary(request, Liaoning_Registry_V1_TraceService.Method.ListEvents.descriptor)
  }

  /// Reads the head of the chain: its length and last hash.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `trace_service.proto` lists them.
  public func getChainHead(
    _ request: Liaoning_Registry_V1_GetChainHeadRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ChainHead {
    try await client.unary(
      request,
      Liaoning_Registry_V1_TraceService.Method.GetChainHead.descriptor
    )
  }

  /// Recomputes the chain from the stored events.
  ///
  /// Staff only.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `trace_service.proto` lists them.
  public func verifyChain(
    _ request: Liaoning_Registry_V1_VerifyChainRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_VerifyChainResponse {
    try await client.unary(request, Liaoning_Registry_V1_TraceService.Method.VerifyChain.descriptor)
  }
}
