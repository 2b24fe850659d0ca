package import APIConventions
package import Foundation
package import Vocabulary

/// A filing (登记申请).
package struct Filing: Hashable, Sendable {
  /// Where a filing stands; the raw value is the SQL label.
  ///
  /// READY is not here: an awaiting filing is ready when Signatures says that all is signed.
  package enum State: String, CaseIterable, Hashable, Sendable {
    /// Being filled in.
    case draft
    /// Prepared; signers sign.
    case awaitingSignatures = "awaiting_signatures"
    /// Before the authority.
    case submitted
    /// Returned with the full list of corrections (一次性告知).
    case returned
    /// Not accepted (不予受理).
    case notAccepted = "not_accepted"
    /// Accepted (受理).
    case accepted
    /// Examined (审查).
    case examined
    /// Approved; entity and licence written (核准).
    case completed
    /// Rejected (不予登记).
    case rejected
    /// Its volume is sealed (归档).
    case archived
    /// Withdrawn by the applicant.
    case withdrawn
    /// Deleted by the applicant.
    case deleted
  }

  /// What is asked for; the raw value is the SQL label.
  package enum Business: String, CaseIterable, Hashable, Sendable {
    /// Establishment (设立登记).
    case establishment

    /// The two digits in filing numbers.
    package var code: String {
      switch self {
      case .establishment: "01"
      }
    }

    /// The term in Chinese.
    package var title: String {
      switch self {
      case .establishment: "设立登记"
      }
    }
  }

  /// The name that the filing uses, as it was reserved: it never changes.
  package struct ReservedName: Hashable, Sendable {
    /// The reservation.
    package let reservation: RegionalID
    /// The whole name.
    package let enterpriseName: String
    /// The entity type that it was reserved for.
    package let entityType: EntityType
    /// The region that it was reserved for.
    package let region: RegionCode

    /// A reserved name.
    package init(
      reservation: RegionalID,
      enterpriseName: String,
      entityType: EntityType,
      region: RegionCode
    ) {
      self.reservation = reservation
      self.enterpriseName = enterpriseName
      self.entityType = entityType
      self.region = region
    }
  }

  /// The filing, in the region of its authority.
  package let id: RegionalID
  /// What is asked for.
  package let business: Business
  /// The name.
  package let name: ReservedName
  /// What is to be registered.
  package internal(set) var content: FilingContent
  /// Where it stands.
  package internal(set) var state: State
  /// The filing number (业务流水号), unique.
  package let number: String
  /// Who applies.
  package let applicant: RegionalID
  /// What was to be corrected when it was returned last.
  package internal(set) var corrections: [FilingCorrection]
  /// When the draft was opened.
  package let createTime: Date
  /// When it was prepared last.
  package internal(set) var prepareTime: Date?
  /// When it entered the system last, by Electronic Signature Law, article 11.
  package internal(set) var submitTime: Date?
  /// When it was accepted.
  package internal(set) var acceptTime: Date?
  /// When it was examined.
  package internal(set) var examineTime: Date?
  /// When it was decided.
  package internal(set) var decideTime: Date?
  /// Who accepted it, `staff/{number}`: the examiner is somebody else.
  package internal(set) var acceptedBy: String?
  /// Why it was declined or rejected.
  package internal(set) var decisionReason: String?
  /// Why the applicant withdrew it, if he said so.
  package internal(set) var withdrawalReason: String?
  /// The entity established.
  package internal(set) var entity: UnifiedSocialCreditCode?
  /// The day by which the authority must act.
  package internal(set) var dueDate: CivilDate?
  /// From 1, one more with each change.
  package internal(set) var version: Int64

  /// `filings/{filing}`.
  package var resourceName: String { id.name(in: "filings") }

  /// The registration authority's region: the prefecture-level city.
  package var authority: RegionCode { id.region }
}

/// A point that the applicant must correct.
package struct FilingCorrection: Hashable, Sendable {
  /// The field's path in the content, or empty.
  package let field: String
  /// What is wrong and how to mend it, 1 to 500 characters.
  package let description: String

  /// A correction.
  package init(field: String, description: String) {
    self.field = field
    self.description = description
  }
}
