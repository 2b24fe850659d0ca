package import Foundation

/// A day of the civil calendar in Asia/Shanghai (UTC+8, no daylight saving), years 1 to 9999.
///
/// As text `YYYY-MM-DD`.
package struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// 1 to 9999.
  package let year: Int
  /// 1 to 12.
  package let month: Int
  /// 1 to 31, as the month has days.
  package let day: Int

  /// A day; nothing if there is none, as 30 February.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      (1...Self.days(in: month, of: year)).contains(day)
    else { return nil }
    self.init(known: year, month, day)
  }

  private init(known year: Int, _ month: Int, _ day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// Parses `YYYY-MM-DD`, ASCII digits only; nothing if it is not exactly such a day.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
      return nil
    }
    func number(_ range: Range<Int>) -> Int? {
      bytes[range].reduce(Int?.some(0)) { sum, byte in
        guard let sum, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        return sum * 10 + Int(byte - UInt8(ascii: "0"))
      }
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else {
      return nil
    }
    self.init(year: year, month: month, day: day)
  }

  /// The day in Asia/Shanghai on which an instant falls; years beyond 1 and 9999 give the first and
  /// the last day there is, so that no instant from outside can bring the process down.
  package init(_ instant: Date) {
    let seconds = instant.timeIntervalSince1970 + Self.shanghaiOffset
    let days = (seconds / 86_400).rounded(.down)
    let bounds = Self.lawfulDayNumbers
    self.init(
      dayNumber: Int(max(Double(bounds.lowerBound), min(Double(bounds.upperBound), days)))
    )
  }

  /// `YYYY-MM-DD`.
  package var description: String {
    func padded(_ number: Int, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// The instant at which the day begins in Asia/Shanghai.
  package var startInstant: Date {
    Date(timeIntervalSince1970: Double(dayNumber) * 86_400 - Self.shanghaiOffset)
  }

  /// The instant at which the day ends in Asia/Shanghai, 24:00: the first that is not of the day.
  ///
  /// Source: Civil Code, art. 203 (a period ends at 24:00 of its last day).
  package var endInstant: Date { startInstant.addingTimeInterval(86_400) }

  /// 0 for Sunday to 6 for Saturday.
  package var weekday: Int { ((dayNumber + 4) % 7 + 7) % 7 }

  /// The day so many days later, or earlier if below 0; at most the last day there is, 9999-12-31,
  /// and at least the first.
  package func adding(days: Int) -> CivilDate {
    let bounds = Self.lawfulDayNumbers
    let (sum, overflows) = dayNumber.addingReportingOverflow(days)
    if overflows { return CivilDate(dayNumber: days < 0 ? bounds.lowerBound : bounds.upperBound) }
    return CivilDate(dayNumber: max(bounds.lowerBound, min(bounds.upperBound, sum)))
  }

  /// The corresponding day so many months later, or that month's last; within the years 1 to 9999.
  ///
  /// Source: Civil Code, art. 202.
  package func adding(months: Int) -> CivilDate {
    let bounded = max(-120_000, min(120_000, months))
    let index = max(12, min(9_999 * 12 + 11, year * 12 + month - 1 + bounded))
    let (year, month) = (index / 12, index % 12 + 1)
    return CivilDate(known: year, month, min(day, Self.days(in: month, of: year)))
  }

  /// The corresponding day so many years later, or 28 February for a leap day.
  package func adding(years: Int) -> CivilDate {
    adding(months: max(-10_000, min(10_000, years)) * 12)
  }

  /// How many days lie between this day and another: 1 if the other is the next, below 0 if earlier.
  package func days(until other: CivilDate) -> Int { other.dayNumber - dayNumber }

  /// Earlier days come first.
  package static func < (left: CivilDate, right: CivilDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  private static let shanghaiOffset = 8.0 * 3_600

  /// The last day there is.
  static let last = CivilDate(known: 9_999, 12, 31)

  /// From 1 January of the year 1 to the last day.
  private static let lawfulDayNumbers = CivilDate(known: 1, 1, 1).dayNumber...last.dayNumber

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1 January 1970 in the Gregorian calendar; months counted from March.
  private var dayNumber: Int {
    let marchYear = month > 2 ? year : year - 1
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private init(dayNumber: Int) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    self.init(
      known: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
      month,
      dayOfYear - (153 * marchMonth + 2) / 5 + 1
    )
  }
}
