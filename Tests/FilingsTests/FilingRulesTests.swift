internal import APIConventions
internal import Accounts
internal import RoomsTestKit
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Judging what every filing has")
struct FilingRulesTests {
  @Test("the name was reserved for this type and at this authority")
  func nameFits() {
    #expect(brokenRules(.sample(reservedFor: EntityType("1130"))) == ["RESERVATION_TYPE_MISMATCH"])
    #expect(brokenRules(.sample(in: "210200")) == ["RESERVATION_AUTHORITY_MISMATCH"])
    #expect(brokenRules(.sample(in: "210102")) == [])
  }

  @Test(
    "the term ends after the day of the filing",
    arguments: [("2026-11-23", 1), ("2026-11-24", 0)]
  )
  func term(day: String, violations: Int) {
    let filing = Filing.sample(content: .sample(termEnd: day))
    #expect(brokenRules(filing) == (violations == 0 ? [] : ["TERM_END_PAST"]))
  }

  @Test("the liaison and whoever receives the licence can be reached")
  func reachable() {
    let silent = PersonRecord(
      fullName: Person.t02.fullName,
      identityNumber: Person.t02.identityNumber
    )
    #expect(brokenRules(.sample(content: .sample(liaison: silent))) == ["LIAISON_MOBILE_MISSING"])
    let mute = PersonRecord(
      fullName: Person.t01.fullName,
      identityNumber: Person.t01.identityNumber
    )
    #expect(
      brokenRules(CompanyDetails.sample(legalRepresentative: mute))
        == ["RESPONSIBLE_PERSON_MOBILE_MISSING"]
    )
  }

  @Test("one identity number names one person, one credit code one organization")
  func consistentNames() {
    let other = PersonRecord(
      fullName: "别人",
      identityNumber: Person.t01.identityNumber,
      mobileNumber: nil
    )
    #expect(
      brokenRules(CompanyDetails.sample(directors: [other])) == ["PERSON_NAME_INCONSISTENT"]
    )
    let renamed = OrganizationRecord(
      enterpriseName: "别的公司",
      creditCode: Organization.mingche.creditCode
    )
    let shareholders = [
      Contributor.sample(Person.t01, 300), .sample(Organization.mingche, 100),
      .sample(renamed, 100),
    ]
    #expect(
      brokenRules(CompanyDetails.sample(shareholders: shareholders))
        == ["ORGANIZATION_NAME_INCONSISTENT", "PARTY_DUPLICATE"]
    )
  }

  @Test(
    "the domicile begins with the names of its region",
    arguments: [
      ("210102", "辽宁省沈阳市和平区试验一路1号", true),
      ("210102", "沈阳市和平区试验一路1号", true),
      ("210102", "辽宁省 沈阳市 和平区 试验一路1号", true),
      ("210102", "和平区试验一路1号A座101室", false),
      ("210102", "辽宁省沈阳市沈河区试验二街22号", false),
      ("210102", "辽宁省沈阳市和平区", false),
      ("210106", "辽宁省沈阳市铁西区试验街6号", true),
      ("210106", "辽宁省鞍山市铁西区试验街6号", false),
      ("210106", "辽宁省铁西区试验街6号", false),
    ]
  )
  func address(region: String, domicile: String, isConsistent: Bool) {
    let filing = Filing.sample(content: .sample(region: region, domicile: domicile))
    #expect(brokenRules(filing) == (isConsistent ? [] : ["DOMICILE_REGION_MISMATCH"]))
  }

  @Test("a county-level city or a county may stand without its city, whose names are unique")
  func countyAddress() {
    let haicheng = Filing.sample(
      content: .sample(region: "210381", domicile: "辽宁省海城市测试路1号"),
      in: "210300"
    )
    #expect(brokenRules(haicheng) == [])
    let chaoyang = Filing.sample(
      content: .sample(region: "211321", domicile: "辽宁省朝阳市朝阳县试验镇1号"),
      in: "211300"
    )
    #expect(brokenRules(chaoyang) == [])
    let city = Filing.sample(
      content: .sample(region: "211321", domicile: "辽宁省朝阳市双塔区测试街16号"),
      in: "211300"
    )
    #expect(brokenRules(city) == ["DOMICILE_REGION_MISMATCH"])
  }

  @Test("everything is told at once")
  func everyViolation() {
    let filing = Filing.sample(
      content: .sample(
        .company(.sample(capital: 1, supervisors: [Person.t01])),
        domicile: "别处试验路1号",
        scope: ["软件开发", "软件 开发"],
        termEnd: "2020-01-01"
      ),
      reservedFor: EntityType("1130")
    )
    #expect(
      brokenRules(filing) == [
        "CAPITAL_SUM_MISMATCH", "DOMICILE_REGION_MISMATCH", "RESERVATION_TYPE_MISMATCH",
        "SCOPE_ITEM_DUPLICATE", "SUPERVISOR_INCOMPATIBLE", "TERM_END_PAST",
      ]
    )
  }
}

