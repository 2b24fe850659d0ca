internal import APIConventions
internal import Foundation
internal import Postgres
internal import Vocabulary

/// The SQL of reservations.
struct ReservationStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  // MARK: Reading

  static func selecting(_ id: RegionalID) -> SQL {
    """
    SELECT \(columns)
    FROM names.reservation r
    WHERE r.region_code = \(id.region.rawValue) AND r.reservation_id = \(id.uuid)
    """
  }

  /// The reservation, its row locked until the transaction ends.
  ///
  /// - Throws: `NameError.notFound`.
  func locked(_ id: RegionalID) async throws -> Reservation {
    guard let row = try await transaction.queryOne("\(Self.selecting(id)) FOR UPDATE") else {
      throw NameError.notFound
    }
    return try Self.reservation(row)
  }

  /// A declarant's reservations, newest first.
  ///
  /// - Parameters:
  ///   - declarant: Whose.
  ///   - last: Create time and UUID of the last one of the page before.
  ///   - limit: How many at most.
  /// - Returns: The statement.
  static func listing(
    of declarant: RegionalID,
    after last: (createTime: Date, uuid: UUID)?,
    limit: Int
  ) -> SQL {
    let after: SQL =
      last.map { "AND (r.create_time, r.reservation_id) < (\($0.createTime), \($0.uuid))" } ?? ""
    return """
      SELECT \(columns)
      FROM names.reservation r
      WHERE r.declarant_region = \(declarant.region.rawValue)
        AND r.declarant_id = \(declarant.uuid) \(after)
      ORDER BY r.create_time DESC, r.reservation_id DESC
      LIMIT \(limit)
      """
  }

  private static let columns: SQL = """
    r.region_code, r.reservation_id, r.number, r.enterprise_name, r.trade_name, r.industry_words,
      r.industry_class, r.entity_type, r.authority_code, r.parent_name, r.declarant_region,
      r.declarant_id, r.verdict, r.state::text, r.filing_region, r.filing_id, r.create_time,
      r.expire_time, r.kept_time, r.end_time, r.version
    """

  /// A reservation of `columns`.
  static func reservation(_ row: Row) throws -> Reservation {
    let (region, uuid, number, name, trade, words, code, type, authority, parent) = try (
      row.decode(Int32.self, at: 0), row.decode(UUID.self, at: 1), row.decode(String.self, at: 2),
      row.decode(String.self, at: 3), row.decode(String.self, at: 4),
      row.decode(String.self, at: 5), row.decode(String.self, at: 6),
      row.decode(String.self, at: 7), row.decode(Int32.self, at: 8),
      row.decode(String?.self, at: 9)
    )
    let (declarantRegion, declarant, verdict, state, filingRegion, filing) = try (
      row.decode(Int32.self, at: 10), row.decode(UUID.self, at: 11),
      row.decode([UInt8].self, at: 12), row.decode(String.self, at: 13),
      row.decode(Int32?.self, at: 14), row.decode(UUID?.self, at: 15)
    )
    guard
      let id = RegionalID(regionCode: region, uuid: uuid),
      let declarant = RegionalID(regionCode: declarantRegion, uuid: declarant),
      let industryClass = IndustryClass(code),
      let entityType = EntityType(type),
      let authority = RegionCode(rawValue: authority),
      let state = Reservation.State(rawValue: state)
    else { throw UnreadableReservation() }
    return Reservation(
      id: id,
      number: number,
      candidate: NameCandidate(
        enterpriseName: name,
        tradeName: trade,
        industryWords: words,
        industryClass: industryClass,
        entityType: entityType,
        region: authority,
        parentName: parent
      ),
      declarant: declarant,
      verdict: verdict,
      createTime: try row.decode(Date.self, at: 16),
      storedState: state,
      filing: filingRegion.flatMap { region in
        filing.flatMap { RegionalID(regionCode: region, uuid: $0) }
      },
      expireTime: try row.decode(Date.self, at: 17),
      keptTime: try row.decode(Date?.self, at: 18),
      endTime: try row.decode(Date?.self, at: 19),
      version: try row.decode(Int64.self, at: 20)
    )
  }

  /// A row that the constraints should have made impossible.
  private struct UnreadableReservation: Error {}

  // MARK: Reserving

  /// Locks a declarant's row until the transaction ends, so that nobody counts beside him.
  ///
  /// - Returns: How many live reservations he holds.
  func lockDeclarant(_ declarant: RegionalID, at instant: Date) async throws -> Int {
    try await transaction.execute(
      """
      INSERT INTO names.declarant (region_code, account_id)
      VALUES (\(declarant.region.rawValue), \(declarant.uuid))
      ON CONFLICT (region_code, account_id) DO NOTHING
      """
    )
    _ = try await transaction.queryOne(
      """
      SELECT account_id
      FROM names.declarant
      WHERE region_code = \(declarant.region.rawValue) AND account_id = \(declarant.uuid)
      FOR UPDATE
      """
    )
    let row = try await transaction.queryOne(
      """
      SELECT count(*)
      FROM names.reservation
      WHERE declarant_region = \(declarant.region.rawValue)
        AND declarant_id = \(declarant.uuid)
        AND state = 'reserved' AND (kept_time IS NOT NULL OR expire_time > \(instant))
      """
    )
    return Int(try row?.decode(Int64.self) ?? 0)
  }

  /// The reservation of a name whose time ran out but whose row still says that it is reserved, its
  /// row locked.
  func overdue(exactName: String, in scope: RegionCode, at instant: Date) async throws
    -> Reservation?
  {
    try await transaction.queryOne(
      """
      SELECT \(Self.columns)
      FROM names.reservation r
      WHERE r.region_code = \(scope.rawValue) AND r.exact_name = \(exactName)
        AND r.state = 'reserved' AND r.kept_time IS NULL AND r.expire_time <= \(instant)
      FOR UPDATE
      """
    ).map(Self.reservation)
  }

  /// The next number of a scope's day, from 1.
  func nextNumber(in scope: RegionCode, on day: Int32) async throws -> Int {
    let row = try await transaction.queryOne(
      """
      INSERT INTO names.number_day (scope_code, day, last_number)
      VALUES (\(scope.rawValue), \(day), 1)
      ON CONFLICT (scope_code, day) DO UPDATE SET last_number = number_day.last_number + 1
      RETURNING last_number
      """
    )
    return Int(try row?.decode(Int32.self) ?? 1)
  }

  // MARK: Writing

  /// Writes a new reservation, and its name into the library.
  ///
  /// - Throws: `PostgresError` of `one_live_reservation_a_name` if the name is live elsewhere, which
  ///   the scope's lock rules out.
  func insert(_ reservation: Reservation, record: NameLibraryStore.Record) async throws {
    let candidate = reservation.candidate
    try await transaction.run([
      """
      INSERT INTO names.reservation (region_code, reservation_id, number, exact_name,
        enterprise_name, trade_name, industry_words, industry_class, entity_type, authority_code,
        parent_name, declarant_region, declarant_id, verdict, create_time, expire_time, version)
      VALUES (\(reservation.scope.rawValue), \(reservation.id.uuid), \(reservation.number),
        \(record.compared.whole), \(candidate.enterpriseName), \(candidate.tradeName),
        \(candidate.industryWords), \(candidate.industryClass.code),
        \(candidate.entityType.code), \(candidate.region.rawValue), \(candidate.parentName),
        \(reservation.declarant.region.rawValue), \(reservation.declarant.uuid),
        \(reservation.verdict), \(reservation.createTime), \(reservation.expireTime),
        \(reservation.version))
      """,
      NameLibraryStore.inserting(record),
    ])
  }

  /// Writes a reservation's next version, and until when its name blocks others.
  ///
  /// - Throws: `NameError.stale` if another version stands there, which the row's lock rules out.
  func save(_ reservation: Reservation) async throws {
    let updated = try await transaction.run([
      """
      UPDATE names.reservation
      SET state = \(reservation.storedState.rawValue),
          filing_region = \(reservation.filing?.region.rawValue),
          filing_id = \(reservation.filing?.uuid),
          expire_time = \(reservation.expireTime),
          kept_time = \(reservation.keptTime),
          end_time = \(reservation.endTime),
          version = \(reservation.version)
      WHERE region_code = \(reservation.scope.rawValue)
        AND reservation_id = \(reservation.id.uuid) AND version = \(reservation.version - 1)
      """,
      NameLibraryStore.blocking(
        reservation.libraryID,
        in: reservation.scope,
        until: reservation.blocksUntil
      ),
    ])
    guard updated.first == 1 else { throw NameError.stale }
  }

  /// Writes a used reservation, and its name as registered.
  ///
  /// - Throws: As `save`.
  func saveUsed(
    _ reservation: Reservation,
    for holder: UnifiedSocialCreditCode,
    at instant: Date
  ) async throws {
    try await save(reservation)
    try await transaction.execute(
      NameLibraryStore.registering(
        reservation.libraryID,
        in: reservation.scope,
        for: holder,
        at: instant
      )
    )
  }
}

extension Reservation {
  /// The id of its entry in the library: its UUID in lower case.
  var libraryID: String { id.uuid.uuidString.lowercased() }

  /// Until when its name blocks others, exclusive; nil while a submitted filing keeps it, and once it
  /// is used.
  var blocksUntil: Date? {
    switch storedState {
    case .reserved: keptTime == nil ? expireTime : nil
    case .released, .expired: endTime
    case .used: nil
    }
  }
}

extension RegionalID {
  /// An id as two columns hold it.
  fileprivate init?(regionCode: Int32, uuid: UUID) {
    guard let region = RegionCode(rawValue: regionCode) else { return nil }
    self.init(region: region, uuid: uuid)
  }
}
