internal import Testing

/// A rule of the style guide as a function over the house, with samples that show that it bites.
struct Check: Sendable, CustomTestStringConvertible {
  /// The rule in a sentence.
  let rule: String
  /// Houses, by path and text, each of which breaks the rule exactly once.
  let bad: [[String: String]]
  /// Houses that keep the rule though they come close to breaking it.
  let good: [[String: String]]
  private let search: @Sendable (House, String) -> [Finding]

  /// A check.
  ///
  /// - Parameters:
  ///   - rule: The rule in a sentence.
  ///   - bad: Samples that break it, at least one.
  ///   - good: Samples that keep it, at least one.
  ///   - search: Finds where a house breaks the rule, which it is given for its findings.
  init(
    _ rule: String,
    bad: [[String: String]],
    good: [[String: String]],
    search: @escaping @Sendable (House, String) -> [Finding]
  ) {
    self.rule = rule
    self.bad = bad
    self.good = good
    self.search = search
  }

  var testDescription: String { rule }

  /// Where a house breaks the rule.
  func findings(in house: House) -> [Finding] {
    search(house, rule)
  }

  /// Every check there is.
  static let all = size + constructs + names + imports + layout + sql + migrations + places
}

@Suite("Keeping to the style guide")
struct StyleGuideTests {
  @Test("the house keeps to it", arguments: Check.all)
  func houseKeepsTo(check: Check) {
    for finding in check.findings(in: .standing) { Issue.record("\(finding)") }
  }

  @Test("a house that breaks it is found out", arguments: Check.all)
  func badIsFound(check: Check) {
    #expect(!check.bad.isEmpty)
    for sample in check.bad {
      let findings = check.findings(in: House(sample))
      #expect(findings.count == 1, "\(sample): \(findings)")
    }
  }

  @Test("a house that keeps to it is left alone", arguments: Check.all)
  func goodIsLeftAlone(check: Check) {
    #expect(!check.good.isEmpty)
    for sample in check.good + [[:]] {
      let findings = check.findings(in: House(sample))
      #expect(findings.isEmpty, "\(sample): \(findings)")
    }
  }

  @Test("the house was read")
  func houseWasRead() {
    #expect(House.standing.file("Package.swift") != nil)
    #expect(House.standing.files.contains { $0.path.hasSuffix("TidyTests/Check.swift") })
  }
}

@Suite("Taking Swift apart")
struct SwiftTextTests {
  @Test("comments and literals are no code; what is interpolated is")
  func parts() {
    let text = SwiftText(
      """
      let a = "x // y \\(f("in") + 1) \\" z" // note "q"
      /* one /* two */ three */ let b = #"raw \\(no) " \\#(yes) "#
      let c = \"""
        SELECT "1"
        \\(id)
        \"""
      """
    )
    #expect(text.code[0].filter { $0 != " " } == "leta=f()+1")
    #expect(text.code[1].filter { $0 != " " } == "letb=yes")
    #expect(text.code[2].hasPrefix("let c ="))
    #expect(text.literals.map(\.text).contains("x // y $ \" z"))
    #expect(text.literals.map(\.text).contains("raw \\(no) \" $ "))
    #expect(text.literals.contains { $0.line == 3 && $0.text.contains("SELECT \"1\"\n  $") })
    #expect(text.comments.map(\.line) == [1, 2])
    #expect(text.comments.map(\.text) == ["// note \"q\"", "/* one /* two */ three */"])
  }
}
