internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Judging a name by itself")
struct NamingRulesTests {
  private func rules(
    _ name: String,
    trade: String? = nil,
    industry: String = "",
    type: String = "1130",
    region: String = "210100",
    parent: String? = nil,
    law: LawProfile = .current
  ) throws -> [String] {
    let candidate = try NameCandidate.sample(
      name,
      trade: trade,
      industry: industry,
      type: type,
      region: region,
      parent: parent
    )
    let structure = try NameStructure(candidate, field: "candidate")
    return NamingRules(law: law).violations(in: structure).map(\.rule.rawValue)
  }

  @Test("every labelled new name is lawful", arguments: Vectors.good)
  func good(row: [String]) throws {
    #expect(try rules(row[1], industry: row[2], type: row[3], region: row[4]).isEmpty)
  }

  @Test("every labelled new name is free in the labelled library", arguments: Vectors.good)
  func goodIsFree(row: [String]) throws {
    let candidate = try NameCandidate.sample(
      row[1],
      industry: row[2],
      type: row[3],
      region: row[4]
    )
    let name = ComparedName(try NameStructure(candidate, field: "candidate"))
    for library in Vectors.library {
      let finding = NameComparison(law: .current).finding(on: name, against: try .library(library))
      #expect(finding.verdict == .distinct, "\(row[1]) \(library[1])")
    }
  }

  /// Trade name and industry words of the labelled unlawful names, as a declarant would cut them.
  private static let cuts: [String: (trade: String, industry: String)] = [
    "I01": ("星A", "软件"), "I02": ("360", "贸易"), "I04": ("星漪", "软件"), "I05": ("星漪", "软件"),
    "I07": ("星漪", "软件"), "I08": ("漪", "软件"), "I10": ("大连", "软件"), "I11": ("动力", "机械"),
    "I13": ("星漪", "软件"), "I14": ("清荞", "会计师"), "I16": ("星漪", "软件"),
    "I17": ("全国星漪", "物流"), "I19": ("联合国", "贸易"), "I20": ("妇联", "家政服务"),
    "I22": ("海洛因", "餐饮"), "I23": ("推牌九", "娱乐"), "I25": ("星漪", "慈善服务"),
    "I26": ("博士", "科技"), "I28": ("星漪", "软件"), "I29": ("明澈", "咨询"),
  ]

  @Test(
    "every labelled unlawful name breaks the labelled rule and no other",
    arguments: Vectors.bad
  )
  func bad(row: [String]) throws {
    let cut = try #require(Self.cuts[row[0]])
    let broken = try rules(
      row[1],
      trade: cut.trade,
      industry: cut.industry,
      type: row[2],
      region: row[3],
      parent: row[2] == "2130" ? "大连明澈咨询有限公司" : nil
    )
    #expect(broken == [row[4]])
  }

  @Test(
    "words that only look forbidden pass",
    arguments: [
      ("沈阳云岭软件有限公司", "软件"), ("沈阳国屿软件有限公司", "软件"), ("沈阳朝晖软件有限公司", "软件"),
      ("沈阳美嵘软件有限公司", "软件"), ("沈阳赵测试一软件有限公司", "软件"), ("沈阳四海律动软件有限公司", "软件"),
      ("沈阳沃动机械有限公司", "机械"), ("沈阳云中国际贸易有限公司", "国际贸易"),
      ("沈阳华美国际物流有限公司", "国际物流"), ("沈阳精英国际教育有限公司", "国际教育"),
      ("沈阳安泰国际旅行社有限公司", "国际旅行社"), ("沈阳蓝海地产开发有限公司", "地产开发"),
      ("沈阳星漪中央空调工程有限公司", "中央空调工程"), ("沈阳冠军火锅有限公司", "火锅"),
      ("沈阳洁康消毒品有限公司", "消毒品"), ("沈阳远征信息科技有限公司", "信息科技"),
      ("沈阳平台独立设计有限公司", "独立设计"), ("沈阳众诚信托管服务有限公司", "托管服务"),
      ("沈阳安居家具保险柜有限公司", "家具保险柜"), ("沈阳和平里软件有限公司", "软件"),
      ("沈阳振兴软件有限公司", "软件"), ("沈阳老汤加工食品有限公司", "加工食品"),
      ("沈阳江南非遗文化有限公司", "文化"), ("沈阳大义工贸有限公司", "工贸"),
    ]
  )
  func falseAlarms(name: String, industry: String) throws {
    #expect(try rules(name, industry: industry).isEmpty)
  }

