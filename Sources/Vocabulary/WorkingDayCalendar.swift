/// Which days are working days: Monday to Friday, less the days off and plus the make-up weekends
/// that the State Council publishes each autumn for the next year.
///
/// Source: Administrative Licensing Law, art. 82 (time limits count working days).
package struct WorkingDayCalendar: Sendable {
  private let daysOff: Set<CivilDate>
  private let makeUpDays: Set<CivilDate>

  /// A calendar of days off and make-up days.
  package init(daysOff: Set<CivilDate>, makeUpDays: Set<CivilDate>) {
    self.daysOff = daysOff
    self.makeUpDays = makeUpDays
  }

  /// The State Council's notices for 2017, 2025 and 2026.
  ///
  /// In other years every weekday is a working day.
  package static let stateCouncil = WorkingDayCalendar(
    daysOff: days(published: Self.publishedDaysOff),
    makeUpDays: days(published: Self.publishedMakeUpDays)
  )

  /// Whether people work on a day.
  package func isWorkingDay(_ day: CivilDate) -> Bool {
    if makeUpDays.contains(day) { return true }
    return !daysOff.contains(day) && (1...5).contains(day.weekday)
  }

  /// The day on which a period of working days ends; the first day is not counted.
  ///
  /// - Parameters:
  ///   - count: How many working days, 0 or more.
  ///   - day: The day on which the period begins.
  /// - Returns: The day on which it ends, a working day unless `count` is 0.
  package func day(_ count: Int, workingDaysAfter day: CivilDate) -> CivilDate {
    var (last, missing) = (day, count)
    while missing > 0 {
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
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
  ]
}
