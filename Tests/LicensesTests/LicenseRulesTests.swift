internal import APIConventions
internal import Accounts
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Entities
@testable internal import Licenses

/// The first licence of a company, cooperative or individual business.
func content(type: String = "1130") throws -> Liaoning_Registry_V1_LicenseContent {
  let code = try parsed("91210100XX0000019C") { UnifiedSocialCreditCode($0) }
  let entity = Entity(
    id: RegionalID(region: .liaoning, uuid: UUID()),
    creditCode: code,
    items: try .sample(of: Person.anyone(), type: type),
    version: 1
  )
  return Liaoning_Registry_V1_LicenseContent(
    first: entity,
    issuedBy: try .shenyang(),
    at: tenOClock
  )
}

/// A fault of a licence, and the rules that it breaks.
struct Fault: Sendable {
  let make: @Sendable (inout Liaoning_Registry_V1_LicenseContent) -> Void
  let rules: [String]

  init(
    _ make: @escaping @Sendable (inout Liaoning_Registry_V1_LicenseContent) -> Void,
    _ rules: [String]
  ) {
    self.make = make
    self.rules = rules
  }
}

@Suite("Judging a licence before it is signed")
struct LicenseRulesTests {
  private typealias Content = Liaoning_Registry_V1_LicenseContent

  private func rules(_ content: Liaoning_Registry_V1_LicenseContent) throws -> [String] {
    LicenseRules.violations(in: content, issuedBy: try .shenyang()).map(\.rule)
  }

  @Test("what the register holds makes a lawful licence", arguments: ["1130", "9100", "9500"])
  func lawful(type: String) throws {
    #expect(try rules(try content(type: type)) == [])
  }

  @Test(
    "every item that the law names must stand on it",
    arguments: [
      \.enterpriseName, \.entityTypeName, \.responsiblePersonLabel, \.responsiblePersonName,
      \.placeLabel, \.place, \.scope,
    ] as [any WritableKeyPath<Liaoning_Registry_V1_LicenseFace, String> & Sendable]
  )
  func missing(
    item: any WritableKeyPath<Liaoning_Registry_V1_LicenseFace, String> & Sendable
  ) throws {
    var content = try content()
    content.face[keyPath: item] = ""
    #expect(try rules(content) == ["LICENSE_ITEM_MISSING"])
  }

  @Test(
    "what is not lawful is named",
    arguments: [
      Fault({ $0.formatVersion = 2 }, ["LICENSE_FORMAT_UNKNOWN"]),
      Fault({ $0.serial = "" }, ["LICENSE_SERIAL_UNLAWFUL"]),
      Fault({ $0.serial.removeLast() }, ["LICENSE_SERIAL_UNLAWFUL"]),
      Fault({ $0.previousSerial = "1" }, ["LICENSE_SERIAL_UNLAWFUL"]),
      Fault({ $0.version = 2 }, ["LICENSE_SERIAL_UNLAWFUL", "LICENSE_SERIAL_UNLAWFUL"]),
      Fault(
        { $0.face.creditCode = "91210100XX0000019D" },
        ["LICENSE_SERIAL_UNLAWFUL", "CREDIT_CODE_UNLAWFUL"]
      ),
      Fault({ $0.face.entityType = "7100" }, ["ENTITY_TYPE_UNLAWFUL"]),
      Fault({ $0.face.entityType = "113" }, ["ENTITY_TYPE_UNLAWFUL"]),
      Fault({ $0.face.capitalFen = 0 }, ["CAPITAL_UNLAWFUL"]),
      Fault({ $0.face.capitalFen = -1 }, ["CAPITAL_UNLAWFUL"]),
      Fault({ $0.face.compositionForm = "个人经营" }, ["COMPOSITION_FORM_UNLAWFUL"]),
      Fault({ $0.face.establishmentDate = "" }, ["DATE_UNLAWFUL"]),
      Fault({ $0.face.establishmentDate = "2026-11-19" }, ["ESTABLISHMENT_DATE_UNLAWFUL"]),
      Fault({ $0.face.establishmentDate = "2026-11-21" }, ["ESTABLISHMENT_DATE_UNLAWFUL"]),
      Fault({ $0.face.termEndDate = "2026-11-20" }, ["DATE_UNLAWFUL"]),
      Fault({ $0.face.termEndDate = "2026-11-31" }, ["DATE_UNLAWFUL"]),
      Fault({ $0.face.authorityCode = "210200" }, ["AUTHORITY_UNLAWFUL"]),
      Fault({ $0.face.authorityName = "大连市市场监督管理局" }, ["AUTHORITY_UNLAWFUL"]),
      Fault({ $0.face.place = "和平区\n试验一路" }, ["LICENSE_TEXT_UNLAWFUL"]),
      Fault({ $0.face.enterpriseName = "沈阳\u{202E}公司" }, ["LICENSE_TEXT_UNLAWFUL"]),
    ] as [Fault]
  )
  func unlawful(
    fault: Fault
  ) throws {
    var content = try content()
    fault.make(&content)
    #expect(try rules(content) == fault.rules)
  }

