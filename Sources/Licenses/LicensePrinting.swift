internal import EventLoops
internal import Foundation
internal import RegistryAPI
internal import Rendering
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

extension License {
  /// The bytes of a download.
  ///
  /// The same licence gives the same bytes, on one set of fonts.
  ///
  /// - Parameters:
  ///   - form: In what form.
  ///   - renderer: Renders on the workers.
  /// - Returns: The signed file, or the PDF.
  /// - Throws: `LicenseError.rendererBusy`, `RenderingError`, `CancellationError`.
  func content(as form: DownloadForm, by renderer: PDFRenderer) async throws -> [UInt8] {
    let edition: LicensePrint.Edition
    switch form {
    case .file: return file
    case .originalPDF: edition = .original
    case .copyPDF: edition = .copy(number: "1-1")
    }
    do {
      return try await renderer.pdf(try printed(as: edition), createTime: issueTime)
    } catch is WorkerExecutor.Refusal {
      throw LicenseError.rendererBusy
    }
  }

  /// What stands on the paper.
  func printed(as edition: LicensePrint.Edition) throws -> LicensePrint {
    LicensePrint(
      layout: EntityType(face.entityType)?.licenseLayout ?? .company,
      edition: edition,
      creditCode: face.creditCode,
      enterpriseName: face.enterpriseName,
      type: face.entityTypeName,
      responsiblePerson: face.responsiblePersonName,
      responsiblePersonLabel: face.responsiblePersonLabel,
      composition: face.compositionForm.isEmpty ? nil : face.compositionForm,
      capital: face.capitalFen == 0 ? nil : Fen(face.capitalFen).inWords,
      place: face.place,
      placeLabel: face.placeLabel,
      businessScope: face.scope,
      establishDate: Self.inWords(face.establishmentDate),
      term: term,
      authority: face.authorityName,
      issueDate: Self.inWords(CivilDate(issueTime).description),
      serialNumber: serial,
      qrText: try CompactLicense(self).text
    )
  }

  /// The business term, for whoever has one.
  private var term: String? {
    if !face.compositionForm.isEmpty { return nil }
    let start = Self.inWords(face.establishmentDate)
    return face.termEndDate.isEmpty ? "\(start)至长期" : "\(start)至\(Self.inWords(face.termEndDate))"
  }

  /// `YYYY-MM-DD` as papers print it: `2017年10月09日`.
  private static func inWords(_ date: String) -> String {
    let parts = date.split(separator: "-")
    return parts.count == 3 ? "\(parts[0])年\(parts[1])月\(parts[2])日" : date
  }
}

/// What the QR code of a printed licence says.
///
/// `LNYZ1.` and the `LicenseFile` without its public key, in Base64 for URLs without padding: whoever
/// knows the registry's key verifies it with no network, and `VerifyLicense` takes the file as it is.
/// Where that has more bytes than a code holds, `LNYZ0.`, the licence identifier, `.` and the SM3 of
/// the content: it says where to ask, and proves nothing.
struct CompactLicense {
  /// How many bytes a code holds.
  static let limit = RenderingLimits.qrBytes

  /// The text of the code.
  let text: String

  /// The compact form of a licence.
  ///
  /// - Throws: Only if the stored file cannot be read.
  init(_ license: License) throws {
    var file = try Liaoning_Registry_V1_LicenseFile(serializedBytes: license.file)
    file.signature.publicKey = Data()
    let bytes: Data = try file.serializedBytes()
    let whole = "LNYZ1." + Self.base64(bytes)
    text =
      whole.utf8.count <= Self.limit
      ? whole : "LNYZ0.\(license.serial).\(SM3.digest(file.content).hexadecimal)"
  }

  /// Base64 for URLs, without padding.
  ///
  /// Source: RFC 4648, section 5.
  private static func base64(_ bytes: Data) -> String {
    bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }
}
