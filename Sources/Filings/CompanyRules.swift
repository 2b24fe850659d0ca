internal import APIConventions
internal import Accounts
internal import Vocabulary

/// What the law demands of a limited liability company; pure.
enum CompanyRules {
  /// Every rule that a company breaks.
  ///
  /// - Parameters:
  ///   - company: The company.
  ///   - type: Its entity type.
  ///   - day: The day on which it is judged.
  ///   - law: The law in force.
  /// - Returns: The violations; empty if there are none.
  static func violations(
    in company: CompanyDetails,
    of type: EntityType,
    on day: CivilDate,
    under law: LawProfile
  ) -> [Violation] {
    var found = shareholderCount(company, of: type)
    found += naturalControl(company, of: type)
    found += capital(company)
    found += FilingRules.contributions(
      company.shareholders,
      field: "company.shareholders",
      basis: "公司法（2023）第四十八条、第四十九条"
    )
    found += dueDates(company, on: day, under: law)
    found += noFarmers(company)
    found += directorCount(company, under: law)
    found += supervisorCount(company, under: law)
    found += legalRepresentative(company)
    found += incompatibility(company)
    found += duplicates(company)
    found += ages(company, on: day)
    return found
  }

  /// A limited liability company has 1 to 50 shareholders, both included; one of a sole natural person
  /// has exactly one, a natural person, and is of the type 1151.
  ///
  /// Source: Company Law (2023 revision), art. 42; Regulations on the Registration of Market Entities,
  /// art. 8 (the type is registered); entity types 1130 (自然人投资或控股) and 1151 (自然人独资).
  private static func shareholderCount(
    _ company: CompanyDetails,
    of type: EntityType
  ) -> [Violation] {
    if type.isOfSoleNaturalPerson {
      let isSole = company.shareholders.count == 1 && company.shareholders[0].party.person != nil
      return isSole
        ? []
        : [
          Violation(
            field: "company.shareholders",
            rule: "SOLE_SHAREHOLDER_REQUIRED",
            description: "有限责任公司（自然人独资）须有且只有一名自然人股东，请增减股东，或者按1130类型重新申报名称。",
            basis: "公司法（2023）第四十二条"
          )
        ]
    }
    if company.shareholders.count == 1, company.shareholders[0].party.person != nil {
      return [
        Violation(
          field: "entity_type",
          rule: "SOLE_SHAREHOLDER_TYPE_REQUIRED",
          description: "只有一名自然人股东的公司类型为1151（自然人独资），请按该类型重新申报名称，或者增加股东。",
          basis: "市场主体登记管理条例第八条"
        )
      ]
    }
    return (1...50).contains(company.shareholders.count)
      ? []
      : [
        Violation(
          field: "company.shareholders",
          rule: "SHAREHOLDER_COUNT_UNLAWFUL",
          description: "有限责任公司由一个以上五十个以下股东出资设立，现为\(company.shareholders.count)个，请增减股东。",
          basis: "公司法（2023）第四十二条"
        )
      ]
  }

  /// In a company of natural persons (1130) they hold at least half of the capital.
  ///
  /// Source: entity type 1130 (自然人投资或控股); Company Law (2023 revision), art. 265 on control.
  private static func naturalControl(_ company: CompanyDetails, of type: EntityType) -> [Violation]
  {
    guard !type.isOfSoleNaturalPerson, !company.shareholders.isEmpty else { return [] }
    var balance: Int64 = 0
    for shareholder in company.shareholders {
      let amount = shareholder.contributionFen
      guard amount > 0 else { return [] }
      let (next, overflows) =
        shareholder.party.person == nil
        ? balance.subtractingReportingOverflow(amount) : balance.addingReportingOverflow(amount)
      // The sum is judged by `capital`.
      if overflows { return [] }
      balance = next
    }
    return balance >= 0
      ? []
      : [
        Violation(
          field: "entity_type",
          rule: "NATURAL_PERSONS_NOT_IN_CONTROL",
          description: "自然人股东出资合计不足一半，不属于“有限责任公司（自然人投资或控股）”；"
            + "请调整出资，其他类型的公司请到登记窗口办理。",
          basis: "公司法（2023）第二百六十五条"
        )
      ]
  }

