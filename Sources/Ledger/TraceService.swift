package import APIConventions
package import GRPCCore
internal import Identity
internal import Postgres
package import RegistryAPI
internal import SwiftProtobuf

/// The RPCs of the trace.
package struct TraceService: Liaoning_Registry_V1_TraceService.SimpleServiceProtocol {
  private let surroundings: Surroundings

  /// The service.
  package init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
  }

  package func getEvent(
    request: Liaoning_Registry_V1_GetEventRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Event {
    let viewer = try EventViewer(Caller(context))
    guard let id = RegionalID(resourceName: request.name, collection: "events"),
      let event = try await EventStore(surroundings.database).event(id, for: viewer)
    else { throw TraceError.eventNotFound(request.name) }
    return try Liaoning_Registry_V1_Event(event)
  }

  package func listEvents(
    request: Liaoning_Registry_V1_ListEventsRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListEventsResponse {
    let viewer = try EventViewer(Caller(context))
    let size = try PageSize(request.pageSize)
    let position = try EventPosition(token: request.pageToken)
    let filter = try EventFilter(request)
    let found = try await EventStore(surroundings.database)
      .events(filter, for: viewer, after: position, limit: size.rows + 1)
    let shown = found.prefix(size.rows)
    var response = Liaoning_Registry_V1_ListEventsResponse()
    response.events = try shown.map { try Liaoning_Registry_V1_Event($0) }
    if found.count > shown.count, let last = shown.last {
      response.nextPageToken = EventPosition(after: last.event).token
    }
    return response
  }

  package func getChainHead(
    request: Liaoning_Registry_V1_GetChainHeadRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ChainHead {
    Liaoning_Registry_V1_ChainHead(try await EventStore(surroundings.database).head())
  }

  package func verifyChain(
    request: Liaoning_Registry_V1_VerifyChainRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_VerifyChainResponse {
    _ = try Caller(context).requireStaff()
    let verdict = try await ChainVerifier(surroundings.database)
      .verdict(from: request.startIndex, count: request.count)
    return .with {
      $0.intact = verdict.isIntact
      $0.checkedCount = verdict.checkedCount
      $0.firstBrokenIndex = verdict.firstBrokenIndex ?? -1
      $0.head = Liaoning_Registry_V1_ChainHead(verdict.head)
    }
  }
}

extension EventViewer {
  /// What a caller may see.
  ///
  /// - Throws: `IdentityError` for whoever sees nothing.
  init(_ caller: Caller) throws(IdentityError) {
    switch caller {
    case .staff: self = .staff
    case .account(let account): self = .account(account.name)
    case .anonymous: throw .unauthenticated
    case .partner: throw .permissionDenied("")
    }
  }
}
