package import APIConventions
package import Foundation
internal import Ledger
package import Postgres
internal import RegistryAPI
package import Vocabulary

/// Reservations as later rooms move them: in their own transaction, each step with its event.
package struct NameReservations: Sendable {
  private let transaction: Transaction
  private let newUUID: @Sendable () -> UUID
  private var store: ReservationStore { ReservationStore(transaction) }

  /// The reservations, in an open transaction.
  ///
  /// - Parameters:
  ///   - transaction: The caller's.
  ///   - newUUID: Makes the events' ids.
  package init(_ transaction: Transaction, newUUID: @escaping @Sendable () -> UUID) {
    self.transaction = transaction
    self.newUUID = newUUID
  }

  /// The reservation, without a lock.
  ///
  /// - Throws: `PostgresError`.
  package func reservation(_ id: RegionalID) async throws -> Reservation? {
    try await transaction.queryOne(ReservationStore.selecting(id)).map(ReservationStore.reservation)
  }

  /// Lets a filing hold its declarant's reservation; its row stays locked.
  ///
  /// A draft that holds it does not keep it from expiring, only `keepAlive` does.
  ///
  /// - Parameters:
  ///   - id: The reservation.
  ///   - filing: The filing.
  ///   - declarant: Who must have declared it.
  ///   - actor: Who does it, as a resource name.
  ///   - instant: When.
  /// - Returns: The reservation, held.
  /// - Throws: `NameError.notFound` if it is not the declarant's, `notLive`, `held` by another filing.
  package func hold(
    _ id: RegionalID,
    for filing: RegionalID,
    of declarant: RegionalID,
    by actor: String,
    at instant: Date
  ) async throws -> Reservation {
    let reservation = try await store.locked(id)
    let held = try reservation.held(by: filing, of: declarant, at: instant)
    try await save(held, .reservationHeld, unless: reservation, by: actor, at: instant)
    return held
  }

  /// The reservation, locked, if it lives and that filing holds it.
  ///
  /// - Throws: `NameError.notFound`, `notLive`, `held` if another filing or none holds it.
  package func requireLive(
    _ id: RegionalID,
    heldBy filing: RegionalID,
    at instant: Date
  ) async throws -> Reservation {
    let reservation = try await store.locked(id)
    try reservation.requireLive(at: instant)
    guard reservation.filing == filing else { throw NameError.held }
    return reservation
  }

  /// Keeps a held reservation alive from its filing's submission until `giveBack` or `consume`.
  ///
  /// - Throws: `NameError.notFound`, `notLive`, `held` if no filing holds it.
  package func keepAlive(_ id: RegionalID, by actor: String, from instant: Date) async throws {
    let reservation = try await store.locked(id)
    let kept = try reservation.kept(from: instant)
    try await save(kept, .reservationKept, unless: reservation, by: actor, at: instant)
  }

  /// Frees a held reservation: after withdrawal, deletion, rejection or decline of its filing.
  ///
  /// If it was kept alive, it has as much time again as at the submission.
  ///
  /// - Throws: `NameError.notFound`, `notLive` if it was used.
  package func giveBack(_ id: RegionalID, by actor: String, at instant: Date) async throws {
    let reservation = try await store.locked(id)
    let free = try reservation.givenBack(at: instant)
    try await save(free, .reservationGivenBack, unless: reservation, by: actor, at: instant)
  }

  /// Consumes a reservation by its filing's approval: its name stands in the library as registered.
  ///
  /// - Throws: `NameError.notFound`, `notLive`.
  package func consume(
    _ id: RegionalID,
    for creditCode: UnifiedSocialCreditCode,
    by actor: String,
    at instant: Date
  ) async throws {
    let used = try await store.locked(id).used(at: instant)
    try await store.saveUsed(used, for: creditCode, at: instant)
    try await append(
      .reservationUsed,
      used,
      entity: "entities/\(creditCode)",
      by: actor,
      at: instant
    )
  }

  /// Gives a reservation up.
  ///
  /// - Throws: `NameError.notFound`, `stale`, `notLive`, `held`.
  func release(
    _ id: RegionalID,
    of declarant: RegionalID,
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Reservation {
    let reservation = try await store.locked(id)
    guard reservation.declarant == declarant else { throw NameError.notFound }
    let released = try reservation.released(at: instant, expecting: version)
    try await save(released, .reservationReleased, unless: reservation, by: actor, at: instant)
    return released
  }

  // MARK: Events

  func save(
    _ next: Reservation,
    _ kind: EventKind,
    unless before: Reservation?,
    by actor: String,
    at instant: Date
  ) async throws {
    if let before, before.version == next.version { return }
    try await store.save(next)
    try await append(kind, next, by: actor, at: instant)
  }

  func append(
    _ kind: EventKind,
    _ reservation: Reservation,
    entity: String? = nil,
    by actor: String,
    at instant: Date
  ) async throws {
    let event = LedgerEvent(
      kind,
      of: reservation.id,
      named: reservation.name,
      version: reservation.version,
      filing: reservation.filing?.name(in: "filings"),
      entity: entity,
      by: actor,
      at: instant,
      details: [
        "number": reservation.number,
        "enterprise_name": reservation.candidate.enterpriseName,
        "expire_time": reservation.expireTime.ISO8601Format(),
      ]
    )
    try await Ledger(transaction).append(
      event,
      state: try Liaoning_Registry_V1_Reservation(reservation, at: instant),
      id: newUUID()
    )
  }
}

extension EventKind {
  static let reservationCreated = EventKind(rawValue: "reservation.created")
  static let reservationHeld = EventKind(rawValue: "reservation.held")
  static let reservationKept = EventKind(rawValue: "reservation.kept")
  static let reservationGivenBack = EventKind(rawValue: "reservation.given_back")
  static let reservationReleased = EventKind(rawValue: "reservation.released")
  static let reservationExpired = EventKind(rawValue: "reservation.expired")
  static let reservationUsed = EventKind(rawValue: "reservation.used")
  static let namesImported = EventKind(rawValue: "names.imported")
}
