internal import Vocabulary

/// How near a name is to one of the library.
enum NameVerdict: Int16, Comparable, Sendable {
  /// It cannot be reserved beside the other.
  case identical = 1
  /// It can be reserved once the declarant has confirmed the risk.
  case similar = 2
  /// It may stand beside the other.
  case distinct = 3

  /// Most serious first.
  static func < (one: NameVerdict, other: NameVerdict) -> Bool {
    one.rawValue < other.rawValue
  }
}

/// A rule of comparison, by its published id.
enum ComparisonRule: String, CaseIterable, Sendable {
  case otherScope = "R0"
  case wholeEqual = "R1"
  case partsEqual = "R2"
  case related = "R17x"
  case tradeAndIndustryEqual = "R3"
  case oneWithoutIndustry = "R3b"
  case tradeEqualSameIndustry = "R4"
  case tradeEqualNearIndustry = "S6"
  case tradeEqualOtherIndustry = "R5"
  case otherIndustry = "R6"
  case homophones = "S1"
  case tradeContained = "S2"
  case syllablesContained = "S3"
  case otherOrder = "S4"
  case lookAlike = "S5"
  case unlike = "R7"
}

/// What a comparison found, and by which rule.
struct NameFinding: Hashable, Sendable {
  /// How near.
  let verdict: NameVerdict
  /// The first rule that decided.
  let rule: ComparisonRule
}

/// The rules that tell whether a name stands in another's way (企业名称比对).
///
/// Pure.
///
/// Source: 企业名称登记管理规定 (2020), art. 17; 企业名称相同相近比对规则 (工商企注字〔2017〕133号).
struct NameComparison: Sendable {
  /// What differs between the laws.
  let law: LawProfile
  /// Whether syllables of different tones count as the same; the rules say 字音相同, so by default
  /// they do not.
  var ignoresTone = false

  /// Compares a candidate with a name of the library.
  ///
  /// The rules stand in their order; the first that applies decides.
  ///
  /// - Parameters:
  ///   - candidate: The name wanted.
  ///   - other: The name that stands there.
  ///   - related: Whether an investment relation between the holders is proven.
  /// - Returns: The verdict, and the rule that gave it.
  func finding(
    on candidate: ComparedName,
    against other: ComparedName,
    related: Bool = false
  ) -> NameFinding {
    if candidate.scope != other.scope { return NameFinding(verdict: .distinct, rule: .otherScope) }
    if candidate.whole == other.whole { return NameFinding(verdict: .identical, rule: .wholeEqual) }
    if candidate.isBranch || other.isBranch {
      // A branch's name is its parent's: only the whole can clash.
      return NameFinding(verdict: .distinct, rule: .unlike)
    }
    return candidate.trade == other.trade
      ? findingOnEqualTrades(candidate, other, related: related)
      : findingOnOtherTrades(candidate, other)
  }

  private func findingOnEqualTrades(
    _ one: ComparedName,
    _ other: ComparedName,
    related: Bool
  ) -> NameFinding {
    let industriesEqual = one.industry == other.industry
    if industriesEqual, one.division == other.division, one.form == other.form {
      return NameFinding(verdict: .identical, rule: .partsEqual)
    }
    if related { return NameFinding(verdict: .distinct, rule: .related) }
    if industriesEqual { return NameFinding(verdict: .identical, rule: .tradeAndIndustryEqual) }
    if one.industry.isEmpty || other.industry.isEmpty {
      return NameFinding(verdict: .identical, rule: .oneWithoutIndustry)
    }
    if isSameIndustry(one, other) {
      return NameFinding(
        verdict: law.blocksSameTradeInIndustry ? .identical : .similar,
        rule: .tradeEqualSameIndustry
      )
    }
    return isNearIndustry(one, other)
      ? NameFinding(verdict: .similar, rule: .tradeEqualNearIndustry)
      : NameFinding(verdict: .distinct, rule: .tradeEqualOtherIndustry)
  }

