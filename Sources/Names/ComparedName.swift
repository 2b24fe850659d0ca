internal import Vocabulary

/// A name as comparison sees it: its parts in standard characters, one spelling for each.
struct ComparedName: Hashable, Sendable {
  /// The whole name, simplified.
  let whole: String
  /// The set that it is compared in.
  let scope: RegionCode
  /// The division's key: 沈阳市 and 沈阳 have one.
  let division: String
  /// The trade name, simplified.
  let trade: [Unicode.Scalar]
  /// The industry words, simplified.
  let industry: String
  /// The industry words' meaning: expressions of one group have one key.
  let industryKey: String
  /// Whether the industry words name no industry.
  let namesNoIndustry: Bool
  /// The organization form.
  let form: String
  /// The class of GB/T 4754-2017, 4 digits.
  let industryClass: IndustryClass
  /// Whether it is a branch's: such a name is its parent's with an ending.
  let isBranch: Bool

  /// A name by its parts; the industry words' key need not be given.
  init(
    whole: String,
    scope: RegionCode,
    divisionText: String,
    division: Division,
    trade: String,
    industry: String,
    form: String,
    industryKey: String? = nil,
    industryClass: IndustryClass,
    isBranch: Bool
  ) {
    self.whole = NameText.simplified(whole)
    self.scope = scope
    self.division = division.key(of: NameText.simplified(divisionText))
    self.trade = Array(NameText.simplified(trade).unicodeScalars)
    self.industry = NameText.simplified(industry)
    self.industryKey = industryKey ?? IndustryVocabulary.standard.key(of: self.industry)
    namesNoIndustry = IndustryVocabulary.standard.isGeneric(key: self.industryKey)
    self.form = NameText.simplified(form)
    self.industryClass = industryClass
    self.isBranch = isBranch
  }

  /// A candidate.
  init(_ structure: NameStructure) {
    self.init(
      whole: structure.candidate.enterpriseName,
      scope: structure.scope,
      divisionText: structure.divisionText,
      division: structure.division,
      trade: structure.candidate.tradeName,
      industry: structure.industryWords,
      form: structure.form,
      industryClass: structure.candidate.industryClass,
      isBranch: structure.candidate.entityType.isBranch
    )
  }
}
