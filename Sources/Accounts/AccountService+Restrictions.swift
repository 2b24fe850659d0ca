internal import APIConventions
internal import Foundation
package import GRPCCore
internal import Identity
internal import Ledger
internal import Postgres
package import RegistryAPI
internal import SwiftProtobuf

extension AccountService {
  /// Puts a person on the restriction list.
  package func createRestriction(
    request: Liaoning_Registry_V1_CreateRestrictionRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Restriction {
    let staff = try Caller(context).requireStaff()
    let instant = instant
    let decision = try RestrictionDecision(request, at: instant)
    let id = surroundings.newID(in: staff.authority)
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        decision.requestID,
        by: staff.name,
        for: request
      ) {
        let restriction = decision.restriction(id, by: staff.name, at: instant)
        try await RestrictionStore(transaction).insert(restriction)
        try await append(
          .restrictionCreated,
          restriction,
          by: staff.name,
          at: instant,
          to: transaction
        )
        return Liaoning_Registry_V1_Restriction(restriction, masked: true)
      }
    }
  }

  /// Lists restrictions, newest first.
  package func listRestrictions(
    request: Liaoning_Registry_V1_ListRestrictionsRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListRestrictionsResponse {
    _ = try Caller(context).requireStaff()
    let size = try PageSize(request.pageSize)
    var last: RegionalID?
    if let token = try PageToken(request.pageToken, list: "restrictions", keyCount: 1) {
      guard let id = RegionalID(token.keys[0]) else { throw PagingError.invalidToken }
      last = id
    }
    let restrictions = try await surroundings.database.query(
      RestrictionStore.page(after: last, rows: size.rows + 1)
    ).map(RestrictionStore.restriction)
    let page = restrictions.prefix(size.rows)
    return .with {
      $0.restrictions = page.map { Liaoning_Registry_V1_Restriction($0, masked: true) }
      guard restrictions.count > page.count, let end = page.last else { return }
      $0.nextPageToken = PageToken(list: "restrictions", keys: [end.id.description]).text
    }
  }

  /// Lifts a restriction.
  package func liftRestriction(
    request: Liaoning_Registry_V1_LiftRestrictionRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Restriction {
    let staff = try Caller(context).requireStaff()
    let instant = instant
    let requestID = try RequestID(request.requestID)
    let violations = RestrictionRules.ground(request.ground, at: "ground")
    guard violations.isEmpty else { throw AccountError.restrictionInvalid(violations) }
    guard let id = RegionalID(resourceName: request.name, collection: "restrictions") else {
      throw AccountError.restrictionNotFound
    }
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(requestID, by: staff.name, for: request) {
        let store = RestrictionStore(transaction)
        guard let restriction = try await store.locked(id) else {
          throw AccountError.restrictionNotFound
        }
        let lifted = try restriction.lifted(
          Restriction.Lifting(time: instant, by: staff.name, ground: request.ground)
        )
        try await store.save(lifted)
        try await append(.restrictionLifted, lifted, by: staff.name, at: instant, to: transaction)
        return Liaoning_Registry_V1_Restriction(lifted, masked: true)
      }
    }
  }

  private func append(
    _ kind: EventKind,
    _ restriction: Restriction,
    by actor: String,
    at instant: Date,
    to transaction: Transaction
  ) async throws {
    let event = LedgerEvent(
      kind,
      of: restriction.id,
      named: restriction.name,
      version: restriction.version,
      by: actor,
      at: instant,
      details: [
        "scope": restriction.scope.rawValue,
        "start_time": restriction.startTime.ISO8601Format(),
        "end_time": restriction.endTime?.ISO8601Format() ?? "",
      ]
    )
    try await Ledger(transaction).append(
      event,
      state: Liaoning_Registry_V1_Restriction(restriction, masked: false),
      id: surroundings.newUUID()
    )
  }
}
