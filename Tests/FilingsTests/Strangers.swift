internal import APIConventions
internal import Accounts
internal import RoomsTestKit
internal import Testing
internal import Vocabulary

@testable internal import Filings

/// A row of a table of own examples: what is filed, and the rules that it breaks, in their order.
struct Example: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let filing: Filing
  let day: CivilDate
  let law: LawProfile
  let rules: [String]

  init(
    _ title: String,
    _ filing: Filing,
    on day: String = "2026-11-23",
    under law: LawProfile = .current,
    breaks rules: [String] = []
  ) {
    testDescription = title
    self.filing = filing
    self.day = CivilDate(day) ?? today
    self.law = law
    self.rules = rules.sorted()
  }

  /// A company in 浑南区 under a name of its own.
  init(
    company title: String,
    _ company: CompanyDetails,
    type: String? = nil,
    on day: String = "2026-11-23",
    under law: LawProfile = .current,
    breaks rules: [String] = []
  ) {
    let content = FilingContent.sample(
      .company(company),
      type: type,
      region: "210112",
      domicile: "辽宁省沈阳市浑南区长白南路9号2层",
      liaison: Stranger.gu
    )
    let filing = Filing.sample(content: content, name: "沈阳栖梧信息技术有限公司")
    self.init(title, filing, on: day, under: law, breaks: rules)
  }

  /// Judges the row.
  func judge(sourceLocation: SourceLocation = #_sourceLocation) {
    let violations = FilingRules.violations(in: filing, on: day, under: law)
    #expect(violations.map(\.rule).sorted() == rules, sourceLocation: sourceLocation)
    for violation in violations {
      #expect(!violation.field.isEmpty, sourceLocation: sourceLocation)
      #expect(violation.description.count >= 8, sourceLocation: sourceLocation)
      #expect(!violation.basis.isEmpty, sourceLocation: sourceLocation)
    }
  }
}

/// People and organizations that no listed case knows.
enum Stranger {
  static let gu = person("顾临川", "110101199912311230")
  static let yan = person("阎 Maria-Lu\u{ED}sa", "310115200002290072")
  static let hai = person("海力·巴特尔", "460200200411309989")
  static let nuo = person("诺敏", "650105197506305101")
  static let ye = person("叶知秋", "820000198808080314")
  static let jin = person("金顺姬", "230106194910010246")
  static let luo = person("罗一", "500234196204307777")
  /// Born on 29 February 2008: 18 on 28 February 2026.
  static let leap = person("尹闰", "320500200802290168")

  static let trader = organization("上海拂晓贸易有限公司", "91310115AY4CL12T2E")
  static let brewery = organization("重庆临江酿造有限公司", "91500103HDQAEJXE0H")
  static let stall = organization("长春市宽城区老周修车铺", "92220102H3BJ1XG698")
  static let growers = organization("五常稻香种植专业合作社", "9323018412DD272H2Q")
  static let ministry = organization("某部", "12110000D1TJ3Y7L4H")
  static let bureau = organization("某市农业农村局", "11340000LJY1JJC157")
  static let association = organization("深圳果业协会", "5144030071HU49D45G")
  static let village = organization("历下某村村民委员会", "54370211H3J9HTM50H")
  static let collective = organization("某村股份经济合作社", "N24210813JJL6B3H6A")
  static let unit = organization("某编办群团", "131300002J9GFWAP2T")

  static func person(_ name: String, _ number: String) -> PersonRecord {
    guard let identityNumber = ResidentIdentityNumber(number),
      let mobile = MobileNumber("1590000" + number.dropFirst(12).prefix(4))
    else { preconditionFailure("no identity number: \(number)") }
    return PersonRecord(fullName: name, identityNumber: identityNumber, mobileNumber: mobile)
  }

  static func organization(_ name: String, _ code: String) -> OrganizationRecord {
    guard let creditCode = UnifiedSocialCreditCode(code) else {
      preconditionFailure("no credit code: \(code)")
    }
    return OrganizationRecord(enterpriseName: name, creditCode: creditCode)
  }

  /// A director or supervisor of a crowd, each another, none born in January 1950 or later.
  static func crowd(_ count: Int) -> [PersonRecord] {
    (0..<count).map { Person.born("194\($0 / 90)0715", serial: $0 % 90 + 1) }
  }
}