  /// The registered capital is above 0 and is what all shareholders subscribe together.
  ///
  /// Source: Company Law (2023 revision), art. 47.
  private static func capital(_ company: CompanyDetails) -> [Violation] {
    if company.registeredCapitalFen <= 0 {
      return [
        Violation(
          field: "company.registered_capital_fen",
          rule: "CAPITAL_NOT_POSITIVE",
          description: "注册资本须大于零。",
          basis: "公司法（2023）第四十七条"
        )
      ]
    }
    var sum: Int64? = 0
    for shareholder in company.shareholders {
      let (next, overflows) = (sum ?? 0).addingReportingOverflow(shareholder.contributionFen)
      sum = sum == nil || overflows ? nil : next
    }
    return sum == company.registeredCapitalFen
      ? []
      : [
        Violation(
          field: "company.registered_capital_fen",
          rule: "CAPITAL_SUM_MISMATCH",
          description: "注册资本须等于全体股东认缴出资额之和"
            + (sum.map { "（现合计\($0)分）" } ?? "") + "。",
          basis: "公司法（2023）第四十七条"
        )
      ]
  }

  /// Capital is paid in within 5 years of establishment, under current law.
  ///
  /// Source: Company Law (2023 revision), art. 47. The law of 2017 knows no such limit.
  private static func dueDates(
    _ company: CompanyDetails,
    on day: CivilDate,
    under law: LawProfile
  ) -> [Violation] {
    let past = FilingRules.duesAhead(
      company.shareholders,
      field: "company.shareholders",
      on: day,
      basis: "公司法（2023）第四十六条、第四十七条"
    )
    guard let years = law.contributionYears else { return past }
    let limit = day.adding(years: years)
    return past
      + company.shareholders.enumerated().compactMap { index, shareholder in
        guard let due = shareholder.dueDate, due > limit else { return nil }
        return Violation(
          field: "company.shareholders[\(index)].due_date",
          rule: "CONTRIBUTION_DUE_LATE",
          description: "认缴的出资须自公司成立之日起\(years)年内缴足，最迟\(limit)。",
          basis: "公司法（2023）第四十七条"
        )
      }
  }

  /// Only members of a cooperative are marked as farmers.
  private static func noFarmers(_ company: CompanyDetails) -> [Violation] {
    company.shareholders.enumerated().compactMap { index, shareholder in
      guard shareholder.isFarmer else { return nil }
      return Violation(
        field: "company.shareholders[\(index)].farmer",
        rule: "FARMER_MARK_MISPLACED",
        description: "只有农民专业合作社的成员填写农民标志。",
        basis: "农民专业合作社法第十九条"
      )
    }
  }

  /// There is one director, or a board of 3 or more, at most 13 under the law of 2017.
  ///
  /// Source: Company Law (2023 revision), art. 68 and 75; Company Law (2013 revision), art. 44 and 50.
  private static func directorCount(
    _ company: CompanyDetails,
    under law: LawProfile
  ) -> [Violation] {
    let count = company.directors.count
    let isLawful = count == 1 || count >= 3 && count <= law.directorLimit ?? count
    if isLawful { return [] }
    return [
      Violation(
        field: "company.directors",
        rule: "DIRECTOR_COUNT_UNLAWFUL",
        description: law.directorLimit == nil
          ? "设董事会的，董事为三人以上；不设董事会的，设一名董事。现为\(count)人。"
          : "设董事会的，董事为三人至十三人；不设董事会的，设一名执行董事。现为\(count)人。",
        basis: law.directorLimit == nil
          ? "公司法（2023）第六十八条、第七十五条" : "公司法（2013）第四十四条、第五十条"
      )
    ]
  }

