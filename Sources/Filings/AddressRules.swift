internal import APIConventions
internal import Vocabulary

/// What the domicile must say, and how the name's division fits it; pure.
enum AddressRules {
  /// The domicile begins with the names of province, city and county of its region, goes on, and names
  /// no other county after them.
  ///
  /// The province may be left out; the city only before a county-level city or a county, whose names are
  /// unique in the province, not before a district: 铁西区 lies in two cities.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 8 and 11.
  static func violations(in content: FilingContent) -> [Violation] {
    let address = String(content.domicile.filter { !$0.isWhitespace })
    let region = content.domicileRegion
    let rests = beginnings(of: region).filter(address.hasPrefix).map { address.dropFirst($0.count) }
    let others = RegionCode.counties.map(\.code).filter { $0 != region }
    let isConsistent = rests.contains { rest in
      !rest.isEmpty && !others.contains { isNamed($0, in: rest) }
    }
    if isConsistent { return [] }
    return [
      Violation(
        field: "domicile",
        rule: "DOMICILE_REGION_MISMATCH",
        description: "住所须与行政区划\(region)一致，只写该区划，写作“\(region.fullName)……”。",
        basis: "市场主体登记管理条例第八条、第十一条"
      )
    ]
  }

  /// A division of county level in the name is the one that the domicile lies in.
  ///
  /// Source: Regulations on the Administration of Enterprise Name Registration (2020), art. 7.
  static func nameDivision(_ filing: Filing) -> [Violation] {
    let region = filing.content.domicileRegion
    let name = filing.name.enterpriseName
    let named = RegionCode.counties.first { county in
      nameBeginnings(of: county.code).contains(where: name.hasPrefix)
    }
    guard let named, named.code != region else { return [] }
    return [
      Violation(
        field: "domicile_region_code",
        rule: "RESERVATION_DIVISION_MISMATCH",
        description: "名称中的行政区划\(named.name)不是住所所在的\(region.name)，请更正住所，或者重新申报名称。",
        basis: "企业名称登记管理规定（2020）第七条"
      )
    ]
  }

  private static func beginnings(of region: RegionCode) -> [String] {
    let county = region.name
    let full = ["辽宁省\(region.city.name)\(county)", "\(region.city.name)\(county)"]
    return county.hasSuffix("区") ? full : full + ["辽宁省\(county)", county]
  }

  /// Whether what follows an address's region names a county: at once, or by its city and itself.
  ///
  /// What goes on as 东港市场 is no county.
  private static func isNamed(_ county: RegionCode, in rest: Substring) -> Bool {
    if rest.contains("\(county.city.name)\(county.name)") { return true }
    return rest.hasPrefix(county.name) && rest.dropFirst(county.name.count).first != "场"
  }

  /// How a name begins whose division is the county: with its city's name, in full or short, and its
  /// own in full; or with the name of a county or county-level city alone.
  private static func nameBeginnings(of county: RegionCode) -> [String] {
    let city = county.city.name
    let inCity = [city, String(city.dropLast())].map { $0 + county.name }
    return county.name.hasSuffix("区") ? inCity : inCity + [county.name]
  }
}
