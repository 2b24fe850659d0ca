internal import APIConventions
package import Vocabulary

/// A name that somebody wants, by its parts; every text in its canonical form.
package struct NameCandidate: Hashable, Sendable {
  /// The whole name, 4 to 60 characters.
  package let enterpriseName: String
  /// The trade name (字号).
  package let tradeName: String
  /// The words for industry or operating feature; may be empty.
  package let industryWords: String
  /// The class of GB/T 4754-2017, 4 digits.
  package let industryClass: IndustryClass
  /// The type of the entity that will bear it.
  package let entityType: EntityType
  /// The registration authority's region.
  package let region: RegionCode
  /// For a branch: the parent's registered name; else nil.
  package let parentName: String?

  /// The name by its parts; texts are brought into their canonical form.
  package init(
    enterpriseName: String,
    tradeName: String,
    industryWords: String,
    industryClass: IndustryClass,
    entityType: EntityType,
    region: RegionCode,
    parentName: String? = nil
  ) {
    self.enterpriseName = NameText.canonical(enterpriseName)
    self.tradeName = NameText.canonical(tradeName)
    self.industryWords = NameText.canonical(industryWords)
    self.industryClass = industryClass
    self.entityType = entityType
    self.region = region
    self.parentName = parentName.map(NameText.canonical).flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// A candidate cut into what the law calls its parts.
///
/// Source: 企业名称登记管理规定 (2020), art. 6: division, trade name, industry or operating feature,
/// organization form.
struct NameStructure: Hashable, Sendable {
  /// The candidate.
  let candidate: NameCandidate
  /// The division as written, before the name or in parentheses; for a branch, what stands
  /// between its parent's name and the ending.
  ///
  /// Empty if there is none.
  let divisionText: String
  /// What the division is.
  let division: Division
  /// The words for industry, without a 集团 at their end that belongs to the form.
  let industryWords: String
  /// The organization form, with a partnership's marker; for a branch its ending.
  let form: String

  /// Where the name is compared: the province's own set, or a city's.
  var scope: RegionCode { division.scope(at: candidate.region) }

  /// Cuts a candidate.
  ///
  /// - Throws: `NameError.malformed` if its parts do not rebuild the name.
  init(_ candidate: NameCandidate, field: String) throws(NameError) {
    self.candidate = candidate
    guard !candidate.tradeName.isEmpty, candidate.enterpriseName.contains(candidate.tradeName)
    else {
      throw Self.mismatch(field + ".trade_name", "字号不在名称之中。")
    }
    if candidate.entityType.isBranch {
      (divisionText, form) = Self.branchParts(candidate)
      industryWords = candidate.industryWords
      division = Divisions.standard.division(divisionText)
      return
    }
    let cut = try Self.prefix(of: candidate, field: field)
    var rest = cut.rest
    if cut.prefix.isEmpty, let inner = Self.parenthesizedDivision(in: rest) {
      divisionText = inner.text
      rest = inner.rest
    } else {
      divisionText = cut.prefix
    }
    division = Divisions.standard.division(divisionText)
    guard rest.hasPrefix(candidate.industryWords) else {
      throw Self.mismatch(field + ".industry_words", "行业用语没有紧接在字号之后。")
    }
    let last = String(rest.dropFirst(candidate.industryWords.count))
    let own = OrganizationForms.companyForm(ending: rest) ?? last
    let takesGroup = ["集团", "（集团）"].contains { $0 + last == own }
    guard own == last || takesGroup else {
      throw Self.mismatch(field + ".industry_words", "行业用语与组织形式“\(own)”之间不相衔接。")
    }
    form = own
    industryWords = String(rest.dropLast(own.count))
  }

  private static func mismatch(_ field: String, _ description: String) -> NameError {
    .malformed([
      Violation(
        field: field,
        rule: "NAME_PARTS_MISMATCH",
        description: "\(description)各部分应当依次组成名称。"
      )
    ])
  }

  /// What stands before the trade name and after it: at the first place where what stands before is
  /// a division, or nothing.
  private static func prefix(
    of candidate: NameCandidate,
    field: String
  ) throws(NameError) -> (prefix: String, rest: String) {
    let name = Array(candidate.enterpriseName)
    let trade = Array(candidate.tradeName)
    let places = (0...(name.count - trade.count)).filter {
      Array(name[$0..<$0 + trade.count]) == trade
    }
    let prefixes = places.map { String(name[..<$0]) }
    let chosen =
      prefixes.firstIndex { text in
        text.isEmpty || Divisions.standard.division(text).isRecognized
          || WordList.standard.entry(beginning: text)?.word == text
      } ?? 0
    let prefix = prefixes[chosen]
    if Divisions.standard.division(prefix) == .unknown,
      WordList.standard.entry(beginning: prefix)?.word != prefix,
      (1..<prefix.count).contains(where: {
        Divisions.standard.division(String(prefix.prefix($0))).isRecognized
      })
    {
      throw mismatch(field + ".trade_name", "行政区划与字号之间有多余的字。")
    }
    return (prefix, String(name[(places[chosen] + trade.count)...]))
  }

  /// A division in parentheses before the organization form, and the text without it.
  private static func parenthesizedDivision(in text: String) -> (text: String, rest: String)? {
    for open in text.indices where text[open] == "（" {
      guard let close = text[open...].firstIndex(of: "）") else { return nil }
      let inner = String(text[text.index(after: open)..<close])
      let after = String(text[text.index(after: close)...])
      if Divisions.standard.division(inner).isRecognized, OrganizationForms.holdsForm(after) {
        return (inner, text[..<open] + after)
      }
    }
    return nil
  }

  /// What follows a branch's parent's name: a division, if it is one, and the ending.
  private static func branchParts(_ candidate: NameCandidate) -> (division: String, ending: String)
  {
    guard let parent = candidate.parentName, candidate.enterpriseName.hasPrefix(parent) else {
      return ("", "")
    }
    let rest = String(candidate.enterpriseName.dropFirst(parent.count))
    guard
      let ending = OrganizationForms.branchEndings.filter(rest.hasSuffix)
        .max(by: { $0.count < $1.count })
    else { return ("", rest) }
    let middle = withoutOrdinal(rest.dropLast(ending.count))
    return Divisions.standard.division(middle).isRecognized
      ? (middle, String(rest.dropFirst(middle.count))) : ("", rest)
  }

  /// What stands before 第 and a number at the end of `text`.
  private static func withoutOrdinal(_ text: Substring) -> String {
    guard let mark = text.lastIndex(of: "第"),
      text[text.index(after: mark)...].allSatisfy({ "一二三四五六七八九十百".contains($0) })
    else { return String(text) }
    return String(text[..<mark])
  }
}