  /// There is a board of 3 or more supervisors, one supervisor, or by consent of all shareholders none;
  /// under the law of 2017 there are 1 or 2, or a board.
  ///
  /// Source: Company Law (2023 revision), art. 76 and 83; Company Law (2013 revision), art. 51.
  private static func supervisorCount(
    _ company: CompanyDetails,
    under law: LawProfile
  ) -> [Violation] {
    let count = company.supervisors.count
    let isLawful = law.allowsNoSupervisor ? count != 2 : count != 0
    if isLawful { return [] }
    return [
      Violation(
        field: "company.supervisors",
        rule: "SUPERVISOR_COUNT_UNLAWFUL",
        description: law.allowsNoSupervisor
          ? "设监事会的，监事为三人以上；不设监事会的，设一名监事；经全体股东一致同意也可以不设监事。现为2人。"
          : "须设监事会，或者设一至二名监事。",
        basis: law.allowsNoSupervisor ? "公司法（2023）第七十六条、第八十三条" : "公司法（2013）第五十一条"
      )
    ]
  }

  /// The legal representative is a director or the manager.
  ///
  /// Source: Company Law (2023 revision), art. 10.
  private static func legalRepresentative(_ company: CompanyDetails) -> [Violation] {
    let officers = company.directors + [company.manager].compactMap(\.self)
    return officers.contains { $0.isSamePerson(as: company.legalRepresentative) }
      ? []
      : [
        Violation(
          field: "company.legal_representative",
          rule: "LEGAL_REPRESENTATIVE_NOT_OFFICER",
          description: "法定代表人须由代表公司执行公司事务的董事或者经理担任，请改选其为董事、经理，或者更换法定代表人。",
          basis: "公司法（2023）第十条"
        )
      ]
  }

  /// Directors and senior managers are no supervisors.
  ///
  /// Source: Company Law (2023 revision), art. 76.
  private static func incompatibility(_ company: CompanyDetails) -> [Violation] {
    let officers = company.directors + [company.manager].compactMap(\.self)
    return company.supervisors.enumerated().compactMap { index, supervisor in
      guard officers.contains(where: { $0.isSamePerson(as: supervisor) }) else { return nil }
      return Violation(
        field: "company.supervisors[\(index)]",
        rule: "SUPERVISOR_INCOMPATIBLE",
        description: "董事、高级管理人员不得兼任监事，请更换\(supervisor.fullName)的一项职务。",
        basis: "公司法（2023）第七十六条"
      )
    }
  }

  /// Nobody is twice a shareholder, a director or a supervisor.
  private static func duplicates(_ company: CompanyDetails) -> [Violation] {
    FilingRules.duplicates(
      company.shareholders.map(\.party.code),
      field: "company.shareholders",
      term: "股东",
      basis: "公司法（2023）第四十六条"
    )
      + FilingRules.duplicates(
        company.directors.map(\.identityNumber.description),
        field: "company.directors",
        term: "董事",
        basis: "公司法（2023）第六十八条"
      )
      + FilingRules.duplicates(
        company.supervisors.map(\.identityNumber.description),
        field: "company.supervisors",
        term: "监事",
        basis: "公司法（2023）第七十六条"
      )
  }

  /// Legal representative, directors, supervisors and manager have full capacity; a minor shareholder
  /// needs a guardian.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 12; Company Law (2023 revision),
  /// art. 178.
  private static func ages(_ company: CompanyDetails, on day: CivilDate) -> [Violation] {
    func paths(_ people: [PersonRecord], _ field: String) -> [(field: String, person: PersonRecord)]
    {
      people.enumerated().map { ("\(field)[\($0.offset)]", $0.element) }
    }
    let officers =
      paths(company.directors, "company.directors")
      + paths(company.supervisors, "company.supervisors")
      + [company.manager].compactMap(\.self).map { ("company.manager", $0) }
    let shareholders = company.shareholders.enumerated().compactMap { index, shareholder in
      shareholder.party.person.map { ("company.shareholders[\(index)].party.person", $0) }
    }
    return FilingRules.adults(
      [("company.legal_representative", company.legalRepresentative)],
      rule: "LEGAL_REPRESENTATIVE_MINOR",
      term: "法定代表人",
      on: day,
      basis: "市场主体登记管理条例第十二条"
    )
      + FilingRules.adults(
        officers,
        rule: "OFFICER_MINOR",
        term: "董事、监事、高级管理人员",
        on: day,
        basis: "公司法（2023）第一百七十八条"
      )
      + FilingRules.minors(shareholders, on: day)
  }
}

extension EntityType {
  /// A limited liability company of a sole natural person (自然人独资).
  fileprivate var isOfSoleNaturalPerson: Bool { code == "1151" }
}
