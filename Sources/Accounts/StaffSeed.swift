internal import Foundation
package import Identity
package import Postgres
package import Vocabulary

/// A registrar (登记人员) as development and tests need one.
package struct StaffSeed: Hashable, Sendable {
  /// The staff number, 2 to 20 upper-case letters and digits.
  package let number: String
  /// The name.
  package let fullName: String
  /// The identity number, so that nobody decides a filing of his own.
  package let identityNumber: ResidentIdentityNumber
  /// The authority that the registrar works for.
  package let authority: RegionCode
  /// One role or more.
  package let roles: Set<Role>
  /// SHA-256 of each certificate's SubjectPublicKeyInfo, 32 bytes.
  package var certificateSPKISHA256s: [[UInt8]]

  /// A registrar.
  package init(
    number: String,
    fullName: String,
    identityNumber: ResidentIdentityNumber,
    authority: RegionCode,
    roles: Set<Role>,
    certificateSPKISHA256s: [[UInt8]] = []
  ) {
    self.number = number
    self.fullName = fullName
    self.identityNumber = identityNumber
    self.authority = authority
    self.roles = roles
    self.certificateSPKISHA256s = certificateSPKISHA256s
  }

  /// Made-up registrars of an authority for development, one a role, without certificates: `S` with the
  /// authority's region and 01 clerk, 02 examiner, 03 head, 04 archivist, 05 administrator, 06 auditor,
  /// for instance `S21010001`.
  package static func development(at authority: RegionCode) -> [StaffSeed] {
    let posts: [(Role, String)] = [
      (.clerk, "受理员"), (.examiner, "核准员"), (.head, "负责人"), (.archivist, "档案员"),
      (.administrator, "管理员"), (.auditor, "审计员"),
    ]
    return posts.enumerated().compactMap { index, post in
      guard
        let identityNumber = fictionalIdentityNumber(at: authority, sequence: index + 1)
      else { return nil }
      return StaffSeed(
        number: "S\(authority.rawValue)0\(index + 1)",
        fullName: "登记\(post.1)",
        identityNumber: identityNumber,
        authority: authority,
        roles: [post.0]
      )
    }
  }

  /// A number that nobody has: the region 21xx01 is a placeholder (市辖区) and never a birthplace.
  private static func fictionalIdentityNumber(
    at authority: RegionCode,
    sequence: Int
  ) -> ResidentIdentityNumber? {
    let city = max(authority.rawValue / 100 % 100, 1)
    let county = authority.rawValue % 100
    let body =
      "21" + twoDigits(city) + "011985" + "01" + twoDigits(county % 28 + 1)
      + String(100 + Int(county) / 28 * 10 + sequence)
    // GB 11643-1999 (ISO 7064 MOD 11-2): exactly one check character is right.
    return "0123456789X".lazy.compactMap { ResidentIdentityNumber(body + String($0)) }.first
  }

  private static func twoDigits(_ number: Int32) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}

/// A partner system as development and tests need one.
package struct PartnerSeed: Hashable, Sendable {
  /// The partner's id: lower-case letters, digits and hyphens, 2 to 63, for instance `icbc-shenyang`.
  package let id: String
  /// The partner's name.
  package let displayName: String
  /// The purposes that its grant names, for instance `ACCOUNT_OPENING`.
  package let purposes: Set<String>
  /// The fields of a licence's face that it may see, by proto name.
  package let fields: Set<String>
  /// SHA-256 of each certificate's SubjectPublicKeyInfo, 32 bytes.
  package var certificateSPKISHA256s: [[UInt8]]

  /// A partner.
  package init(
    id: String,
    displayName: String,
    purposes: Set<String>,
    fields: Set<String>,
    certificateSPKISHA256s: [[UInt8]] = []
  ) {
    self.id = id
    self.displayName = displayName
    self.purposes = purposes
    self.fields = fields
    self.certificateSPKISHA256s = certificateSPKISHA256s
  }
}

/// Writes staff and partners with their certificates, anew or over what was written before: for
/// development and tests only, because nobody decides it and nothing traces it.
///
/// - Throws: `PostgresError`.
package func seedDevelopmentStaff(
  _ staff: [StaffSeed],
  partners: [PartnerSeed],
  in database: Database
) async throws {
  try await database.withTransaction { transaction in
    let store = StaffStore(transaction)
    for seed in staff { try await store.upsert(seed) }
    for seed in partners { try await store.upsert(seed) }
  }
}
