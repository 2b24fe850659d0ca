internal import APIConventions
internal import Foundation
internal import Vocabulary

/// What a person is barred from.
///
/// Raw values are the SQL labels.
package enum RestrictionScope: String, CaseIterable, Sendable {
  /// Online filing (限制网上登记).
  case onlineFiling = "online_filing"
  /// Every registration.
  case allRegistration = "all_registration"
  /// Being legal representative.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 12.
  case legalRepresentative = "legal_representative"
}

/// A person whom an authority bars (限制名单, 四(四)2).
struct Restriction: Sendable {
  let id: RegionalID
  let person: PersonRecord
  let scope: RestrictionScope
  let ground: String
  let startTime: Date
  let endTime: Date?
  let decidedBy: String
  let createTime: Date
  private(set) var lifting: Lifting?
  private(set) var version: Int64

  /// How it ended before its time.
  struct Lifting: Hashable, Sendable {
    let time: Date
    let by: String
    let ground: String
  }

  init(
    id: RegionalID,
    person: PersonRecord,
    scope: RestrictionScope,
    ground: String,
    startTime: Date,
    endTime: Date?,
    decidedBy: String,
    createTime: Date,
    lifting: Lifting? = nil,
    version: Int64 = 1
  ) {
    self.id = id
    self.person = person
    self.scope = scope
    self.ground = ground
    self.startTime = startTime
    self.endTime = endTime
    self.decidedBy = decidedBy
    self.createTime = createTime
    self.lifting = lifting
    self.version = version
  }

  /// `restrictions/{restriction}`.
  var name: String { id.name(in: "restrictions") }

  /// Ends it before its time.
  ///
  /// - Throws: `restrictionLifted`.
  func lifted(_ lifting: Lifting) throws(AccountError) -> Restriction {
    guard self.lifting == nil else { throw .restrictionLifted }
    var next = self
    next.lifting = lifting
    next.version += 1
    return next
  }
}

/// What a restriction must be: pure.
enum RestrictionRules {
  /// A restriction has a ground of 1 to 500 printable characters, so that it can be appealed.
  static func ground(_ ground: String, at field: String) -> [Violation] {
    guard
      AccountRules.groundLengths.contains(ground.count), ground.unicodeScalars.count <= 1_000
    else {
      return [
        Violation(
          field: field,
          rule: "GROUND_LENGTH_UNLAWFUL",
          description: "理由应为 1 至 500 个字，并载明决定文号。"
        )
      ]
    }
    return ground.isPrintable(allowingLines: true)
      ? []
      : [
        Violation(
          field: field,
          rule: "GROUND_CHARACTER_UNLAWFUL",
          description: "理由含有不能打印的字符。"
        )
      ]
  }

  /// A restriction ends after it starts.
  static func period(from startTime: Date, to endTime: Date?, at field: String) -> [Violation] {
    guard let endTime, endTime <= startTime else { return [] }
    return [
      Violation(field: field, rule: "PERIOD_UNLAWFUL", description: "截止时间应晚于起始时间。")
    ]
  }
}
