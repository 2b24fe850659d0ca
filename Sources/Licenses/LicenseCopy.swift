internal import APIConventions
internal import Foundation
internal import Ledger
internal import Postgres
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf

/// A licence as it was handed to its holder.
struct LicenseCopy {
  /// The download's id.
  let id: RegionalID
  /// Which licence.
  let license: License
  /// In what form.
  let form: DownloadForm
  /// To whose account.
  let account: RegionalID
  /// The caller's id of the download.
  let requestID: UUID
  /// The digest of the bytes.
  let contentSM3: SM3Digest
  /// When.
  let createTime: Date

  /// `licenses/{credit_code}/downloads/{download}`.
  var name: String { "\(license.name)/downloads/\(id)" }

  /// The reply but for the bytes.
  var reply: Liaoning_Registry_V1_DownloadLicenseResponse {
    .with {
      $0.mediaType =
        switch form {
        case .file: "application/x-protobuf"
        case .originalPDF, .copyPDF: "application/pdf"
        }
      $0.contentSm3 = Data(contentSM3.bytes)
      $0.fileName =
        switch form {
        case .file: "\(license.creditCode)-\(license.number).license"
        case .originalPDF: "\(license.creditCode)-\(license.number)-original.pdf"
        case .copyPDF: "\(license.creditCode)-\(license.number)-copy.pdf"
        }
    }
  }

  /// Writes the event of the download.
  ///
  /// - Throws: `PostgresError`.
  func trace(in transaction: Transaction, eventID: UUID) async throws {
    let event = LedgerEvent(
      .licenseDownloaded,
      of: id,
      named: name,
      version: 1,
      entity: "entities/\(license.creditCode)",
      by: account.name(in: "accounts"),
      at: createTime,
      details: [
        "form": form.rawValue,
        "serial": license.serial,
        "content_sm3": contentSM3.hexadecimal,
      ]
    )
    try await Ledger(transaction).append(event, state: reply, id: eventID)
  }
}
