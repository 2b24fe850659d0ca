internal import Foundation
internal import Identity
internal import Postgres
internal import Vocabulary

/// The SQL of staff and partners, and of their certificates.
struct StaffStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Writes a member of staff with certificates, anew or over what was written before.
  func upsert(_ seed: StaffSeed) async throws {
    var statements: [SQL] = [
      """
      INSERT INTO accounts.staff (staff_number, region_code, full_name, identity_number, roles)
      VALUES (\(seed.number), \(seed.authority.rawValue), \(seed.fullName),
        \(seed.identityNumber.description), \(seed.roles.map(\.rawValue).sorted()))
      ON CONFLICT (staff_number) DO UPDATE
      SET region_code = EXCLUDED.region_code,
          full_name = EXCLUDED.full_name,
          identity_number = EXCLUDED.identity_number,
          roles = EXCLUDED.roles,
          leave_time = NULL
      """
    ]
    for digest in seed.certificateSPKISHA256s {
      statements.append(
        """
        INSERT INTO accounts.staff_certificate (spki_sha256, staff_number)
        VALUES (\(digest), \(seed.number))
        ON CONFLICT (spki_sha256) DO UPDATE
        SET staff_number = EXCLUDED.staff_number, revoke_time = NULL
        """
      )
    }
    try await transaction.run(statements)
  }

  /// Writes a partner with its grant and certificates, anew or over what was written before.
  func upsert(_ seed: PartnerSeed) async throws {
    var statements: [SQL] = [
      """
      INSERT INTO accounts.partner (partner_id, display_name, purposes, fields)
      VALUES (\(seed.id), \(seed.displayName), \(seed.purposes.sorted()), \(seed.fields.sorted()))
      ON CONFLICT (partner_id) DO UPDATE
      SET display_name = EXCLUDED.display_name,
          purposes = EXCLUDED.purposes,
          fields = EXCLUDED.fields,
          end_time = NULL
      """
    ]
    for digest in seed.certificateSPKISHA256s {
      statements.append(
        """
        INSERT INTO accounts.partner_certificate (spki_sha256, partner_id)
        VALUES (\(digest), \(seed.id))
        ON CONFLICT (spki_sha256) DO UPDATE
        SET partner_id = EXCLUDED.partner_id, revoke_time = NULL
        """
      )
    }
    try await transaction.run(statements)
  }

  /// Reads whose certificate it is, among staff.
  static func staff(certificate digest: [UInt8], at instant: Date) -> SQL {
    """
    SELECT s.staff_number, s.region_code, s.roles, s.identity_number
    FROM accounts.staff_certificate c
    JOIN accounts.staff s ON s.staff_number = c.staff_number
    WHERE c.spki_sha256 = \(digest)
      AND (c.revoke_time IS NULL OR c.revoke_time > \(instant))
      AND (s.leave_time IS NULL OR s.leave_time > \(instant))
    """
  }

  static func staff(_ row: Row) throws -> StaffCaller {
    let (number, regionCode, roles, identityNumber) = try row.decode(
      String.self,
      Int32.self,
      [String].self,
      String.self
    )
    guard let authority = RegionCode(rawValue: regionCode) else { throw UnreadableRow("staff") }
    return StaffCaller(
      number: number,
      authority: authority,
      roles: Set(roles.compactMap { Role(rawValue: $0) }),
      identityNumber: identityNumber
    )
  }

  /// Reads whose certificate it is, among partners.
  static func partner(certificate digest: [UInt8], at instant: Date) -> SQL {
    """
    SELECT p.partner_id, p.purposes, p.fields
    FROM accounts.partner_certificate c
    JOIN accounts.partner p ON p.partner_id = c.partner_id
    WHERE c.spki_sha256 = \(digest)
      AND (c.revoke_time IS NULL OR c.revoke_time > \(instant))
      AND (p.end_time IS NULL OR p.end_time > \(instant))
    """
  }

  static func partner(_ row: Row) throws -> PartnerCaller {
    let (id, purposes, fields) = try row.decode(String.self, [String].self, [String].self)
    return PartnerCaller(id: id, purposes: Set(purposes), fields: Set(fields))
  }
}
