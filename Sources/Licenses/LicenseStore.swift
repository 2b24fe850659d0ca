internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

/// The SQL of schema `licenses`.
struct LicenseStore: Sendable {
  private let transaction: Transaction

  /// The tables, in an open transaction.
  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// A row that the constraints should have made impossible.
  private struct UnreadableLicense: Error {}

  /// The current licence of an entity.
  func currentLicense(of code: UnifiedSocialCreditCode) async throws -> License? {
    try await transaction.queryOne(
      """
      SELECT region_code, license_id, entity_id, credit_code, license_version, serial, status, file,
        filing, issue_time, version
      FROM licenses.license
      WHERE credit_code = \(code.description) AND status <> 'superseded'
      """
    ).map(Self.license)
  }

  /// The licence that an account downloaded last under a request id.
  func downloadedLicense(
    by account: RegionalID,
    request: UUID,
    since instant: Date
  ) async throws -> License? {
    try await transaction.queryOne(
      """
      SELECT l.region_code, l.license_id, l.entity_id, l.credit_code, l.license_version, l.serial,
        l.status, l.file, l.filing, l.issue_time, l.version
      FROM licenses.download d
      JOIN licenses.license l ON l.region_code = d.region_code AND l.license_id = d.license_id
      WHERE d.account_id = \(account.uuid) AND d.request_id = \(request)
        AND d.account_region = \(account.region.rawValue) AND d.create_time > \(instant)
      ORDER BY d.create_time DESC, d.download_id DESC
      LIMIT 1
      """
    ).map(Self.license)
  }

  /// Writes a new licence.
  ///
  /// - Parameters:
  ///   - license: The licence, signed and compared.
  ///   - seal: The seal of its file.
  /// - Throws: `LicenseError.exists` if the entity has one that stands, or had this version.
  func insert(_ license: License, seal: [UInt8]?) async throws {
    do {
      try await transaction.execute(
        """
        INSERT INTO licenses.license (region_code, license_id, entity_id, credit_code,
          license_version, serial, status, file, seal, filing, issue_time, status_time, version)
        VALUES (\(license.id.region.rawValue), \(license.id.uuid), \(license.entityID),
          \(license.creditCode.description), \(license.number), \(license.serial),
          \(license.status.rawValue)::licenses.license_status, \(license.file), \(seal),
          \(license.filing), \(license.issueTime), \(license.issueTime), \(license.version))
        """
      )
    } catch let error as PostgresError where error.isSecondLicense {
      throw LicenseError.exists(license.creditCode)
    }
  }

  /// Writes a download.
  func insert(_ copy: LicenseCopy) async throws {
    try await transaction.execute(
      """
      INSERT INTO licenses.download (region_code, download_id, license_id, form, account_region,
        account_id, request_id, content_sm3, create_time, version)
      VALUES (\(copy.id.region.rawValue), \(copy.id.uuid), \(copy.license.id.uuid),
        \(copy.form.rawValue)::licenses.download_form, \(copy.account.region.rawValue),
        \(copy.account.uuid), \(copy.requestID), \(copy.contentSM3.bytes), \(copy.createTime), 1)
      """
    )
  }

  private static func license(_ row: Row) throws -> License {
    let file = try row.decode([UInt8].self, at: 7)
    guard
      let region = RegionCode(rawValue: try row.decode(Int32.self, at: 0)),
      let code = UnifiedSocialCreditCode(try row.decode(String.self, at: 3)),
      let signed = try? Liaoning_Registry_V1_LicenseFile(serializedBytes: file),
      let content = try? Liaoning_Registry_V1_LicenseContent(serializedBytes: signed.content)
    else { throw UnreadableLicense() }
    return License(
      id: RegionalID(region: region, uuid: try row.decode(UUID.self, at: 1)),
      entityID: try row.decode(UUID.self, at: 2),
      creditCode: code,
      serial: try row.decode(String.self, at: 5),
      number: try row.decode(Int32.self, at: 4),
      status: try row.decode(License.Status.self, at: 6),
      filing: try row.decode(String.self, at: 8),
      issueTime: try row.decode(Date.self, at: 9),
      face: content.face,
      file: file,
      version: try row.decode(Int64.self, at: 10)
    )
  }
}

// MARK: Verifications, on the shared connections for reads

extension LicenseStore {
  /// Reads the current licence under a code.
  static func current(of code: UnifiedSocialCreditCode) -> SQL {
    """
    SELECT license_version, status, serial, file, seal
    FROM licenses.license
    WHERE credit_code = \(code.description) AND status <> 'superseded'
    """
  }

  /// Reads the current licence under a code, and beside it the file of a version.
  static func current(of code: UnifiedSocialCreditCode, besideVersion number: Int32) -> SQL {
    """
    SELECT c.license_version, c.status, c.serial, c.file, c.seal, v.file, v.seal
    FROM licenses.license c
    LEFT JOIN licenses.license v
      ON v.credit_code = c.credit_code AND v.license_version = \(number)
    WHERE c.credit_code = \(code.description) AND c.status <> 'superseded'
    """
  }

  /// A row of the first.
  static func storedLicense(_ row: Row) throws -> StoredLicense {
    let (number, status, serial, file, seal) = try row.decode(
      Int32.self,
      License.Status.self,
      String.self,
      [UInt8].self,
      [UInt8]?.self
    )
    return StoredLicense(
      number: number,
      status: status,
      serial: serial,
      file: StoredFile(bytes: file, seal: seal)
    )
  }

  /// A row of the second: the current licence, and the file of the version asked for, if there was
  /// one.
  static func storedLicenses(
    _ row: Row
  ) throws -> (current: StoredLicense, claimed: StoredFile?) {
    let (number, status, serial, file, seal, claimed, claimedSeal) = try row.decode(
      Int32.self,
      License.Status.self,
      String.self,
      [UInt8].self,
      [UInt8]?.self,
      [UInt8]?.self,
      [UInt8]?.self
    )
    return (
      StoredLicense(
        number: number,
        status: status,
        serial: serial,
        file: StoredFile(bytes: file, seal: seal)
      ),
      claimed.map { StoredFile(bytes: $0, seal: claimedSeal) }
    )
  }
}

extension License.Status: PostgresDecodable {}

extension PostgresError {
  /// Whether it refused a second licence of an entity.
  fileprivate var isSecondLicense: Bool {
    switch constraintName {
    case "an_entity_has_one_current_license", "an_entity_has_one_valid_license",
      "a_license_version_is_issued_once", "a_serial_names_one_license":
      true
    default: false
    }
  }
}
