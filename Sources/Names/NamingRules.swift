internal import Vocabulary

/// A naming rule that a name breaks, and with what.
struct NamingViolation: Hashable, Sendable {
  /// The rule.
  let rule: NamingRule
  /// The offending part of the name.
  let part: String
}

/// What the law demands of a name by itself, without looking at others'.
///
/// Pure.
struct NamingRules: Sendable {
  /// The rules under a law.
  let law: LawProfile

  /// Every rule broken, in the order of the rules' ids.
  func violations(in name: NameStructure) -> [NamingViolation] {
    let own =
      name.candidate.entityType.isBranch
      ? branch(name)
      : division(name) + tradeName(name.candidate) + form(name)
    return (characters(name) + own + content(name))
      .sorted { ($0.rule.rawValue, $0.part) < ($1.rule.rawValue, $1.part) }
  }

  /// Standard Chinese characters alone; parentheses only around a division, 集团 before the form, a
  /// nationality mark or a partnership's marker.
  private func characters(_ name: NameStructure) -> [NamingViolation] {
    var foreign = ""
    var nonStandard = ""
    for scalar in name.candidate.enterpriseName.unicodeScalars where scalar != "（" && scalar != "）"
    {
      if HanTable.standard.isStandard(scalar) { continue }
      if scalar.properties.isIdeographic {
        nonStandard.unicodeScalars.append(scalar)
      } else {
        foreign.unicodeScalars.append(scalar)
      }
    }
    if hasStrayParentheses(name) { foreign += "（）" }
    return (foreign.isEmpty ? [] : [NamingViolation(rule: .foreignCharacter, part: foreign)])
      + (nonStandard.isEmpty
        ? [] : [NamingViolation(rule: .nonStandardCharacter, part: nonStandard)])
  }

  private func hasStrayParentheses(_ name: NameStructure) -> Bool {
    var text = name.candidate.enterpriseName
    if let parent = name.candidate.parentName, name.candidate.entityType.isBranch,
      text.hasPrefix(parent)
    {
      text = String(text.dropFirst(parent.count))
    }
    var lawful = ["（中国）", "（\(name.divisionText)）"] + OrganizationForms.partnershipMarkers
    if name.form.hasPrefix("（集团）") { lawful.append("（集团）") }
    for part in lawful { text = text.replacing(part, with: "", maxReplacements: 1) }
    return text.contains { $0 == "（" || $0 == "）" }
  }

  /// The division is one at county level or above where the entity is; a district follows its city,
  /// a zone a city or county.
  private func division(_ name: NameStructure) -> [NamingViolation] {
    // A name that claims the whole country answers for that alone (V07).
    if nationalPrefix(of: name.candidate) != nil { return [] }
    let text = name.divisionText
    switch name.division {
    case .absent: return [NamingViolation(rule: .divisionMissing, part: "")]
    case .districtAlone: return [NamingViolation(rule: .districtWithoutCity, part: text)]
    case .zoneAlone: return [NamingViolation(rule: .zoneAlone, part: text)]
    case .outside, .unknown: return [NamingViolation(rule: .divisionElsewhere, part: text)]
    case .liaoning:
      return name.division.contains(orLiesIn: name.candidate.region)
        ? [] : [NamingViolation(rule: .divisionElsewhere, part: text)]
    }
  }

  /// The trade name has two characters or more, and is no place, industry or title.
  private func tradeName(_ candidate: NameCandidate) -> [NamingViolation] {
    let trade = candidate.tradeName
    var broken: [NamingRule] = []
    if trade.count < 2 { broken.append(.tradeNameTooShort) }
    if Divisions.standard.isPlaceName(trade) { broken.append(.tradeNameIsPlace) }
    if IndustryVocabulary.standard.isIndustry(trade) { broken.append(.tradeNameIsIndustry) }
    if let entry = WordList.standard.entry(forTradeName: trade) { broken.append(entry.rule) }
    return broken.map { NamingViolation(rule: $0, part: trade) }
  }

