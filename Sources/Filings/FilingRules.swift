internal import APIConventions
internal import Accounts
internal import Vocabulary

/// What the law demands of a filing before it may be prepared: pure, every violation at once.
enum FilingRules {
  /// Every rule that a filing breaks; items that need approval before registration are told apart, by
  /// `ScopeRules.preApprovalItems`.
  ///
  /// - Parameters:
  ///   - filing: The filing.
  ///   - day: The day on which it is judged.
  ///   - law: The law in force.
  /// - Returns: The violations; empty if there are none.
  static func violations(in filing: Filing, on day: CivilDate, under law: LawProfile) -> [Violation]
  {
    let content = filing.content
    var found = nameFits(filing)
    found += AddressRules.nameDivision(filing)
    found += AddressRules.violations(in: content)
    found += ScopeRules.duplicates(in: content)
    found += termLiesAhead(content, on: day)
    found += reachable(content)
    found += consistentPeople(content)
    found += consistentOrganizations(content)
    found += PartyStandingRules.violations(in: content, on: day)
    switch content.details {
    case .company(let company):
      found += CompanyRules.violations(in: company, of: content.entityType, on: day, under: law)
    case .cooperative(let cooperative):
      found += CooperativeRules.violations(in: cooperative, on: day)
    case .individualBusiness(let business):
      found += IndividualBusinessRules.violations(in: business, on: day)
    }
    return found
  }

  /// The name was reserved for this type of entity and at this authority.
  ///
  /// Source: Regulations on the Administration of Enterprise Name Registration (2020), art. 16 and 17.
  private static func nameFits(_ filing: Filing) -> [Violation] {
    var found: [Violation] = []
    if filing.name.entityType != filing.content.entityType {
      found.append(
        Violation(
          field: "entity_type",
          rule: "RESERVATION_TYPE_MISMATCH",
          description: "名称“\(filing.name.enterpriseName)”是为\(filing.name.entityType.code)类型申报的，"
            + "与申请的类型\(filing.content.entityType.code)不一致，请修改类型或者重新申报名称。",
          basis: "企业名称登记管理规定（2020）第十六条"
        )
      )
    }
    if filing.name.region.city != filing.authority {
      found.append(
        Violation(
          field: "domicile_region_code",
          rule: "RESERVATION_AUTHORITY_MISMATCH",
          description: "名称是向行政区划\(filing.name.region)的登记机关申报的，与住所所在地的登记机关不一致，"
            + "请更正住所，或者重新申报名称。",
          basis: "企业名称登记管理规定（2020）第七条"
        )
      )
    }
    return found
  }

  /// A business term ends after the day of the filing.
  ///
  /// Source: Implementing Rules for the Regulations on the Registration of Market Entities, art. 7.
  private static func termLiesAhead(_ content: FilingContent, on day: CivilDate) -> [Violation] {
    guard let end = content.termEndDate, end <= day else { return [] }
    return [
      Violation(
        field: "term_end_date",
        rule: "TERM_END_PAST",
        description: "营业期限的截止日期须在申请日之后；长期经营请留空。",
        basis: "市场主体登记管理条例实施细则第七条"
      )
    ]
  }

  /// Who is to be notified has a mobile number: the liaison, and whoever receives the licence.
  ///
  /// Source: plan of 2017, section 四(三)1; Implementing Rules, art. 7.
  private static func reachable(_ content: FilingContent) -> [Violation] {
    var found: [Violation] = []
    if content.responsiblePerson.mobileNumber == nil {
      found.append(
        Violation(
          field: content.responsiblePersonField + ".mobile_number",
          rule: "RESPONSIBLE_PERSON_MOBILE_MISSING",
          description: "请填写法定代表人（经营者）的手机号码，电子营业执照将以短信推送。",
          basis: "全程电子化登记和电子营业执照工作方案四（三）1"
        )
      )
    }
    if content.liaison.mobileNumber == nil {
      found.append(
        Violation(
          field: "liaison.mobile_number",
          rule: "LIAISON_MOBILE_MISSING",
          description: "请填写登记联络员的手机号码。",
          basis: "市场主体登记管理条例实施细则第七条"
        )
      )
    }
    return found
  }

  /// One identity number names one person.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 17 (truth of what is submitted).
  private static func consistentPeople(_ content: FilingContent) -> [Violation] {
    var names: [ResidentIdentityNumber: String] = [:]
    return content.namedPeople.compactMap { field, person in
      let first = names[person.identityNumber, default: person.fullName]
      names[person.identityNumber] = first
      guard first != person.fullName else { return nil }
      return Violation(
        field: "\(field).full_name",
        rule: "PERSON_NAME_INCONSISTENT",
        description: "同一公民身份号码对应两个姓名：“\(first)”和“\(person.fullName)”，请更正。",
        basis: "市场主体登记管理条例第十七条"
      )
    }
  }

