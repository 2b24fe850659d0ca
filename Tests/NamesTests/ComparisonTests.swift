internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Comparing names")
struct ComparisonTests {
  private func candidate(_ row: [String]) throws -> ComparedName {
    let library = try #require(Vectors.library.first { $0[0] == row[4] })
    let candidate = try NameCandidate.sample(
      row[1],
      industry: row[2],
      industryClass: row[3],
      type: row[1].hasSuffix("（有限合伙）") ? "4533" : "1130",
      region: library[8]
    )
    return ComparedName(try NameStructure(candidate, field: "candidate"))
  }

  @Test("every labelled pair has its verdict and rule", arguments: Vectors.pairs)
  func labelledPair(row: [String]) throws {
    let candidate = try candidate(row)
    let library = try #require(Vectors.library.first { $0[0] == row[4] })
    let other = try ComparedName.library(library)
    // P31 names a library entry that no longer blocks; as a pair its rule would be R1.
    if row[7].isEmpty { return }
    for (law, verdict) in [(LawProfile.current, row[6]), (.law2017, row[8])] {
      let finding = NameComparison(law: law).finding(on: candidate, against: other)
      #expect(finding.rule.rawValue == row[7])
      #expect("\(finding.verdict)" == ["OK": "distinct"][verdict] ?? verdict.lowercased())
    }
  }

  @Test(
    "against the whole library each candidate meets the labelled names",
    arguments: Vectors.pairs
  )
  func wholeLibrary(row: [String]) throws {
    let candidate = try candidate(row)
    let comparison = NameComparison(law: .current)
    var hits: [(id: String, finding: NameFinding)] = []
    for library in Vectors.library where !library[9].hasPrefix("cancelled 400") {
      let finding = comparison.finding(on: candidate, against: try .library(library))
      if finding.verdict != .distinct { hits.append((library[0], finding)) }
    }
    hits.sort { ($0.finding.verdict, $0.id) < ($1.finding.verdict, $1.id) }
    let text = hits.map { "\($0.id):\($0.finding.rule.rawValue)" }.joined(separator: ",")
    #expect(text == row[9])
  }

  @Test("whatever the rules find, the keys find first")
  func keysFindAll() throws {
    var names = try Vectors.library.map(ComparedName.library)
    names += try Vectors.pairs.map(candidate)
    let comparison = NameComparison(law: .current)
    let toneless = NameComparison(law: .current, ignoresTone: true)
    for one in names {
      let sought = NameKeys.sought(for: one)
      let soughtToneless = NameKeys.sought(for: one, ignoringTone: true)
      for other in names where one.scope == other.scope {
        let kept = NameKeys.kept(for: other)
        if comparison.finding(on: one, against: other).verdict != .distinct {
          #expect(sought.finds(kept), "\(one.whole) \(other.whole)")
        }
        if toneless.finding(on: one, against: other).verdict != .distinct {
          #expect(soughtToneless.finds(kept), "\(one.whole) \(other.whole)")
        }
      }
    }
  }

  @Test("tones are told apart unless the switch says otherwise")
  func tones() throws {
    let row = try #require(Vectors.pairs.first { $0[0] == "P38" })
    let candidate = try candidate(row)
    let other = try ComparedName.library(try #require(Vectors.library.first { $0[0] == "L11" }))
    #expect(NameComparison(law: .current).finding(on: candidate, against: other).rule == .unlike)
    let deaf = NameComparison(law: .current, ignoresTone: true)
    #expect(
      deaf.finding(on: candidate, against: other)
        == NameFinding(verdict: .similar, rule: .homophones)
    )
  }

