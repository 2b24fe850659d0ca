internal import APIConventions
internal import Foundation
internal import Vocabulary

/// What an account must be, and what follows from a library's answer: pure.
enum AccountRules {
  /// How long a challenge is good for, in seconds.
  static let challengeLifetimeSeconds: TimeInterval = 120
  /// How long a session is good for, in seconds: 12 hours.
  static let sessionLifetimeSeconds: TimeInterval = 43_200
  /// How long a statement may be, in bytes.
  static let statementLimit = 1_024
  /// How long a restriction's ground may be, in characters.
  static let groundLengths = 1...500
  /// The region that leads the keys of accounts: the province.
  static let accountRegion: Int32 = 210_000

  /// Everything that is wrong with an account to be made.
  static func violations(
    category: Account.Category,
    holder: PartyRecord,
    at path: String
  ) -> [Violation] {
    kindOfHolder(category, holder, at: path) + classOfCode(category, holder, at: path)
  }

  /// A natural person's account is a person's, any other an organization's.
  private static func kindOfHolder(
    _ category: Account.Category,
    _ holder: PartyRecord,
    at path: String
  ) -> [Violation] {
    switch (category, holder) {
    case (.naturalPerson, .person), (.enterpriseLegalPerson, .organization),
      (.otherOrganization, .organization):
      []
    case (.naturalPerson, .organization), (.enterpriseLegalPerson, .person),
      (.otherOrganization, .person):
      [
        Violation(
          field: "\(path).holder",
          rule: "HOLDER_KIND_MISMATCH",
          description: "账户主体与所选身份类别不一致。"
        )
      ]
    }
  }

  /// An enterprise with legal personality has a code of the market regulator's that is not an
  /// individual business's.
  ///
  /// Source: GB 32100-2015, annex: first character 9 (market regulation), second 2 (individual
  /// business).
  private static func classOfCode(
    _ category: Account.Category,
    _ holder: PartyRecord,
    at path: String
  ) -> [Violation] {
    guard category == .enterpriseLegalPerson, let organization = holder.organization else {
      return []
    }
    let code = organization.creditCode.description
    return code.hasPrefix("9") && !code.hasPrefix("92")
      ? []
      : [
        Violation(
          field: "\(path).category",
          rule: "CATEGORY_UNLAWFUL",
          description: "该统一社会信用代码不属于企业法人，请选择“其他组织”。",
          basis: "GB 32100-2015"
        )
      ]
  }

  /// What follows from the population library's answer, where it decides.
  ///
  /// Source: Implementing Rules of the Regulations on the Registration of Market Entities, art. 16:
  /// who cannot be compared may prove the identity otherwise.
  static func verification(by answer: PersonComparison) -> Account.Verification {
    switch answer {
    case .match: .verified
    case .nameMismatch, .invalidNumber, .deceasedOrCancelled, .faceMismatch: .refused
    case .noRecord, .noPhoto: .manual
    case .sourceUnavailable, .timeout, .quota: .pending
    }
  }

  /// What follows from the legal-entity library's answer, where it decides.
  static func verification(by outcome: EntityLookUp.Outcome) -> Account.Verification {
    switch outcome {
    case .found: .verified
    case .nameMismatch, .legalRepresentativeMismatch, .notActive: .refused
    case .notFound: .manual
    case .sourceUnavailable, .timeout, .quota: .pending
    }
  }

  /// The outcome of a look-up for an organization that says its name: a found entity of another name is
  /// a mismatch.
  static func outcome(
    of lookUp: EntityLookUp,
    for organization: OrganizationRecord
  ) -> EntityLookUp.Outcome {
    guard lookUp.outcome == .found else { return lookUp.outcome }
    let registered = PartyRules.normalizedEnterpriseName(lookUp.enterpriseName)
    return registered == organization.enterpriseName ? .found : .nameMismatch
  }
}
