internal import Testing

@testable internal import Vocabulary

@Suite("Reading the codes of organizations")
struct OrganizationNumberTests {
  @Test(
    "codes of well-known companies hold both check digits",
    arguments: [
      "91110000710926094P", "914403001922038216", "91110000710925462X", "9144030071526726XG",
      "91100000100003962T", "91440300708461136T", "911100001000044477", "91110000802100433B",
      "91440300192317458F", "91350900587527783P", "91210100604608172K", "91440300100012316L",
      "912102001185762674", "91210200241268278D", "9144030027939873X7", "911100001011016602",
      "91210100XX0000019C", "91210800XX000006XK", "91210211XX00000B0X", "93211122XX00000E5F",
    ]
  )
  func lawfulCreditCode(text: String) throws {
    let code = try #require(UnifiedSocialCreditCode(text))
    #expect(code.hasValidOrganizationCode)
    #expect(UnifiedSocialCreditCode.completing(String(text.dropLast())) == code)
  }

  @Test(
    "a wrong check symbol, letter, length or width is refused",
    arguments: [
      "91210100604608172A", "91210100604608173K", "9121010060460817OK", "91210100604608172",
      "91210100XX0000019D", "91210100XX000001OC", "A1210100XX0000019C", "",
      "９1210100604608172K", "91210100604608172KK",
    ]
  )
  func unlawfulCreditCode(text: String) {
    #expect(UnifiedSocialCreditCode(text) == nil)
  }

  @Test("small letters, spaces and hyphens are read")
  func normalized() {
    #expect(
      UnifiedSocialCreditCode("9121 0100-604608172k")?.description == "91210100604608172K"
    )
  }

  @Test("the standard's worked example: check symbol 3")
  func workedExample() {
    #expect(UnifiedSocialCreditCode("91350100M000100Y43") != nil)
    #expect(UnifiedSocialCreditCode("91350100M000100Y4Z") == nil)
  }

  @Test("a foreign code may be right by modulus 31 and wrong by modulus 11")
  func onlyTheOuterCheck() throws {
    let code = try #require(UnifiedSocialCreditCode("91210100XX0000029D"))
    #expect(!code.hasValidOrganizationCode)
  }

  @Test(
    "organization codes",
    arguments: [
      ("D2143569-X", true), ("10000396-2", true), ("60460817-2", true), ("71526726-X", true),
      ("D2143569-0", false), ("1000039-2", false),
    ]
  )
  func organizationCode(text: String, lawful: Bool) {
    #expect((OrganizationCode(text) != nil) == lawful)
  }

  @Test(
    "registration numbers",
    arguments: [
      ("110108000000016", true), ("210100000000019", true), ("210105000000026", true),
      ("210200400000030", true), ("210102600000043", true), ("210300000012346", true),
      ("210100000000018", false), ("21010000000001", false), ("2101000000000190", false),
    ]
  )
  func registrationNumber(text: String, lawful: Bool) {
    #expect((RegistrationNumber(text) != nil) == lawful)
  }

  @Test("the licence identifier's vector has check symbol M")
  func licenseIdentifier() throws {
    #expect(
      LicenseIdentifier.checkSymbol(of: "11100000000013338W00211320482014138860P201807250201001")
        == "M"
    )
    let issuer = try #require(UnifiedSocialCreditCode("91210100604608172K"))
    let lawful = LicenseIdentifier(type: "A", issuer: issuer, serial: "2026X1", version: 1)
    #expect(
      lawful?.description.hasPrefix("1.2.156.3005.2.A.91210100604608172K.2026X1.001.") == true
    )
    #expect(LicenseIdentifier(type: "a", issuer: issuer, serial: "1", version: 1) == nil)
    #expect(LicenseIdentifier(type: "A", issuer: issuer, serial: "", version: 1) == nil)
  }
}

@Suite("Reading the numbers of persons")
struct PersonNumberTests {
  @Test(
    "lawful numbers",
    arguments: [
      "11010519491231002X", "440524188001010014", "360426199101010071", "210101190001010018",
      "21070119000109009X", "21070119000109009x", "210101190402290196",
    ]
  )
  func lawful(text: String) {
    #expect(ResidentIdentityNumber(text)?.description == text.uppercased())
  }

  @Test(
    "a wrong check digit, a day that does not exist, another length or width is refused",
    arguments: [
      "210101190001010019", "210101190002290189", "210101190001320016", "2101011900010100",
      "21010119000101001８", "", "x10101190001010018",
    ]
  )
  func unlawful(text: String) {
    #expect(ResidentIdentityNumber(text) == nil)
  }

  @Test("the day of birth and the sex are read")
  func parts() throws {
    let number = try #require(ResidentIdentityNumber("210101190402290196"))
    #expect(number.birthDate.description == "1904-02-29")
    #expect(number.isMale)
  }

  @Test(
    "mobile numbers",
    arguments: [
      ("13800000000", true), ("19912345678", true), ("12800000000", false), ("1380000000", false),
      ("138000000000", false), ("23800000000", false), ("1380000000０", false),
    ]
  )
  func mobile(text: String, lawful: Bool) {
    #expect((MobileNumber(text) != nil) == lawful)
  }
}