  @Test(
    "words that no test of the specification names are refused too",
    arguments: [
      ("沈阳巴拿马服装有限公司", "服装", "V09a"), ("沈阳欧盟贸易有限公司", "贸易", "V09b"),
      ("沈阳中美软件有限公司", "软件", "V09a"), ("沈阳共青团文化有限公司", "文化", "V10"),
      ("沈阳解放军服装有限公司", "服装", "V10"), ("沈阳星漪公益服务有限公司", "公益服务", "V11"),
      ("沈阳最佳服装有限公司", "服装", "V12"), ("沈阳国家级服装有限公司", "服装", "V12"),
      ("沈阳院士服装有限公司", "服装", "V18"), ("沈阳昆明服装有限公司", "服装", "V04a"),
      ("沈阳海城服装有限公司", "服装", "V04a"), ("沈阳岫岩服装有限公司", "服装", "V04a"),
      ("沈阳黑龙江服装有限公司", "服装", "V04a"), ("沈阳软件科技服装有限公司", "服装", "V04b"),
      ("沈阳东突服装有限公司", "服装", "V06b"), ("沈阳雷锋服装有限公司", "服装", "V06f"),
      ("沈阳赌王娱乐有限公司", "娱乐", "V06d"), ("沈阳福尔摩沙茶业有限公司", "茶业", "V06c"),
      ("沈阳大地主餐饮有限公司", "餐饮", "V06a"), ("沈阳蛮夷餐饮有限公司", "餐饮", "V06e"),
      ("沈阳星漪融资担保有限公司", "融资担保", "V16"), ("沈阳一带一路贸易有限公司", "贸易", "V19"),
      ("沈阳華錦软件有限公司", "软件", "V01b"), ("沈阳星·漪软件有限公司", "软件", "V01a"),
      // A forbidden word cannot be hidden by cutting it in two.
      ("沈阳海洛因餐饮有限公司", "因餐饮", "V06d"), ("沈阳星慈善服务有限公司", "善服务", "V11"),
    ]
  )
  func unforeseen(name: String, industry: String, rule: String) throws {
    #expect(try rules(name, industry: industry) == [rule])
  }

