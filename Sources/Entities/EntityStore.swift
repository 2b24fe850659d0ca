internal import APIConventions
internal import Accounts
internal import Foundation
internal import Postgres
internal import Vocabulary

/// The SQL of the register.
struct EntityStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// A row that the constraints should have made impossible.
  private struct UnreadableEntity: Error {}

  // MARK: Reading

  /// The legal representative or operator of an entity.
  func responsiblePerson(of code: UnifiedSocialCreditCode) async throws -> PersonRecord? {
    try await transaction.queryOne(
      """
      SELECT responsible_name, responsible_number, responsible_mobile
      FROM entities.entity
      WHERE credit_code = \(code.description)
      """
    ).map { row in
      let (name, number, mobile) = try row.decode(String.self, String.self, String?.self)
      return try Self.person(name, number, mobile)
    }
  }

  /// An entity with its scope and roles.
  func entity(_ code: UnifiedSocialCreditCode) async throws -> Entity? {
    guard
      let row = try await transaction.queryOne(
        """
        SELECT region_code, entity_id, enterprise_name, entity_type, authority_code,
          domicile_region, domicile, capital_fen, composition_form, establishment_date::text,
          term_end_date::text, responsible_name, responsible_number, responsible_mobile, version
        FROM entities.entity
        WHERE credit_code = \(code.description)
        """
      )
    else { return nil }
    let (region, uuid, name, type, authority, domicileRegion, domicile, capital) = try (
      row.decode(Int32.self, at: 0), row.decode(UUID.self, at: 1), row.decode(String.self, at: 2),
      row.decode(String.self, at: 3), row.decode(Int32.self, at: 4), row.decode(Int32.self, at: 5),
      row.decode(String.self, at: 6), row.decode(Int64?.self, at: 7)
    )
    let termEnd = try row.decode(String?.self, at: 10)
    guard
      let region = RegionCode(rawValue: region),
      let type = EntityType(type),
      let authority = RegionCode(rawValue: authority),
      let domicileRegion = RegionCode(rawValue: domicileRegion),
      let established = CivilDate(try row.decode(String.self, at: 9))
    else { throw UnreadableEntity() }
    let id = RegionalID(region: region, uuid: uuid)
    return Entity(
      id: id,
      creditCode: code,
      items: Establishment(
        enterpriseName: name,
        entityType: type,
        authority: authority,
        domicileRegion: domicileRegion,
        domicile: domicile,
        capitalFen: capital,
        scopeItems: try await scopeItems(of: id),
        establishmentDate: established,
        termEndDate: termEnd.flatMap { CivilDate($0) },
        compositionForm: try row.decode(String?.self, at: 8),
        roles: try await roles(of: id),
        responsiblePerson: try Self.person(
          try row.decode(String.self, at: 11),
          try row.decode(String.self, at: 12),
          try row.decode(String?.self, at: 13)
        )
      ),
      version: try row.decode(Int64.self, at: 14)
    )
  }

  private func scopeItems(of id: RegionalID) async throws -> [EntityScopeItem] {
    try await transaction.query(
      """
      SELECT wording, industry_class
      FROM entities.entity_scope_item
      WHERE region_code = \(id.region.rawValue) AND entity_id = \(id.uuid)
      ORDER BY item_number
      LIMIT 1000
      """
    ).map { row in
      let (text, code) = try row.decode(String.self, String.self)
      guard let industryClass = IndustryClass(code) else { throw UnreadableEntity() }
      return EntityScopeItem(text: text, industryClass: industryClass)
    }
  }

  private func roles(of id: RegionalID) async throws -> [EntityRoleRecord] {
    try await transaction.query(
      """
      SELECT kind::text, party_kind::text, party_name, party_code, party_mobile, contribution_fen,
        due_date::text, is_farmer
      FROM entities.entity_role
      WHERE region_code = \(id.region.rawValue) AND entity_id = \(id.uuid)
      ORDER BY role_number
      LIMIT 10000
      """
    ).map { row in
      let (kind, partyKind, name, code, mobile, contribution, dueDate, isFarmer) = try row.decode(
        String.self,
        String.self,
        String.self,
        String.self,
        String?.self,
        Int64?.self,
        String?.self,
        Bool.self
      )
      guard let kind = EntityRoleKind(rawValue: kind) else { throw UnreadableEntity() }
      return EntityRoleRecord(
        kind: kind,
        party: partyKind == "person"
          ? .person(try Self.person(name, code, mobile))
          : .organization(try Self.organization(name, code)),
        contributionFen: contribution,
        dueDate: dueDate.flatMap { CivilDate($0) },
        farmer: isFarmer
      )
    }
  }

  private static func person(
    _ name: String,
    _ number: String,
    _ mobile: String?
  ) throws -> PersonRecord {
    guard let number = ResidentIdentityNumber(number) else { throw UnreadableEntity() }
    return PersonRecord(
      fullName: name,
      identityNumber: number,
      mobileNumber: mobile.flatMap { MobileNumber($0) }
    )
  }

  private static func organization(_ name: String, _ code: String) throws -> OrganizationRecord {
    guard let code = UnifiedSocialCreditCode(code) else { throw UnreadableEntity() }
    return OrganizationRecord(enterpriseName: name, creditCode: code)
  }

  // MARK: Writing

  /// Enters a new entity with its scope, roles and first version, in one round trip.
  func insert(
    _ entity: Entity,
    face: [UInt8],
    filing: String,
    at instant: Date
  ) async throws {
    let responsible = entity.responsiblePerson
    let (region, uuid) = (entity.id.region.rawValue, entity.id.uuid)
    try await transaction.run(
      [
        """
        INSERT INTO entities.entity (region_code, entity_id, credit_code, enterprise_name,
          entity_type, authority_code, domicile_region, domicile, capital_fen, composition_form,
          establishment_date, term_end_date, responsible_name, responsible_number,
          responsible_mobile, register_time, version)
        VALUES (\(region), \(uuid), \(entity.creditCode.description), \(entity.enterpriseName),
          \(entity.entityType.code), \(entity.authority.rawValue),
          \(entity.domicileRegion.rawValue), \(entity.domicile), \(entity.capitalFen),
          \(entity.compositionForm), \(entity.establishmentDate.description),
          \(entity.termEndDate?.description), \(responsible.fullName),
          \(responsible.identityNumber.description), \(responsible.mobileNumber?.description),
          \(instant), \(entity.version))
        """,
        """
        INSERT INTO entities.entity_version (region_code, entity_id, version_number, face, filing,
          version_time)
        VALUES (\(region), \(uuid), \(entity.version), \(face), \(filing), \(instant))
        """,
        """
        INSERT INTO entities.entity_scope_item (region_code, entity_id, item_number, wording,
          industry_class)
        SELECT \(region), \(uuid), i.item_number, i.wording, i.industry_class
        FROM unnest(\(entity.scopeItems.map(\.text))::text[],
          \(entity.scopeItems.map(\.industryClass.code))::text[])
          WITH ORDINALITY i (wording, industry_class, item_number)
        """,
      ] + Self.inserting(entity.roles, of: entity.id)
    )
  }

  private static func inserting(_ roles: [EntityRoleRecord], of id: RegionalID) -> [SQL] {
    roles.enumerated().map { index, role in
      """
      INSERT INTO entities.entity_role (region_code, entity_id, role_number, kind, party_kind,
        party_name, party_code, party_mobile, contribution_fen, due_date, is_farmer)
      VALUES (\(id.region.rawValue), \(id.uuid), \(Int16(index + 1)), \(role.kind.rawValue),
        \(role.party.person == nil ? "organization" : "person"), \(role.party.displayName),
        \(role.party.code), \(role.party.person?.mobileNumber?.description),
        \(role.contributionFen), \(role.dueDate?.description), \(role.farmer))
      """
    }
  }
}
