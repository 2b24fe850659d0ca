package import APIConventions
package import Foundation
internal import Ledger
package import ShangMi
internal import Vocabulary

/// Who may act: a person or an organization with a signing key of its own.
package struct Account: Sendable {
  /// The identity category (身份类别, 四(二)1).
  ///
  /// Raw values are the SQL labels.
  package enum Category: String, CaseIterable, Sendable {
    /// A natural person (自然人).
    case naturalPerson = "natural_person"
    /// An enterprise with legal personality (企业法人).
    case enterpriseLegalPerson = "enterprise_legal_person"
    /// Another organization (其他组织).
    case otherOrganization = "other_organization"
  }

  /// How far the comparison with the library has come.
  ///
  /// Raw values are the SQL labels.
  package enum Verification: String, CaseIterable, Sendable {
    /// The account may file and sign.
    case verified
    /// The library disagrees; the account cannot become real-name as it stands.
    case refused
    /// The library has no record; the manual path is open.
    case manual
    /// The source did not answer.
    case pending
  }

  /// The account.
  package let id: RegionalID
  /// The identity category.
  package let category: Category
  /// Whose it is.
  package let holder: PartyRecord
  /// The last comparison with a library.
  package internal(set) var comparison: Comparison
  /// The agreement signed last, by its version.
  package internal(set) var agreementVersion: Int32?
  /// When that agreement was signed.
  package internal(set) var agreementSignTime: Date?
  /// The key that signs for the holder.
  package let publicKey: VerifyingKey
  /// When the account was registered.
  package let createTime: Date
  /// Goes up by one with every change, from 1.
  package internal(set) var version: Int64

  /// Where the comparison stands.
  package var verification: Verification { comparison.verification }
  /// The legal representative (法定代表人) by the library, for an organization.
  package var legalRepresentative: PersonRecord? { comparison.legalRepresentative }
  /// How the key signs.
  package var algorithm: SignatureAlgorithm { publicKey.algorithm }
  /// `accounts/{account}`.
  package var name: String { id.name(in: "accounts") }

  /// The people who act by the account: the holder, or the holder's legal representative.
  package var people: [PersonRecord] {
    switch holder {
    case .person(let person): [person]
    case .organization: legalRepresentative.map { [$0] } ?? []
    }
  }
}

/// A comparison as it is frozen with the account.
package struct Comparison: Hashable, Sendable {
  /// What follows from it.
  package let verification: Account.Verification
  /// In which mode it was made.
  package let mode: IdentityVerificationMode
  /// The library's result code, two digits; nothing if none was given.
  package let code: String?
  /// When it was made; nothing if no code was given.
  package let time: Date?
  /// The legal representative, where the library told of one.
  package let legalRepresentative: PersonRecord?
}

extension Account {
  /// The account after another comparison.
  ///
  /// - Parameter comparison: What came out.
  /// - Returns: This account's next version. What the library told of the legal representative before
  ///   stands until it tells of another.
  func compared(_ comparison: Comparison) -> Account {
    var next = self
    next.comparison = Comparison(
      verification: comparison.verification,
      mode: comparison.mode,
      code: comparison.code,
      time: comparison.time,
      legalRepresentative: comparison.legalRepresentative ?? legalRepresentative
    )
    next.version += 1
    return next
  }

  /// The account after its holder has signed an agreement.
  ///
  /// - Parameters:
  ///   - agreement: Its version.
  ///   - instant: When the signature came in.
  /// - Returns: This account's next version, or this account if that agreement was signed before.
  func agreed(to agreement: Int32, at instant: Date) -> Account {
    guard agreementVersion != agreement else { return self }
    var next = self
    next.agreementVersion = agreement
    next.agreementSignTime = instant
    next.version += 1
    return next
  }

  /// Whether the account may file and sign (四(二)1).
  ///
  /// - Parameter agreement: The version in force; nothing if there is none.
  /// - Throws: `notVerified`, `agreementUnsigned`.
  func requireEligible(under agreement: Int32?) throws(AccountError) {
    guard verification == .verified else { throw .notVerified(verification) }
    guard let agreement, agreementVersion == agreement else { throw .agreementUnsigned(agreement) }
  }
}

extension EventKind {
  static let accountCreated = EventKind(rawValue: "account.created")
  static let accountCompared = EventKind(rawValue: "account.compared")
  static let accountAgreed = EventKind(rawValue: "account.agreed")
  static let restrictionCreated = EventKind(rawValue: "restriction.created")
  static let restrictionLifted = EventKind(rawValue: "restriction.lifted")
}
