internal import APIConventions
internal import Accounts
internal import Foundation
internal import RegistryAPI
internal import RoomsTestKit
internal import Testing
internal import Vocabulary

@testable internal import Filings

/// The day of the hour of the tests.
let today = CivilDate(nineOClock)

/// People of the listed cases; all but the minor were born in 1900.
extension Person {
  static let t01 = person("赵测试一", "210101190001010018")
  static let t02 = person("钱测试二", "210101190001020021")
  static let t03 = person("孙测试三", "210201190001030030")
  static let t04 = person("李测试四", "210201190001040044")
  static let t05 = person("周测试五", "210301190001050053")
  static let t06 = person("吴测试六", "210401190001060062")
  static let t07 = person("郑测试七", "210501190001070071")
  static let t08 = person("王测试八", "210601190001080080")
  static let t09 = person("冯测试九", "21070119000109009X")
  static let t10 = person("陈测试十", "21080119000110010X")
  static let t15 = person("韩测试戊", "211301190001150151")
  static let t16 = person("杨测试己", "211401190001160160")
  /// Born on 1 June 2015.
  static let minor = person("朱测试庚", "21010120150601017X")
}

/// Made-up organizations.
enum Organization {
  static let mingche = organization("大连明澈咨询有限公司", "91210200XX0000027C")
  static let hemuyuan = organization("辽宁禾沐源农业发展有限公司", "91210000XX0000043P")
  static let wantang = organization("锦州万棠置业有限公司", "91210700XX00000869")

  private static func organization(_ name: String, _ code: String) -> OrganizationRecord {
    guard let creditCode = UnifiedSocialCreditCode(code) else {
      preconditionFailure("no credit code: \(code)")
    }
    return OrganizationRecord(enterpriseName: name, creditCode: creditCode)
  }
}

extension Contributor {
  static func sample(
    _ person: PersonRecord,
    _ fen: Int64,
    due: String? = nil,
    farmer: Bool = false
  ) -> Contributor {
    Contributor(
      party: .person(person),
      contributionFen: fen,
      dueDate: due.flatMap { CivilDate($0) },
      isFarmer: farmer
    )
  }

  static func sample(_ organization: OrganizationRecord, _ fen: Int64) -> Contributor {
    Contributor(
      party: .organization(organization),
      contributionFen: fen,
      dueDate: nil,
      isFarmer: false
    )
  }
}

extension CompanyDetails {
  /// A lawful one-person company of T01 with T02 as supervisor, but for what a test changes.
  static func sample(
    capital: Int64? = nil,
    shareholders: [Contributor] = [.sample(Person.t01, 10_000_000, due: "2030-12-31")],
    legalRepresentative: PersonRecord = Person.t01,
    directors: [PersonRecord] = [Person.t01],
    supervisors: [PersonRecord] = [Person.t02],
    manager: PersonRecord? = Person.t01,
    charter: String = "第一条 公司依法设立。\n第二条 股东以其认缴的出资额为限承担责任。"
  ) -> CompanyDetails {
    CompanyDetails(
      registeredCapitalFen: capital ?? shareholders.reduce(0) { $0 &+ $1.contributionFen },
      shareholders: shareholders,
      legalRepresentative: legalRepresentative,
      directors: directors,
      supervisors: supervisors,
      manager: manager,
      charterText: charter
    )
  }
}

extension CooperativeDetails {
  /// Lawful: four farmers and a company, T06 in the chair.
  static func sample(
    members: [Contributor]? = nil,
    chair: PersonRecord = Person.t06
  ) -> CooperativeDetails {
    CooperativeDetails(
      members: members ?? [
        .sample(Person.t06, 100, farmer: true), .sample(Person.t07, 100, farmer: true),
        .sample(Person.t08, 100, farmer: true), .sample(Person.t09, 100, farmer: true),
        .sample(Organization.hemuyuan, 100),
      ],
      legalRepresentative: chair,
      charterText: "第一条 本社依法设立。第二条 成员入社自愿、退社自由。"
    )
  }
}

extension FilingContent {
  /// Content in 和平区 of Shenyang, but for what a test changes.
  static func sample(
    _ details: Details = .company(.sample()),
    type: String? = nil,
    region: String = "210102",
    domicile: String = "辽宁省沈阳市和平区试验一路1号A座101室",
    scope: [String] = ["软件开发"],
    liaison: PersonRecord = Person.t02,
    termEnd: String? = nil
  ) -> FilingContent {
    let fitting =
      switch details {
      case .company(let company): company.shareholders.count == 1 ? "1151" : "1130"
      case .cooperative: "9100"
      case .individualBusiness: "9500"
      }
    guard let entityType = EntityType(type ?? fitting), let domicileRegion = RegionCode(region),
      let industryClass = IndustryClass("6513")
    else { preconditionFailure("no such type, region or class") }
    return FilingContent(
      entityType: entityType,
      domicileRegion: domicileRegion,
      domicile: domicile,
      scopeItems: scope.map { ScopeItem(text: $0, industryClass: industryClass) },
      liaison: liaison,
      details: details,
      termEndDate: termEnd.flatMap { CivilDate($0) }
    )
  }
}

extension Filing {
  /// A filing at Shenyang whose name was reserved for its type, but for what a test changes.
  static func sample(
    _ state: State = .draft,
    content: FilingContent = .sample(),
    name: String = "沈阳星漪软件有限公司",
    reservedFor type: EntityType? = nil,
    in region: String = "210100",
    version: Int64 = 1
  ) -> Filing {
    guard let city = RegionCode(region) else { preconditionFailure("no such region") }
    var filing = Filing(
      id: RegionalID(region: content.domicileRegion.city, uuid: UUID()),
      business: .establishment,
      name: ReservedName(
        reservation: RegionalID(region: city, uuid: UUID()),
        enterpriseName: name,
        entityType: type ?? content.entityType,
        region: city
      ),
      content: content,
      number: "21010020261123010000010",
      applicant: RegionalID(region: .liaoning, uuid: UUID()),
      at: nineOClock
    )
    filing.state = state
    filing.version = version
    return filing
  }
}

/// The rules that a filing breaks, by id, in order of their ids.
func brokenRules(
  _ filing: Filing,
  on day: CivilDate = today,
  under law: LawProfile = .current
) -> [String] {
  FilingRules.violations(in: filing, on: day, under: law).map(\.rule).sorted()
}

/// The rules that a company breaks.
func brokenRules(
  _ company: CompanyDetails,
  type: String? = nil,
  on day: CivilDate = today,
  under law: LawProfile = .current
) -> [String] {
  brokenRules(.sample(content: .sample(.company(company), type: type)), on: day, under: law)
}
