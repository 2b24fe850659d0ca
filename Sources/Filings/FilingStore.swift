internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// The SQL of filings themselves.
struct FilingStore {
  private let transaction: Transaction

  /// The tables, in an open transaction.
  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Writes a new filing.
  ///
  /// - Throws: `FilingError.reservationHeld` if a live filing holds the reservation.
  func insert(_ filing: Filing) async throws {
    do {
      try await transaction.execute(
        """
        INSERT INTO filings.filing (region_code, filing_id, business, filing_number,
          reservation_region, reservation_id, enterprise_name, reserved_type, reserved_region,
          applicant_region, applicant_id, entity_type, content, state, create_time, version)
        VALUES (\(filing.id.region.rawValue), \(filing.id.uuid),
          \(filing.business.rawValue)::filings.business, \(filing.number),
          \(filing.name.reservation.region.rawValue), \(filing.name.reservation.uuid),
          \(filing.name.enterpriseName), \(filing.name.entityType.code),
          \(filing.name.region.rawValue), \(filing.applicant.region.rawValue),
          \(filing.applicant.uuid), \(filing.content.entityType.code),
          \(try filing.content.storedBytes()), \(filing.state.rawValue)::filings.filing_state,
          \(filing.createTime), \(filing.version))
        """
      )
    } catch let error as PostgresError
      where error.constraintName == "one_live_filing_holds_a_reservation"
    {
      throw FilingError.reservationHeld
    }
  }

  /// Writes the filing, unless someone else has written since `version` was read.
  ///
  /// - Throws: `FilingError.stale`.
  func save(_ filing: Filing, expecting version: Int64) async throws {
    let updated = try await transaction.execute(
      """
      UPDATE filings.filing
      SET entity_type = \(filing.content.entityType.code),
          content = \(try filing.content.storedBytes()),
          state = \(filing.state.rawValue)::filings.filing_state,
          prepare_time = \(filing.prepareTime),
          submit_time = \(filing.submitTime),
          accept_time = \(filing.acceptTime),
          examine_time = \(filing.examineTime),
          decide_time = \(filing.decideTime),
          accepted_by = \(filing.acceptedBy),
          decision_reason = \(filing.decisionReason),
          withdrawal_reason = \(filing.withdrawalReason),
          entity = \(filing.entity?.description),
          due_date = \(filing.dueDate?.description)::date,
          version = \(filing.version)
      WHERE region_code = \(filing.id.region.rawValue) AND filing_id = \(filing.id.uuid)
        AND version = \(version)
      """
    )
    guard updated == 1 else { throw FilingError.stale(filing.id) }
  }

  /// Reads a filing.
  func filing(_ id: RegionalID) async throws -> Filing? {
    try await read(id, lock: "")
  }

  /// Reads a filing and keeps others from changing it until the transaction ends.
  func lockedFiling(_ id: RegionalID) async throws -> Filing? {
    try await read(id, lock: "FOR NO KEY UPDATE")
  }

  /// Reads filings, without their corrections, and keeps others from changing them until the
  /// transaction ends.
  ///
  /// They are locked in the order of their ids; those that somebody else holds are waited for or left
  /// out.
  static func lockedFilings(_ ids: [RegionalID], waits: Bool) -> Query<[RegionalID: Filing]> {
    let lock: SQL = waits ? "FOR NO KEY UPDATE OF f" : "FOR NO KEY UPDATE OF f SKIP LOCKED"
    return Query(
      """
      SELECT \(Filing.columns)
      FROM filings.filing f
      JOIN unnest(\(ids.map(\.region.rawValue)), \(ids.map(\.uuid)))
        AS asked (region_code, filing_id)
        ON asked.region_code = f.region_code AND asked.filing_id = f.filing_id
      ORDER BY f.region_code, f.filing_id
      \(lock)
      """
    ) { rows in
      var filings: [RegionalID: Filing] = [:]
      for row in rows {
        let filing = try Filing(row: row)
        filings[filing.id] = filing
      }
      return filings
    }
  }

