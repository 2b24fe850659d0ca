package import Vocabulary

/// A natural person (自然人) by the name and the number of the identity document.
package struct PersonRecord: Hashable, Sendable {
  /// The name, 2 to 50 characters, interpuncts as U+00B7; code points otherwise as given.
  package let fullName: String
  /// The resident identity number (公民身份号码).
  package let identityNumber: ResidentIdentityNumber
  /// Where to reach the person, if given.
  package let mobileNumber: MobileNumber?

  /// A person.
  ///
  /// - Parameters:
  ///   - fullName: The name, already lawful: `PartyRules` judges what callers send.
  ///   - identityNumber: The number.
  ///   - mobileNumber: Where to reach the person.
  package init(
    fullName: String,
    identityNumber: ResidentIdentityNumber,
    mobileNumber: MobileNumber? = nil
  ) {
    self.fullName = fullName
    self.identityNumber = identityNumber
    self.mobileNumber = mobileNumber
  }

  /// Whether the other record is of the same person, whatever mobile number it names.
  package func isSamePerson(as other: PersonRecord) -> Bool {
    identityNumber == other.identityNumber
  }
}

/// A legal person or another organization (法人或者其他组织) by its registered name and code.
package struct OrganizationRecord: Hashable, Sendable {
  /// The registered name, 2 to 100 characters, parentheses full-width.
  package let enterpriseName: String
  /// The unified social credit code (统一社会信用代码).
  package let creditCode: UnifiedSocialCreditCode

  /// An organization.
  ///
  /// - Parameters:
  ///   - enterpriseName: The name, already lawful: `PartyRules` judges what callers send.
  ///   - creditCode: The code.
  package init(enterpriseName: String, creditCode: UnifiedSocialCreditCode) {
    self.enterpriseName = enterpriseName
    self.creditCode = creditCode
  }
}

/// Who takes part: a person or an organization.
package enum PartyRecord: Hashable, Sendable {
  /// A natural person.
  case person(PersonRecord)
  /// A legal person or another organization.
  case organization(OrganizationRecord)

  /// The name as documents print it.
  package var displayName: String {
    switch self {
    case .person(let person): person.fullName
    case .organization(let organization): organization.enterpriseName
    }
  }

  /// The identity number or the credit code, 18 characters: personal data if it is a person's.
  package var code: String {
    switch self {
    case .person(let person): person.identityNumber.description
    case .organization(let organization): organization.creditCode.description
    }
  }

  /// The person, if it is one.
  package var person: PersonRecord? {
    switch self {
    case .person(let person): person
    case .organization: nil
    }
  }

  /// The organization, if it is one.
  package var organization: OrganizationRecord? {
    switch self {
    case .person: nil
    case .organization(let organization): organization
    }
  }

  /// Whether the other record is of the same person or organization, however it is written.
  package func isSameParty(as other: PartyRecord) -> Bool {
    switch (self, other) {
    case (.person(let one), .person(let another)): one.isSamePerson(as: another)
    case (.organization(let one), .organization(let another)):
      one.creditCode == another.creditCode
    case (.person, .organization), (.organization, .person): false
    }
  }
}

/// How personal data is shown to whoever is not the person.
package enum Mask {
  /// An identity number with all but its first six and last two characters as `*`.
  package static func identityNumber(_ number: ResidentIdentityNumber) -> String {
    hidden(number.description, showingFirst: 6, last: 2)
  }

  /// A mobile number with all but its first three and last four digits as `*`.
  package static func mobileNumber(_ number: MobileNumber) -> String {
    hidden(number.description, showingFirst: 3, last: 4)
  }

  private static func hidden(_ text: String, showingFirst first: Int, last: Int) -> String {
    let count = text.count - first - last
    return text.prefix(first) + String(repeating: "*", count: max(count, 0)) + text.suffix(last)
  }
}
