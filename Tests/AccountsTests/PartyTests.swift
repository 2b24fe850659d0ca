internal import APIConventions
internal import Accounts
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@Suite("Naming a party")
struct PartyTests {
  private func person(
    _ name: String = "赵测试一",
    _ number: String = "210101190001010018",
    mobile: String = "",
    needsMobileNumber: Bool = false
  ) -> (PersonRecord?, [String]) {
    var violations: [Violation] = []
    let record = PersonRecord(
      .with {
        $0.fullName = name
        $0.identityNumber = number
        $0.mobileNumber = mobile
      },
      at: "p",
      needsMobileNumber: needsMobileNumber,
      violations: &violations
    )
    return (record, violations.map { "\($0.field) \($0.rule)" })
  }

  @Test(
    "a name has 2 to 50 characters",
    arguments: [(1, false), (2, true), (50, true), (51, false)]
  )
  func fullNameLength(count: Int, isLawful: Bool) {
    let (record, violations) = person(String(repeating: "赵", count: count))
    #expect((record != nil) == isLawful)
    #expect(violations == (isLawful ? [] : ["p.full_name FULL_NAME_LENGTH_UNLAWFUL"]))
  }

  @Test(
    "every interpunct is read as U+00B7",
    arguments: ["\u{B7}", "\u{2022}", "\u{30FB}", "\u{FF0E}"]
  )
  func interpuncts(interpunct: String) throws {
    let record = try #require(person("尤\(interpunct)测试\(interpunct)壬").0)
    #expect(record.fullName == "尤\u{B7}测试\u{B7}壬")
  }

  @Test(
    "rare characters and code points of the police's own stay as they are",
    arguments: ["㛃测试子", "\u{E000}测试", "𠮷野"]
  )
  func rareCharacters(name: String) throws {
    let record = try #require(person(name).0)
    #expect(record.fullName.unicodeScalars.elementsEqual(name.unicodeScalars))
  }

  @Test(
    "a name holds no digits, symbols or control characters",
    arguments: ["赵1", "赵\u{0}一", "赵😀", "赵/一"]
  )
  func fullNameCharacters(name: String) {
    #expect(person(name).1 == ["p.full_name FULL_NAME_CHARACTER_UNLAWFUL"])
  }

  @Test(
    "an identity number that is not one is refused",
    arguments: ["", "210101190001010019", "2101011900010100", "21010119000101001８"]
  )
  func identityNumbers(number: String) {
    let (record, violations) = person("赵测试", number)
    #expect(record == nil)
    #expect(violations == ["p.identity_number IDENTITY_NUMBER_INVALID"])
  }

  @Test("a check letter may be sent in lower case")
  func lowerCaseCheckLetter() throws {
    #expect(
      try #require(person("冯测试九", "21070119000109009x").0).identityNumber.description
        == "21070119000109009X"
    )
  }

  @Test("a mobile number is needed of whoever is to be notified, and lawful if given")
  func mobileNumbers() {
    #expect(person().0 != nil)
    #expect(person(needsMobileNumber: true).1 == ["p.mobile_number MOBILE_NUMBER_MISSING"])
    #expect(person(mobile: "23800000000").1 == ["p.mobile_number MOBILE_NUMBER_INVALID"])
    #expect(person(mobile: "1380000000").1 == ["p.mobile_number MOBILE_NUMBER_INVALID"])
    #expect(person(mobile: "13800000000", needsMobileNumber: true).0 != nil)
  }

  @Test("every violation is told at once")
  func allViolations() {
    #expect(person("赵", "1", mobile: "2").1.count == 3)
  }

  @Test(
    "an organization's name has 2 to 100 characters",
    arguments: [(1, false), (2, true), (100, true), (101, false)]
  )
  func enterpriseNameLength(count: Int, isLawful: Bool) {
    var violations: [Violation] = []
    let record = OrganizationRecord(
      .with {
        $0.enterpriseName = String(repeating: "沈", count: count)
        $0.creditCode = "91210100XX0000019C"
      },
      at: "o",
      violations: &violations
    )
    #expect((record != nil) == isLawful)
    #expect(violations.map(\.rule) == (isLawful ? [] : ["ENTERPRISE_NAME_LENGTH_UNLAWFUL"]))
  }

  @Test("an organization's parentheses are full-width, its code valid")
  func organizations() throws {
    var violations: [Violation] = []
    var proto = Liaoning_Registry_V1_Party.with {
      $0.organization.enterpriseName = " 沈阳云舸(集团)有限公司 "
      $0.organization.creditCode = "91210100XX00000L2A"
    }
    let record = PartyRecord(proto, at: "o", violations: &violations)
    #expect(try #require(record).displayName == "沈阳云舸（集团）有限公司")
    proto.organization.creditCode = "91210100XX0000019D"
    #expect(PartyRecord(proto, at: "o", violations: &violations) == nil)
    #expect(violations.map(\.field) == ["o.organization.credit_code"])
  }

  @Test("a party is a person or an organization")
  func missingParty() {
    var violations: [Violation] = []
    #expect(PartyRecord(Liaoning_Registry_V1_Party(), at: "holder", violations: &violations) == nil)
    #expect(violations.map(\.rule) == ["PARTY_MISSING"])
  }

  @Test("numbers are masked to everyone but the person")
  func masks() throws {
    let record = try #require(person(mobile: "13812345678").0)
    let masked = record.proto(masked: true)
    #expect(masked.identityNumber == "210101**********18")
    #expect(masked.mobileNumber == "138****5678")
    let open = record.proto(masked: false)
    #expect(open.identityNumber == "210101190001010018")
    #expect(open.mobileNumber == "13812345678")
    var violations: [Violation] = []
    #expect(PersonRecord(open, at: "p", violations: &violations) == record)
    #expect(PersonRecord(masked, at: "p", violations: &violations) == nil)
  }

  @Test("the same person is the same by number, the same organization by code")
  func sameness() throws {
    let one = try #require(person("赵测试一").0)
    let other = try #require(person("赵测试", mobile: "13800000000").0)
    let company = PartyRecord.organization(try Sample.company())
    #expect(PartyRecord.person(one).isSameParty(as: .person(other)))
    #expect(!PartyRecord.person(one).isSameParty(as: .person(try Sample.person())))
    #expect(!PartyRecord.person(one).isSameParty(as: company))
    #expect(company.isSameParty(as: company))
  }
}
