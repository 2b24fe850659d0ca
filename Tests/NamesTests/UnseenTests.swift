internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Names that no list and no test data foresaw")
struct UnseenTests {
  private func rules(
    _ name: String,
    trade: String,
    industry: String,
    type: String = "1130",
    region: String = "210100",
    parent: String? = nil
  ) throws -> String {
    let candidate = try NameCandidate.sample(
      name,
      trade: trade,
      industry: industry,
      type: type,
      region: region,
      parent: parent
    )
    let broken = NamingRules(law: .current)
      .violations(in: try NameStructure(candidate, field: "candidate"))
    return broken.isEmpty ? "-" : broken.map(\.rule.rawValue).joined(separator: ",")
  }

  @Test("words of each category are refused", arguments: UnseenNames.words)
  func words(row: [String]) throws {
    let name = "沈阳\(row[0])\(row[1])有限公司"
    #expect(try rules(name, trade: row[0], industry: row[1]) == row[2])
  }

  @Test("names that only look forbidden pass", arguments: UnseenNames.innocent)
  func innocent(row: [String]) throws {
    let name = "沈阳\(row[0])\(row[1])有限公司"
    #expect(try rules(name, trade: row[0], industry: row[1]) == "-")
  }

  @Test("divisions as they are written", arguments: UnseenNames.divisions)
  func divisions(row: [String]) throws {
    let name = "\(row[0])星漪软件有限公司"
    #expect(try rules(name, trade: "星漪", industry: "软件", region: row[1]) == row[2])
  }

  @Test("divisions in parentheses", arguments: UnseenNames.parentheses)
  func parentheses(row: [String]) throws {
    #expect(try rules(row[0], trade: "星漪", industry: "软件", region: row[1]) == row[2])
  }

  @Test("forms of each type", arguments: UnseenNames.forms)
  func forms(row: [String]) throws {
    let name = "沈阳星漪种植\(row[0])"
    #expect(try rules(name, trade: "星漪", industry: "种植", type: row[1]) == row[2])
  }

  @Test("every city and county of the province is a division of its own authority")
  func everyDivision() throws {
    func rule(_ division: String, _ region: RegionCode) throws -> String {
      try rules(
        "\(division)星漪软件有限公司",
        trade: "星漪",
        industry: "软件",
        region: region.description
      )
    }
    for (city, name) in RegionCode.cities {
      let short = String(name.dropLast())
      for written in [name, short, "辽宁" + name, "辽宁省" + name] {
        #expect(try rule(written, city) == "-", "\(written)")
      }
      for (other, _) in RegionCode.cities where other != city {
        #expect(try rule(name, other) == "V02a", "\(name) \(other)")
      }
      for (county, inner) in RegionCode.counties where county.city == city {
        for written in [name + inner, short + inner, "辽宁省" + name + inner] {
          #expect(try rule(written, county) == "-", "\(written)")
          #expect(try rule(written, city) == "-", "\(written)")
        }
        #expect(try rule(inner, county) == (inner.hasSuffix("区") ? "V02b" : "-"), "\(inner)")
        if inner.hasSuffix("自治县") {
          let bare = String(inner.prefix { !"满蒙".contains($0) })
          for written in [bare + "县", name + bare] {
            #expect(try rule(written, county) == "-", "\(written)")
          }
        }
        let trade = try rules("沈阳\(inner)软件有限公司", trade: inner, industry: "软件")
        #expect(trade == "V04a", "\(inner)")
      }
    }
  }

  @Test("a forbidden word cannot be hidden by how the name is cut")
  func cuts() throws {
    // The division in parentheses shifts every part.
    let shifted = "星漪（沈阳）海洛因餐饮有限公司"
    #expect(try rules(shifted, trade: "星漪", industry: "海洛因餐饮") == "V06d")
    // What is no company's form gives no excuse.
    #expect(try rules("沈阳星漪国防部", trade: "星漪", industry: "国防", type: "9500") == "V10")
    #expect(try rules("沈阳星漪交易所", trade: "星漪", industry: "交易", type: "4540") == "V16")
    #expect(try rules("沈阳星漪赌坊", trade: "星漪", industry: "赌", type: "9500") == "V06d")
    for trade in 2..<6 {
      let text = "星漪海洛因饮食"
      let cut = (String(text.prefix(trade)), String(text.dropFirst(trade)))
      #expect(try rules("沈阳\(text)有限公司", trade: cut.0, industry: cut.1) == "V06d")
    }
  }

