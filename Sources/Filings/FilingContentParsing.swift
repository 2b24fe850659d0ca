internal import APIConventions
internal import Accounts
internal import RegistryAPI
internal import Vocabulary

extension FilingContent {
  /// The most items of a scope.
  static let scopeItemLimit = 100
  /// The most persons or organizations in one list of the form; the law's own limits are rules.
  static let partyLimit = 500

  /// Reads content from a request.
  ///
  /// - Parameters:
  ///   - proto: What was sent.
  ///   - path: The content's path in the request, for instance `filing.content`.
  /// - Throws: `FilingError.requestInvalid` with everything that is missing or malformed.
  init(_ proto: Liaoning_Registry_V1_FilingContent, at path: String) throws(FilingError) {
    var reader = ContentReader(path: path)
    let content = reader.content(proto)
    guard let content, reader.violations.isEmpty else { throw .requestInvalid(reader.violations) }
    self = content
  }
}

/// Reads content field by field and keeps every violation.
private struct ContentReader {
  let path: String
  var violations: [Violation] = []

  mutating func content(_ proto: Liaoning_Registry_V1_FilingContent) -> FilingContent? {
    let type = entityType(proto.entityType)
    let region = domicileRegion(proto.domicileRegionCode)
    let domicile = text(proto.domicile, "domicile", 5...200, "住所")
    let items = scopeItems(proto.scopeItems)
    let liaison = person(proto.liaison, proto.hasLiaison, "liaison")
    let term = date(proto.termEndDate, "term_end_date")
    let details = details(proto, of: type)
    guard let type, let region, let domicile, let liaison, let details else { return nil }
    return FilingContent(
      entityType: type,
      domicileRegion: region,
      domicile: domicile,
      scopeItems: items,
      liaison: liaison,
      details: details,
      termEndDate: term
    )
  }

  // MARK: Simple fields

  private mutating func add(
    _ field: String,
    _ rule: String,
    _ description: String,
    _ basis: String = ""
  ) {
    violations.append(
      Violation(field: "\(path).\(field)", rule: rule, description: description, basis: basis)
    )
  }

  /// The types that may be filed for online.
  private static let servedTypes: Set<String> = ["1130", "1151", "9100", "9500"]

  private mutating func entityType(_ code: String) -> EntityType? {
    guard let type = EntityType(code), Self.servedTypes.contains(type.code) else {
      add("entity_type", "ENTITY_TYPE_UNKNOWN", "类型须为1130、1151、9100或者9500。", "市场主体登记管理条例实施细则第九条")
      return nil
    }
    return type
  }

  private mutating func domicileRegion(_ code: String) -> RegionCode? {
    guard let region = RegionCode(code), region.isCounty else {
      add("domicile_region_code", "REGION_CODE_UNKNOWN", "须为辽宁省县级行政区划代码，6位数字。", "GB/T 2260")
      return nil
    }
    return region
  }

  private mutating func text(
    _ text: String,
    _ field: String,
    _ lengths: ClosedRange<Int>,
    _ term: String,
    allowsLines: Bool = false
  ) -> String? {
    let kept = Self.normalized(text)
    guard lengths.contains(kept.unicodeScalars.count) else {
      add(
        field,
        "TEXT_LENGTH_UNLAWFUL",
        "\(term)须为\(lengths.lowerBound)至\(lengths.upperBound)个字。"
      )
      return nil
    }
    guard kept.isPrintable(allowingLines: allowsLines) else {
      add(field, "TEXT_CHARACTER_UNLAWFUL", "\(term)含有不能打印的字符。")
      return nil
    }
    return kept
  }

  private mutating func date(_ text: String, _ field: String) -> CivilDate? {
    if text.isEmpty { return nil }
    guard let date = CivilDate(text) else {
      add(field, "DATE_MALFORMED", "日期格式须为YYYY-MM-DD。")
      return nil
    }
    return date
  }

  private mutating func scopeItems(_ protos: [Liaoning_Registry_V1_ScopeItem]) -> [ScopeItem] {
    guard (1...FilingContent.scopeItemLimit).contains(protos.count) else {
      add(
        "scope_items",
        "SCOPE_ITEM_COUNT_UNLAWFUL",
        "经营范围须有1至100项。",
        "市场主体登记管理条例第十四条"
      )
      return []
    }
    return protos.enumerated().compactMap { index, proto in
      let wording = text(proto.text, "scope_items[\(index)].text", 2...200, "经营范围项目")
      guard let industryClass = IndustryClass(proto.industryClass) else {
        add(
          "scope_items[\(index)].industry_class",
          "INDUSTRY_CLASS_UNKNOWN",
          "须为国民经济行业分类的小类代码，4位数字。",
          "GB/T 4754-2017"
        )
        return nil
      }
      return wording.map { ScopeItem(text: $0, industryClass: industryClass) }
    }
  }

  // MARK: Parties

  private mutating func person(
    _ proto: Liaoning_Registry_V1_NaturalPerson,
    _ isSet: Bool,
    _ field: String
  ) -> PersonRecord? {
    guard isSet else {
      add(field, "PERSON_MISSING", "请填写该人员。")
      return nil
    }
    return PersonRecord(proto, at: "\(path).\(field)", violations: &violations)
  }

