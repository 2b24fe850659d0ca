internal import APIConventions
internal import Accounts
internal import Rendering
internal import RoomsTestKit
internal import Signatures
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Judging cooperatives, individual businesses and people that no listed case knows")
struct OtherClassExampleTests {
  /// Farmers, citizens and given organizations; the first farmer is in the chair.
  private static func cooperative(
    _ farmers: Int,
    _ citizens: Int = 0,
    _ organizations: [OrganizationRecord] = [],
    also more: [Contributor] = [],
    chair: PersonRecord? = nil
  ) -> Filing {
    let people = Stranger.crowd(farmers + citizens)
    let members =
      people.enumerated().map { Contributor.sample($0.element, 5, farmer: $0.offset < farmers) }
      + organizations.map { .sample($0, 5) } + more
    let details = CooperativeDetails.sample(members: members, chair: chair ?? people[0])
    return .sample(
      content: .sample(
        .cooperative(details),
        region: "211224",
        domicile: "铁岭市昌图县老城镇三家子村1组",
        liaison: Stranger.gu
      ),
      name: "昌图晨穗大豆种植专业合作社",
      in: "211200"
    )
  }

  /// So many organizations, each another.
  private static func companies(_ count: Int) -> [OrganizationRecord] {
    (0..<count).compactMap { number in
      let body = "MA00000\(number)"
      guard let check = OrganizationCode.checkDigit(of: body),
        let code = UnifiedSocialCreditCode.completing("91210100\(body)\(check)")
      else { return nil }
      return OrganizationRecord(enterpriseName: "第\(number)公司", creditCode: code)
    }
  }

  private static func due(_ day: String) -> Filing {
    cooperative(4, also: [.sample(Stranger.nuo, 5, due: day, farmer: true)])
  }

  @Test(
    "cooperatives",
    arguments: [
      Example("four farmers", cooperative(4), breaks: ["MEMBER_COUNT_UNLAWFUL"]),
      Example("five farmers", cooperative(5)),
      Example("four of five", cooperative(4, 1)),
      Example("three of five", cooperative(3, 2), breaks: ["FARMER_SHARE_UNLAWFUL"]),
      Example("16 of 20", cooperative(16, 4)),
      Example("15 of 19", cooperative(15, 4), breaks: ["FARMER_SHARE_UNLAWFUL"]),
      Example("79 of 99", cooperative(79, 20), breaks: ["FARMER_SHARE_UNLAWFUL"]),
      Example("80 of 100", cooperative(80, 20)),
      Example("an organization of 5", cooperative(4, 0, companies(1))),
      Example(
        "two of 20",
        cooperative(18, 0, companies(2)),
        breaks: ["ORGANIZATION_MEMBERS_UNLAWFUL"]
      ),
      Example("one of 21", cooperative(20, 0, companies(1))),
      Example(
        "two of 39",
        cooperative(37, 0, companies(2)),
        breaks: ["ORGANIZATION_MEMBERS_UNLAWFUL"]
      ),
      Example("two of 40", cooperative(38, 0, companies(2))),
      Example("three of 60", cooperative(57, 0, companies(3))),
      Example(
        "organizations alone",
        cooperative(1, 0, companies(5)),
        breaks: ["FARMER_SHARE_UNLAWFUL", "ORGANIZATION_MEMBERS_UNLAWFUL"]
      ),
      Example(
        "a bureau may not join",
        cooperative(5, 0, [Stranger.bureau]),
        breaks: ["PUBLIC_BODY_IS_MEMBER"]
      ),
      Example("an institute may", cooperative(5, 0, [Stranger.ministry])),
      Example("an association may", cooperative(5, 0, [Stranger.association])),
      Example("a village's economic collective may", cooperative(5, 0, [Stranger.collective])),
      Example(
        "an individual business joins by its operator",
        cooperative(5, 0, [Stranger.stall]),
        breaks: ["INDIVIDUAL_BUSINESS_IS_PARTY"]
      ),
      Example(
        "the chair is an outsider",
        cooperative(5, chair: Stranger.ye),
        breaks: ["CHAIR_NOT_MEMBER"]
      ),
      Example(
        "the chair is no farmer but a member",
        cooperative(5, also: [.sample(Stranger.nuo, 5)], chair: Stranger.nuo)
      ),
      Example("due today", due("2026-11-23")),
      Example("due yesterday", due("2026-11-22"), breaks: ["CONTRIBUTION_DUE_PAST"]),
      Example("due in ten years", due("2036-11-23")),
    ]
  )
  func cooperatives(_ example: Example) { example.judge() }

