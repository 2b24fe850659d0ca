internal import Accounts
internal import Vocabulary

@testable internal import Entities

/// A text that is no value of its kind.
struct NoSuchValue: Error {
  let text: String
}

extension RegionCode {
  static func sample(_ text: String) throws -> RegionCode {
    guard let region = RegionCode(text) else { throw NoSuchValue(text: text) }
    return region
  }
}

extension EntityType {
  static func sample(_ text: String) throws -> EntityType {
    guard let type = EntityType(text) else { throw NoSuchValue(text: text) }
    return type
  }
}

extension PersonRecord {
  /// A synthetic person of the specification's test data.
  static func sample(_ name: String, _ number: String) throws -> PersonRecord {
    guard let identityNumber = ResidentIdentityNumber(number) else {
      throw NoSuchValue(text: number)
    }
    return PersonRecord(
      fullName: name,
      identityNumber: identityNumber,
      mobileNumber: MobileNumber("13800000000")
    )
  }
}

extension Establishment {
  /// An establishment with a person in charge, an organization and a person who contribute.
  static func sample(type: String = "1130") throws -> Establishment {
    let chief = try PersonRecord.sample("赵测试一", "210101190001010018")
    guard let industry = IndustryClass("6513"), let established = CivilDate("2026-11-20") else {
      throw NoSuchValue(text: "sample")
    }
    return Establishment(
      enterpriseName: "沈阳星漪软件有限公司",
      entityType: try .sample(type),
      authority: try .sample("210100"),
      domicileRegion: try .sample("210102"),
      domicile: "辽宁省沈阳市和平区试验一路1号A座101室",
      capitalFen: type == "9500" ? nil : 10_000_000,
      scopeItems: [
        EntityScopeItem(text: "软件开发", industryClass: industry),
        EntityScopeItem(text: "信息咨询服务（不含许可类信息咨询服务）", industryClass: industry),
      ],
      establishmentDate: established,
      termEndDate: type == "1130" ? established.adding(years: 20) : nil,
      compositionForm: type == "9500" ? "个人经营" : nil,
      roles: try roles(of: type, chief: chief),
      responsiblePerson: chief
    )
  }

  private static func roles(
    of type: String,
    chief: PersonRecord
  ) throws -> [EntityRoleRecord] {
    guard
      let code = UnifiedSocialCreditCode("91210200XX0000027C"), let due = CivilDate("2031-11-19")
    else { throw NoSuchValue(text: "sample") }
    let company = OrganizationRecord(enterpriseName: "大连明澈咨询有限公司", creditCode: code)
    return switch type {
    case "9500": [EntityRoleRecord(kind: .operator, party: .person(chief))]
    case "9100":
      [
        EntityRoleRecord(kind: .legalRepresentative, party: .person(chief)),
        EntityRoleRecord(
          kind: .member,
          party: .person(chief),
          contributionFen: 100,
          dueDate: due,
          farmer: true
        ),
        EntityRoleRecord(
          kind: .member,
          party: .organization(company),
          contributionFen: 50,
          dueDate: due
        ),
      ]
    default:
      [
        EntityRoleRecord(kind: .legalRepresentative, party: .person(chief)),
        EntityRoleRecord(kind: .director, party: .person(chief)),
        EntityRoleRecord(
          kind: .shareholder,
          party: .organization(company),
          contributionFen: 50,
          dueDate: due
        ),
        EntityRoleRecord(
          kind: .liaison,
          party: .person(try .sample("钱测试二", "210101190001020021"))
        ),
      ]
    }
  }
}