  @Test(
    "the division is one at county level or above, where the entity is",
    arguments: [
      ("沈阳星漪软件有限公司", "210100", nil), ("沈阳市星漪软件有限公司", "210100", nil),
      ("辽宁星漪软件有限公司", "210100", nil), ("辽宁省沈阳市星漪软件有限公司", "210100", nil),
      ("沈阳市和平区星漪软件有限公司", "210100", nil), ("沈阳和平星漪软件有限公司", "210102", nil),
      ("新民星漪软件有限公司", "210181", nil), ("康平县星漪软件有限公司", "210100", nil),
      ("沈阳浑南高新区星漪软件有限公司", "210112", nil), ("星漪（沈阳）软件有限公司", "210100", nil),
      ("星漪软件（沈阳）有限公司", "210100", nil), ("岫岩星漪软件有限公司", "210323", nil),
      ("朝阳县星漪软件有限公司", "211321", nil), ("本溪满族自治县星漪软件有限公司", "210521", nil),
      ("沈阳星漪软件有限公司", "210000", nil),
      ("铁西区星漪软件有限公司", "210100", "V02b"), ("和平星漪软件有限公司", "210102", "V02b"),
      ("金普新区星漪软件有限公司", "210200", "V02c"), ("经济技术开发区星漪软件有限公司", "210200", "V02c"),
      ("鞍山星漪软件有限公司", "210100", "V02a"), ("星漪（鞍山）软件有限公司", "210100", "V02a"),
      ("北京星漪软件有限公司", "210100", "V02a"), ("江苏苏州星漪软件有限公司", "210100", "V02a"),
      ("沈阳和平星漪软件有限公司", "210103", "V02a"), ("法库星漪软件有限公司", "210181", "V02a"),
      ("昆山星漪软件有限公司", "210100", "V02a"), ("星漪软件有限公司", "210100", "V02d"),
    ] as [(String, String, String?)]
  )
  func divisions(name: String, region: String, rule: String?) throws {
    #expect(
      try rules(name, trade: "星漪", industry: "软件", region: region) == [rule].compactMap(\.self)
    )
  }

  @Test(
    "the form fits the type",
    arguments: [
      ("有限责任公司", "1151", nil), ("集团有限公司", "1190", nil), ("（集团）有限公司", "1190", nil),
      ("股份有限公司", "1222", nil), ("股份公司", "1222", nil), ("有限公司", "5110", nil),
      ("有限公司", "1222", "V05b"), ("股份公司", "1151", "V05b"), ("厂", "1130", "V05b"),
      ("厂", "4540", nil), ("工作室", "4540", nil), ("有限公司", "4540", "V05b"),
      ("公司", "4540", "V05b"), ("经营部", "9500", nil), ("公司", "9500", "V05b"),
      ("中心（普通合伙）", "4531", nil), ("中心（有限合伙）", "4533", nil),
      ("事务所（特殊普通合伙）", "4532", nil), ("中心（普通合伙）", "4533", "V14"),
      ("中心", "4532", "V14"), ("有限公司（有限合伙）", "4533", "V05b"), ("中心（有限合伙）", "4540", "V05b"),
      ("农民专业合作社", "9100", nil), ("专业合作社联合社", "9100", nil), ("合作社", "9100", "V15"),
      ("厂", "3100", nil), ("有限公司", "3200", "V05b"), ("总公司", "3100", nil),
      ("", "1130", "V05a"), ("之星", "1130", "V05a"), ("联盟", "9500", "V05a"),
    ] as [(String, String, String?)]
  )
  func forms(form: String, type: String, rule: String?) throws {
    let broken = try rules("沈阳星漪种植\(form)", trade: "星漪", industry: "种植", type: type)
    #expect(broken == [rule].compactMap(\.self))
  }

  @Test("a branch bears its parent's name and says that it is a branch")
  func branches() throws {
    func branch(_ name: String, region: String = "210100", parent: String?) throws -> [String] {
      try rules(name, trade: "明澈", industry: "咨询", type: "2130", region: region, parent: parent)
    }
    let parent = "大连明澈咨询有限公司"
    #expect(try branch("大连明澈咨询有限公司沈阳分公司", parent: parent).isEmpty)
    #expect(try branch("大连明澈咨询有限公司第一分公司", parent: parent).isEmpty)
    #expect(try branch("大连明澈咨询有限公司", parent: parent) == ["V13b"])
    #expect(try branch("大连明澈咨询有限公司鞍山分公司", parent: parent) == ["V02a"])
    #expect(try branch("大连明澈咨询有限公司沈阳分公司", parent: nil) == ["V13a"])
    #expect(try branch("大连明澈咨询有限公司海洛因分公司", parent: parent) == ["V06d"])
  }

  @Test("中国 and its like: refused at the beginning, an examiner's matter inside")
  func nationalWords() throws {
    #expect(try rules("国家星漪软件有限公司", trade: "星漪", industry: "软件") == ["V07"])
    #expect(try rules("中华星漪软件有限公司", trade: "中华星漪", industry: "软件") == ["V07"])
    #expect(try rules("沈阳星漪（中国）软件有限公司", trade: "星漪", industry: "（中国）软件") == ["V08"])
    let name = "国际星漪软件有限公司"
    #expect(try rules(name, trade: "国际星漪", industry: "软件", law: .law2017) == ["V07"])
    #expect(try rules(name, trade: "国际星漪", industry: "软件") == ["V02d"])
  }

  @Test(
    "parentheses stand around a division, 集团 or a partnership's marker, and nothing else",
    arguments: [
      ("沈阳星漪（集团）有限公司", "", "1130", true), ("星漪（沈阳）软件有限公司", "软件", "1130", true),
      ("沈阳星漪软件中心（有限合伙）", "软件", "4533", true), ("沈阳星漪（北方）软件有限公司", "（北方）软件", "1130", false),
      ("沈阳星漪（集团）（集团）有限公司", "（集团）", "1130", false),
    ]
  )
  func parentheses(name: String, industry: String, type: String, isLawful: Bool) throws {
    let broken = try rules(name, trade: "星漪", industry: industry, type: type)
    #expect(broken == (isLawful ? [] : ["V01a"]))
  }

  @Test("several rules broken are all named")
  func severalRules() throws {
    #expect(
      try rules("鞍山A博士有限公司", trade: "A", industry: "博士") == ["V01a", "V02a", "V03"]
    )
  }

  @Test(
    "parts that do not rebuild the name are refused before any rule",
    arguments: [
      ("沈阳星漪软件有限公司", "星澜", "软件"), ("沈阳星漪软件有限公司", "", "软件"),
      ("沈阳星漪软件有限公司", "星漪", "网络"), ("沈阳星漪软件有限公司", "星漪", "软"),
      ("沈阳星漪软件有限公司", "星漪", "软件有限"), ("沈阳新星漪软件有限公司", "星漪", "软件"),
      ("沈阳星漪软件股份有限公司", "星漪", "软件股份"),
    ]
  )
  func mismatch(name: String, trade: String, industry: String) throws {
    #expect(throws: NameError.self) { try rules(name, trade: trade, industry: industry) }
  }

  @Test("the lists hold no word twice under one rule, and every word is a word")
  func lists() {
    let entries = WordList.standard.entries
    #expect(Set(entries).count == entries.count)
    #expect(entries.allSatisfy { $0.word.count >= 2 && $0.word == NameText.simplified($0.word) })
    let members = LookAlikes.classes.filter { !$0.isWhitespace }
    #expect(Set(members).count == members.count)
    #expect(entries.count > 500)
  }
}