  /// The form fits the entity's type.
  private func form(_ name: NameStructure) -> [NamingViolation] {
    let form = name.form
    let marker = OrganizationForms.partnershipMarker(ending: form)
    let bare = marker.map { String(form.dropLast($0.count)) } ?? form
    let isCompanyForm = bare.contains("公司") || bare.contains("有限")
    let isCooperativeForm = bare.contains("合作社") || bare.contains("联合社")
    let isPartnershipForm = marker != nil || bare.contains("合伙")
    func unfit(unless fits: Bool) -> [NamingViolation] {
      fits ? [] : [NamingViolation(rule: .formUnfit, part: form)]
    }
    let kind = name.candidate.entityType.formKind
    if kind == .cooperative {
      let ending = name.industryWords + form
      return OrganizationForms.cooperativeEndings.contains(where: ending.hasSuffix)
        ? [] : [NamingViolation(rule: .cooperativeMarker, part: form)]
    }
    let isKnown =
      OrganizationForms.isCompanyForm(form) || OrganizationForms.isForm(form)
    if !isKnown { return [NamingViolation(rule: .formMissing, part: form)] }
    switch kind {
    case .limited: return unfit(unless: OrganizationForms.limited.contains(form))
    case .shares: return unfit(unless: OrganizationForms.shares.contains(form))
    case .partnership(let wanted):
      let lacksMarker = marker != wanted
      return unfit(unless: !isCompanyForm && !isCooperativeForm)
        + (lacksMarker ? [NamingViolation(rule: .partnershipMarker, part: wanted)] : [])
    case .personal:
      return unfit(unless: !isCompanyForm && !isPartnershipForm && !isCooperativeForm)
    case .enterprise:
      return unfit(
        unless: !bare.contains("有限") && !isPartnershipForm && !form.contains("专业合作社")
      )
    case .cooperative: return []
    }
  }

  /// A branch bears its parent's name, and 分公司, 分厂 or the like at its end.
  private func branch(_ name: NameStructure) -> [NamingViolation] {
    let whole = name.candidate.enterpriseName
    guard let parent = name.candidate.parentName, whole.hasPrefix(parent) else {
      return [NamingViolation(rule: .parentNameMissing, part: name.candidate.parentName ?? "")]
    }
    var broken: [NamingViolation] = []
    if !OrganizationForms.branchEndings.contains(where: name.form.hasSuffix) {
      broken.append(NamingViolation(rule: .branchSuffixMissing, part: name.form))
    }
    let mustFit = name.division != .absent && name.division != .unknown
    if mustFit, !name.division.contains(orLiesIn: name.candidate.region) {
      broken.append(NamingViolation(rule: .divisionElsewhere, part: name.divisionText))
    }
    return broken
  }

  private func nationalPrefix(of candidate: NameCandidate) -> String? {
    if let entry = WordList.standard.entry(beginning: NameText.simplified(candidate.enterpriseName))
    {
      return entry.word
    }
    return law.reservesInternational && candidate.enterpriseName.hasPrefix("国际") ? "国际" : nil
  }

  /// Words that names may not hold.
  ///
  /// Of a branch only what it adds to its parent's name is read.
  private func content(_ name: NameStructure) -> [NamingViolation] {
    var broken: [NamingViolation] = []
    let candidate = name.candidate
    var text = Array(NameText.simplified(candidate.enterpriseName).unicodeScalars)
    var offset = 0
    if candidate.entityType.isBranch, let parent = candidate.parentName,
      candidate.enterpriseName.hasPrefix(parent)
    {
      offset = parent.unicodeScalars.count
    } else if let prefix = nationalPrefix(of: candidate) {
      broken.append(NamingViolation(rule: .nationalPrefix, part: prefix))
      offset = prefix.unicodeScalars.count
    } else if candidate.enterpriseName.hasPrefix(name.divisionText) {
      offset = name.division.placeLength(in: name.divisionText)
    }
    text.removeFirst(offset)
    for hit in WordList.standard.hits(in: text) where !meetsByChance(hit.range, in: text, of: name)
    {
      let violation = NamingViolation(rule: hit.entry.rule, part: hit.entry.word)
      if !broken.contains(violation) { broken.append(violation) }
    }
    return broken
  }

  /// Whether a word only arises where one part of the name ends and the next begins, and the next
  /// does begin with a word of its own: 云中 + 国际贸易.
  ///
  /// A part that begins with no known word gives no such excuse, or one could split a forbidden
  /// word at will.
  private func meetsByChance(
    _ range: Range<Int>,
    in text: [Unicode.Scalar],
    of name: NameStructure
  ) -> Bool {
    if name.candidate.entityType.isBranch { return false }
    let formStart = text.count - name.form.unicodeScalars.count
    var industryEnd = formStart
    let inner = Array("（\(NameText.simplified(name.divisionText))）".unicodeScalars)
    if text[..<max(0, formStart)].suffix(inner.count).elementsEqual(inner) {
      industryEnd -= inner.count
    }
    let industryStart = industryEnd - name.industryWords.unicodeScalars.count
    func crosses(_ boundary: Int) -> Bool {
      range.lowerBound < boundary && boundary < range.upperBound
    }
    return crosses(formStart) && OrganizationForms.isCompanyForm(name.form)
      || crosses(industryStart)
        && IndustryVocabulary.standard.beginsWithWord(Array(text[industryStart...]))
  }
}