  /// One credit code names one organization.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 17.
  private static func consistentOrganizations(_ content: FilingContent) -> [Violation] {
    var names: [UnifiedSocialCreditCode: String] = [:]
    return content.contributors.enumerated().compactMap { index, contributor in
      guard let organization = contributor.party.organization else { return nil }
      let first = names[organization.creditCode, default: organization.enterpriseName]
      names[organization.creditCode] = first
      guard first != organization.enterpriseName else { return nil }
      return Violation(
        field: "\(content.contributorsField)[\(index)].party.organization.enterprise_name",
        rule: "ORGANIZATION_NAME_INCONSISTENT",
        description: "同一统一社会信用代码对应两个名称，请更正。",
        basis: "市场主体登记管理条例第十七条"
      )
    }
  }
}

// MARK: Rules that several classes share

extension FilingRules {
  /// Nobody stands twice in one list.
  ///
  /// - Parameters:
  ///   - codes: Identity numbers or credit codes, in the order of the list.
  ///   - field: The list's path.
  ///   - term: What the list holds, in Chinese.
  ///   - basis: The article.
  /// - Returns: A violation for each repetition.
  static func duplicates(
    _ codes: [String],
    field: String,
    term: String,
    basis: String
  ) -> [Violation] {
    var seen: Set<String> = []
    return codes.enumerated().compactMap { index, code in
      seen.insert(code).inserted
        ? nil
        : Violation(
          field: "\(field)[\(index)]",
          rule: "PARTY_DUPLICATE",
          description: "该\(term)重复填写，请合并为一项。",
          basis: basis
        )
    }
  }

  /// Each contribution is above 0.
  ///
  /// Source: Company Law (2023 revision), art. 48 and 49; Farmers' Cooperatives Law, art. 13.
  static func contributions(
    _ contributors: [Contributor],
    field: String,
    basis: String
  ) -> [Violation] {
    contributors.enumerated().compactMap { index, contributor in
      guard contributor.contributionFen <= 0 else { return nil }
      return Violation(
        field: "\(field)[\(index)].contribution_fen",
        rule: "CONTRIBUTION_NOT_POSITIVE",
        description: "认缴出资额须大于零，请更正。",
        basis: basis
      )
    }
  }

  /// What is subscribed is due on the day of the filing or later: the entity does not exist before.
  ///
  /// Source: Company Law (2023 revision), art. 46 and 47; Farmers' Cooperatives Law, art. 13.
  static func duesAhead(
    _ contributors: [Contributor],
    field: String,
    on day: CivilDate,
    basis: String
  ) -> [Violation] {
    contributors.enumerated().compactMap { index, contributor in
      guard let due = contributor.dueDate, due < day else { return nil }
      return Violation(
        field: "\(field)[\(index)].due_date",
        rule: "CONTRIBUTION_DUE_PAST",
        description: "出资期限\(due)早于申请日，请填写申请日或者以后的日期。",
        basis: basis
      )
    }
  }

  /// A minor contributes through a guardian, who cannot sign online yet.
  ///
  /// Source: Civil Code, art. 19, 20 and 23.
  static func minors(
    _ people: [(field: String, person: PersonRecord)],
    on day: CivilDate
  ) -> [Violation] {
    people.compactMap { field, person in
      guard !person.isAdult(on: day) else { return nil }
      return Violation(
        field: field,
        rule: "MINOR_NEEDS_GUARDIAN",
        description: "\(person.fullName)未满十八周岁，须由监护人代为签署，请到登记窗口办理。",
        basis: "民法典第十九条、第二十条、第二十三条"
      )
    }
  }

  /// Whoever answers for an entity or holds an office in it is an adult.
  ///
  /// - Parameters:
  ///   - people: Whom it concerns, with the paths of their fields.
  ///   - rule: The rule's id.
  ///   - term: The office, in Chinese.
  ///   - day: The day on which they are judged.
  ///   - basis: The article.
  /// - Returns: A violation for each minor.
  static func adults(
    _ people: [(field: String, person: PersonRecord)],
    rule: String,
    term: String,
    on day: CivilDate,
    basis: String
  ) -> [Violation] {
    people.compactMap { field, person in
      guard !person.isAdult(on: day) else { return nil }
      return Violation(
        field: field,
        rule: rule,
        description: "\(person.fullName)未满十八周岁，不具有完全民事行为能力，不得担任\(term)。",
        basis: basis
      )
    }
  }
}

extension PersonRecord {
  /// Whether the person, by the birth date of the identity number, is 18 or older on a day.
  ///
  /// Source: Civil Code, art. 17 and 18.
  func isAdult(on day: CivilDate) -> Bool {
    identityNumber.birthDate.adding(years: 18) <= day
  }
}

extension FilingContent {
  /// The path of whoever answers for the entity.
  var responsiblePersonField: String {
    switch details {
    case .company: "company.legal_representative"
    case .cooperative: "cooperative.legal_representative"
    case .individualBusiness: "individual_business.operator"
    }
  }

  /// The path of the contributors.
  var contributorsField: String {
    switch details {
    case .company: "company.shareholders"
    case .cooperative: "cooperative.members"
    case .individualBusiness: ""
    }
  }
}