  private func findingOnOtherTrades(_ one: ComparedName, _ other: ComparedName) -> NameFinding {
    guard isNearIndustry(one, other) else {
      return NameFinding(verdict: .distinct, rule: .otherIndustry)
    }
    func similar(_ rule: ComparisonRule) -> NameFinding {
      NameFinding(verdict: .similar, rule: rule)
    }
    let (short, long) =
      one.trade.count <= other.trade.count ? (one.trade, other.trade) : (other.trade, one.trade)
    let sounds = { (a: Unicode.Scalar, b: Unicode.Scalar) in
      HanTable.standard.soundAlike(a, b, ignoringTone: ignoresTone)
    }
    if short.count == long.count, short.elementsEqual(long, by: sounds) {
      return similar(.homophones)
    }
    if short.count >= 2, short.count < long.count {
      if Self.contains(long, short, by: ==) { return similar(.tradeContained) }
      if Self.contains(long, short, by: sounds) { return similar(.syllablesContained) }
    }
    guard short.count == long.count else { return NameFinding(verdict: .distinct, rule: .unlike) }
    if short.sorted() == long.sorted() { return similar(.otherOrder) }
    if short.elementsEqual(long, by: LookAlikes.areAlike) { return similar(.lookAlike) }
    return NameFinding(verdict: .distinct, rule: .unlike)
  }

  /// The same words, words of one meaning, or classes of one group (中类, 3 digits).
  private func isSameIndustry(_ one: ComparedName, _ other: ComparedName) -> Bool {
    one.industryKey == other.industryKey || one.industryClass.group == other.industryClass.group
  }

  /// The same industry, classes of one division (大类, 2 digits), or one of them names none.
  private func isNearIndustry(_ one: ComparedName, _ other: ComparedName) -> Bool {
    one.namesNoIndustry || other.namesNoIndustry || isSameIndustry(one, other)
      || one.industryClass.division == other.industryClass.division
  }

  private static func contains(
    _ long: [Unicode.Scalar],
    _ short: [Unicode.Scalar],
    by areEquivalent: (Unicode.Scalar, Unicode.Scalar) -> Bool
  ) -> Bool {
    (0...(long.count - short.count)).contains { start in
      long[start..<start + short.count].elementsEqual(short, by: areEquivalent)
    }
  }
}

extension ComparisonRule {
  /// Why the other name stands in the way.
  ///
  /// - Parameter name: The other name.
  /// - Returns: A clause, in Chinese.
  func description(of name: String) -> String {
    switch self {
    case .otherScope: "与“\(name)”不在同一比对范围"
    case .wholeEqual: "与“\(name)”完全相同"
    case .partsEqual: "与“\(name)”的行政区划、字号、行业和组织形式相同，仅排列顺序不同"
    case .related: "与“\(name)”字号相同，有投资关系"
    case .tradeAndIndustryEqual: "与“\(name)”字号、行业相同，仅行政区划或者组织形式不同"
    case .oneWithoutIndustry: "与“\(name)”字号相同，其中一方没有行业用语"
    case .tradeEqualSameIndustry: "与“\(name)”字号相同，行业用语不同但属于同一行业"
    case .tradeEqualNearIndustry: "与“\(name)”字号相同，行业相近或者其中一方没有具体行业"
    case .tradeEqualOtherIndustry: "与“\(name)”字号相同，行业不同"
    case .otherIndustry: "与“\(name)”行业不同"
    case .homophones: "与“\(name)”的字号读音相同"
    case .tradeContained: "与“\(name)”的字号相互包含"
    case .syllablesContained: "与“\(name)”的字号读音相互包含"
    case .otherOrder: "与“\(name)”的字号用字相同，仅排列顺序不同"
    case .lookAlike: "与“\(name)”的字号字形相近"
    case .unlike: "与“\(name)”不相同也不相近"
    }
  }
}