  /// Writes what acceptance changes in filings that are locked in the transaction.
  static func saveAccepted(_ filings: [Filing]) -> Query<Int> {
    Query(
      affecting: """
        UPDATE filings.filing f
        SET state = t.state::filings.filing_state,
            accept_time = t.accept_time,
            accepted_by = t.accepted_by,
            due_date = t.due_date::date,
            version = t.version
        FROM unnest(\(filings.map(\.id.region.rawValue)), \(filings.map(\.id.uuid)),
            \(filings.map(\.state.rawValue))::text[], \(filings.map(\.acceptTime)),
            \(filings.map(\.acceptedBy))::text[], \(filings.map(\.dueDate?.description))::text[],
            \(filings.map(\.version)))
          AS t (region_code, filing_id, state, accept_time, accepted_by, due_date, version)
        WHERE f.region_code = t.region_code AND f.filing_id = t.filing_id
          AND f.version = t.version - 1
        """
    )
  }

  private func read(_ id: RegionalID, lock: SQL) async throws -> Filing? {
    let row = try await transaction.queryOne(
      """
      SELECT \(Filing.columns)
      FROM filings.filing f
      WHERE f.region_code = \(id.region.rawValue) AND f.filing_id = \(id.uuid)
      \(lock)
      """
    )
    guard let row else { return nil }
    var filing = try Filing(row: row)
    if filing.state.showsCorrections {
      filing.corrections = try await corrections(of: [id])[id.uuid] ?? []
    }
    return filing
  }

  /// Takes the next serial of an authority's day.
  ///
  /// - Throws: `FilingError.numbersExhausted` after 999,999.
  func nextSerial(
    authority: RegionCode,
    day: CivilDate,
    business: Filing.Business
  ) async throws -> Int {
    do {
      let row = try await transaction.queryOne(
        """
        INSERT INTO filings.number_day AS n (region_code, day, business, last_serial)
        VALUES (\(authority.rawValue), \(day.description)::date,
          \(business.rawValue)::filings.business, 1)
        ON CONFLICT (region_code, day, business) DO UPDATE SET last_serial = n.last_serial + 1
        RETURNING n.last_serial
        """
      )
      guard let row else { throw StoredValueUnknown() }
      return try row.decode(Int.self, at: 0)
    } catch let error as PostgresError where error.sqlState == SQLState.checkViolation {
      throw FilingError.numbersExhausted
    }
  }
}

// MARK: Corrections

extension FilingStore {
  /// Replaces what is to be corrected.
  func replaceCorrections(of filing: Filing) async throws {
    try await transaction.execute(
      """
      DELETE FROM filings.correction
      WHERE region_code = \(filing.id.region.rawValue) AND filing_id = \(filing.id.uuid)
      """
    )
    guard !filing.corrections.isEmpty else { return }
    try await transaction.execute(
      """
      INSERT INTO filings.correction (region_code, filing_id, place, content_field, description)
      SELECT \(filing.id.region.rawValue), \(filing.id.uuid), t.place - 1, t.content_field,
        t.description
      FROM unnest(\(filing.corrections.map(\.field))::text[],
          \(filing.corrections.map(\.description))::text[])
        WITH ORDINALITY AS t (content_field, description, place)
      """
    )
  }

  /// What is to be corrected, by the filings' UUIDs.
  func corrections(of filings: [RegionalID]) async throws -> [UUID: [FilingCorrection]] {
    let rows = try await transaction.query(
      """
      SELECT c.filing_id, c.content_field, c.description
      FROM filings.correction c
      JOIN unnest(\(filings.map(\.region.rawValue)), \(filings.map(\.uuid)))
        AS asked (region_code, filing_id)
        ON asked.region_code = c.region_code AND asked.filing_id = c.filing_id
      ORDER BY c.region_code, c.filing_id, c.place
      """
    )
    var corrections: [UUID: [FilingCorrection]] = [:]
    for row in rows {
      let (filing, field, description) = try row.decode(UUID.self, String.self, String.self)
      corrections[filing, default: []].append(
        FilingCorrection(field: field, description: description)
      )
    }
    return corrections
  }
}

// MARK: Lists

extension FilingStore {
  /// Where a page goes on: after the filing with that time and id.
  struct Position {
    /// The create or submit time, by the list.
    let time: Date
    /// The id.
    let id: UUID
  }

