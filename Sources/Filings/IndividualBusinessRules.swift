internal import APIConventions
internal import Accounts
internal import Vocabulary

/// What the law demands of an individual business; pure.
enum IndividualBusinessRules {
  /// Every rule that an individual business breaks.
  ///
  /// - Parameters:
  ///   - business: The business.
  ///   - day: The day on which it is judged.
  /// - Returns: The violations; empty if there are none.
  static func violations(in business: IndividualBusinessDetails, on day: CivilDate) -> [Violation] {
    var found = form(business)
    found += operatorIsNoFamilyMember(business)
    found += FilingRules.duplicates(
      business.familyMembers.map(\.identityNumber.description),
      field: "individual_business.family_members",
      term: "家庭成员",
      basis: "市场主体登记管理条例第九条"
    )
    found += FilingRules.adults(
      [("individual_business.operator", business.operator)],
      rule: "OPERATOR_MINOR",
      term: "经营者",
      on: day,
      basis: "促进个体工商户发展条例第二条"
    )
    found += FilingRules.minors(
      business.familyMembers.enumerated().map {
        ("individual_business.family_members[\($0.offset)]", $0.element)
      },
      on: day
    )
    return found
  }

  /// A family business names at least one family member that takes part, a personal one none.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 9; Implementing Rules, art. 6.
  private static func form(_ business: IndividualBusinessDetails) -> [Violation] {
    switch business.form {
    case .personal:
      return business.familyMembers.isEmpty
        ? []
        : [
          Violation(
            field: "individual_business.family_members",
            rule: "FAMILY_MEMBERS_UNEXPECTED",
            description: "个人经营的不填写参加经营的家庭成员；家庭共同经营请改选家庭经营。",
            basis: "市场主体登记管理条例第九条"
          )
        ]
    case .family:
      return !business.familyMembers.isEmpty
        ? []
        : [
          Violation(
            field: "individual_business.family_members",
            rule: "FAMILY_MEMBERS_MISSING",
            description: "家庭经营的须填写参加经营的家庭成员，至少一名。",
            basis: "市场主体登记管理条例第九条"
          )
        ]
    }
  }

  /// The operator does not stand among the family members once more.
  private static func operatorIsNoFamilyMember(_ business: IndividualBusinessDetails) -> [Violation]
  {
    business.familyMembers.enumerated().compactMap { index, member in
      guard member.isSamePerson(as: business.operator) else { return nil }
      return Violation(
        field: "individual_business.family_members[\(index)]",
        rule: "OPERATOR_IS_FAMILY_MEMBER",
        description: "经营者本人不重复填写为家庭成员。",
        basis: "市场主体登记管理条例第九条"
      )
    }
  }
}