  @Test("a term ends after the day of establishment, or never")
  func term() throws {
    var content = try content()
    for (end, expected) in [("2026-11-20", ["DATE_UNLAWFUL"]), ("2026-11-21", []), ("", [])] {
      content.face.termEndDate = end
      #expect(try rules(content) == expected)
    }
  }

  @Test("an individual business has a form of composition and no capital")
  func individualBusiness() throws {
    var content = try content(type: "9500")
    content.face.capitalFen = 1
    content.face.compositionForm = ""
    #expect(try rules(content) == ["CAPITAL_UNLAWFUL", "COMPOSITION_FORM_UNLAWFUL"])
  }

  @Test("texts have room on the paper", arguments: [(100, []), (101, ["LICENSE_TEXT_UNLAWFUL"])])
  func length(count: Int, expected: [String]) throws {
    var content = try content()
    content.face.enterpriseName = String(repeating: "沈", count: count)
    #expect(try rules(content) == expected)
  }

  @Test("a file of 64 KiB is issued, a larger one is not")
  func size() throws {
    var content = try content()
    content.face.scope = ""
    let rest = LicenseRules.largestFile - LicenseRules.signatureRoom
    // A scope of this length takes three bytes more for its length than an empty one, and one for its tags.
    let room = rest - (try content.canonicalBytes().count)
    for length in (room - 12)...room {
      content.face.scope = String(repeating: "a", count: length)
      let fits = try content.canonicalBytes().count <= rest
      #expect(try rules(content) == (fits ? [] : ["LICENSE_TOO_LARGE"]))
    }
    content.face.scope = String(repeating: "a", count: room)
    #expect(try content.canonicalBytes().count > rest)
  }

  @Test(
    "labels follow the class of the entity",
    arguments: [
      ("1130", "法定代表人", "住所", "有限责任公司（自然人投资或控股）"),
      ("9100", "法定代表人", "住所", "农民专业合作社"),
      ("9500", "经营者", "经营场所", "个体工商户"),
    ]
  )
  func labels(type: String, person: String, place: String, words: String) throws {
    let face = try content(type: type).face
    #expect(face.responsiblePersonLabel == person)
    #expect(face.placeLabel == place)
    #expect(face.entityTypeName == words)
    #expect(face.authorityName == "沈阳市市场监督管理局")
    #expect(face.scope == "软件开发；信息咨询服务（不含许可类信息咨询服务）")
  }

  @Test("the identifier is made of authority, code and version")
  func identifier() throws {
    let content = try content()
    let identifier = try LicenseIdentifier(checking: content.serial)
    #expect(identifier.issuer == (try Authority.shenyang()).creditCode)
    #expect(identifier.serial == "91210100XX0000019C")
    #expect(identifier.version == 1)
    #expect(UnifiedSocialCreditCode(String(identifier.type.prefix(18))) != nil)
  }

  @Test("the same content gives the same bytes")
  func deterministic() throws {
    var content = try content()
    let bytes = try content.canonicalBytes()
    content = try Liaoning_Registry_V1_LicenseContent(serializedBytes: bytes)
    #expect(try content.canonicalBytes() == bytes)
  }
}
