internal import Foundation
internal import Testing

@testable internal import Vocabulary

@Suite("Reckoning at the edges of the calendar")
struct ReckoningTests {
  @Test(
    "an instant beyond the calendar gives its first or last day",
    arguments: [
      (1e300, "9999-12-31"), (-1e300, "0001-01-01"), (Double.infinity, "9999-12-31"),
      (253_402_271_999, "9999-12-31"), (-62_135_625_600, "0001-01-01"),
      (9.2e18, "9999-12-31"),
    ]
  )
  func extremes(seconds: Double, day: String) {
    #expect(CivilDate(Date(timeIntervalSince1970: seconds)).description == day)
  }

  @Test("counting beyond the calendar stops at its ends")
  func ends() throws {
    let day = try #require(CivilDate("2026-11-23"))
    #expect(day.adding(days: .max).description == "9999-12-31")
    #expect(day.adding(days: .min).description == "0001-01-01")
    #expect(day.adding(months: .max).year == 9_999)
    #expect(day.adding(months: .min).year == 1)
    #expect(day.adding(years: .max).year == 9_999)
    let end = try #require(CivilDate("9999-12-31"))
    #expect(WorkingDayCalendar.stateCouncil.day(3, workingDaysAfter: end) == end)
  }

  @Test("a day ends where the next begins")
  func dayEnd() throws {
    let day = try #require(CivilDate("2026-09-30"))
    #expect(day.endInstant == day.adding(days: 1).startInstant)
    #expect(CivilDate(day.endInstant.addingTimeInterval(-0.001)) == day)
    #expect(day.days(until: day.adding(days: 31)) == 31)
    #expect(day.days(until: day.adding(days: -1)) == -1)
  }

  @Test("the notices of ten years are read whole", arguments: 2017...2026)
  func published(year: Int) throws {
    let calendar = WorkingDayCalendar.stateCouncil
    #expect(calendar.isPublished(year))
    let first = try #require(CivilDate(year: year, month: 1, day: 1))
    let days = (0..<366).map { first.adding(days: $0) }.filter { $0.year == year }
    // Every year has 248 to 252 working days, whatever the notice moves.
    #expect((248...252).contains(days.count(where: calendar.isWorkingDay)))
    #expect(!calendar.isWorkingDay(first))
  }

  @Test(
    "in years without a notice the holidays of fixed date are off",
    arguments: [
      ("2027-01-01", false), ("2027-01-04", true), ("2028-05-01", false), ("2028-05-02", false),
      ("2028-05-03", true), ("2027-10-01", false), ("2029-10-03", false), ("2029-10-04", true),
      ("2016-05-02", true),
    ]
  )
  func unpublished(text: String, works: Bool) throws {
    let day = try #require(CivilDate(text))
    #expect(!WorkingDayCalendar.stateCouncil.isPublished(day.year))
    #expect(WorkingDayCalendar.stateCouncil.isWorkingDay(day) == works)
  }

  @Test(
    "age counts completed years",
    arguments: [
      ("2024-06-01", 17), ("2024-06-02", 18), ("2006-06-02", 0), ("2006-06-01", nil as Int?),
    ]
  )
  func age(text: String, years: Int?) throws {
    let number = try #require(ResidentIdentityNumber.completing("21010120060602017"))
    #expect(number.age(on: try #require(CivilDate(text))) == years)
  }
}

@Suite("Finding divisions")
struct RegionTests {
  @Test("a name may be of several divisions")
  func named() {
    #expect(RegionCode.named("铁西区").map(\.description) == ["210106", "210303"])
    #expect(RegionCode.named("朝阳市").map(\.description) == ["211300"])
    #expect(RegionCode.named("朝阳县").map(\.description) == ["211321"])
    #expect(RegionCode.named("朝阳").isEmpty)
  }

  @Test("a full name says what it lies in")
  func fullName() {
    #expect(RegionCode("210102")?.fullName == "辽宁省沈阳市和平区")
    #expect(RegionCode("210100")?.fullName == "辽宁省沈阳市")
    #expect(RegionCode("210000")?.fullName == "辽宁省")
    #expect(RegionCode("110105")?.fullName == "")
  }

  @Test(
    "a division has the name of its day",
    arguments: [
      ("210112", "2014-06-16", "东陵区"), ("210112", "2014-06-17", "浑南区"),
      ("210282", "2015-10-12", "普兰店市"), ("210282", "2015-10-13", ""),
      ("210214", "2015-10-12", ""), ("210214", "2015-10-13", "普兰店区"),
      ("211121", "2016-03-19", "大洼县"), ("211104", "2016-03-20", "大洼区"),
      ("210102", "2014-01-01", "和平区"),
    ]
  )
  func nameOnADay(code: String, day: String, name: String) throws {
    let code = try #require(RegionCode(code))
    #expect(code.name(on: try #require(CivilDate(day))) == name)
  }

  @Test("a class of the industries lies in divisions 01 to 97")
  func industries() {
    #expect(IndustryClass("0111") != nil && IndustryClass("9700") != nil)
    #expect(IndustryClass("0011") == nil && IndustryClass("9800") == nil)
  }
}

@Suite("Writing money")
struct MoneyTests {
  @Test(
    "amounts in numerals that cannot be altered",
    arguments: [
      (Int64(100_000_000), "人民币壹佰万元整"), (0, "人民币零元整"), (5, "人民币伍分"),
      (50, "人民币伍角整"), (105, "人民币壹元零伍分"), (150, "人民币壹元伍角整"),
      (155, "人民币壹元伍角伍分"), (1_000, "人民币壹拾元整"), (100_500, "人民币壹仟零伍元整"),
      (10_100_000, "人民币壹拾万壹仟元整"), (10_010_000, "人民币壹拾万零壹佰元整"),
      (100_000_500, "人民币壹佰万零伍元整"), (1_000_100_000_000, "人民币壹佰亿零壹佰万元整"),
      (100_000_000_000_000, "人民币壹万亿元整"), (10_001_000_000, "人民币壹亿零壹万元整"),
      (-100, "人民币负壹元整"), (168_032, "人民币壹仟陆佰捌拾元叁角贰分"),
    ]
  )
  func words(fen: Int64, text: String) {
    #expect(Fen(fen).inWords == text)
  }

  @Test("sums that exceed 64 bits are none")
  func sums() {
    #expect(Fen.sum([]) == Fen(0))
    #expect(Fen.sum([Fen(1), Fen(2), Fen(3)]) == Fen(6))
    #expect(Fen.sum([Fen(.max), Fen(1)]) == nil)
    #expect(Fen(.max).adding(Fen(0)) == Fen(.max))
    #expect(Fen(.min).inWords.hasPrefix("人民币负"))
  }
}