  @Test(
    "names of our own that no list foresaw",
    arguments: [
      // Every reading counts: 乐 is lè and yuè, 重 is chóng and zhòng.
      ("沈阳乐衡软件有限公司", "软件", "6513", "沈阳月衡软件有限公司", "软件", "6513", "S1"),
      ("沈阳重岳软件有限公司", "软件", "6513", "沈阳众岳软件有限公司", "软件", "6513", "S1"),
      ("沈阳乐衡软件有限公司", "软件", "6513", "沈阳雨衡软件有限公司", "软件", "6513", "R7"),
      // Traditional forms are the same characters.
      ("沈陽華錦軟件有限公司", "軟件", "6513", "沈阳华锦软件有限公司", "软件", "6513", "R1"),
      // Half-width parentheses and spaces are spelling.
      ("华锦 (沈阳) 软件有限公司", "软件", "6513", "沈阳华锦软件有限公司", "软件", "6513", "R2"),
      ("沈阳华锦软件有限责任公司", "软件", "6513", "沈阳华锦软件有限公司", "软件", "6513", "R3"),
      ("沈阳新民华锦软件有限公司", "软件", "6513", "沈阳华锦软件有限公司", "软件", "6513", "R3"),
      ("沈阳华锦装潢有限公司", "装潢", "5011", "沈阳华锦装饰有限公司", "装饰", "4921", "R4"),
      ("沈阳华锦锻造有限公司", "锻造", "3393", "沈阳华锦铸造有限公司", "铸造", "3391", "R4"),
      ("沈阳华锦锻造有限公司", "锻造", "3393", "沈阳华锦工具有限公司", "工具", "3321", "S6"),
      ("沈阳华锦锻造有限公司", "锻造", "3393", "沈阳华锦塑料有限公司", "塑料", "2929", "R5"),
      ("沈阳华锦实业发展有限公司", "实业发展", "7212", "沈阳华锦塑料有限公司", "塑料", "2929", "S6"),
      ("沈阳桦槿锻造有限公司", "锻造", "3393", "沈阳华锦塑料有限公司", "塑料", "2929", "R6"),
      ("沈阳华锦铭铸造有限公司", "铸造", "3391", "沈阳华锦铸造有限公司", "铸造", "3391", "S2"),
      ("沈阳大华锦铭铸造有限公司", "铸造", "3391", "沈阳化锦铸造有限公司", "铸造", "3391", "S3"),
      ("沈阳新华景铸造有限公司", "铸造", "3391", "沈阳华井铸造有限公司", "铸造", "3391", "S3"),
      ("沈阳大岳锦铭铸造有限公司", "铸造", "3391", "沈阳桐锦铸造有限公司", "铸造", "3391", "R7"),
      ("沈阳岳锦华铸造有限公司", "铸造", "3391", "沈阳锦岳华铸造有限公司", "铸造", "3391", "S4"),
      ("沈阳未岳铸造有限公司", "铸造", "3391", "沈阳末岳铸造有限公司", "铸造", "3391", "S5"),
      ("沈阳禾未岳铸造有限公司", "铸造", "3391", "沈阳末岳铸造有限公司", "铸造", "3391", "R7"),
    ]
  )
  func unforeseen(
    one: String,
    industry: String,
    code: String,
    other: String,
    otherIndustry: String,
    otherCode: String,
    rule: String
  ) throws {
    func compared(_ name: String, _ words: String, _ code: String) throws -> ComparedName {
      let trade = ["华锦", "華錦"].first { name.contains($0 + words) || name.contains($0 + " ") }
      let candidate = try NameCandidate.sample(
        name,
        trade: trade,
        industry: words,
        industryClass: code
      )
      return ComparedName(try NameStructure(candidate, field: "candidate"))
    }
    let first = try compared(one, industry, code)
    let second = try compared(other, otherIndustry, otherCode)
    let comparison = NameComparison(law: .current)
    let finding = comparison.finding(on: first, against: second)
    #expect(finding.rule.rawValue == rule)
    // Nearness does not depend on who came first.
    let reverse = comparison.finding(on: second, against: first)
    #expect(reverse == finding)
    if finding.verdict != .distinct {
      #expect(NameKeys.sought(for: first).finds(NameKeys.kept(for: second)))
      #expect(NameKeys.sought(for: second).finds(NameKeys.kept(for: first)))
    }
  }

  @Test("an investment relation lifts what equal trade names forbid, but no whole name")
  func related() throws {
    func compared(_ name: String, _ industry: String) throws -> ComparedName {
      ComparedName(
        try NameStructure(try .sample(name, industry: industry), field: "candidate")
      )
    }
    let parent = try compared("沈阳华锦软件有限公司", "软件")
    let comparison = NameComparison(law: .current)
    let child = try compared("沈阳华锦软件开发有限公司", "软件开发")
    #expect(comparison.finding(on: child, against: parent, related: true).rule == .related)
    #expect(comparison.finding(on: child, against: parent).rule == .tradeEqualSameIndustry)
    let twin = try compared("华锦（沈阳）软件有限公司", "软件")
    #expect(comparison.finding(on: parent, against: parent, related: true).verdict == .identical)
    #expect(comparison.finding(on: twin, against: parent, related: true).rule == .partsEqual)
  }

  @Test("long trade names are found by their first syllables, whatever their length")
  func longTradeNames() throws {
    func compared(_ trade: String) throws -> ComparedName {
      ComparedName(
        try NameStructure(
          try .sample("沈阳\(trade)软件有限公司", trade: trade, industry: "软件"),
          field: "candidate"
        )
      )
    }
    let pieces = ["云", "岭", "禾", "舟", "岳", "桐", "汐", "屿"]
    let comparison = NameComparison(law: .current)
    for length in 2...8 {
      let whole = try compared(pieces.prefix(length).joined())
      for start in 0..<length {
        for end in start..<length where end - start >= 1 {
          let part = try compared(pieces[start...end].joined())
          #expect(comparison.finding(on: part, against: whole).verdict != .distinct)
          #expect(NameKeys.sought(for: part).finds(NameKeys.kept(for: whole)))
          #expect(NameKeys.sought(for: whole).finds(NameKeys.kept(for: part)))
        }
      }
    }
  }
}

extension NameKeys.Search {
  /// Whether the store's statement would bring up a name with these keys.
  func finds(_ kept: Set<NameKeys.Key>) -> Bool {
    kept.contains { key in
      everywhere.contains(key.hash)
        || (inIndustry.contains(key.hash) && (industries?.contains(key.industry) ?? true))
    }
  }
}
