internal import Foundation
internal import Testing

@testable internal import Vocabulary

@Suite("Counting days")
struct CalendarTests {
  @Test(
    "working days, the first not counted",
    arguments: [
      ("2017-09-29", 3, "2017-10-10"), ("2017-09-29", 5, "2017-10-12"),
      ("2017-10-09", 5, "2017-10-16"), ("2017-10-27", 20, "2017-11-24"),
      ("2025-09-26", 5, "2025-10-10"), ("2026-02-13", 3, "2026-02-25"),
      ("2026-09-18", 3, "2026-09-22"), ("2026-09-30", 3, "2026-10-10"),
      ("2026-11-20", 20, "2026-12-18"), ("2026-11-20", 0, "2026-11-20"),
    ]
  )
  func workingDays(start: String, count: Int, end: String) throws {
    let day = try #require(CivilDate(start))
    let last = WorkingDayCalendar.stateCouncil.day(count, workingDaysAfter: day)
    #expect(last.description == end)
  }

  @Test(
    "months end on the corresponding day or the last of the month",
    arguments: [
      ("2026-07-31", 2, "2026-09-30"), ("2025-12-31", 2, "2026-02-28"),
      ("2026-11-20", 2, "2027-01-20"), ("2026-02-28", 12, "2027-02-28"),
      ("2017-08-31", 6, "2018-02-28"), ("2024-02-29", 12, "2025-02-28"),
      ("2027-01-20", -2, "2026-11-20"),
    ]
  )
  func months(start: String, count: Int, end: String) throws {
    #expect(try #require(CivilDate(start)).adding(months: count).description == end)
  }

  @Test("a day off rolls over, a make-up day does not")
  func rollForward() throws {
    let calendar = WorkingDayCalendar.stateCouncil
    let sunday = try #require(CivilDate("2027-02-28"))
    let makeUpSaturday = try #require(CivilDate("2026-02-28"))
    #expect(calendar.rolledForward(sunday).description == "2027-03-01")
    #expect(calendar.rolledForward(makeUpSaturday) == makeUpSaturday)
  }

  @Test(
    "what is no day is refused",
    arguments: [
      "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-4-3", "20260403", "",
      "２026-04-03", "2026-04-03 ", "0000-01-01",
    ]
  )
  func noDay(text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test("every day of four centuries goes to an instant and back, one day after the other")
  func roundTrip() throws {
    var day = try #require(CivilDate("1799-12-31"))
    var weekday = day.weekday
    let last = try #require(CivilDate("2200-01-01"))
    while day < last {
      let next = day.adding(days: 1)
      #expect(CivilDate(next.startInstant) == next && CivilDate(next.description) == next)
      #expect(day < next && next.weekday == (weekday + 1) % 7)
      (day, weekday) = (next, next.weekday)
    }
  }

  @Test("the day turns at midnight in Shanghai")
  func midnight() throws {
    let midnight = try #require(ISO8601DateFormatter().date(from: "2026-11-22T16:00:00Z"))
    #expect(CivilDate(midnight).description == "2026-11-23")
    #expect(CivilDate(midnight.addingTimeInterval(-0.001)).description == "2026-11-22")
    #expect(CivilDate(midnight).startInstant == midnight)
    #expect(CivilDate(midnight).weekday == 1)
  }
}

@Suite("Reading the tables")
struct TableTests {
  @Test("Liaoning has 14 cities and 100 counties")
  func liaoning() {
    #expect(RegionCode.cities.count == 14)
    #expect(RegionCode.counties.count == 100)
    #expect(RegionCode("210303")?.name == "铁西区")
    #expect(RegionCode("210303")?.city.name == "鞍山市")
    #expect(RegionCode("211324")?.name == "喀喇沁左翼蒙古族自治县")
    #expect(RegionCode("210000")?.city == .liaoning)
    #expect(RegionCode("110105")?.isCounty == false)
  }

  @Test("what is no code is refused", arguments: ["21010", "2101000", "21010a", "", "２10100"])
  func noCode(text: String) {
    #expect(RegionCode(text) == nil)
    #expect(IndustryClass(text) == nil)
  }

  @Test(
    "money is printed in yuan",
    arguments: [
      (Int64(100_000_000), "人民币1,000,000元"), (50, "人民币0.50元"), (105, "人民币1.05元"),
      (99_900, "人民币999元"), (100_000, "人民币1,000元"),
    ]
  )
  func money(fen: Int64, text: String) {
    #expect(Fen(fen).description == text)
  }

  @Test("filing numbers carry their check digit")
  func filingNumber() throws {
    let number = BusinessNumber(
      authority: try #require(RegionCode("210100")),
      day: try #require(CivilDate("2017-10-09")),
      business: "01",
      serial: 1
    ).description
    #expect(number.hasPrefix("2101002017100901000001") && number.count == 23)
    #expect(
      CheckDigits.mod11And10(number.dropLast()).map(String.init) == number.last.map(String.init)
    )
  }

  @Test(
    "types fall into classes",
    arguments: [
      ("1130", EntityType.Class.limitedLiabilityCompany), ("1222", .jointStockCompany),
      ("4533", .partnership), ("4540", .soleProprietorship), ("2130", .branch), ("9200", .branch),
      ("9100", .farmersCooperative), ("9500", .individualBusiness), ("7777", .other),
    ]
  )
  func classes(code: String, expected: EntityType.Class) {
    #expect(EntityType(code)?.entityClass == expected)
  }
}
