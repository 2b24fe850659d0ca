internal import Testing

@testable internal import Vocabulary

@Suite("Saying what is wrong with a code")
struct FlawTests {
  @Test(
    "a credit code's flaw is named",
    arguments: [
      ("91210100604608172A", CodeFlaw.wrongCheck),
      ("9121010060460817OK", .unlawfulCharacter("O", place: 17)),
      ("91210100604608172", .wrongLength(expected: 18, found: 17)),
      ("91210100604608172KK", .wrongLength(expected: 18, found: 19)),
      ("９1210100604608172K", .unlawfulCharacter("９", place: 1)),
      ("912101006046081７2K", .unlawfulCharacter("７", place: 16)),
      ("A1210100XX0000019C", .wrongCheck),
      ("B1210100XX0000019C", .unknownDepartment("B")),
      ("912A0100XX0000019C", .noRegion("2A0100")),
      ("", .wrongLength(expected: 18, found: 0)),
      ("91210100\u{3000}604608172K", .unlawfulCharacter("\u{3000}", place: 9)),
    ]
  )
  func creditCode(text: String, flaw: CodeFlaw) {
    #expect(throws: flaw) { try UnifiedSocialCreditCode(checking: text) }
    #expect(UnifiedSocialCreditCode(text) == nil)
  }

  @Test("our own codes hold the inner check too, foreign ones need not")
  func innerCheck() throws {
    #expect(throws: CodeFlaw.wrongOrganizationCheck) {
      try UnifiedSocialCreditCode(checkingOwn: "91210100XX0000029D")
    }
    #expect(throws: CodeFlaw.wrongCheck) {
      try UnifiedSocialCreditCode(checkingOwn: "91210100XX0000019D")
    }
    #expect(throws: Never.self) { try UnifiedSocialCreditCode(checking: "91210100XX0000029D") }
    #expect(throws: Never.self) { try UnifiedSocialCreditCode(checkingOwn: "91210100XX0000019C") }
  }

  @Test("any one symbol mistyped is found out")
  func everySymbolCounts() {
    let code = Array("91210100604608172K")
    for place in code.indices {
      for symbol in "0123456789ABCDEFGHJKLMNPQRTUWXY" where symbol != code[place] {
        var mistyped = code
        mistyped[place] = symbol
        #expect(UnifiedSocialCreditCode(String(mistyped)) == nil, "\(String(mistyped))")
      }
    }
  }

  @Test("a credit code tells where it was first registered")
  func firstRegion() {
    #expect(UnifiedSocialCreditCode("91210100604608172K")?.firstRegion?.name == "沈阳市")
  }

  @Test(
    "a resident number's flaw is named",
    arguments: [
      ("210101190001010019", CodeFlaw.wrongCheck),
      ("210101190002290189", .noSuchDay("19000229")),
      ("210101190001320016", .noSuchDay("19000132")),
      ("2101011900010100", .wrongLength(expected: 18, found: 16)),
      ("2101011900010100180", .wrongLength(expected: 18, found: 19)),
      ("21010119000101001８", .unlawfulCharacter("８", place: 18)),
      ("２10101190001010018", .unlawfulCharacter("２", place: 1)),
      ("21010119000101001A", .unlawfulCharacter("A", place: 18)),
      ("x10101190001010018", .unlawfulCharacter("X", place: 1)),
      ("210101000101001", .firstGeneration),
      ("", .wrongLength(expected: 18, found: 0)),
    ]
  )
  func residentNumber(text: String, flaw: CodeFlaw) {
    #expect(throws: flaw) { try ResidentIdentityNumber(checking: text) }
    #expect(ResidentIdentityNumber(text) == nil)
  }

  @Test(
    "mobile, organization and registration numbers name their flaws",
    arguments: [("12800000000", 0), ("1380000000", 1), ("1380000000０", 2)]
  )
  func mobileNumber(text: String, which: Int) {
    let flaw = #expect(throws: CodeFlaw.self) { try MobileNumber(checking: text) }
    switch which {
    case 0: #expect(flaw?.description.contains("mobile") == true)
    case 1: #expect(flaw == .wrongLength(expected: 11, found: 10))
    default: #expect(flaw == .unlawfulCharacter("０", place: 11))
    }
  }

  @Test("an organization code is read with or without hyphen, and printed with")
  func organizationCode() {
    #expect(OrganizationCode("d2143569x")?.printed == "D2143569-X")
    #expect(throws: CodeFlaw.wrongOrganizationCheck) {
      try OrganizationCode(checking: "D2143569-0")
    }
    #expect(throws: CodeFlaw.wrongLength(expected: 9, found: 8)) {
      try OrganizationCode(checking: "1000039-2")
    }
    #expect(throws: CodeFlaw.unlawfulCharacter("_", place: 1)) {
      try OrganizationCode(checking: "_2143569-X")
    }
  }

  @Test("an old cooperative's registration number has letters and no check")
  func oldCooperative() {
    #expect(RegistrationNumber("210100NA0000123")?.description == "210100NA0000123")
    #expect(RegistrationNumber("210100NB0000123") == nil)
    #expect(RegistrationNumber("210100NA000012") == nil)
    #expect(throws: CodeFlaw.wrongCheck) { try RegistrationNumber(checking: "210100000000018") }
  }

  @Test("a flaw tells how to mend it")
  func hints() {
    #expect(CodeFlaw.unlawfulCharacter("O", place: 17).description.contains("digit 0"))
    #expect(CodeFlaw.unlawfulCharacter("８", place: 18).description.contains("type “8”"))
    #expect(CodeFlaw.unlawfulCharacter("*", place: 2).description.hasSuffix("not allowed."))
  }
}

