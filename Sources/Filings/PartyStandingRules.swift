internal import APIConventions
internal import Accounts
internal import Signatures
internal import Vocabulary

/// Whether those who take part can take part at all, whatever the class of entity; pure.
enum PartyStandingRules {
  /// Every rule that the parties themselves break.
  ///
  /// - Parameters:
  ///   - content: The content.
  ///   - day: The day on which it is judged.
  /// - Returns: The violations; empty if there are none.
  static func violations(in content: FilingContent, on day: CivilDate) -> [Violation] {
    births(content, on: day) + liaison(content, on: day) + individualBusinesses(content)
  }

  /// Nobody is born after the day of the filing.
  ///
  /// Source: GB 11643-1999: the number holds the day of birth.
  private static func births(_ content: FilingContent, on day: CivilDate) -> [Violation] {
    content.namedPeople.compactMap { field, person in
      guard person.identityNumber.birthDate > day else { return nil }
      return Violation(
        field: "\(field).identity_number",
        rule: "BIRTH_DATE_IN_FUTURE",
        description: "\(person.fullName)的公民身份号码所载出生日期晚于申请日，请核对号码。",
        basis: "GB 11643-1999"
      )
    }
  }

  /// The liaison, who acts for the entity towards the authority, is an adult.
  ///
  /// Source: Civil Code, art. 18 and 22; Implementing Rules, art. 7.
  private static func liaison(_ content: FilingContent, on day: CivilDate) -> [Violation] {
    FilingRules.adults(
      [("liaison", content.liaison)],
      rule: "LIAISON_MINOR",
      term: "登记联络员",
      on: day,
      basis: "民法典第十八条、第二十二条"
    )
  }

  /// An individual business is no organization: its operator contributes as the person that he is.
  ///
  /// Source: Civil Code, art. 54 and 56; GB 32100-2015: 92 is an individual business.
  private static func individualBusinesses(_ content: FilingContent) -> [Violation] {
    organizations(content).compactMap { field, organization in
      guard organization.creditCode.description.hasPrefix("92") else { return nil }
      return Violation(
        field: field,
        rule: "INDIVIDUAL_BUSINESS_IS_PARTY",
        description: "\(organization.enterpriseName)是个体工商户，不是法人或者其他组织，请改由其经营者以自然人身份出资。",
        basis: "民法典第五十四条、第五十六条"
      )
    }
  }

  /// What the register and the legal-entity library say against the organizations that contribute.
  ///
  /// Source: plan of 2017, section 四(二)1 (organizations are compared with the legal-entity library);
  /// Company Law (2023 revision), art. 13 (branches have no legal personality).
  ///
  /// - Parameters:
  ///   - content: The content.
  ///   - standings: What was found, by credit code; organizations that nobody could be asked about are
  ///     not in it.
  /// - Returns: The violations; empty if there are none.
  static func violations(
    in content: FilingContent,
    standings: [UnifiedSocialCreditCode: OrganizationStanding]
  ) -> [Violation] {
    organizations(content).compactMap { field, organization in
      let (rule, description): (String, String)
      switch standings[organization.creditCode] {
      case nil, .active:
        return nil
      case .unknown:
        (rule, description) = ("ORGANIZATION_NOT_FOUND", "法人库查无此统一社会信用代码，请核对；尚未入库的单位请到登记窗口办理。")
      case .inactive:
        (rule, description) = ("ORGANIZATION_NOT_ACTIVE", "该单位已注销、吊销或者不在存续状态，不能出资，请更换。")
      case .named(let registered):
        (rule, description) = (
          "ORGANIZATION_NAME_MISMATCH",
          registered.isEmpty
            ? "名称与该统一社会信用代码登记的名称不一致，请更正。" : "该统一社会信用代码登记的名称是“\(registered)”，请更正。"
        )
      case .branch:
        (rule, description) = ("ORGANIZATION_IS_BRANCH", "分支机构不具有法人资格，请改由其所属单位出资。")
      }
      return Violation(
        field: field,
        rule: rule,
        description: "“\(organization.enterpriseName)”：\(description)",
        basis: "市场主体登记管理条例第十七条；公司法（2023）第十三条"
      )
    }
  }

  private static func organizations(
    _ content: FilingContent
  ) -> [(field: String, organization: OrganizationRecord)] {
    content.contributors.enumerated().compactMap { index, contributor in
      contributor.party.organization.map {
        ("\(content.contributorsField)[\(index)].party.organization", $0)
      }
    }
  }
}
