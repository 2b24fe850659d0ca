internal import APIConventions
internal import Accounts
internal import Vocabulary

/// What the law demands of a farmers' cooperative; pure.
enum CooperativeRules {
  /// Every rule that a cooperative breaks.
  ///
  /// - Parameters:
  ///   - cooperative: The cooperative.
  ///   - day: The day on which it is judged.
  /// - Returns: The violations; empty if there are none.
  static func violations(in cooperative: CooperativeDetails, on day: CivilDate) -> [Violation] {
    var found = memberCount(cooperative)
    found += farmerShare(cooperative)
    found += farmersArePersons(cooperative)
    found += organizationMembers(cooperative)
    found += chair(cooperative)
    found += FilingRules.contributions(
      cooperative.members,
      field: "cooperative.members",
      basis: "农民专业合作社法第十三条"
    )
    found += FilingRules.duesAhead(
      cooperative.members,
      field: "cooperative.members",
      on: day,
      basis: "农民专业合作社法第十三条、第十五条"
    )
    found += contributionSum(cooperative)
    found += publicBodies(cooperative)
    found += FilingRules.duplicates(
      cooperative.members.map(\.party.code),
      field: "cooperative.members",
      term: "成员",
      basis: "农民专业合作社法第十九条"
    )
    found += ages(cooperative, on: day)
    return found
  }

  /// There are at least 5 members.
  ///
  /// Source: Farmers' Cooperatives Law (2017 revision), art. 12.
  private static func memberCount(_ cooperative: CooperativeDetails) -> [Violation] {
    cooperative.members.count >= 5
      ? []
      : [
        Violation(
          field: "cooperative.members",
          rule: "MEMBER_COUNT_UNLAWFUL",
          description: "农民专业合作社须有五名以上的成员，现为\(cooperative.members.count)名，请增加成员。",
          basis: "农民专业合作社法第十二条"
        )
      ]
  }

  /// At least 80 % of the members are farmers.
  ///
  /// Source: Farmers' Cooperatives Law (2017 revision), art. 20.
  private static func farmerShare(_ cooperative: CooperativeDetails) -> [Violation] {
    let farmers = cooperative.members.count(where: \.isFarmer)
    return farmers * 5 >= cooperative.members.count * 4
      ? []
      : [
        Violation(
          field: "cooperative.members",
          rule: "FARMER_SHARE_UNLAWFUL",
          description: "农民至少应当占成员总数的百分之八十，现\(cooperative.members.count)名成员中有\(farmers)名农民，请增加农民成员。",
          basis: "农民专业合作社法第二十条"
        )
      ]
  }

  /// A farmer is a natural person.
  private static func farmersArePersons(_ cooperative: CooperativeDetails) -> [Violation] {
    cooperative.members.enumerated().compactMap { index, member in
      guard member.isFarmer, member.party.organization != nil else { return nil }
      return Violation(
        field: "cooperative.members[\(index)].farmer",
        rule: "FARMER_NOT_A_PERSON",
        description: "单位成员不是农民，请取消农民标志。",
        basis: "农民专业合作社法第十九条"
      )
    }
  }

  /// Of up to 20 members one may be an organization, of more than 20 at most 5 %.
  ///
  /// Source: Farmers' Cooperatives Law (2017 revision), art. 20.
  private static func organizationMembers(_ cooperative: CooperativeDetails) -> [Violation] {
    let count = cooperative.members.count
    let organizations = cooperative.members.count { $0.party.organization != nil }
    let isLawful = count <= 20 ? organizations <= 1 : organizations * 20 <= count
    return isLawful
      ? []
      : [
        Violation(
          field: "cooperative.members",
          rule: "ORGANIZATION_MEMBERS_UNLAWFUL",
          description:
            "成员总数二十人以下的，可以有一个单位成员；超过二十人的，单位成员不得超过成员总数的百分之五；现\(count)名成员中有\(organizations)个单位。",
          basis: "农民专业合作社法第二十条"
        )
      ]
  }

