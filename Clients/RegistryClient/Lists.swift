public import RegistryAPI
internal import SwiftProtobuf

/// A request of a list RPC (AIP-158).
private protocol ListRequest: Sendable {
  var pageToken: String { get set }
}

/// A reply of a list RPC.
private protocol ListResponse: Sendable {
  associatedtype Element: Sendable
  var elements: [Element] { get }
  var nextPageToken: String { get }
}

extension Pages {
  /// The pages of a request, read by a method.
  fileprivate init<Request: ListRequest, Response: ListResponse>(
    _ request: Request,
    _ read: @escaping @Sendable (Request) async throws(RegistryFailure) -> Response
  ) where Response.Element == Element {
    self.init { (token: String) async throws(RegistryFailure) -> Page in
      var request = request
      if !token.isEmpty { request.pageToken = token }
      let response = try await read(request)
      return Page(elements: response.elements, nextPageToken: response.nextPageToken)
    }
  }
}

extension Liaoning_Registry_V1_ListRestrictionsRequest: ListRequest {}
extension Liaoning_Registry_V1_ListRestrictionsResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_Restriction] { restrictions }
}

extension Liaoning_Registry_V1_ListReservationsRequest: ListRequest {}
extension Liaoning_Registry_V1_ListReservationsResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_Reservation] { reservations }
}

extension Liaoning_Registry_V1_ListFilingsRequest: ListRequest {}
extension Liaoning_Registry_V1_ListFilingsResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_Filing] { filings }
}

extension Liaoning_Registry_V1_ListSignatureTasksRequest: ListRequest {}
extension Liaoning_Registry_V1_ListSignatureTasksResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_SignatureTask] { signatureTasks }
}

extension Liaoning_Registry_V1_ListReviewItemsRequest: ListRequest {}
extension Liaoning_Registry_V1_ListReviewItemsResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_ReviewItem] { items }
}

extension Liaoning_Registry_V1_ListVolumesRequest: ListRequest {}
extension Liaoning_Registry_V1_ListVolumesResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_Volume] { volumes }
}

extension Liaoning_Registry_V1_ListEventsRequest: ListRequest {}
extension Liaoning_Registry_V1_ListEventsResponse: ListResponse {
  fileprivate var elements: [Liaoning_Registry_V1_Event] { events }
}

extension AccountsClient {
  /// Every restriction, newest first; staff only.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allRestrictions(
    _ request: Liaoning_Registry_V1_ListRestrictionsRequest = .init()
  ) -> Pages<Liaoning_Registry_V1_Restriction> {
    Pages(request, listRestrictions)
  }
}

extension NamesClient {
  /// Every reservation of one's own, newest first.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allReservations(
    _ request: Liaoning_Registry_V1_ListReservationsRequest = .init()
  ) -> Pages<Liaoning_Registry_V1_Reservation> {
    Pages(request, listReservations)
  }
}

extension FilingsClient {
  /// Every filing of one's own, newest first.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allFilings(
    _ request: Liaoning_Registry_V1_ListFilingsRequest = .init()
  ) -> Pages<Liaoning_Registry_V1_Filing> {
    Pages(request, listFilings)
  }
}

extension SignaturesClient {
  /// Every task that the caller sees, oldest first.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allSignatureTasks(
    _ request: Liaoning_Registry_V1_ListSignatureTasksRequest = .init()
  ) -> Pages<Liaoning_Registry_V1_SignatureTask> {
    Pages(request, listSignatureTasks)
  }
}

extension ReviewsClient {
  /// Every filing that waits for the caller's authority, oldest first.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allReviewItems(
    _ request: Liaoning_Registry_V1_ListReviewItemsRequest = .init()
  ) -> Pages<Liaoning_Registry_V1_ReviewItem> {
    Pages(request, listReviewItems)
  }
}

extension ArchivesClient {
  /// Every volume of an archive, by number.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allVolumes(
    _ request: Liaoning_Registry_V1_ListVolumesRequest
  ) -> Pages<Liaoning_Registry_V1_Volume> {
    Pages(request, listVolumes)
  }
}

extension TraceClient {
  /// Every event that the caller sees, in the order in which they were written.
  ///
  /// - Parameter request: Filters and the size of a page.
  /// - Returns: The elements, read page by page as they are asked for.
  public func allEvents(
    _ request: Liaoning_Registry_V1_ListEventsRequest = .init()
  ) -> Pages<Liaoning_Registry_V1_Event> {
    Pages(request, listEvents)
  }
}
