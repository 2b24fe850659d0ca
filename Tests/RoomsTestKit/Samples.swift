package import Accounts
package import Foundation
package import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// 2026-11-23 09:00 in Shenyang, a Monday: the hour of the tests unless they move it.
package let nineOClock = Date(timeIntervalSince1970: 1_795_395_600)

/// Made-up people of the province's placeholder regions.
package enum Person {
  /// A person with a mobile number made of the last digits.
  package static func person(_ name: String, _ number: String) -> PersonRecord {
    guard let identityNumber = ResidentIdentityNumber(number),
      let mobile = MobileNumber("1380000" + number.dropFirst(12).prefix(4))
    else { preconditionFailure("no identity number: \(number)") }
    return PersonRecord(fullName: name, identityNumber: identityNumber, mobileNumber: mobile)
  }

  /// A person born on a day, `YYYYMMDD`, told from others by a serial of 0 to 99.
  package static func born(_ day: String, serial: Int = 0) -> PersonRecord {
    let body = "210101" + day + "0" + String(String(100 + serial).dropFirst())
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body.compactMap(\.wholeNumberValue), weights).reduce(0) { $0 + $1.0 * $1.1 }
    return person("测试人", body + String(Array("10X98765432")[sum % 11]))
  }

  /// A grown-up person told from others by a serial of 0 to 99 in a year.
  package static func sample(_ serial: Int, born year: Int = 1960) -> PersonRecord {
    born("\(year)0101", serial: serial)
  }

  /// So many adults, each another.
  package static func crowd(_ count: Int) -> [PersonRecord] {
    (0..<count).map { born("19\(50 + $0 / 90)0101", serial: $0 % 90 + 1) }
  }
}

extension Liaoning_Registry_V1_FilingContent {
  /// A lawful limited company in 和平区 of Shenyang: 1151 of one shareholder, 1130 of more.
  package static func company(
    _ shareholders: [PersonRecord],
    supervisor: PersonRecord? = nil,
    charter: String = "第一条 公司依法设立。\n第二条 股东以其认缴的出资额为限承担责任。"
  ) -> Self {
    var content = content(shareholders.count == 1 ? "1151" : "1130", liaison: shareholders[0])
    content.company = .with {
      $0.registeredCapitalFen = Int64(shareholders.count) * 10_000_00
      $0.shareholders = shareholders.map { shareholder in
        .with {
          $0.party = PartyRecord.person(shareholder).proto(masked: false)
          $0.contributionFen = 10_000_00
          $0.dueDate = "2030-12-31"
        }
      }
      $0.legalRepresentative = shareholders[0].proto(masked: false)
      $0.directors = [shareholders[0].proto(masked: false)]
      $0.supervisors = [supervisor].compactMap { $0?.proto(masked: false) }
      $0.charterText = charter
    }
    return content
  }

  /// A lawful cooperative in 盘山县 of Panjin, the first member in the chair.
  package static func cooperative(_ members: [PersonRecord]) -> Self {
    var content = content(
      "9100",
      region: "211122",
      domicile: "辽宁省盘锦市盘山县试验乡测试村14组",
      liaison: members[0]
    )
    content.cooperative = .with {
      $0.members = members.map { member in
        .with {
          $0.party = PartyRecord.person(member).proto(masked: false)
          $0.contributionFen = 1_000_00
          $0.farmer = true
        }
      }
      $0.legalRepresentative = members[0].proto(masked: false)
      $0.charterText = "第一条 本社依法设立。第二条 成员入社自愿、退社自由。"
    }
    return content
  }

  /// A lawful individual business of a family in 和平区 of Shenyang.
  package static func familyBusiness(_ operator: PersonRecord, _ family: [PersonRecord]) -> Self {
    var content = content("9500", scope: "餐饮服务", liaison: `operator`)
    content.individualBusiness = .with {
      $0.form = .family
      $0.operator = `operator`.proto(masked: false)
      $0.familyMembers = family.map { $0.proto(masked: false) }
    }
    return content
  }

  private static func content(
    _ type: String,
    region: String = "210102",
    domicile: String = "辽宁省沈阳市和平区试验一路1号A座101室",
    scope: String = "软件开发",
    liaison: PersonRecord
  ) -> Self {
    .with {
      $0.entityType = type
      $0.domicileRegionCode = region
      $0.domicile = domicile
      $0.scopeItems = [
        .with {
          $0.text = scope
          $0.industryClass = "6513"
        }
      ]
      $0.liaison = liaison.proto(masked: false)
    }
  }
}