@Suite("Judging a business scope")
struct ScopeRulesTests {
  @Test(
    "items that need approval before registration are found",
    arguments: [
      "民用爆炸物品生产", "民用爆炸物品销售", "营业性爆破作业", "危险化学品经营", "烟花爆竹生产", "保安服务", "快递服务",
      "烟草制品生产", "烟草制品批发", "商业银行业务", "保险业务", "证券业务", "出版物出版", "出版物进口",
      "销售危险化学品", "危险化学品的批发", "危险化学品 经营（不含剧毒化学品）", "图书出版",
    ]
  )
  func preApproval(text: String) {
    guard case .pre(_, let basis) = ScopeRules.approval(of: text) else {
      Issue.record("\(text) needs approval before registration")
      return
    }
    #expect(!basis.isEmpty)
  }

  @Test(
    "items that need a permit after registration may be filed online",
    arguments: [
      "餐饮服务", "食品销售", "药品零售", "道路货物运输（不含危险货物）", "建设工程施工", "旅行社业务", "劳务派遣服务",
      "烟草制品零售", "出版物零售",
    ]
  )
  func postApproval(text: String) {
    guard case .post = ScopeRules.approval(of: text) else {
      Issue.record("\(text) needs a permit after registration")
      return
    }
    #expect(ScopeRules.flags(in: .sample(scope: [text])).isEmpty)
  }

  @Test(
    "ordinary items need nothing and hide nothing",
    arguments: [
      "软件开发", "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广", "信息咨询服务（不含许可类信息咨询服务）",
      "建筑材料销售", "机械设备销售", "日用百货销售", "服装制造", "会议及展览服务", "谷物种植", "水产品批发",
      "化工产品销售（不含许可类化工产品）", "化工产品销售(不含危险化学品)", "化工产品销售（危险化学品除外）",
    ]
  )
  func ordinary(text: String) {
    #expect(ScopeRules.approval(of: text) == .none)
    #expect(ScopeRules.flags(in: .sample(scope: [text])).isEmpty)
  }

  @Test(
    "free text that may hide such an item is flagged for the examiner, not refused",
    arguments: [
      "化工产品销售（含危险化学品）", "民用爆炸物品生产设备制造", "危险化学品仓储", "化工产品销售（含危险化学品",
      "民用爆炸物品技术咨询",
    ]
  )
  func hidden(text: String) {
    let content = FilingContent.sample(scope: ["软件开发", text])
    #expect(ScopeRules.preApprovalItems(in: content).isEmpty)
    let flags = ScopeRules.flags(in: content)
    #expect(flags.map(\.rule) == ["SCOPE_MAY_NEED_PRE_APPROVAL"])
    #expect(flags.map(\.field) == ["scope_items[1].text"])
  }

  @Test("a mixed scope is refused, naming the item (C06)")
  func mixed() throws {
    let filing = Filing.sample(content: .sample(scope: ["软件开发", "危险化学品经营"]))
    let items = ScopeRules.preApprovalItems(in: filing.content)
    #expect(items.map(\.index) == [1])
    #expect(throws: FilingError.preApprovalNotOnline(filing.id, items)) {
      try filing.prepared(at: nineOClock, under: .current)
    }
    let error = FilingError.preApprovalNotOnline(filing.id, items)
    #expect(error.reason == "PRE_APPROVAL_NOT_ONLINE")
    #expect(error.metadata["items"] == "危险化学品经营")
    #expect(error.violations.map(\.field) == ["scope_items[1].text"])
  }
}
