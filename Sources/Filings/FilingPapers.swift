internal import Accounts
internal import Rendering
internal import Signatures
internal import Vocabulary

/// Which papers a filing has, by its class of entity, and who signs each; pure.
///
/// Source: `domain.md` 3.3: Implementing Rules for the Regulations on the Registration of Market
/// Entities, art. 25, 26 and 29; Company Law (2023 revision), art. 45, 46 and 60; Farmers' Cooperatives
/// Law (2017 revision), art. 16; plan of 2017, section 四(二)2.
enum FilingPapers {
  /// The papers of a filing, in the order of their kinds.
  static func papers(of filing: Filing) -> [FilingPaper] {
    switch filing.content.details {
    case .company(let company):
      [
        application(filing, company),
        charter(filing, company),
        appointment(filing, company),
      ]
    case .cooperative(let cooperative):
      [
        application(filing, cooperative),
        charter(filing, cooperative),
        appointment(filing, cooperative),
        foundersMinutes(filing, cooperative),
      ]
    case .individualBusiness(let business):
      [application(filing, business)]
    }
  }

  // MARK: Company

  /// D1 of a company: signed by the proposed legal representative.
  private static func application(_ filing: Filing, _ company: CompanyDetails) -> FilingPaper {
    FilingPaper(
      .application,
      of: filing,
      title: "公司登记（备案）申请书",
      sections: [
        PaperParts.basics(filing),
        PaperParts.scope(filing),
        PaperParts.responsiblePerson("三、法定代表人", filing.content.responsiblePerson),
        PaperParts.contributors("四、股东（发起人）出资情况", company.shareholders, isFull: true),
        PaperParts.officers("五、董事、监事、经理", company, isFull: true),
        PaperParts.liaison("六、登记联络员", filing.content.liaison),
      ],
      signatures: [(.person(company.legalRepresentative), .legalRepresentative)]
    )
  }

  /// D2 of a company: signed by all shareholders.
  private static func charter(_ filing: Filing, _ company: CompanyDetails) -> FilingPaper {
    FilingPaper(
      .charter,
      of: filing,
      title: "\(filing.name.enterpriseName)章程",
      sections: [
        PaperParts.charterBasics(filing),
        PaperParts.contributors("二、股东及出资", company.shareholders, isFull: false),
        PaperParts.text("三、章程条款", company.charterText),
      ],
      signatures: company.shareholders.map { ($0.party, .shareholder) }
    )
  }

  /// D3 of a company: signed by all shareholders, and by each director, supervisor and the manager, who
  /// accept.
  private static func appointment(_ filing: Filing, _ company: CompanyDetails) -> FilingPaper {
    let isSole = company.shareholders.count == 1
    let decision =
      (isSole ? "股东" : "全体股东") + "依照《中华人民共和国公司法》和本公司章程，就本公司的任职作出如下决定："
    let supervisors =
      company.supervisors.isEmpty
      ? (isSole ? "不设监事会，不设监事。" : "经全体股东一致同意，不设监事会，不设监事。")
      : "选举下列人员为监事：\(PaperParts.names(company.supervisors))。"
    var items = [
      "选举下列人员为董事：\(PaperParts.names(company.directors))。",
      supervisors,
      "由\(company.legalRepresentative.fullName)担任法定代表人。",
    ]
    if let manager = company.manager { items.insert("聘任\(manager.fullName)为经理。", at: 2) }
    let acceptance = "上列人员接受任职，并声明不存在法律、行政法规规定的不得担任该职务的情形。"
    return FilingPaper(
      .appointment,
      of: filing,
      title: isSole ? "股东决定（任职文件）" : "股东会决议（任职文件）",
      sections: [
        PrintedDocument.Section(
          "一、公司",
          [.fields([.init("名称", filing.name.enterpriseName)])]
        ),
        PrintedDocument.Section("二、决定", [.paragraph(decision), .list(items, ordered: true)]),
        PaperParts.officers("三、任职人员", company, isFull: false),
        PrintedDocument.Section("四、接受任职", [.paragraph(acceptance)]),
      ],
      signatures: company.shareholders.map { ($0.party, .shareholder) }
        + company.directors.map { (.person($0), .director) }
        + company.supervisors.map { (.person($0), .supervisor) }
        + [company.manager].compactMap(\.self).map { (.person($0), .manager) }
    )
  }

