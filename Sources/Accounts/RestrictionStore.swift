internal import APIConventions
internal import Foundation
internal import Postgres
internal import Vocabulary

/// The SQL of the restriction list.
struct RestrictionStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Writes a new restriction.
  func insert(_ restriction: Restriction) async throws {
    try await transaction.execute(
      """
      INSERT INTO accounts.restriction (region_code, restriction_id, full_name, identity_number,
        scope, ground, start_time, end_time, decided_by, create_time, version)
      VALUES (\(restriction.id.region.rawValue), \(restriction.id.uuid),
        \(restriction.person.fullName), \(restriction.person.identityNumber.description),
        \(restriction.scope.rawValue), \(restriction.ground), \(restriction.startTime),
        \(restriction.endTime), \(restriction.decidedBy), \(restriction.createTime),
        \(restriction.version))
      """
    )
  }

  /// The restriction, locked until the transaction ends.
  func locked(_ id: RegionalID) async throws -> Restriction? {
    try await transaction.queryOne(
      """
      \(Self.selection)
      WHERE region_code = \(id.region.rawValue) AND restriction_id = \(id.uuid)
      FOR UPDATE
      """
    ).map(Self.restriction)
  }

  /// Writes how a restriction was lifted; its row is locked.
  func save(_ restriction: Restriction) async throws {
    try await transaction.execute(
      """
      UPDATE accounts.restriction
      SET lift_time = \(restriction.lifting?.time),
          lifted_by = \(restriction.lifting?.by),
          lift_ground = \(restriction.lifting?.ground),
          version = \(restriction.version)
      WHERE region_code = \(restriction.id.region.rawValue)
        AND restriction_id = \(restriction.id.uuid)
      """
    )
  }

  /// The restrictions that stand at an instant against any of these people, by identity number; of
  /// several against one person the one that stands longest.
  func standing(
    against numbers: [ResidentIdentityNumber],
    of scopes: Set<RestrictionScope>,
    at instant: Date
  ) async throws -> [StandingRestriction] {
    guard !numbers.isEmpty, !scopes.isEmpty else { return [] }
    let rows = try await transaction.query(
      """
      SELECT DISTINCT ON (identity_number) identity_number, scope::text, end_time
      FROM accounts.restriction
      WHERE identity_number = ANY(\(numbers.map(\.description))::text[])
        AND scope::text = ANY(\(scopes.map(\.rawValue))::text[])
        AND lift_time IS NULL AND start_time <= \(instant)
        AND (end_time IS NULL OR end_time > \(instant))
      ORDER BY identity_number, end_time DESC NULLS FIRST, restriction_id
      """
    )
    return try rows.map { row in
      let (number, scopeLabel, endTime) = try row.decode(String.self, String.self, Date?.self)
      guard let person = ResidentIdentityNumber(number),
        let scope = RestrictionScope(rawValue: scopeLabel)
      else { throw UnreadableRow("restriction") }
      return StandingRestriction(person: person, scope: scope, until: endTime)
    }
  }

  /// A page of restrictions, newest first: their ids are UUIDs v7.
  static func page(after last: RegionalID?, rows: Int) -> SQL {
    let start: SQL =
      if let last {
        "WHERE (restriction_id, region_code) < (\(last.uuid), \(last.region.rawValue))"
      } else {
        ""
      }
    return """
      \(selection)
      \(start)
      ORDER BY restriction_id DESC, region_code DESC
      LIMIT \(rows)
      """
  }

  private static let selection: SQL = """
    SELECT region_code, restriction_id, full_name, identity_number, scope::text, ground, start_time,
      end_time, decided_by, create_time, lift_time, lifted_by, lift_ground, version
    FROM accounts.restriction
    """

  static func restriction(_ row: Row) throws -> Restriction {
    let (
      regionCode, uuid, fullName, number, scopeLabel, ground, startTime, endTime, decidedBy,
      createTime, liftTime, liftedBy, liftGround, version
    ) = try row.decode(
      Int32.self,
      UUID.self,
      String.self,
      String.self,
      String.self,
      String.self,
      Date.self,
      Date?.self,
      String.self,
      Date.self,
      Date?.self,
      String?.self,
      String?.self,
      Int64.self
    )
    guard
      let region = RegionCode(rawValue: regionCode),
      let person = PersonRecord(storedName: fullName, number),
      let scope = RestrictionScope(rawValue: scopeLabel)
    else { throw UnreadableRow("restriction") }
    var lifting: Restriction.Lifting?
    if let liftTime, let liftedBy, let liftGround {
      lifting = Restriction.Lifting(time: liftTime, by: liftedBy, ground: liftGround)
    }
    return Restriction(
      id: RegionalID(region: region, uuid: uuid),
      person: person,
      scope: scope,
      ground: ground,
      startTime: startTime,
      endTime: endTime,
      decidedBy: decidedBy,
      createTime: createTime,
      lifting: lifting,
      version: version
    )
  }
}
