/// Which days are working days: Monday to Friday, less the days off and plus the make-up weekends
/// that the State Council publishes each autumn for the next year.
///
/// Source: Administrative Licensing Law, art. 82 (time limits count working days).
package struct WorkingDayCalendar: Sendable {
  private let daysOff: Set<CivilDate>
  private let makeUpDays: Set<CivilDate>
  private let publishedYears: Set<Int>

  /// A calendar of days off and make-up days; the years of the days off count as published.
  package init(daysOff: Set<CivilDate>, makeUpDays: Set<CivilDate>) {
    self.daysOff = daysOff
    self.makeUpDays = makeUpDays
    publishedYears = Set(daysOff.map(\.year))
  }

  /// The State Council's notices for 2017 to 2026, as amended during those years.
  ///
  /// In other years every weekday is a working day but the holidays that the law fixes to a civil
  /// date: 1 January, 1 and (from 2025) 2 May, 1 to 3 October (全国年节及纪念日放假办法, art. 2).
  package static let stateCouncil = WorkingDayCalendar(
    daysOff: days(published: Self.publishedDaysOff),
    makeUpDays: days(published: Self.publishedMakeUpDays)
  )

  /// Whether people work on a day.
  package func isWorkingDay(_ day: CivilDate) -> Bool {
    if makeUpDays.contains(day) { return true }
    guard !daysOff.contains(day), (1...5).contains(day.weekday) else { return false }
    return isPublished(day.year) || !Self.isFixedHoliday(day)
  }

  /// Whether a year's days off are known; if not, days reckoned in it may still shift.
  ///
  /// - Parameter year: The year.
  /// - Returns: Whether the calendar holds its notice.
  package func isPublished(_ year: Int) -> Bool { publishedYears.contains(year) }

  private static func isFixedHoliday(_ day: CivilDate) -> Bool {
    switch (day.month, day.day) {
    case (1, 1), (5, 1), (10, 1...3): true
    case (5, 2): day.year >= 2025
    default: false
    }
  }

  /// The day on which a period of working days ends; the first day is not counted.
  ///
  /// - Parameters:
  ///   - count: How many working days, 0 or more.
  ///   - day: The day on which the period begins.
  /// - Returns: The day on which it ends, a working day unless `count` is 0.
  package func day(_ count: Int, workingDaysAfter day: CivilDate) -> CivilDate {
    var (last, missing) = (day, count)
    while missing > 0, last < .last {
      last = last.adding(days: 1)
      if isWorkingDay(last) { missing -= 1 }
    }
    return last
  }

  /// The day itself, or the next working day if it is a day off.
  ///
  /// Source: Civil Code, art. 203.
  package func rolledForward(_ day: CivilDate) -> CivilDate {
    isWorkingDay(day) ? day : self.day(1, workingDaysAfter: day)
  }

  private static func days(published: [Int: String]) -> Set<CivilDate> {
    Set(
      published.flatMap { year, days in
        days.split(whereSeparator: \.isWhitespace).compactMap { CivilDate("\(year)-\($0)") }
      }
    )
  }

  private static let publishedDaysOff = [
    2017: """
    01-01 01-02 01-27 01-28 01-29 01-30 01-31 02-01 02-02 04-02 04-03 04-04 05-01 05-28 05-29 05-30
    10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08
    """,
    2018: """
    01-01 02-15 02-16 02-17 02-18 02-19 02-20 02-21 04-05 04-06 04-07 04-29 04-30 05-01 06-18 09-24
    10-01 10-02 10-03 10-04 10-05 10-06 10-07 12-30 12-31
    """,
    2019: """
    01-01 02-04 02-05 02-06 02-07 02-08 02-09 02-10 04-05 04-06 04-07 05-01 05-02 05-03 05-04 06-07
    06-08 06-09 09-13 09-14 09-15 10-01 10-02 10-03 10-04 10-05 10-06 10-07
    """,
    2020: """
    01-01 01-24 01-25 01-26 01-27 01-28 01-29 01-30 01-31 02-01 02-02 04-04 04-05 04-06 05-01 05-02
    05-03 05-04 05-05 06-25 06-26 06-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08
    """,
    2021: """
    01-01 01-02 01-03 02-11 02-12 02-13 02-14 02-15 02-16 02-17 04-03 04-04 04-05 05-01 05-02 05-03
    05-04 05-05 06-12 06-13 06-14 09-19 09-20 09-21 10-01 10-02 10-03 10-04 10-05 10-06 10-07
    """,
    2022: """
    01-01 01-02 01-03 01-31 02-01 02-02 02-03 02-04 02-05 02-06 04-03 04-04 04-05 04-30 05-01 05-02
    05-03 05-04 06-03 06-04 06-05 09-10 09-11 09-12 10-01 10-02 10-03 10-04 10-05 10-06 10-07 12-31
    """,
    2023: """
    01-01 01-02 01-21 01-22 01-23 01-24 01-25 01-26 01-27 04-05 04-29 04-30 05-01 05-02 05-03 06-22
    06-23 06-24 09-29 09-30 10-01 10-02 10-03 10-04 10-05 10-06 12-30 12-31
    """,
    2024: """
    01-01 02-10 02-11 02-12 02-13 02-14 02-15 02-16 02-17 04-04 04-05 04-06 05-01 05-02 05-03 05-04
    05-05 06-10 09-15 09-16 09-17 10-01 10-02 10-03 10-04 10-05 10-06 10-07
    """,
    2025: """
    01-01 01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04 04-04 04-05 04-06 05-01 05-02 05-03 05-04
    05-05 05-31 06-01 06-02 10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08
    """,
    2026: """
    01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 05-01
    05-02 05-03 05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06
    10-07
    """,
  ]

  private static let publishedMakeUpDays = [
    2017: "01-22 02-04 04-01 05-27 09-30",
    2018: "02-11 02-24 04-08 04-28 09-29 09-30 12-29",
    2019: "02-02 02-03 04-28 05-05 09-29 10-12",
    2020: "01-19 04-26 05-09 06-28 09-27 10-10",
    2021: "02-07 02-20 04-25 05-08 09-18 09-26 10-09",
    2022: "01-29 01-30 04-02 04-24 05-07 10-08 10-09",
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
  ]
}