  @Test(
    "members that may be public bodies are flagged, others not",
    arguments: [
      (Stranger.ministry, true), (Stranger.unit, true), (Stranger.village, true),
      (Stranger.association, false), (Stranger.collective, false), (Stranger.brewery, false),
    ]
  )
  func publicBodies(organization: OrganizationRecord, isFlagged: Bool) {
    let flags = Self.cooperative(5, 0, [organization]).examinerFlags
    #expect(flags.map(\.rule) == (isFlagged ? ["MEMBER_MAY_BE_PUBLIC_BODY"] : []))
    #expect(flags.allSatisfy { $0.field == "cooperative.members[5].party.organization" })
  }

  private static func business(
    _ form: IndividualBusinessDetails.Form,
    _ family: [PersonRecord] = [],
    operator person: PersonRecord = Stranger.nuo,
    liaison: PersonRecord = Stranger.gu
  ) -> Filing {
    .sample(
      content: .sample(
        .individualBusiness(
          IndividualBusinessDetails(form: form, operator: person, familyMembers: family)
        ),
        region: "210283",
        domicile: "庄河市城关街道向阳路二段4号",
        liaison: liaison
      ),
      name: "庄河市诺敏小吃店",
      in: "210200"
    )
  }

  private static let silent = PersonRecord(
    fullName: "诺敏",
    identityNumber: Stranger.nuo.identityNumber
  )

  @Test(
    "individual businesses and liaisons",
    arguments: [
      Example("personal", business(.personal)),
      Example("family", business(.family, [Stranger.hai, Stranger.luo])),
      Example("family of one", business(.family), breaks: ["FAMILY_MEMBERS_MISSING"]),
      Example(
        "personal with family",
        business(.personal, [Stranger.hai]),
        breaks: ["FAMILY_MEMBERS_UNEXPECTED"]
      ),
      Example(
        "a member twice",
        business(.family, [Stranger.hai, Stranger.luo, Stranger.hai]),
        breaks: ["PARTY_DUPLICATE"]
      ),
      Example(
        "the operator among the family",
        business(.family, [Stranger.hai, Stranger.nuo]),
        breaks: ["OPERATOR_IS_FAMILY_MEMBER"]
      ),
      Example(
        "an operator a day short of 18",
        business(.personal, operator: Person.born("20081124")),
        breaks: ["OPERATOR_MINOR"]
      ),
      Example("an operator of 18", business(.personal, operator: Person.born("20081123"))),
      Example(
        "an operator whom no licence reaches",
        business(.personal, operator: silent),
        breaks: ["RESPONSIBLE_PERSON_MOBILE_MISSING"]
      ),
      Example(
        "a liaison of 17",
        business(.personal, liaison: Person.born("20081124")),
        breaks: ["LIAISON_MINOR"]
      ),
      Example("a liaison of 18", business(.personal, liaison: Person.born("20081123"))),
      Example(
        "a liaison not yet born",
        business(.personal, liaison: Person.born("20261124")),
        breaks: ["BIRTH_DATE_IN_FUTURE", "LIAISON_MINOR"]
      ),
      Example(
        "a liaison born today",
        business(.personal, liaison: Person.born("20261123")),
        breaks: ["LIAISON_MINOR"]
      ),
    ]
  )
  func individualBusinesses(_ example: Example) { example.judge() }

  /// What is edited, and which papers say something else then.
  struct Edit: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let content: FilingContent
    let changed: Set<String>