  /// An applicant's filings, newest first, without their corrections.
  func filings(
    of applicant: RegionalID,
    after position: Position?,
    limit: Int
  ) async throws -> [Filing] {
    try await transaction.query(
      """
      SELECT \(Filing.columns)
      FROM filings.filing f
      WHERE f.applicant_region = \(applicant.region.rawValue) AND f.applicant_id = \(applicant.uuid)
        AND (\(position?.time) IS NULL
          OR (f.create_time, f.filing_id) < (\(position?.time), \(position?.id)))
      ORDER BY f.create_time DESC, f.filing_id DESC
      LIMIT \(limit)
      """
    ).map(Filing.init(row:))
  }

  /// An authority's filings in some states, oldest submission first.
  func queue(
    of authority: RegionCode,
    states: [Filing.State],
    after position: Position?,
    limit: Int
  ) async throws -> [Filing] {
    try await transaction.query(
      """
      SELECT \(Filing.columns)
      FROM filings.filing f
      WHERE f.region_code = \(authority.rawValue)
        AND f.state = ANY (\(states.map(\.rawValue))::text[]::filings.filing_state[])
        AND f.waits_for_authority
        AND (\(position?.time) IS NULL
          OR (f.submit_time, f.filing_id) > (\(position?.time), \(position?.id)))
      ORDER BY f.submit_time, f.filing_id
      LIMIT \(limit)
      """
    ).map(Filing.init(row:))
  }
}

// MARK: Rows

extension Filing {
  /// The columns that `init(row:)` reads, of `filings.filing f`.
  static let columns: SQL = """
    f.region_code, f.filing_id, f.business::text, f.filing_number, f.reservation_region,
    f.reservation_id, f.enterprise_name, f.reserved_type, f.reserved_region, f.applicant_region,
    f.applicant_id, f.content, f.state::text, f.create_time, f.prepare_time, f.submit_time,
    f.accept_time, f.examine_time, f.decide_time, f.accepted_by, f.decision_reason,
    f.withdrawal_reason, f.entity, f.due_date::text, f.version
    """

  /// Reads a row of `columns`; corrections stand elsewhere.
  ///
  /// - Throws: `PostgresError` of kind `decoding`, or if a value is not one that was ever written.
  init(row: Row) throws {
    let bytes = try row.decode([UInt8].self, at: 11)
    let entity = try row.decode(String?.self, at: 22)
    let dueDate = try row.decode(String?.self, at: 23)
    self.init(
      id: try row.regionalID(at: 0),
      business: try row.decode(Business.self, at: 2),
      name: ReservedName(
        reservation: try row.regionalID(at: 4),
        enterpriseName: try row.decode(String.self, at: 6),
        entityType: try known(EntityType(row.decode(String.self, at: 7))),
        region: try row.region(at: 8)
      ),
      content: try FilingContent(stored: bytes),
      state: try row.decode(State.self, at: 12),
      number: try row.decode(String.self, at: 3),
      applicant: try row.regionalID(at: 9),
      corrections: [],
      createTime: try row.decode(Date.self, at: 13),
      prepareTime: try row.decode(Date?.self, at: 14),
      submitTime: try row.decode(Date?.self, at: 15),
      acceptTime: try row.decode(Date?.self, at: 16),
      examineTime: try row.decode(Date?.self, at: 17),
      decideTime: try row.decode(Date?.self, at: 18),
      acceptedBy: try row.decode(String?.self, at: 19),
      decisionReason: try row.decode(String?.self, at: 20),
      withdrawalReason: try row.decode(String?.self, at: 21),
      entity: try entity.map { try known(UnifiedSocialCreditCode($0)) },
      dueDate: try dueDate.map { try known(CivilDate($0)) },
      version: try row.decode(Int64.self, at: 24)
    )
  }
}

extension Row {
  fileprivate func region(at column: Int) throws -> RegionCode {
    try known(RegionCode(rawValue: decode(Int32.self, at: column)))
  }

  /// A region in one column and a UUID in the next.
  fileprivate func regionalID(at column: Int) throws -> RegionalID {
    RegionalID(region: try region(at: column), uuid: try decode(UUID.self, at: column + 1))
  }
}

extension Filing.State: PostgresDecodable {}
extension Filing.Business: PostgresDecodable {}