  private mutating func people(
    _ protos: [Liaoning_Registry_V1_NaturalPerson],
    _ field: String
  ) -> [PersonRecord] {
    guard isWithinLimit(protos.count, field) else { return [] }
    return protos.enumerated().compactMap { index, proto in
      PersonRecord(proto, at: "\(path).\(field)[\(index)]", violations: &violations)
    }
  }

  private mutating func contributors(
    _ protos: [Liaoning_Registry_V1_Contributor],
    _ field: String
  ) -> [Contributor] {
    guard isWithinLimit(protos.count, field) else { return [] }
    return protos.enumerated().compactMap { index, proto in
      let place = "\(field)[\(index)]"
      let due = date(proto.dueDate, "\(place).due_date")
      guard
        let party = PartyRecord(
          proto.party,
          at: "\(path).\(place).party",
          violations: &violations
        )
      else { return nil }
      return Contributor(
        party: party,
        contributionFen: proto.contributionFen,
        dueDate: due,
        isFarmer: proto.farmer
      )
    }
  }

  private mutating func isWithinLimit(_ count: Int, _ field: String) -> Bool {
    if count <= FilingContent.partyLimit { return true }
    add(field, "PARTY_COUNT_TOO_LARGE", "最多\(FilingContent.partyLimit)项；更多请到登记窗口办理。")
    return false
  }

  // MARK: Details

  private mutating func details(
    _ proto: Liaoning_Registry_V1_FilingContent,
    of type: EntityType?
  ) -> FilingContent.Details? {
    switch (proto.details, type?.entityClass) {
    case (.company(let company), .limitedLiabilityCompany?), (.company(let company), nil):
      self.company(company).map(FilingContent.Details.company)
    case (.cooperative(let cooperative), .farmersCooperative?),
      (.cooperative(let cooperative), nil):
      self.cooperative(cooperative).map(FilingContent.Details.cooperative)
    case (.individualBusiness(let business), .individualBusiness?),
      (.individualBusiness(let business), nil):
      self.individualBusiness(business).map(FilingContent.Details.individualBusiness)
    case (nil, _):
      missingDetails("DETAILS_MISSING", "请填写该类型所需的详细信息。")
    case (_?, _?):
      missingDetails("DETAILS_MISMATCH", "详细信息与市场主体类型不符。")
    }
  }

  private mutating func missingDetails(
    _ rule: String,
    _ description: String
  ) -> FilingContent.Details? {
    add("details", rule, description, "市场主体登记管理条例实施细则第六条")
    return nil
  }

  private mutating func company(_ proto: Liaoning_Registry_V1_CompanyDetails) -> CompanyDetails? {
    let shareholders = contributors(proto.shareholders, "company.shareholders")
    let representative = person(
      proto.legalRepresentative,
      proto.hasLegalRepresentative,
      "company.legal_representative"
    )
    let directors = people(proto.directors, "company.directors")
    let supervisors = people(proto.supervisors, "company.supervisors")
    let manager = proto.hasManager ? person(proto.manager, true, "company.manager") : nil
    let charter = text(
      proto.charterText,
      "company.charter_text",
      10...20_000,
      "章程",
      allowsLines: true
    )
    guard let representative, let charter else { return nil }
    return CompanyDetails(
      registeredCapitalFen: proto.registeredCapitalFen,
      shareholders: shareholders,
      legalRepresentative: representative,
      directors: directors,
      supervisors: supervisors,
      manager: manager,
      charterText: charter
    )
  }

  private mutating func cooperative(
    _ proto: Liaoning_Registry_V1_CooperativeDetails
  ) -> CooperativeDetails? {
    let members = contributors(proto.members, "cooperative.members")
    let chair = person(
      proto.legalRepresentative,
      proto.hasLegalRepresentative,
      "cooperative.legal_representative"
    )
    let charter = text(
      proto.charterText,
      "cooperative.charter_text",
      10...20_000,
      "章程",
      allowsLines: true
    )
    guard let chair, let charter else { return nil }
    return CooperativeDetails(members: members, legalRepresentative: chair, charterText: charter)
  }

  private mutating func individualBusiness(
    _ proto: Liaoning_Registry_V1_IndividualBusinessDetails
  ) -> IndividualBusinessDetails? {
    let form: IndividualBusinessDetails.Form?
    switch proto.form {
    case .personal: form = .personal
    case .family: form = .family
    case .unspecified, .UNRECOGNIZED:
      form = nil
      add("individual_business.form", "FORM_UNKNOWN", "组成形式须为个人经营或者家庭经营。", "市场主体登记管理条例第九条")
    }
    let person = person(proto.operator, proto.hasOperator, "individual_business.operator")
    let family = people(proto.familyMembers, "individual_business.family_members")
    guard let form, let person else { return nil }
    return IndividualBusinessDetails(form: form, operator: person, familyMembers: family)
  }

  // MARK: Characters

  /// Without white space at the ends, and with line feeds as line ends.
  private static func normalized(_ text: String) -> String {
    let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    guard let first = lines.firstIndex(where: { !$0.isWhitespace }),
      let last = lines.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(lines[first...last])
  }
}
