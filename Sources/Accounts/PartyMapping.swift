package import APIConventions
package import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

extension PersonRecord {
  /// Reads a person from a request; nothing if it breaks a rule.
  ///
  /// - Parameters:
  ///   - proto: What was sent.
  ///   - path: The field's path in the request, for instance `account.holder.person`.
  ///   - needsMobileNumber: Whether the person is to be notified and so must be reachable.
  ///   - violations: Every rule that it breaks is added here.
  package init?(
    _ proto: Liaoning_Registry_V1_NaturalPerson,
    at path: String,
    needsMobileNumber: Bool = false,
    violations: inout [Violation]
  ) {
    let earlier = violations.count
    let fullName = PartyRules.normalizedFullName(proto.fullName)
    violations += PartyRules.fullNameViolations(fullName, at: "\(path).full_name")
    let identityNumber = ResidentIdentityNumber(proto.identityNumber)
    if identityNumber == nil {
      violations.append(
        Violation(
          field: "\(path).identity_number",
          rule: "IDENTITY_NUMBER_INVALID",
          description: "公民身份号码应为 18 位，出生日期和校验码正确。",
          basis: "GB 11643-1999"
        )
      )
    }
    let mobileNumber = MobileNumber(proto.mobileNumber)
    if proto.mobileNumber.isEmpty, needsMobileNumber {
      violations.append(
        Violation(
          field: "\(path).mobile_number",
          rule: "MOBILE_NUMBER_MISSING",
          description: "请填写移动电话号码，用于接收通知。"
        )
      )
    } else if !proto.mobileNumber.isEmpty, mobileNumber == nil {
      violations.append(
        Violation(
          field: "\(path).mobile_number",
          rule: "MOBILE_NUMBER_INVALID",
          description: "移动电话号码应为 11 位数字，首位为 1。"
        )
      )
    }
    guard violations.count == earlier, let identityNumber else { return nil }
    self.init(fullName: fullName, identityNumber: identityNumber, mobileNumber: mobileNumber)
  }

  /// Reads a person that was judged when a request brought it, and stored.
  ///
  /// - Parameter proto: What was stored.
  /// - Throws: `StoredPartyUnknown` if it is nobody that was ever written.
  package init(
    stored proto: Liaoning_Registry_V1_NaturalPerson
  ) throws(StoredPartyUnknown) {
    guard let identityNumber = ResidentIdentityNumber(proto.identityNumber) else {
      throw StoredPartyUnknown()
    }
    let mobileNumber = MobileNumber(proto.mobileNumber)
    guard proto.mobileNumber.isEmpty || mobileNumber != nil else { throw StoredPartyUnknown() }
    self.init(
      fullName: proto.fullName,
      identityNumber: identityNumber,
      mobileNumber: mobileNumber
    )
  }

  /// The person for a reply.
  ///
  /// - Parameter masked: Whether the numbers are masked, as they are to everyone but the person.
  /// - Returns: The message.
  package func proto(masked: Bool) -> Liaoning_Registry_V1_NaturalPerson {
    .with {
      $0.fullName = fullName
      $0.identityNumber = masked ? Mask.identityNumber(identityNumber) : identityNumber.description
      guard let mobileNumber else { return }
      $0.mobileNumber = masked ? Mask.mobileNumber(mobileNumber) : mobileNumber.description
    }
  }
}

extension OrganizationRecord {
  /// Reads an organization from a request; nothing if it breaks a rule.
  ///
  /// - Parameters:
  ///   - proto: What was sent.
  ///   - path: The field's path in the request.
  ///   - violations: Every rule that it breaks is added here.
  package init?(
    _ proto: Liaoning_Registry_V1_Organization,
    at path: String,
    violations: inout [Violation]
  ) {
    let earlier = violations.count
    let enterpriseName = PartyRules.normalizedEnterpriseName(proto.enterpriseName)
    violations += PartyRules.enterpriseNameViolations(
      enterpriseName,
      at: "\(path).enterprise_name"
    )
    let creditCode = UnifiedSocialCreditCode(proto.creditCode)
    if creditCode == nil {
      violations.append(
        Violation(
          field: "\(path).credit_code",
          rule: "CREDIT_CODE_INVALID",
          description: "统一社会信用代码应为 18 位，校验码正确；不含字母 I、O、S、V、Z。",
          basis: "GB 32100-2015"
        )
      )
    }
    guard violations.count == earlier, let creditCode else { return nil }
    self.init(enterpriseName: enterpriseName, creditCode: creditCode)
  }

  /// The organization for a reply.
  package var proto: Liaoning_Registry_V1_Organization {
    .with {
      $0.enterpriseName = enterpriseName
      $0.creditCode = creditCode.description
    }
  }
}

extension PartyRecord {
  /// Reads a party from a request; nothing if it breaks a rule.
  ///
  /// - Parameters:
  ///   - proto: What was sent.
  ///   - path: The field's path in the request, for instance `company.shareholders[2].party`.
  ///   - needsMobileNumber: Whether a person must be reachable by telephone.
  ///   - violations: Every rule that it breaks is added here.
  package init?(
    _ proto: Liaoning_Registry_V1_Party,
    at path: String,
    needsMobileNumber: Bool = false,
    violations: inout [Violation]
  ) {
    switch proto.kind {
    case .person(let person):
      guard
        let record = PersonRecord(
          person,
          at: "\(path).person",
          needsMobileNumber: needsMobileNumber,
          violations: &violations
        )
      else { return nil }
      self = .person(record)
    case .organization(let organization):
      guard
        let record = OrganizationRecord(
          organization,
          at: "\(path).organization",
          violations: &violations
        )
      else { return nil }
      self = .organization(record)
    case nil:
      violations.append(
        Violation(
          field: path,
          rule: "PARTY_MISSING",
          description: "请填写自然人，或者法人、其他组织。"
        )
      )
      return nil
    }
  }

  /// Reads a party that was judged when a request brought it, and stored.
  ///
  /// - Parameter proto: What was stored.
  /// - Throws: `StoredPartyUnknown` if it is nobody that was ever written.
  package init(stored proto: Liaoning_Registry_V1_Party) throws(StoredPartyUnknown) {
    switch proto.kind {
    case .person(let person): self = .person(try PersonRecord(stored: person))
    case .organization(let organization):
      guard let creditCode = UnifiedSocialCreditCode(organization.creditCode) else {
        throw StoredPartyUnknown()
      }
      self = .organization(
        OrganizationRecord(enterpriseName: organization.enterpriseName, creditCode: creditCode)
      )
    case nil: throw StoredPartyUnknown()
    }
  }

  /// The party for a reply.
  ///
  /// - Parameter masked: Whether a person's numbers are masked, as they are to everyone else.
  /// - Returns: The message.
  package func proto(masked: Bool) -> Liaoning_Registry_V1_Party {
    .with {
      switch self {
      case .person(let person): $0.person = person.proto(masked: masked)
      case .organization(let organization): $0.organization = organization.proto
      }
    }
  }
}

/// A stored party is none that this program ever wrote.
package struct StoredPartyUnknown: Error {}