  // MARK: Cooperative

  /// D1 of a cooperative: signed by the chair.
  private static func application(_ filing: Filing, _ cooperative: CooperativeDetails)
    -> FilingPaper
  {
    FilingPaper(
      .application,
      of: filing,
      title: "农民专业合作社登记（备案）申请书",
      sections: [
        PaperParts.basics(filing),
        PaperParts.scope(filing),
        PaperParts.responsiblePerson("三、法定代表人（理事长）", filing.content.responsiblePerson),
        PaperParts.contributors("四、成员出资情况", cooperative.members, isFull: true),
        PaperParts.liaison("五、登记联络员", filing.content.liaison),
      ],
      signatures: [(.person(cooperative.legalRepresentative), .legalRepresentative)]
    )
  }

  /// D2 of a cooperative: signed by all founders.
  private static func charter(_ filing: Filing, _ cooperative: CooperativeDetails) -> FilingPaper {
    FilingPaper(
      .charter,
      of: filing,
      title: "\(filing.name.enterpriseName)章程",
      sections: [
        PaperParts.charterBasics(filing),
        PaperParts.text("二、章程条款", cooperative.charterText),
      ],
      signatures: cooperative.members.map { ($0.party, .member) }
    )
  }

  /// D3 of a cooperative: the chair accepts the office to which the founders elected him by D13.
  private static func appointment(_ filing: Filing, _ cooperative: CooperativeDetails)
    -> FilingPaper
  {
    let name = cooperative.legalRepresentative.fullName
    return FilingPaper(
      .appointment,
      of: filing,
      title: "法定代表人任职文件",
      sections: [
        PrintedDocument.Section(
          nil,
          [
            .fields([.init("名称", filing.name.enterpriseName), .init("理事长", name)]),
            .paragraph("设立大会选举\(name)为理事长，为本社法定代表人，见设立大会纪要。"),
            .paragraph("\(name)接受任职，并声明不存在法律、行政法规规定的不得担任法定代表人的情形。"),
          ]
        )
      ],
      signatures: [(.person(cooperative.legalRepresentative), .legalRepresentative)]
    )
  }

  /// D13: minutes, roster and list of contributions, signed by all founders.
  private static func foundersMinutes(
    _ filing: Filing,
    _ cooperative: CooperativeDetails
  ) -> FilingPaper {
    let farmers = cooperative.members.count(where: \.isFarmer)
    return FilingPaper(
      .foundersMinutes,
      of: filing,
      title: "设立大会纪要",
      sections: [
        PrintedDocument.Section(
          "一、设立大会",
          [
            .paragraph("全体设立人召开设立大会，一致通过下列事项："),
            .list(
              [
                "设立\(filing.name.enterpriseName)。",
                "通过本社章程。",
                "选举\(cooperative.legalRepresentative.fullName)为理事长，为本社法定代表人。",
              ],
              ordered: true
            ),
          ]
        ),
        PrintedDocument.Section(
          "二、成员名册",
          [
            .paragraph("成员共\(cooperative.members.count)名，其中农民\(farmers)名。"),
            PaperParts.roster(cooperative.members),
          ]
        ),
        PaperParts.contributors("三、出资清单", cooperative.members, isFull: false),
      ],
      signatures: cooperative.members.map { ($0.party, .member) }
        + [(.person(cooperative.legalRepresentative), .legalRepresentative)]
    )
  }

  // MARK: Individual business

  /// D1 of an individual business: signed by the operator, and by the family members that take part.
  private static func application(
    _ filing: Filing,
    _ business: IndividualBusinessDetails
  ) -> FilingPaper {
    var sections = [
      PaperParts.basics(filing),
      PaperParts.scope(filing),
      PaperParts.responsiblePerson("三、经营者", business.operator),
    ]
    if !business.familyMembers.isEmpty {
      sections.append(PaperParts.people("四、参加经营的家庭成员", business.familyMembers))
    }
    sections.append(
      PaperParts.liaison(
        business.familyMembers.isEmpty ? "四、登记联络员" : "五、登记联络员",
        filing.content.liaison
      )
    )
    return FilingPaper(
      .application,
      of: filing,
      title: "个体工商户登记申请书",
      sections: sections,
      signatures: [(.person(business.operator), .operator)]
        + business.familyMembers.map { (.person($0), .familyMember) }
    )
  }
}
