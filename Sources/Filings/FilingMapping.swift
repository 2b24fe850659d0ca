internal import APIConventions
internal import Accounts
internal import Foundation
package import RegistryAPI
internal import ShangMi
package import Signatures
internal import SwiftProtobuf
internal import Vocabulary

extension Filing {
  /// The filing as a message.
  ///
  /// - Parameters:
  ///   - progress: How far the signing has come, from which READY is derived.
  ///   - masked: Whether people's numbers are masked.
  ///   - viewer: Whose own numbers are shown all the same.
  /// - Returns: The message.
  func proto(
    _ progress: SignatureProgress,
    masked: Bool,
    to viewer: ResidentIdentityNumber? = nil
  ) -> Liaoning_Registry_V1_Filing {
    .with {
      $0.name = resourceName
      $0.business = business.proto
      $0.reservation = name.reservation.name(in: "reservations")
      $0.content = content.proto(masked: masked, to: viewer)
      $0.state = state == .awaitingSignatures && progress.isComplete ? .ready : state.proto
      $0.number = number
      $0.enterpriseName = name.enterpriseName
      $0.applicant = applicant.name(in: "accounts")
      $0.authorityCode = authority.description
      $0.corrections = corrections.map { correction in
        .with {
          $0.field = correction.field
          $0.description_p = correction.description
        }
      }
      $0.signatureCount = Int32(clamping: progress.total)
      $0.signedCount = Int32(clamping: progress.signed)
      $0.refusal = progress.refusal ?? ""
      $0.createTime = createTime.timestamp
      if let prepareTime { $0.prepareTime = prepareTime.timestamp }
      if let submitTime { $0.submitTime = submitTime.timestamp }
      if let acceptTime { $0.acceptTime = acceptTime.timestamp }
      if let decideTime { $0.decideTime = decideTime.timestamp }
      $0.decisionReason = decisionReason ?? ""
      $0.entity = entity.map { "entities/\($0)" } ?? ""
      $0.dueDate = dueDate?.description ?? ""
      $0.etag = ETag(version: version).description
    }
  }
}

extension Filing {
  /// The content with every number in full, for the archive.
  package var fullContent: Liaoning_Registry_V1_FilingContent { content.proto(masked: false) }
}

extension Filing.Business {
  /// The business of a request; nothing for one that is unspecified or unknown.
  init?(proto: Liaoning_Registry_V1_Filing.Business) {
    switch proto {
    case .establishment: self = .establishment
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  /// The business for a reply.
  var proto: Liaoning_Registry_V1_Filing.Business {
    switch self {
    case .establishment: .establishment
    }
  }
}

extension Filing.State {
  /// The state for a reply.
  package var proto: Liaoning_Registry_V1_Filing.State {
    switch self {
    case .draft: .draft
    case .awaitingSignatures: .awaitingSignatures
    case .submitted: .submitted
    case .returned: .returned
    case .notAccepted: .notAccepted
    case .accepted: .accepted
    case .examined: .examined
    case .completed: .completed
    case .rejected: .rejected
    case .archived: .archived
    case .withdrawn: .withdrawn
    case .deleted: .deleted
    }
  }
}

extension DocumentKind {
  /// The kind for a reply.
  package var proto: Liaoning_Registry_V1_Document.Kind {
    switch self {
    case .application: .application
    case .charter: .charter
    case .appointment: .appointment
    case .foundersMinutes: .foundersMinutes
    }
  }
}

extension FiledDocument {
  /// The document for a reply.
  func proto(of filing: RegionalID, withPDF: Bool) -> Liaoning_Registry_V1_Document {
    .with {
      $0.name = "\(filing.name(in: "filings"))/documents/\(kind.rawValue)"
      $0.kind = kind.proto
      $0.title = title
      $0.pdfSm3 = Data(pdfSM3.bytes)
      $0.sizeBytes = Int64(byteCount)
      if withPDF { $0.pdf = Data(pdf) }
    }
  }
}

extension Violation {
  /// The violation for the reply of ValidateFiling.
  var filingProto: Liaoning_Registry_V1_FilingViolation {
    .with {
      $0.field = field
      $0.rule = rule
      $0.description_p = description
      $0.basis = basis
    }
  }
}

/// What CreateFiling asks for, parsed.
struct FilingCreation {
  /// What is asked for.
  let business: Filing.Business
  /// The reservation to use.
  let reservation: RegionalID
  /// What is to be registered.
  let content: FilingContent

  /// Parses a request.
  ///
  /// - Throws: `FilingError.requestInvalid` with everything that is missing or malformed.
  init(_ request: Liaoning_Registry_V1_CreateFilingRequest) throws(FilingError) {
    var violations: [Violation] = []
    let business = Filing.Business(proto: request.filing.business)
    if business == nil {
      violations.append(
        Violation(
          field: "filing.business",
          rule: "BUSINESS_UNKNOWN",
          description: "业务类型须为设立登记。"
        )
      )
    }
    let reservation = RegionalID(
      resourceName: request.filing.reservation,
      collection: "reservations"
    )
    if reservation == nil {
      violations.append(
        Violation(
          field: "filing.reservation",
          rule: "RESERVATION_NAME_MALFORMED",
          description: "请填写名称申报，格式为 reservations/{reservation}。"
        )
      )
    }
    var content: FilingContent?
    if request.filing.hasContent {
      do {
        content = try FilingContent(request.filing.content, at: "filing.content")
      } catch {
        violations += error.violations
      }
    } else {
      violations.append(
        Violation(field: "filing.content", rule: "CONTENT_MISSING", description: "请填写登记事项。")
      )
    }
    guard let business, let reservation, let content else { throw .requestInvalid(violations) }
    self.business = business
    self.reservation = reservation
    self.content = content
  }
}

extension RegionalID {
  /// Parses `filings/{filing}`.
  ///
  /// - Throws: `FilingError.notFound` for anything else.
  init(filingName: String) throws(FilingError) {
    guard let id = RegionalID(resourceName: filingName, collection: "filings") else {
      throw .notFound(filingName)
    }
    self = id
  }
}

/// The name of a document, parsed.
struct DocumentName {
  /// Its filing.
  let filing: RegionalID
  /// Which paper.
  let kind: DocumentKind

  /// Parses `filings/{filing}/documents/{document}`.
  ///
  /// - Throws: `FilingError.documentNotFound` for anything else.
  init(_ name: String) throws(FilingError) {
    guard let ids = ResourceName.ids(in: name, of: "filings", "documents"),
      let filing = RegionalID(ids[0]), let kind = DocumentKind(rawValue: String(ids[1]))
    else { throw .documentNotFound(name) }
    self.filing = filing
    self.kind = kind
  }
}
