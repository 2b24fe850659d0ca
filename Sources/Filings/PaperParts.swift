internal import Accounts
internal import Rendering
internal import Vocabulary

/// Parts that several papers share; pure.
enum PaperParts {
  typealias Section = PrintedDocument.Section
  typealias Field = PrintedDocument.Field
  typealias Column = PrintedDocument.Column

  /// Names joined by the enumeration comma.
  static func names(_ people: [PersonRecord]) -> String {
    people.map(\.fullName).joined(separator: "、")
  }

  /// The registered items of an application.
  static func basics(_ filing: Filing) -> Section {
    let content = filing.content
    var fields = [
      Field("名称", filing.name.enterpriseName),
      Field("类型", content.entityType.name),
    ]
    switch content.details {
    case .company:
      fields.append(Field("注册资本", amount(content.capitalFen)))
      fields.append(Field("营业期限", term(content)))
    case .cooperative:
      fields.append(Field("成员出资总额", amount(content.capitalFen)))
      fields.append(Field("业务期限", term(content)))
    case .individualBusiness(let business):
      fields.append(Field("组成形式", business.form.rawValue))
    }
    fields.append(Field(domicileLabel(content), content.domicile))
    fields.append(Field("登记机关所在地", filing.authority.name))
    return Section("一、基本信息", [.fields(fields)])
  }

  /// The items that a charter has to state.
  ///
  /// Source: Company Law (2023 revision), art. 46; Farmers' Cooperatives Law (2017 revision), art. 15.
  static func charterBasics(_ filing: Filing) -> Section {
    let content = filing.content
    return Section(
      "一、登记事项",
      [
        .fields([
          Field("名称", filing.name.enterpriseName),
          Field("住所", content.domicile),
          Field("经营范围", content.scopeItems.map(\.text).joined(separator: "；")),
          Field(
            content.contributorsField == "company.shareholders" ? "注册资本" : "成员出资总额",
            amount(content.capitalFen)
          ),
          Field("法定代表人", content.responsiblePerson.fullName),
          Field("营业期限", term(content)),
        ])
      ]
    )
  }

  /// The business scope, item by item, with what needs a permit.
  static func scope(_ filing: Filing) -> Section {
    let rows = filing.content.scopeItems.enumerated().map { index, item in
      let permit =
        switch ScopeRules.approval(of: item.text) {
        case .none: "一般项目"
        case .post(let permit): "许可项目（登记后取得\(permit)）"
        case .pre(let permit, _): "前置许可项目（\(permit)）"
        }
      return [String(index + 1), item.text, item.industryClass.code, permit]
    }
    return Section(
      "二、经营范围",
      [
        .table(
          .init(
            columns: [
              Column("序号", weight: 0.6, alignment: .center), Column("项目", weight: 4),
              Column("行业代码", weight: 1, alignment: .center), Column("类别", weight: 2),
            ],
            rows: rows
          )
        )
      ]
    )
  }

  /// Who answers for the entity, in full.
  static func responsiblePerson(_ heading: String, _ person: PersonRecord) -> Section {
    Section(
      heading,
      [
        .fields([
          Field("姓名", person.fullName),
          Field("公民身份号码", person.identityNumber.description),
          Field("手机号码", person.mobileNumber?.description ?? ""),
        ])
      ]
    )
  }

  /// The liaison, in full.
  static func liaison(_ heading: String, _ person: PersonRecord) -> Section {
    responsiblePerson(heading, person)
  }

  /// Contributors with amounts and due dates.
  ///
  /// - Parameters:
  ///   - heading: The heading.
  ///   - contributors: Who contributes.
  ///   - isFull: Whether identity numbers stand in full, as only the application form has them.
  /// - Returns: The section.
  static func contributors(
    _ heading: String,
    _ contributors: [Contributor],
    isFull: Bool
  ) -> Section {
    Section(
      heading,
      [
        .table(
          .init(
            columns: [
              Column("姓名或者名称", weight: 2.2), Column("证件号码或者统一社会信用代码", weight: 2.4),
              Column("认缴出资额", weight: 1.6, alignment: .trailing),
              Column("缴付期限", weight: 1.4, alignment: .center),
            ],
            rows: contributors.map { contributor in
              [
                contributor.party.displayName,
                code(contributor.party, isFull: isFull),
                amount(contributor.contributionFen),
                contributor.dueDate?.description ?? "",
              ]
            }
          )
        )
      ]
    )
  }

  /// The members of a cooperative by name and kind.
  static func roster(_ members: [Contributor]) -> PrintedDocument.Block {
    .table(
      .init(
        columns: [
          Column("序号", weight: 0.6, alignment: .center), Column("成员", weight: 3),
          Column("证件号码或者统一社会信用代码", weight: 3), Column("成员类别", weight: 1.4, alignment: .center),
        ],
        rows: members.enumerated().map { index, member in
          [
            String(index + 1), member.party.displayName, code(member.party, isFull: false),
            member.party.organization != nil ? "单位成员" : member.isFarmer ? "农民" : "其他公民",
          ]
        }
      )
    )
  }

  /// Directors, supervisors and manager by office.
  static func officers(_ heading: String, _ company: CompanyDetails, isFull: Bool) -> Section {
    let officers =
      company.directors.map { ($0, "董事") } + company.supervisors.map { ($0, "监事") }
      + [company.manager].compactMap(\.self).map { ($0, "经理") }
    return Section(
      heading,
      [
        .table(
          .init(
            columns: [
              Column("姓名", weight: 2), Column("职务", weight: 1, alignment: .center),
              Column("公民身份号码", weight: 3),
            ],
            rows: officers.map { person, office in
              [person.fullName, office, code(.person(person), isFull: isFull)]
            }
          )
        )
      ]
    )
  }

  /// People by name and number, in full.
  static func people(_ heading: String, _ people: [PersonRecord]) -> Section {
    Section(
      heading,
      [
        .table(
          .init(
            columns: [Column("姓名", weight: 2), Column("公民身份号码", weight: 3)],
            rows: people.map { [$0.fullName, $0.identityNumber.description] }
          )
        )
      ]
    )
  }

  /// A text, a paragraph a line.
  static func text(_ heading: String, _ text: String) -> Section {
    Section(
      heading,
      text.split(separator: "\n").map { .paragraph(String($0)) }
    )
  }

  private static func code(_ party: PartyRecord, isFull: Bool) -> String {
    switch party {
    case .person(let person): isFull ? party.code : Mask.identityNumber(person.identityNumber)
    case .organization: party.code
    }
  }

  private static func amount(_ fen: Int64?) -> String {
    guard let fen else { return "" }
    return Fen(fen).description
  }

  private static func term(_ content: FilingContent) -> String {
    content.termEndDate.map { "至\($0)" } ?? "长期"
  }

  private static func domicileLabel(_ content: FilingContent) -> String {
    switch content.details {
    case .company, .cooperative: "住所"
    case .individualBusiness: "经营场所"
    }
  }
}
