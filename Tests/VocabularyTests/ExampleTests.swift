internal import Foundation
internal import Testing

@testable internal import Vocabulary

@Suite("Numbers and days that no listed case knows")
struct ExampleTests {
  /// Made by another program than the one under test.
  @Test(
    "codes of every department are read, their one digit mistyped is not",
    arguments: [
      ("91310115AY4CL12T2E", "AY4CL12T2"), ("92220102H3BJ1XG698", "H3BJ1XG69"),
      ("9323018412DD272H2Q", "12DD272H2"), ("12110000D1TJ3Y7L4H", "D1TJ3Y7L4"),
      ("11340000LJY1JJC157", "LJY1JJC15"), ("5144030071HU49D45G", "71HU49D45"),
      ("54370211H3J9HTM50H", "H3J9HTM50"), ("N24210813JJL6B3H6A", "3JJL6B3H6"),
      ("Y1510000N2J1K6FM10", "N2J1K6FM1"), ("A1110000B97R5NQ737", "B97R5NQ73"),
      ("91330200QK00003950", "QK0000395"), ("91330200QK0000037Y", "QK0000037"),
      ("91330200QK0000459X", "QK0000459"),
    ]
  )
  func creditCodes(text: String, organization: String) throws {
    let code = try UnifiedSocialCreditCode(checking: text)
    #expect(code.organizationCode == organization)
    #expect(code.hasValidOrganizationCode)
    #expect(UnifiedSocialCreditCode.completing(String(text.dropLast())) == code)
    #expect(UnifiedSocialCreditCode(text.lowercased()) == code)
    let spaced = text.prefix(8) + "-" + text.dropFirst(8)
    #expect(UnifiedSocialCreditCode(String(spaced)) == code)
    for other in "0123456789ABCDEFGHJKLMNPQRTUWXY" where other != text.last {
      #expect(UnifiedSocialCreditCode(text.dropLast() + String(other)) == nil)
    }
    var swapped = Array(text)
    swapped.swapAt(9, 10)
    if swapped != Array(text) { #expect(UnifiedSocialCreditCode(String(swapped)) == nil) }
  }

  @Test(
    "organization codes that end in X and 0",
    arguments: ["MA000004X", "MA0000090", "ma000004-x"]
  )
  func organizationCodes(text: String) {
    #expect(OrganizationCode(text) != nil)
    #expect(OrganizationCode(text.dropLast() + "1") == nil)
  }

  @Test(
    "resident numbers of other regions and years",
    arguments: [
      ("110101199912311230", "1999-12-31", true), ("310115200002290072", "2000-02-29", true),
      ("460200200411309989", "2004-11-30", false), ("650105197506305101", "1975-06-30", false),
      ("820000198808080314", "1988-08-08", true), ("230106194910010246", "1949-10-01", false),
      ("500234196204307777", "1962-04-30", true), ("320500200802290168", "2008-02-29", false),
      ("44030519860315003X", "1986-03-15", true), ("44030519860315003x", "1986-03-15", true),
    ]
  )
  func residentNumbers(text: String, birth: String, isMale: Bool) throws {
    let number = try ResidentIdentityNumber(checking: text)
    #expect(number.birthDate.description == birth)
    #expect(number.isMale == isMale)
    #expect(ResidentIdentityNumber.completing(String(text.dropLast())) == number)
    for other in "0123456789X" where String(other) != text.suffix(1).uppercased() {
      #expect(ResidentIdentityNumber(text.dropLast() + String(other)) == nil)
    }
  }

  @Test(
    "days and regions that no number has",
    arguments: [
      "44030519010229003", "44030519990431003", "44030521000229003", "44030520001301003",
      "44030520000001003", "44030520000100003", "04030519860315003",
    ]
  )
  func noResidentNumbers(body: String) {
    #expect(ResidentIdentityNumber.completing(body) == nil)
    for check in "0123456789X" { #expect(ResidentIdentityNumber(body + String(check)) == nil) }
  }

  @Test(
    "registration numbers",
    arguments: [
      "210281100003454", "211381600123454", "210800400009990", "310115000000012",
      "211021000005006",
    ]
  )
  func registrationNumbers(text: String) {
    #expect(RegistrationNumber(text) != nil)
    for other in "0123456789" where other != text.last {
      #expect(RegistrationNumber(text.dropLast() + String(other)) == nil)
    }
  }

  @Test(
    "working days over holidays, make-up days and the ends of the tables",
    arguments: [
      ("2016-12-30", 3, "2017-01-05"), ("2017-01-20", 5, "2017-01-26"),
      ("2017-01-26", 3, "2017-02-06"), ("2017-03-31", 3, "2017-04-06"),
      ("2025-01-24", 3, "2025-02-05"), ("2025-10-09", 2, "2025-10-11"),
      ("2025-12-31", 3, "2026-01-06"), ("2026-04-30", 3, "2026-05-08"),
      ("2026-05-08", 1, "2026-05-09"), ("2026-06-18", 3, "2026-06-24"),
      ("2026-11-21", 3, "2026-11-25"), ("2026-12-30", 3, "2027-01-05"),
      ("2027-04-30", 3, "2027-05-05"), ("2027-09-30", 3, "2027-10-06"),
    ]
  )
  func workingDays(start: String, count: Int, end: String) throws {
    let day = try #require(CivilDate(start))
    #expect(
      WorkingDayCalendar.stateCouncil.day(count, workingDaysAfter: day).description == end
    )
  }

  @Test(
    "a day of Shanghai begins at 16:00 UTC of the day before",
    arguments: [
      ("2026-11-22T15:59:59Z", "2026-11-22"), ("2026-11-22T16:00:00Z", "2026-11-23"),
      ("2028-02-28T16:00:00Z", "2028-02-29"), ("2027-02-28T15:59:59Z", "2027-02-28"),
      ("2026-12-31T16:00:00Z", "2027-01-01"), ("1969-12-31T15:59:59Z", "1969-12-31"),
      ("1969-12-31T16:00:00Z", "1970-01-01"),
    ]
  )
  func midnight(instant: String, day: String) throws {
    let date = try Date(instant, strategy: .iso8601)
    #expect(CivilDate(date).description == day)
  }
}
