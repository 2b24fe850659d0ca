public import RegistryAPI

/// ReviewService, a method an RPC.
public struct ReviewsClient: Sendable {
  let client: RegistryClient

  /// Lists filings that wait for the caller's authority, oldest first.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func listReviewItems(
    _ request: Liaoning_Registry_V1_ListReviewItemsRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_ListReviewItemsResponse {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.ListReviewItems.descriptor
    )
  }

  /// Accepts a submitted filing (受理).
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func acceptFiling(
    _ request: Liaoning_Registry_V1_AcceptFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.AcceptFiling.descriptor
    )
  }

  /// Returns a submitted filing with the full list of corrections (一次性告知).
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func returnFiling(
    _ request: Liaoning_Registry_V1_ReturnFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.ReturnFiling.descriptor
    )
  }

  /// Declines a submitted filing (不予受理), telling which authority is right.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func declineFiling(
    _ request: Liaoning_Registry_V1_DeclineFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.DeclineFiling.descriptor
    )
  }

  /// Records the formal examination (形式审查) of an accepted filing with its checklist.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func examineFiling(
    _ request: Liaoning_Registry_V1_ExamineFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.ExamineFiling.descriptor
    )
  }

  /// Approves an examined filing (核准): in one transaction the entity is written, the name
  /// consumed, the licence issued and the message to the legal representative queued.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func approveFiling(
    _ request: Liaoning_Registry_V1_ApproveFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.ApproveFiling.descriptor
    )
  }

  /// Rejects an examined filing (不予登记) with reasons; the remedies are added.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func rejectFiling(
    _ request: Liaoning_Registry_V1_RejectFilingRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Filing {
    try await client.unary(
      request,
      Liaoning_Registry_V1_ReviewService.Method.RejectFiling.descriptor
    )
  }

  /// Reads what staff recorded about a filing: acceptance, checklist, opinion, decision.
  ///
  /// - Throws: `RegistryFailure`, its reasons as `review_service.proto` lists them.
  public func getReview(
    _ request: Liaoning_Registry_V1_GetReviewRequest
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Review {
    try await client.unary(request, Liaoning_Registry_V1_ReviewService.Method.GetReview.descriptor)
  }
}