  /// No state organ is a member.
  ///
  /// Source: Farmers' Cooperatives Law (2017 revision), art. 19: bodies with functions of public
  /// administration do not join; GB 32100-2015: 11 is a state organ (机关).
  private static func publicBodies(_ cooperative: CooperativeDetails) -> [Violation] {
    cooperative.members.enumerated().compactMap { index, member in
      guard let organization = member.party.organization,
        organization.creditCode.description.hasPrefix("11")
      else { return nil }
      return Violation(
        field: "cooperative.members[\(index)].party.organization",
        rule: "PUBLIC_BODY_IS_MEMBER",
        description: "\(organization.enterpriseName)是机关，具有管理公共事务职能的单位不得加入农民专业合作社，请删除该成员。",
        basis: "农民专业合作社法第十九条"
      )
    }
  }

  /// Members that may have functions of public administration: a hint for the examiner, no violation.
  ///
  /// Source: Farmers' Cooperatives Law (2017 revision), art. 19; GB 32100-2015: public institutions and
  /// mass organizations (12, 13, 19), villagers' and residents' committees (54).
  static func flags(in content: FilingContent) -> [Violation] {
    guard case .cooperative(let cooperative) = content.details else { return [] }
    return cooperative.members.enumerated().compactMap { index, member in
      guard let organization = member.party.organization,
        ["12", "13", "19", "54"].contains(organization.creditCode.description.prefix(2))
      else { return nil }
      return Violation(
        field: "cooperative.members[\(index)].party.organization",
        rule: "MEMBER_MAY_BE_PUBLIC_BODY",
        description: "\(organization.enterpriseName)可能具有管理公共事务职能，请审查。",
        basis: "农民专业合作社法第十九条"
      )
    }
  }

  /// The chair is one of the members.
  ///
  /// Source: Farmers' Cooperatives Law (2017 revision), art. 33.
  private static func chair(_ cooperative: CooperativeDetails) -> [Violation] {
    cooperative.members.contains { member in
      member.party.person?.isSamePerson(as: cooperative.legalRepresentative) ?? false
    }
      ? []
      : [
        Violation(
          field: "cooperative.legal_representative",
          rule: "CHAIR_NOT_MEMBER",
          description: "理事长由成员大会从本社成员中选举产生，须是成员；请将其填为成员，或者更换理事长。",
          basis: "农民专业合作社法第三十三条"
        )
      ]
  }

  /// The contributions have a sum.
  private static func contributionSum(_ cooperative: CooperativeDetails) -> [Violation] {
    var sum: Int64 = 0
    for member in cooperative.members {
      let (next, overflows) = sum.addingReportingOverflow(member.contributionFen)
      if overflows {
        return [
          Violation(
            field: "cooperative.members",
            rule: "CONTRIBUTION_SUM_TOO_LARGE",
            description: "成员出资总额超出可登记的范围，请减少出资额。",
            basis: "农民专业合作社法第十三条"
          )
        ]
      }
      sum = next
    }
    return []
  }

  /// The chair and every member have full capacity.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 12; Farmers' Cooperatives Law
  /// (2017 revision), art. 19.
  private static func ages(_ cooperative: CooperativeDetails, on day: CivilDate) -> [Violation] {
    let members = cooperative.members.enumerated().compactMap { index, member in
      member.party.person.map { ("cooperative.members[\(index)].party.person", $0) }
    }
    return FilingRules.adults(
      [("cooperative.legal_representative", cooperative.legalRepresentative)],
      rule: "LEGAL_REPRESENTATIVE_MINOR",
      term: "法定代表人",
      on: day,
      basis: "市场主体登记管理条例第十二条"
    )
      + FilingRules.adults(
        members,
        rule: "MEMBER_MINOR",
        term: "成员",
        on: day,
        basis: "农民专业合作社法第十九条"
      )
  }
}
