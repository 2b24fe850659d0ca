/// A class of the industrial classification for national economic activities, 4 digits.
///
/// Source: GB/T 4754-2017.
package struct IndustryClass: Hashable, Sendable, CustomStringConvertible {
  /// The 4 digits.
  package let code: String

  /// Parses 4 ASCII digits, of which the first two are a division, 01 to 97; nothing otherwise.
  package init?(_ text: String) {
    guard (try? CodeText.digits(text, count: 4)) != nil, let division = Int(text.prefix(2)),
      (1...97).contains(division)
    else { return nil }
    code = text
  }

  /// The 4 digits.
  package var description: String { code }
}

/// The law that the rules follow: the plan is of 2017, the law moved in 2020 to 2024.
package enum LawProfile: String, CaseIterable, Sendable {
  /// The law of October 2017.
  case law2017
  /// The law in force.
  case current
}

/// A type of market entity (市场主体类型), 4 digits.
package struct EntityType: Hashable, Sendable, CustomStringConvertible {
  /// What the rules tell types apart by.
  package enum Class: Hashable, Sendable {
    /// Limited liability companies, also foreign-invested ones.
    case limitedLiabilityCompany
    /// Companies limited by shares.
    case jointStockCompany
    /// State-owned and collective enterprises with legal personality.
    case nonCompanyLegalPerson
    /// Sole proprietorships.
    case soleProprietorship
    /// Partnerships.
    case partnership
    /// Branches of all kinds.
    case branch
    /// Farmers' cooperatives.
    case farmersCooperative
    /// Individual businesses.
    case individualBusiness
    /// Types that no rule tells apart yet.
    case other
  }

  /// The 4 digits.
  package let code: String

  /// Parses 4 ASCII digits; nothing otherwise.
  package init?(_ text: String) {
    guard (try? CodeText.digits(text, count: 4)) != nil else { return nil }
    code = text
  }

  /// The 4 digits.
  package var description: String { code }

  /// The class, by the code's first digits.
  package var entityClass: Class {
    switch code.prefix(2) {
    case "11", "51", "61": .limitedLiabilityCompany
    case "12", "52", "62": .jointStockCompany
    case "31", "32", "33", "34", "35": .nonCompanyLegalPerson
    case "54", "64": .partnership
    case "21", "22", "43", "44", "58", "68": .branch
    default: classOfSingleType
    }
  }

  private var classOfSingleType: Class {
    switch code {
    case "4540": .soleProprietorship
    case "4531", "4532", "4533": .partnership
    case "4551", "4552", "4553", "4560", "9200": .branch
    case "9100": .farmersCooperative
    case "9500": .individualBusiness
    default: .other
    }
  }

  /// The name, in Chinese; the code where the table has none.
  package var name: String { Self.names[code] ?? code }

  private static let names = [
    "1110": "有限责任公司（国有独资）",
    "1130": "有限责任公司（自然人投资或控股）",
    "1140": "有限责任公司（国有控股）",
    "1151": "有限责任公司（自然人独资）",
    "1152": "有限责任公司（自然人投资或控股的法人独资）",
    "1153": "有限责任公司（非自然人投资或控股的法人独资）",
    "1190": "其他有限责任公司",
    "1221": "股份有限公司（非上市、外商投资企业投资）",
    "1222": "股份有限公司（非上市、自然人投资或控股）",
    "1223": "股份有限公司（非上市、国有控股）",
    "1229": "其他股份有限公司（非上市）",
    "2130": "有限责任公司分公司（自然人投资或控股）",
    "2151": "有限责任公司分公司（自然人独资）",
    "3100": "全民所有制",
    "3200": "集体所有制",
    "3400": "股份合作制",
    "3500": "联营",
    "4310": "全民所有制分支机构（非法人）",
    "4320": "集体分支机构（非法人）",
    "4410": "国有经营单位（非法人）",
    "4420": "集体经营单位（非法人）",
    "4531": "普通合伙企业",
    "4532": "特殊普通合伙企业",
    "4533": "有限合伙企业",
    "4540": "个人独资企业",
    "4551": "普通合伙企业分支机构",
    "4552": "特殊普通合伙企业分支机构",
    "4553": "有限合伙企业分支机构",
    "4560": "个人独资企业分支机构",
    "9100": "农民专业合作社",
    "9200": "农民专业合作社分支机构",
    "9500": "个体工商户",
  ]
}
