package import APIConventions
internal import Accounts
internal import Foundation
package import GRPCCore
internal import Identity
internal import Ledger
internal import Postgres
package import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// NameService: names judged, reserved, read, released, and the library that they are compared with.
package struct NameService: Liaoning_Registry_V1_NameService.SimpleServiceProtocol {
  private let surroundings: Surroundings

  /// The service.
  package init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
  }

  /// The time now, as the database keeps it.
  private var instant: Date { surroundings.instant }

  /// Judges a name without reserving it.
  package func checkName(
    request: Liaoning_Registry_V1_CheckNameRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_CheckNameResponse {
    let structure = try NameStructure(request.candidate, field: "candidate")
    let database = surroundings.database
    let near = try await database.query(
      NameLibraryStore.searching(for: ComparedName(structure), at: instant)
    )
    let possibilities = ContainedNames.possibilities(in: structure)
    let contained =
      possibilities.isEmpty ? [] : try await database.query(NameLibraryStore.finding(possibilities))
    let assessment = NameAssessment(
      structure,
      among: try near.map(NameLibraryStore.entry),
      containing: try NameLibraryStore.contained(contained, possibilities),
      under: surroundings.law
    )
    return Liaoning_Registry_V1_CheckNameResponse(assessment)
  }

  /// Reserves the first candidate that may be reserved.
  package func reserveName(
    request: Liaoning_Registry_V1_ReserveNameRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Reservation {
    let caller = try Caller(context).requireAccount()
    let declaration = try NameDeclaration(request)
    let instant = instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        declaration.requestID,
        by: caller.name,
        for: request
      ) {
        _ = try await AccountDirectory(transaction).eligibleAccount(caller.id, at: instant)
        let reservation = try await NameDeclarations(transaction, surroundings)
          .reserve(declaration, for: caller.id, at: instant)
        return try Liaoning_Registry_V1_Reservation(reservation, at: instant)
      }
    }
  }

  /// Reads a reservation of one's own, or any for staff.
  package func getReservation(
    request: Liaoning_Registry_V1_GetReservationRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Reservation {
    let caller = try Caller(context)
    guard
      let id = RegionalID(resourceName: request.name, collection: "reservations"),
      let row = try await surroundings.database.queryOne(ReservationStore.selecting(id))
    else { throw NameError.notFound }
    let reservation = try ReservationStore.reservation(row)
    switch caller {
    case .account(let account) where account.id == reservation.declarant: break
    case .staff: break
    case .anonymous, .account, .partner: throw NameError.notFound
    }
    return try Liaoning_Registry_V1_Reservation(reservation, at: instant)
  }

  /// Lists one's own reservations, newest first.
  package func listReservations(
    request: Liaoning_Registry_V1_ListReservationsRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListReservationsResponse {
    let caller = try Caller(context).requireAccount()
    let size = try PageSize(request.pageSize)
    let last = try PageToken.position(request.pageToken, in: Self.list)
      .map { (createTime: $0.time, uuid: $0.id) }
    let rows = try await surroundings.database.query(
      ReservationStore.listing(of: caller.id, after: last, limit: size.rows + 1)
    )
    let page = try rows.prefix(size.rows).map(ReservationStore.reservation)
    let instant = instant
    return try .with {
      $0.reservations = try page.map { try Liaoning_Registry_V1_Reservation($0, at: instant) }
      if rows.count > size.rows, let last = page.last { $0.nextPageToken = Self.token(after: last) }
    }
  }

  /// Gives a reservation up.
  package func releaseReservation(
    request: Liaoning_Registry_V1_ReleaseReservationRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Reservation {
    let caller = try Caller(context).requireAccount()
    let requestID = try RequestID(request.requestID)
    guard let id = RegionalID(resourceName: request.name, collection: "reservations") else {
      throw NameError.notFound
    }
    guard let etag = ETag(request.etag) else { throw NameError.stale }
    let instant = instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        requestID,
        by: caller.name,
        for: request
      ) {
        let released = try await NameReservations(transaction, newUUID: surroundings.newUUID)
          .release(
            id,
            of: caller.id,
            expecting: etag.version,
            by: caller.name,
            at: instant
          )
        return try Liaoning_Registry_V1_Reservation(released, at: instant)
      }
    }
  }

  /// Loads names into the library.
  package func importNames(
    request: Liaoning_Registry_V1_ImportNamesRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ImportNamesResponse {
    let caller = try Caller(context).requireStaff()
    let loading = try LibraryImport(request)
    let instant = instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(
        loading.requestID,
        by: caller.name,
        for: request
      ) {
        try await NameLibraryStore(transaction).load(loading.records, at: instant)
        let reply = Liaoning_Registry_V1_ImportNamesResponse.with {
          $0.importedCount = Int32(loading.records.count)
        }
        let id = surroundings.newID(in: .liaoning)
        let event = LedgerEvent(
          .namesImported,
          of: id,
          named: id.name(in: "nameImports"),
          version: 1,
          by: caller.name,
          at: instant,
          details: ["imported_count": String(loading.records.count)]
        )
        try await Ledger(transaction).append(event, state: request, id: surroundings.newUUID())
        return reply
      }
    }
  }

  // MARK: Pages

  private static let list = "reservations"

  private static func token(after reservation: Reservation) -> String {
    PageToken(list: list, after: reservation.createTime, reservation.id.uuid).text
  }
}
