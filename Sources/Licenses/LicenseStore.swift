internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
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

  /// Writes a new licence.
  ///
  /// - Throws: `LicenseError.exists` if the entity has one that stands, or had this version.
  func insert(_ license: License) async throws {
    do {
      try await transaction.execute(
        """
        INSERT INTO licenses.license (region_code, license_id, entity_id, credit_code,
          license_version, serial, status, file, filing, issue_time, status_time, version)
        VALUES (\(license.id.region.rawValue), \(license.id.uuid), \(license.entityID),
          \(license.creditCode.description), \(license.number), \(license.serial),
          \(license.status.rawValue)::licenses.license_status, \(license.file), \(license.filing),
          \(license.issueTime), \(license.issueTime), \(license.version))
        """
      )
    } catch let error as PostgresError where error.isSecondLicense {
      throw LicenseError.exists(license.creditCode)
    }
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
