internal import Entities
internal import Foundation
internal import Vocabulary

@testable internal import Accounts

/// 2026-11-20 10:00 in Shenyang: the hour of the tests unless they move it.
let tenOClock = Date(timeIntervalSince1970: 1_795_140_000)

/// A text that is no value of its kind.
struct NoSuchValue: Error {
  let text: String
}

/// The value, or an error that names its text.
func parsed<Value>(_ text: String, _ parse: (String) -> Value?) throws -> Value {
  guard let value = parse(text) else { throw NoSuchValue(text: text) }
  return value
}

/// Made-up people of the province's placeholder region, all of them different.
enum Person {
  static func anyone(named name: String = "赵测试") throws -> PersonRecord {
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: width - String(number).count) + String(number)
    }
    let body =
      "210101" + String(Int.random(in: 1_930...2_000)) + padded(.random(in: 1...12), 2)
      + padded(.random(in: 1...28), 2) + padded(.random(in: 0...999), 3)
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
    return PersonRecord(
      fullName: name,
      identityNumber: try parsed(body + String(Array("10X98765432")[sum % 11])) {
        ResidentIdentityNumber($0)
      },
      mobileNumber: try parsed("13800000000") { MobileNumber($0) }
    )
  }
}

extension Establishment {
  /// A company, cooperative or individual business of that person.
  static func sample(
    of chief: PersonRecord,
    type: String = "1130",
    named name: String = "沈阳星漪软件有限公司",
    scope: [String] = ["软件开发", "信息咨询服务（不含许可类信息咨询服务）"],
    establishedOn day: String = "2026-11-20"
  ) throws -> Establishment {
    let industry = try parsed("6513") { IndustryClass($0) }
    let established = try parsed(day) { CivilDate($0) }
    let roles: [EntityRoleRecord] =
      switch type {
      case "9500": [EntityRoleRecord(kind: .operator, party: .person(chief))]
      case "9100":
        [
          EntityRoleRecord(kind: .legalRepresentative, party: .person(chief)),
          EntityRoleRecord(kind: .member, party: .person(chief), contributionFen: 100),
        ]
      default:
        [
          EntityRoleRecord(kind: .legalRepresentative, party: .person(chief)),
          EntityRoleRecord(kind: .shareholder, party: .person(chief), contributionFen: 50),
        ]
      }
    return Establishment(
      enterpriseName: name,
      entityType: try parsed(type) { EntityType($0) },
      authority: try parsed("210100") { RegionCode($0) },
      domicileRegion: try parsed("210102") { RegionCode($0) },
      domicile: "辽宁省沈阳市和平区试验一路1号A座101室",
      capitalFen: type == "9500" ? nil : 100_000_000,
      scopeItems: scope.map { EntityScopeItem(text: $0, industryClass: industry) },
      establishmentDate: established,
      termEndDate: type == "1130" ? established.adding(years: 20) : nil,
      compositionForm: type == "9500" ? "个人经营" : nil,
      roles: roles,
      responsiblePerson: chief
    )
  }
}

extension Authority {
  /// Shenyang's authority of 2026.
  static func shenyang(
    named name: String = "沈阳市市场监督管理局"
  ) throws -> Authority {
    Authority(
      region: try parsed("210100") { RegionCode($0) },
      name: name,
      shortName: "沈",
      creditCode: try parsed("11210100XB0000006") { body in
        UnifiedSocialCreditCode.completing(String(body.prefix(17)))
      }
    )
  }
}
