internal import Accounts
internal import Entities
internal import Postgres
internal import ShangMi
internal import Vocabulary

/// Who works at and with a registry of development: made-up registrars of the province and of each
/// of its cities, a bank, a tax department, and subject codes to give away.
enum DevelopmentSeed {
  /// One registrar a role at each authority.
  static let staff: [StaffSeed] = ([.liaoning] + RegionCode.cities.map(\.code))
    .flatMap(StaffSeed.development(at:))

  /// A bank that sees the whole face of a licence, and a tax department that sees what it needs.
  static let partners = [
    PartnerSeed(
      id: "icbc-shenyang",
      displayName: "中国工商银行沈阳分行",
      purposes: ["ACCOUNT_OPENING"],
      fields: [
        "credit_code", "enterprise_name", "entity_type", "entity_type_name",
        "responsible_person_label", "responsible_person_name", "capital_fen", "place_label",
        "place", "scope", "establishment_date", "term_end_date", "authority_code",
        "authority_name", "composition_form",
      ]
    ),
    PartnerSeed(
      id: "tax-liaoning",
      displayName: "国家税务总局辽宁省税务局",
      purposes: ["TAX_REGISTRATION"],
      fields: [
        "credit_code", "enterprise_name", "entity_type", "entity_type_name", "place", "scope",
        "establishment_date",
      ]
    ),
  ]

  /// How many free subject codes there are after each start.
  private static let freeCodes = 20_000

  /// Writes staff and partners with the certificates of the data folder, and fills the code pool;
  /// what is there stays.
  static func plant(in database: Database, from folder: DataFolder) async throws {
    var staff = staff
    for index in staff.indices {
      staff[index].certificateSPKISHA256s = [
        try key(of: DevelopmentAuthority.name(of: staff[index]), in: folder)
      ]
    }
    var partners = partners
    for index in partners.indices {
      partners[index].certificateSPKISHA256s = [
        try key(of: DevelopmentAuthority.name(of: partners[index]), in: folder)
      ]
    }
    try await seedDevelopmentStaff(staff, partners: partners, in: database)
    try await database.withTransaction { transaction in
      // XX stands for a code center that is none.
      try await CodePool(transaction).replenish(prefix: "XX", upTo: freeCodes)
    }
  }

  private static func key(of name: String, in folder: DataFolder) throws -> [UInt8] {
    let bytes = try DataFolder.bytes(of: folder.certificate(of: name))
    return try Certificate(pem: String(decoding: bytes, as: UTF8.self)).spkiSHA256
  }
}
