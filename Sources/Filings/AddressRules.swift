internal import APIConventions
internal import Vocabulary

/// What the domicile must say; pure.
enum AddressRules {
  /// The domicile begins with the names of province, city and county of its region, and goes on.
  ///
  /// The province may be left out; the city only before a county-level city or a county, whose names are
  /// unique in the province, not before a district: 铁西区 lies in two cities.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 8 and 11.
  static func violations(in content: FilingContent) -> [Violation] {
    let address = String(content.domicile.filter { !$0.isWhitespace })
    let region = content.domicileRegion
    let isConsistent = beginnings(of: region).contains { beginning in
      address.hasPrefix(beginning) && address.count > beginning.count
    }
    if isConsistent { return [] }
    return [
      Violation(
        field: "domicile",
        rule: "DOMICILE_REGION_MISMATCH",
        description: "住所须与行政区划\(region)一致，写作“辽宁省\(region.city.name)\(region.name)……”。",
        basis: "市场主体登记管理条例第八条、第十一条"
      )
    ]
  }

  private static func beginnings(of region: RegionCode) -> [String] {
    let county = region.name
    let full = ["辽宁省\(region.city.name)\(county)", "\(region.city.name)\(county)"]
    return county.hasSuffix("区") ? full : full + ["辽宁省\(county)", county]
  }
}