    init(_ title: String, _ changed: Set<String>, _ content: FilingContent) {
      testDescription = title
      self.content = content
      self.changed = changed
    }
  }

  private static let shareholders = [
    Contributor.sample(Stranger.gu, 60, due: "2030-01-01"), .sample(Stranger.hai, 40),
  ]

  private static func content(
    capital: Int64? = nil,
    _ shareholders: [Contributor] = shareholders,
    head: PersonRecord = Stranger.gu,
    directors: [PersonRecord] = [Stranger.gu],
    supervisors: [PersonRecord] = [Stranger.jin],
    manager: PersonRecord? = Stranger.hai,
    domicile: String = "辽宁省沈阳市和平区南五马路1号",
    scope: [String] = ["宠物服务"],
    liaison: PersonRecord = Stranger.ye,
    term: String? = nil,
    charter: String = "第一条 本章程依法制定，全体股东遵守。"
  ) -> FilingContent {
    .sample(
      .company(
        .sample(
          capital: capital,
          shareholders: shareholders,
          legalRepresentative: head,
          directors: directors,
          supervisors: supervisors,
          manager: manager,
          charter: charter
        )
      ),
      domicile: domicile,
      scope: scope,
      liaison: liaison,
      termEnd: term
    )
  }

  /// Of the name of `Stranger.jin`, of the same region, the number with the same end.
  private static let jinToo: PersonRecord = {
    let namesake = (0..<1_000).lazy.compactMap { serial in
      ResidentIdentityNumber.completing("23010619500101" + String(1_000 + serial).suffix(3))
    }.first { $0.description.suffix(2) == "46" }
    guard let namesake else { preconditionFailure("no namesake") }
    return Stranger.person("金顺姬", namesake.description)
  }()

  @Test(
    "an edit changes exactly the papers that say it",
    arguments: [
      Edit("nothing", [], content()),
      Edit("the charter", ["charter"], content(charter: "第一条 本章程依法制定，全体股东遵守！")),
      Edit("the liaison", ["application"], content(liaison: Stranger.luo)),
      Edit("the domicile", ["application", "charter"], content(domicile: "辽宁省沈阳市和平区南五马路2号")),
      Edit("the scope", ["application", "charter"], content(scope: ["宠物服务", "宠物食品研发"])),
      Edit("the term", ["application", "charter"], content(term: "2046-01-01")),
      Edit("the capital", ["application", "charter"], content(capital: 101)),
      Edit(
        "a due date",
        ["application", "charter"],
        content([.sample(Stranger.gu, 60, due: "2030-01-02"), .sample(Stranger.hai, 40)])
      ),
      Edit(
        "a shareholder",
        ["application", "charter", "appointment"],
        content([.sample(Stranger.gu, 60, due: "2030-01-01"), .sample(Stranger.ye, 40)])
      ),
      Edit("a supervisor", ["application", "appointment"], content(supervisors: [Stranger.luo])),
      Edit("the manager", ["application", "appointment"], content(manager: nil)),
      Edit(
        "the head",
        ["application", "charter", "appointment"],
        content(head: Stranger.hai)
      ),
      Edit(
        "a board",
        ["application", "appointment"],
        content(directors: [Stranger.ye, Stranger.gu, Stranger.luo])
      ),
      Edit(
        "a supervisor for a namesake whose masked number is the same",
        ["application", "appointment"],
        content(supervisors: [jinToo])
      ),
    ]
  )
  func edits(_ edit: Edit) {
    let before = Filing.sample(content: Self.content())
    var after = before
    after.content = edit.content
    let papers = FilingPapers.papers(of: before).map { $0.filed() }
    #expect(papers.count == 3)
    #expect(Set(after.changedPapers(since: papers).map(\.rawValue)) == edit.changed)
  }
}

extension FilingPaper {
  /// The paper as it would be kept, without its PDF.
  fileprivate func filed() -> FiledDocument {
    FiledDocument(
      kind: kind,
      title: printed.title,
      pdfSM3: printedSM3,
      byteCount: 0,
      pdf: [],
      printedSM3: printedSM3
    )
  }
}
