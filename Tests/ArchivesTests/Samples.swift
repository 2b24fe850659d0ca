internal import Accounts
internal import Foundation
internal import Vocabulary

@testable internal import Filings

/// 2026-11-23 09:00 in Shenyang, a Monday: the hour of the tests unless they move it.
let nineOClock = Date(timeIntervalSince1970: 1_795_395_600)

/// Made-up people, all grown up.
enum Person {
  /// A person told from others by a serial of 0 to 99 in a year.
  static func sample(_ serial: Int, born year: Int = 1960) -> PersonRecord {
    let body = "210101\(year)01010" + String(String(100 + serial).dropFirst())
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
    let number = body + String(Array("10X98765432")[sum % 11])
    guard let identityNumber = ResidentIdentityNumber(number),
      let mobile = MobileNumber("138\(year)" + number.dropFirst(14))
        ?? MobileNumber("138\(year)\(1_000 + serial)")
    else { preconditionFailure("no identity number: \(number)") }
    return PersonRecord(fullName: "测试人", identityNumber: identityNumber, mobileNumber: mobile)
  }
}

extension FilingContent {
  /// A lawful limited company in 和平区 of Shenyang: 1151 of one shareholder, 1130 of more.
  static func company(
    _ shareholders: [PersonRecord],
    charter: String = "第一条 公司依法设立。\n第二条 股东以其认缴的出资额为限承担责任。"
  ) -> FilingContent {
    let founder = shareholders[0]
    let company = CompanyDetails(
      registeredCapitalFen: Int64(shareholders.count) * 10_000_00,
      shareholders: shareholders.map {
        Contributor(
          party: .person($0),
          contributionFen: 10_000_00,
          dueDate: CivilDate("2030-12-31"),
          isFarmer: false
        )
      },
      legalRepresentative: founder,
      directors: [founder],
      supervisors: [],
      manager: nil,
      charterText: charter
    )
    return content(
      shareholders.count == 1 ? "1151" : "1130",
      .company(company),
      liaison: founder
    )
  }

  /// A lawful cooperative in 盘山县 of Panjin, the first member in the chair.
  static func cooperative(_ members: [PersonRecord]) -> FilingContent {
    let cooperative = CooperativeDetails(
      members: members.map {
        Contributor(
          party: .person($0),
          contributionFen: 1_000_00,
          dueDate: nil,
          isFarmer: true
        )
      },
      legalRepresentative: members[0],
      charterText: "第一条 本社依法设立。第二条 成员入社自愿、退社自由。"
    )
    return content(
      "9100",
      .cooperative(cooperative),
      region: "211122",
      domicile: "辽宁省盘锦市盘山县试验乡测试村14组",
      liaison: members[0]
    )
  }

  /// A lawful individual business of a family in 和平区 of Shenyang.
  static func familyBusiness(_ operator: PersonRecord, _ family: [PersonRecord]) -> FilingContent {
    content(
      "9500",
      .individualBusiness(
        IndividualBusinessDetails(form: .family, operator: `operator`, familyMembers: family)
      ),
      scope: "餐饮服务",
      liaison: `operator`
    )
  }

  private static func content(
    _ type: String,
    _ details: Details,
    region: String = "210102",
    domicile: String = "辽宁省沈阳市和平区试验一路1号A座101室",
    scope: String = "软件开发",
    liaison: PersonRecord
  ) -> FilingContent {
    guard let entityType = EntityType(type), let domicileRegion = RegionCode(region),
      let industryClass = IndustryClass("6513")
    else { preconditionFailure("no such type, region or class") }
    return FilingContent(
      entityType: entityType,
      domicileRegion: domicileRegion,
      domicile: domicile,
      scopeItems: [ScopeItem(text: scope, industryClass: industryClass)],
      liaison: liaison,
      details: details,
      termEndDate: nil
    )
  }
}
