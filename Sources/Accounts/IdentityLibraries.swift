package import Foundation
package import Vocabulary

/// The libraries that know who exists: others' systems, which the server reaches by its gateways.
package struct IdentityLibraries: Sendable {
  /// Compares a person's name and number with the population library (公安部人口库).
  ///
  /// The id is one a comparison: a repeat with it may be answered with the first result. It throws
  /// `AccountError.sourceUnavailable` if the library does not answer.
  package let comparePerson:
    @Sendable (
      _ fullName: String, _ number: ResidentIdentityNumber, _ requestID: UUID
    ) async throws -> PersonComparison
  /// Looks an organization up in the legal-entity library (法人库).
  ///
  /// The id is one a look-up: a repeat with it may be answered with the first result. It throws
  /// `AccountError.sourceUnavailable` if the library does not answer.
  package let lookUpEntity:
    @Sendable (_ code: UnifiedSocialCreditCode, _ requestID: UUID) async throws -> EntityLookUp

  /// The libraries by what asks them.
  package init(
    comparePerson:
      @escaping @Sendable (String, ResidentIdentityNumber, UUID) async throws -> PersonComparison,
    lookUpEntity: @escaping @Sendable (UnifiedSocialCreditCode, UUID) async throws -> EntityLookUp
  ) {
    self.comparePerson = comparePerson
    self.lookUpEntity = lookUpEntity
  }
}

/// What the population library says of a name and a number; raw values are its result codes.
package enum PersonComparison: String, CaseIterable, Sendable {
  /// The name is the number's.
  case match = "00"
  /// The name is not the number's.
  case nameMismatch = "01"
  /// The library has no record of the number.
  case noRecord = "02"
  /// The number was never given.
  case invalidNumber = "03"
  /// The person is dead, or the number was cancelled.
  case deceasedOrCancelled = "04"
  /// The face is not the person's.
  case faceMismatch = "05"
  /// The library has no photograph.
  case noPhoto = "06"
  /// What lies behind the library is not available.
  case sourceUnavailable = "90"
  /// What lies behind the library did not answer in time.
  case timeout = "91"
  /// Our quota is used up.
  case quota = "92"
}

/// What the legal-entity library says of a credit code.
package struct EntityLookUp: Hashable, Sendable {
  /// How the look-up went; raw values are the library's result codes, and ours for what we compare.
  package enum Outcome: String, CaseIterable, Sendable {
    /// The entity exists and is active.
    case found = "00"
    /// The library has no record of the code.
    case notFound = "01"
    /// The name is not the code's.
    case nameMismatch = "02"
    /// The legal representative is not the code's.
    case legalRepresentativeMismatch = "03"
    /// The entity was revoked, cancelled or is otherwise not active.
    case notActive = "10"
    /// What lies behind the library is not available.
    case sourceUnavailable = "90"
    /// What lies behind the library did not answer in time.
    case timeout = "91"
    /// Our quota is used up.
    case quota = "92"
  }

  /// How it went.
  package let outcome: Outcome
  /// The registered name; empty unless found.
  package let enterpriseName: String
  /// The entity type, 4 digits; empty if not told.
  package let entityType: String
  /// The legal representative; nothing if not told.
  package let legalRepresentative: PersonRecord?

  /// A library's answer.
  package init(
    outcome: Outcome,
    enterpriseName: String = "",
    entityType: String = "",
    legalRepresentative: PersonRecord? = nil
  ) {
    self.outcome = outcome
    self.enterpriseName = enterpriseName
    self.entityType = entityType
    self.legalRepresentative = legalRepresentative
  }
}

/// How far the libraries decide: the plan introduces the comparison step by step (逐步实现, 四(二)1).
package enum IdentityVerificationMode: String, CaseIterable, Sendable {
  /// Nothing is compared; every account counts as verified.
  case off
  /// What the library says is kept and decides nothing.
  case shadow
  /// Only what the library confirms is verified.
  case enforced
}
