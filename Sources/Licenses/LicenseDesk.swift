internal import APIConventions
package import Accounts
package import Entities
package import Foundation
package import Ledger
internal import Outbox
package import Postgres
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
package import Vocabulary

/// The licences: the door for later rooms, in the caller's transaction.
package struct LicenseDesk: Sendable {
  private let transaction: Transaction
  private let signer: LicenseSigner
  private let newUUID: @Sendable () -> UUID

  /// The licences, in an open transaction.
  ///
  /// - Parameters:
  ///   - transaction: The caller's transaction.
  ///   - signer: The registry's key.
  ///   - newUUID: Makes ids.
  package init(
    _ transaction: Transaction,
    signer: LicenseSigner,
    newUUID: @escaping @Sendable () -> UUID
  ) {
    self.transaction = transaction
    self.signer = signer
    self.newUUID = newUUID
  }

  /// Issues the first licence of an entity, and queues a message to its legal representative.
  ///
  /// In this order: recorded in the trace, judged by `LicenseRules`, signed, compared with what was to
  /// be signed, stored. All of it commits with the approval or not at all.
  ///
  /// - Parameters:
  ///   - entity: The entity, entered into the register in this transaction.
  ///   - authority: The registration authority that approved it.
  ///   - filing: The approved filing, `filings/{filing}`.
  ///   - mobile: Where the legal representative or operator is told; nothing tells nobody.
  ///   - actor: Who approved.
  ///   - instant: When: on the day of establishment.
  /// - Returns: The licence, valid.
  /// - Throws: `LicenseError.faceFaulty`, `exists`, `signingFailed`.
  package func issue(
    to entity: Entity,
    authority: Authority,
    filing: String,
    notifying mobile: MobileNumber?,
    by actor: String,
    at instant: Date
  ) async throws -> License {
    let instant = instant.wholeMilliseconds
    let content = Liaoning_Registry_V1_LicenseContent(
      first: entity,
      issuedBy: authority,
      at: instant
    )
    let id = RegionalID(region: entity.id.region, uuid: newUUID())
    try await record(content, as: id, entity: entity, filing: filing, by: actor, at: instant)
    let violations = LicenseRules.violations(in: content, issuedBy: authority)
    guard violations.isEmpty else { throw LicenseError.faceFaulty(violations) }
    let signed = try SignedLicense(content, by: signer)
    let license = License(
      id: id,
      entityID: entity.id.uuid,
      creditCode: entity.creditCode,
      serial: content.serial,
      number: content.version,
      status: .valid,
      filing: filing,
      issueTime: instant,
      face: content.face,
      file: signed.file,
      version: 1
    )
    try await LicenseStore(transaction).insert(license, seal: signer.seal(of: signed.file))
    if let mobile { try await notify(mobile, of: license, at: instant) }
    return license
  }

  /// The current licence of an entity with its signed file, whatever its status; nothing if none was
  /// issued.
  ///
  /// - Throws: `PostgresError`.
  package func license(of code: UnifiedSocialCreditCode) async throws -> License? {
    try await LicenseStore(transaction).currentLicense(of: code)
  }

  private func record(
    _ content: Liaoning_Registry_V1_LicenseContent,
    as id: RegionalID,
    entity: Entity,
    filing: String,
    by actor: String,
    at instant: Date
  ) async throws {
    let event = LedgerEvent(
      .licenseIssued,
      of: id,
      named: License.name(of: entity.creditCode),
      version: 1,
      filing: filing,
      entity: entity.name,
      by: actor,
      at: instant,
      details: [
        "serial": content.serial,
        "license_version": String(content.version),
        "content_sm3": SM3.digest(try content.canonicalBytes()).hexadecimal,
        "status": License.Status.valid.rawValue,
      ]
    )
    try await Ledger(transaction).append(event, state: content, id: newUUID())
  }

  private func notify(
    _ mobile: MobileNumber,
    of license: License,
    at instant: Date
  ) async throws {
    let id = RegionalID(region: license.id.region, uuid: newUUID())
    let request = Liaoning_Partners_V1_SendMessageRequest.with {
      $0.deliveryID = id.uuid.uuidString.lowercased()
      $0.mobileNumber = mobile.description
      $0.text = license.message
    }
    try await Outbox(transaction).enqueue(
      Delivery(
        id: id,
        to: .messages,
        kind: EventKind.licenseIssued.rawValue,
        subject: license.name,
        request: request
      ),
      at: instant
    )
  }
}

extension License {
  /// What the legal representative is told; no identity number in it.
  var message: String {
    "【\(face.authorityName)】“\(face.enterpriseName)”已核准登记，电子营业执照已签发，"
      + "统一社会信用代码\(creditCode)。请登录登记系统下载，无需缴费。"
  }
}

extension EventKind {
  /// A licence was issued.
  package static let licenseIssued = EventKind(rawValue: "license.issued")
  /// A licence was downloaded by its holder.
  package static let licenseDownloaded = EventKind(rawValue: "license.downloaded")
}