@Suite("Quoting numbers that this registry gave")
struct QuotedNumberTests {
  private func number(serial: Int) throws -> BusinessNumber {
    BusinessNumber(
      authority: try #require(RegionCode("210100")),
      day: try #require(CivilDate("2017-10-09")),
      business: "01",
      serial: serial
    )
  }

  @Test(
    "a filing number is read back, with spaces and hyphens dropped",
    arguments: [1, 999_999, 1_000_000]
  )
  func filingNumber(serial: Int) throws {
    let number = try number(serial: serial)
    #expect(try BusinessNumber(checking: number.description) == number)
    #expect(number.authority?.name == "沈阳市")
    let spaced = "210100-20171009 " + number.description.dropFirst(14)
    #expect(try BusinessNumber(checking: spaced) == number)
  }

  @Test("any one digit of a filing number mistyped is found out")
  func mistyped() throws {
    let digits = Array(try number(serial: 1).description)
    for place in digits.indices {
      var other = digits
      other[place] = digits[place] == "9" ? "0" : "9"
      #expect(throws: CodeFlaw.self) { try BusinessNumber(checking: String(other)) }
    }
    #expect(throws: CodeFlaw.wrongLength(expected: 23, found: 22)) {
      try BusinessNumber(checking: String(digits.dropLast()))
    }
    #expect(throws: CodeFlaw.noSuchDay("20171309")) {
      try BusinessNumber(checking: "21010020171309010000010")
    }
  }

  @Test("a licence identifier is read back; a wrong check symbol or form is named")
  func licenseIdentifier() throws {
    let issuer = try #require(UnifiedSocialCreditCode("91210100604608172K"))
    let identifier = try #require(
      LicenseIdentifier(type: "A01", issuer: issuer, serial: "2026X1", version: 12)
    )
    let read = try LicenseIdentifier(checking: identifier.description)
    #expect(read == identifier)
    #expect(read.issuer == issuer && read.version == 12 && read.serial == "2026X1")
    let last = identifier.description.last == "A" ? "B" : "A"
    #expect(throws: CodeFlaw.wrongCheck) {
      try LicenseIdentifier(checking: identifier.description.dropLast() + last)
    }
    for other in [
      "", "1.2.156.3005.2.A", identifier.description + ".1", "x" + identifier.description,
    ] {
      #expect(throws: CodeFlaw.self) { try LicenseIdentifier(checking: other) }
    }
    // The version is printed with three digits, so that there is one form only.
    let short = identifier.description.replacing(".012.", with: ".12.")
    #expect(throws: CodeFlaw.self) { try LicenseIdentifier(checking: short) }
  }
}
