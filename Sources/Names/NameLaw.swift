internal import Foundation
internal import Vocabulary

/// What the laws say differently about names, and what they say alike.
extension LawProfile {
  /// How many live reservations one declarant may hold.
  ///
  /// Source: 企业名称登记管理规定实施办法 (2023), art. 23 (1) forbids hoarding; the number is this registry's.
  var liveReservationLimit: Int { 5 }

  /// Whether one trade name in one industry is identical, or merely similar.
  ///
  /// Source: 企业名称登记管理规定 (2020), art. 17; before, 企业名称相同相近比对规则 (2017), art. 4 (1).
  var blocksSameTradeInIndustry: Bool {
    switch self {
    case .current: true
    case .law2017: false
    }
  }

  /// Whether names that begin with 国际 need the State Council's approval too.
  ///
  /// Source: 企业名称禁限用规则 (2017).
  var reservesInternational: Bool {
    switch self {
    case .current: false
    case .law2017: true
    }
  }

  /// When a reservation made at an instant ends, exclusive: the corresponding day two months later (six
  /// under the law of 2017), or that month's last, at its end in Asia/Shanghai; if that day is a day
  /// off, the next working day.
  ///
  /// Source: 企业名称登记管理规定 (2020), art. 18; 公司登记管理条例 (2016), art. 19; 民法典, art. 202, 203.
  func reservationEnd(from instant: Date) -> Date {
    let months =
      switch self {
      case .current: 2
      case .law2017: 6
      }
    var last = CivilDate(instant).adding(months: months)
    while !WorkingDayCalendar.stateCouncil.isWorkingDay(last) { last = last.adding(days: 1) }
    return last.adding(days: 1).startInstant
  }
}

extension EntityType {
  /// What the law demands of the organization form.
  enum FormKind: Equatable {
    /// A limited liability company.
    case limited
    /// A company limited by shares.
    case shares
    /// A partnership, with the marker that its name carries.
    case partnership(String)
    /// A sole proprietorship or an individual business: no company.
    case personal
    /// A farmers' cooperative.
    case cooperative
    /// An enterprise under older law.
    case enterprise
  }

  /// What the law demands of the organization form; for branches their own rule applies instead.
  var formKind: FormKind {
    switch code.prefix(2) {
    case "11", "51", "61": .limited
    case "12", "52", "62": .shares
    case "45", "54", "64":
      switch code {
      case "4532": .partnership("（特殊普通合伙）")
      case "4533", "5430", "6430": .partnership("（有限合伙）")
      case "4540": .personal
      default: .partnership("（普通合伙）")
      }
    case "91", "93": .cooperative
    case "95": .personal
    default: .enterprise
    }
  }

  /// Whether it is a branch (分支机构): 2xxx, 43xx, 44xx, 455x, 4560, 58xx, 68xx, 7xxx and 9200.
  var isBranch: Bool {
    ["2", "43", "44", "455", "4560", "58", "68", "7", "92"].contains { code.hasPrefix($0) }
  }
}

extension IndustryClass {
  /// The group (中类), 3 digits.
  var group: Substring { code.prefix(3) }
  /// The division (大类), 2 digits.
  var division: Substring { code.prefix(2) }
  /// The division as a number, 1 to 97.
  var divisionNumber: Int16 { Int16(division) ?? 0 }
}

extension RegionCode {
  /// The sets that names are compared in: the province's own and each city's.
  static let scopes = Set([liaoning] + cities.map(\.code))

  /// Whether it is the province, one of its cities or one of its counties.
  var isInLiaoning: Bool { Self.known.contains(self) }

  private static let known = scopes.union(counties.map(\.code))
}

extension CivilDate {
  /// The day as yyyymmdd.
  var compactNumber: Int32 { Int32(description.filter { $0 != "-" }) ?? 0 }
}