  @Test("集团 in parentheses stands before the form, and nowhere else")
  func group() throws {
    let name = "沈阳星漪（集团）软件有限公司"
    #expect(try rules(name, trade: "星漪", industry: "（集团）软件") == "V01a")
  }

  @Test(
    "branches of each kind",
    arguments: [
      ("分公司", "-"), ("第一分公司", "-"), ("沈阳分公司", "-"), ("沈阳第二分店", "-"), ("和平营业部", "-"),
      ("沈阳太原街分店", "-"), ("支公司", "-"), ("鞍山分公司", "V02a"), ("鞍山第三分公司", "V02a"),
      ("上海第十二分店", "V02a"), ("研究中心", "V13b"), ("", "V13b"), ("共青团分公司", "V10"),
    ]
  )
  func branches(ending: String, rule: String) throws {
    let parent = "大连椤笙咨询有限公司"
    let broken = try rules(
      parent + ending,
      trade: "椤笙",
      industry: "咨询",
      type: "2130",
      parent: parent
    )
    #expect(broken == rule)
  }

  @Test("pairs of names meet by the rule that the law has for them", arguments: UnseenPairs.all)
  func pair(row: [String]) throws {
    let (one, other) = (try compared(row[0]), try compared(row[1]))
    let finding = NameComparison(law: .current).finding(on: one, against: other)
    #expect(finding.rule.rawValue == row[2])
    #expect(NameComparison(law: .current).finding(on: other, against: one) == finding)
    let former = NameComparison(law: .law2017).finding(on: one, against: other)
    #expect(
      former.verdict == (finding.rule == .tradeEqualSameIndustry ? .similar : finding.verdict)
    )
    if finding.verdict != .distinct {
      #expect(NameKeys.sought(for: one).finds(NameKeys.kept(for: other)))
      #expect(NameKeys.sought(for: other).finds(NameKeys.kept(for: one)))
    }
  }

  private func compared(_ text: String) throws -> ComparedName {
    let parts = text.split(separator: " ").map { $0 == "-" ? "" : String($0) }
    let (division, trade, industry, form) = (parts[0], parts[1], parts[2], parts[3])
    let whole =
      if division.hasPrefix("（") {
        trade + division + industry + form
      } else if division.hasPrefix("~") {
        trade + industry + division.dropFirst() + form
      } else {
        division + trade + industry + form
      }
    let candidate = try NameCandidate.sample(
      whole,
      trade: trade,
      industry: industry,
      industryClass: parts[4]
    )
    return ComparedName(try NameStructure(candidate, field: "candidate"))
  }

  @Test("long names of whatever characters are judged at once")
  func longNames() throws {
    let clock = ContinuousClock()
    for unit in ["沈", "乐", "重", "海洛", "科技", "国", "（", "中国人民", "沈阳市", "行长", "A"] {
      let filling = String(String(repeating: unit, count: 60).prefix(52))
      let name = "沈阳\(filling)有限公司"
      let duration = try clock.measure {
        let candidate = try NameCandidate.sample(name, trade: filling, industry: "")
        let structure = try NameStructure(candidate, field: "candidate")
        _ = NamingRules(law: .current).violations(in: structure)
        _ = ContainedNames.possibilities(in: structure)
        let compared = ComparedName(structure)
        _ = NameKeys.sought(for: compared)
        #expect(NameKeys.kept(for: compared).count < 10_000)
        _ = NameComparison(law: .current).finding(on: compared, against: compared)
      }
      #expect(duration < .seconds(2), "\(unit): \(duration)")
    }
  }
}
