internal import Accounts
internal import Vocabulary

/// The number of a notice (文书号), for instance `（辽沈）登记内设字〔2026〕第000001号`: authority, kind of
/// business, year, serial of the authority's year.
struct NoticeNumber: Hashable, Sendable, CustomStringConvertible {
  /// The number as printed.
  let description: String

  /// The number of an authority's `serial`th notice of a year.
  ///
  /// - Parameters:
  ///   - authority: The authority, by its short name.
  ///   - entityType: What kind of entity is established.
  ///   - year: The year in Asia/Shanghai.
  ///   - serial: From 1; six digits at least.
  init(authority: Authority, entityType: EntityType, year: Int, serial: Int) {
    let place =
      authority.region == .liaoning ? authority.shortName : "辽" + authority.shortName
    let digits = String(serial)
    let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    description = "（\(place)）登记\(entityType.noticeWord)字〔\(year)〕第\(padded)号"
  }

  /// A number as it was given.
  init(stored: String) {
    description = stored
  }
}

extension EntityType {
  /// What stands for an establishment in the numbers of notices: domestic enterprises 内设, cooperatives
  /// 农设, individual businesses 个设.
  fileprivate var noticeWord: String {
    switch entityClass {
    case .farmersCooperative: "农设"
    case .individualBusiness: "个设"
    case .limitedLiabilityCompany, .jointStockCompany, .nonCompanyLegalPerson,
      .soleProprietorship, .partnership, .branch, .other:
      "内设"
    }
  }
}
