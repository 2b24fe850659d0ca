internal import APIConventions
internal import Accounts
internal import Filings
internal import Identity
internal import Vocabulary

/// What the law demands of those who review: pure, one function a rule.
enum ReviewRules {
  // MARK: Persons

  /// Whoever accepted a filing neither examines nor decides it: two persons at least see each filing.
  ///
  /// The examiner may decide what he examined, and so may any other examiner and the head.
  ///
  /// Source: plan of 2017, section 五(四) (standard internal approval flow).
  ///
  /// - Throws: `samePerson`.
  static func requireOther(
    than clerk: String?,
    _ staff: StaffCaller,
    of filing: RegionalID
  ) throws(ReviewError) {
    guard staff.name != clerk else { throw .samePerson(filing) }
  }

  /// Nobody takes a step in a filing in which he is concerned: as applicant, as whoever acts for the
  /// applicant, or in any role.
  ///
  /// Source: Administrative Licensing Law, art. 72; Civil Servants Law (2018), art. 76.
  ///
  /// - Parameters:
  ///   - staff: Who takes the step.
  ///   - filing: In which filing.
  ///   - applicant: The identity numbers of those who act for the applicant.
  /// - Throws: `ownFiling`.
  static func requireImpartial(
    _ staff: StaffCaller,
    in filing: Filing,
    applicant: [String]
  ) throws(ReviewError) {
    let concerned = filing.people.lazy.map(\.identityNumber.description)
    guard !applicant.contains(staff.identityNumber), !concerned.contains(staff.identityNumber)
    else { throw .ownFiling(filing.id) }
  }

  // MARK: Examination

  /// Everything in which an examination breaks rules.
  ///
  /// - Parameters:
  ///   - opinion: The opinion; nothing if it could not be read.
  ///   - checklist: The points that could be read, in the order of the request.
  /// - Returns: The violations, by the fields of the request.
  static func violations(
    _ opinion: Review.Opinion?,
    _ checklist: [(place: Int, entry: ChecklistEntry)]
  ) -> [Violation] {
    completeness(checklist) + explanations(checklist) + consistency(opinion, checklist)
  }

  /// Each point of the checklist stands once.
  private static func completeness(
    _ checklist: [(place: Int, entry: ChecklistEntry)]
  ) -> [Violation] {
    var violations: [Violation] = []
    var seen: Set<ChecklistPoint> = []
    for (place, entry) in checklist where !seen.insert(entry.point).inserted {
      violations.append(
        Violation(
          field: "checklist[\(place)].item",
          rule: "CHECKLIST_POINT_REPEATED",
          description: "审查要点\(entry.point.rawValue)重复。"
        )
      )
    }
    for point in ChecklistPoint.allCases where !seen.contains(point) {
      violations.append(
        Violation(
          field: "checklist",
          rule: "CHECKLIST_POINT_MISSING",
          description: "缺少审查要点\(point.rawValue)。",
          basis: "市场主体登记管理条例第十九条"
        )
      )
    }
    return violations
  }

  /// What is not passed is explained.
  private static func explanations(
    _ checklist: [(place: Int, entry: ChecklistEntry)]
  ) -> [Violation] {
    checklist.filter { !$0.entry.passed && $0.entry.remark == nil }.map { place, _ in
      Violation(
        field: "checklist[\(place)].remark",
        rule: "CHECKLIST_REMARK_MISSING",
        description: "审查要点不符合要求的，须说明理由。",
        basis: "行政许可法第三十八条"
      )
    }
  }

  /// Whoever proposes to approve has found nothing wrong, and whoever proposes to reject something.
  private static func consistency(
    _ opinion: Review.Opinion?,
    _ checklist: [(place: Int, entry: ChecklistEntry)]
  ) -> [Violation] {
    let fails = checklist.contains { !$0.entry.passed }
    let contradicts =
      switch opinion {
      case .approve: fails
      // With points missing nobody can say yet that nothing fails.
      case .reject:
        !fails && Set(checklist.map(\.entry.point)).count == ChecklistPoint.allCases.count
      case nil: false
      }
    return contradicts
      ? [
        Violation(
          field: "opinion",
          rule: "OPINION_CONTRADICTS_CHECKLIST",
          description: "审查意见与审查要点的结论不一致。",
          basis: "市场主体登记管理条例第十九条"
        )
      ] : []
  }
}

/// Which part of a review a step belongs to, and so in which state its filing must be.
enum ReviewStage {
  /// The clerk's: accept, return, decline.
  case reception
  /// The examiner's.
  case examination
  /// The decider's: approve, reject.
  case decision

  /// Refuses a filing that is in another state, or is not the version that was read.
  ///
  /// - Throws: `FilingError.notSubmitted`, `notAccepted`, `notExamined`, `stale`.
  func require(_ filing: Filing, etag: String) throws(FilingError) {
    try require(filing)
    guard let etag = ETag(etag), etag.version == filing.version else { throw .stale(filing.id) }
  }

  private func require(_ filing: Filing) throws(FilingError) {
    switch self {
    case .reception:
      guard filing.state == .submitted else { throw .notSubmitted(filing.id, filing.state) }
    case .examination:
      guard filing.state == .accepted else { throw .notAccepted(filing.id, filing.state) }
    case .decision:
      guard filing.state == .examined else { throw .notExamined(filing.id, filing.state) }
    }
  }
}
