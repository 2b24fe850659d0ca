internal import Vocabulary

// What the law of 2017 and current law say differently about filings.
extension LawProfile {
  /// Within how many years of establishment a company's capital is paid in; without limit if nothing.
  ///
  /// Source: Company Law (2023 revision), art. 47.
  var contributionYears: Int? {
    switch self {
    case .current: 5
    case .law2017: nil
    }
  }

  /// Whether a small company may have no supervisor, by consent of all shareholders.
  ///
  /// Source: Company Law (2023 revision), art. 83.
  var allowsNoSupervisor: Bool {
    switch self {
    case .current: true
    case .law2017: false
    }
  }

  /// The most directors of a board; without limit if nothing.
  ///
  /// Source: Company Law (2023 revision), art. 68; Company Law (2013 revision), art. 44.
  var directorLimit: Int? {
    switch self {
    case .current: nil
    case .law2017: 13
    }
  }

  /// The day by which the authority must act on a filing submitted on a day: 3 working days later, 5
  /// under the law of 2017; the day itself is not counted.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 19; Regulations on the
  /// Registration of Companies (2016), art. 51.
  func actionDueDate(after day: CivilDate) -> CivilDate {
    let count =
      switch self {
      case .current: 3
      case .law2017: 5
      }
    return WorkingDayCalendar.stateCouncil.day(count, workingDaysAfter: day)
  }
}
