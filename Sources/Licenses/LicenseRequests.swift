internal import APIConventions
internal import Identity
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// A verification, parsed.
struct VerificationRequest {
  /// What is to be verified.
  enum Subject {
    /// The current licence under a code.
    case code(UnifiedSocialCreditCode)
    /// A file that says it is a version of a licence.
    case file(PresentedFile)
  }

  /// A file that a partner was shown.
  struct PresentedFile {
    /// The file.
    let file: Liaoning_Registry_V1_LicenseFile
    /// What it says; not believed yet.
    let content: Liaoning_Registry_V1_LicenseContent
    /// The code that it names.
    let code: UnifiedSocialCreditCode
  }

  /// What is to be verified.
  let subject: Subject
  /// Why it is asked.
  let purpose: String

  /// Parses a request.
  ///
  /// - Throws: `LicenseError.requestInvalid` with every fault.
  init(_ request: Liaoning_Registry_V1_VerifyLicenseRequest) throws(LicenseError) {
    var violations: [Violation] = []
    if !(1...40).contains(request.purpose.unicodeScalars.count) {
      violations.append(
        Violation(field: "purpose", rule: "PURPOSE_LENGTH_UNLAWFUL", description: "查验目的须为1至40个字符。")
      )
    }
    let subject: Result<Subject, FieldFault> = Self.subject(of: request)
    switch subject {
    case .success(let subject):
      guard violations.isEmpty else { throw .requestInvalid(violations) }
      self.subject = subject
      purpose = request.purpose
    case .failure(let fault):
      throw .requestInvalid([fault.violation] + violations)
    }
  }

  private struct FieldFault: Error {
    let violation: Violation

    init(_ field: String, _ rule: String, _ description: String) {
      violation = Violation(field: field, rule: rule, description: description)
    }
  }

  private static func subject(
    of request: Liaoning_Registry_V1_VerifyLicenseRequest
  ) -> Result<Subject, FieldFault> {
    switch request.subject {
    case .creditCode(let text):
      guard let code = UnifiedSocialCreditCode(text) else {
        return .failure(
          FieldFault("credit_code", "CREDIT_CODE_MALFORMED", "统一社会信用代码须为18位且校验正确。")
        )
      }
      return .success(.code(code))
    case .file(let file): return presented(file).map(Subject.file)
    case nil:
      return .failure(FieldFault("subject", "SUBJECT_MISSING", "须给出统一社会信用代码或者营业执照文件。"))
    }
  }

  private static func presented(
    _ file: Liaoning_Registry_V1_LicenseFile
  ) -> Result<PresentedFile, FieldFault> {
    let size =
      file.content.count + file.signature.value.count + file.signature.publicKey.count
      + file.signature.distinguishingIdentifier.utf8.count
    guard size <= LicenseRules.largestFile else {
      return .failure(FieldFault("file", "FILE_TOO_LARGE", "营业执照文件不得超过64KiB。"))
    }
    guard !file.content.isEmpty,
      let content = try? Liaoning_Registry_V1_LicenseContent(serializedBytes: file.content)
    else {
      return .failure(FieldFault("file.content", "FILE_UNREADABLE", "不是营业执照文件，或者文件不完整。"))
    }
    guard let code = UnifiedSocialCreditCode(content.face.creditCode) else {
      return .failure(
        FieldFault("file.content", "CREDIT_CODE_MALFORMED", "文件中的统一社会信用代码不合法。")
      )
    }
    return .success(PresentedFile(file: file, content: content, code: code))
  }
}

/// What a verifier may ask and see.
struct VerificationGrant {
  /// The fields of the face that are shown; nothing shows all.
  private let fields: Set<String>?

  /// The grant of a caller for a purpose.
  ///
  /// - Throws: `LicenseError.purposeNotGranted`; `IdentityError.permissionDenied` for whoever is
  ///   neither partner nor staff.
  init(_ caller: Caller, for purpose: String) throws {
    switch caller {
    case .staff: fields = nil
    case .partner(let partner):
      guard partner.purposes.contains(purpose) else {
        throw LicenseError.purposeNotGranted(purpose)
      }
      fields = partner.fields
    case .anonymous, .account: throw IdentityError.permissionDenied("VerifyLicense")
    }
  }

  /// What of a face may be shown.
  func shown(_ face: Liaoning_Registry_V1_LicenseFace) -> Liaoning_Registry_V1_LicenseFace {
    fields.map(face.showing) ?? face
  }
}

/// In what form a licence is downloaded.
///
/// Raw values are the SQL labels.
enum DownloadForm: String, CaseIterable, Sendable {
  /// The signed file.
  case file
  /// The original (正本) as PDF.
  case originalPDF = "original_pdf"
  /// A copy (副本) as PDF.
  case copyPDF = "copy_pdf"

  /// The form of a request; nothing for one that is unspecified or unknown.
  init?(_ proto: Liaoning_Registry_V1_DownloadLicenseRequest.Form) {
    switch proto {
    case .file: self = .file
    case .originalPdf: self = .originalPDF
    case .copyPdf: self = .copyPDF
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }
}

/// A download, parsed.
struct DownloadRequest {
  /// Whose licence.
  let code: UnifiedSocialCreditCode
  /// In what form.
  let form: DownloadForm
  /// The caller's id of this download.
  let requestID: RequestID

  /// Parses a request.
  ///
  /// - Throws: `LicenseError.requestInvalid` with every fault; `RequestLogError.malformedRequestID`.
  init(_ request: Liaoning_Registry_V1_DownloadLicenseRequest) throws {
    requestID = try RequestID(request.requestID)
    let code = UnifiedSocialCreditCode(licenseName: request.name)
    let form = DownloadForm(request.form)
    guard let code, let form else {
      var violations: [Violation] = []
      if code == nil { violations.append(.malformedName) }
      if form == nil {
        violations.append(
          Violation(field: "form", rule: "FORM_UNKNOWN", description: "须指明下载形式。")
        )
      }
      throw LicenseError.requestInvalid(violations)
    }
    self.code = code
    self.form = form
  }
}

extension UnifiedSocialCreditCode {
  /// Parses `licenses/{credit_code}`, the code exactly as it is written; nothing otherwise.
  init?(licenseName name: String) {
    guard let ids = ResourceName.ids(in: name, of: "licenses"), ids.count == 1 else { return nil }
    let text = String(ids[0])
    self.init(text)
    guard description == text else { return nil }
  }
}

extension Violation {
  /// The name is of another form.
  static var malformedName: Violation {
    Violation(
      field: "name",
      rule: "LICENSE_NAME_MALFORMED",
      description: "格式应为 licenses/{credit_code}。"
    )
  }
}
