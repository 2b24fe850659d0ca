internal import APIConventions
internal import Foundation
internal import RegistryAPI
internal import Vocabulary

/// A parsed ImportNames: 1 to 1,000 names, no two of one id.
struct LibraryImport: Sendable {
  let records: [NameLibraryStore.Record]
  let requestID: RequestID

  /// Parses a request.
  ///
  /// - Throws: `NameError.libraryInvalid` with every violation, `RequestLogError.malformedRequestID`.
  init(_ request: Liaoning_Registry_V1_ImportNamesRequest) throws {
    requestID = try RequestID(request.requestID)
    var parsing = LibraryParsing()
    if !(1...1_000).contains(request.names.count) {
      parsing.refuse("names", "NAME_COUNT_INVALID", "每次导入 1 至 1000 个名称。")
      throw NameError.libraryInvalid(parsing.violations)
    }
    records = request.names.enumerated().compactMap { index, name in
      parsing.record(name, at: "names[\(index)]")
    }
    guard parsing.violations.isEmpty else { throw NameError.libraryInvalid(parsing.violations) }
  }
}

/// Collects what is wrong with entries of the library.
private struct LibraryParsing {
  private(set) var violations: [Violation] = []
  private var ids: Set<String> = []

  mutating func refuse(_ field: String, _ rule: String, _ description: String) {
    violations.append(Violation(field: field, rule: rule, description: description))
  }

  /// An entry; nothing if anything is wrong with it.
  mutating func record(
    _ proto: Liaoning_Registry_V1_LibraryName,
    at field: String
  ) -> NameLibraryStore.Record? {
    let earlier = violations.count
    texts(proto, at: field)
    guard let industryClass = IndustryClass(proto.industryClass) else {
      refuse("\(field).industry_class", "INDUSTRY_CLASS_INVALID", "应为 GB/T 4754-2017 的 4 位小类代码。")
      return nil
    }
    guard let entityType = EntityType(proto.entityType) else {
      refuse("\(field).entity_type", "ENTITY_TYPE_INVALID", "市场主体类型代码不存在。")
      return nil
    }
    guard let scope = RegionCode(proto.scopeCode), RegionCode.scopes.contains(scope) else {
      refuse("\(field).scope_code", "SCOPE_CODE_INVALID", "应为 210000 或者设区的市的代码。")
      return nil
    }
    let creditCode = UnifiedSocialCreditCode(proto.creditCode)
    if !proto.creditCode.isEmpty, creditCode == nil {
      refuse("\(field).credit_code", "CREDIT_CODE_INVALID", "统一社会信用代码不正确。")
    }
    guard let (standing, date) = standing(proto, at: field), violations.count == earlier else {
      return nil
    }
    let division = NameText.canonical(proto.division)
    return NameLibraryStore.Record(
      libraryID: proto.libraryID,
      enterpriseName: NameText.canonical(proto.enterpriseName),
      division: division,
      compared: ComparedName(
        whole: proto.enterpriseName,
        scope: scope,
        divisionText: division,
        division: Divisions.standard.division(division),
        trade: proto.tradeName,
        industry: proto.industryWords,
        form: proto.organizationForm,
        industryClass: industryClass,
        isBranch: entityType.isBranch
      ),
      entityType: entityType,
      standing: standing,
      standingTime: date?.startInstant,
      blocksUntil: standing.blocksUntil(from: date),
      creditCode: creditCode
    )
  }

  private mutating func texts(_ proto: Liaoning_Registry_V1_LibraryName, at field: String) {
    if !(1...40).contains(proto.libraryID.count) {
      refuse("\(field).library_id", "LIBRARY_ID_LENGTH_INVALID", "编号应为 1 至 40 个字符。")
    } else if !ids.insert(proto.libraryID).inserted {
      refuse("\(field).library_id", "LIBRARY_ID_REPEATED", "同一次导入中编号重复。")
    }
    for (part, text) in [
      ("library_id", proto.libraryID), ("enterprise_name", proto.enterpriseName),
      ("division", proto.division),
    ] where !text.isPrintable() {
      refuse("\(field).\(part)", "CHARACTER_INVALID", "不得含有不能打印的字符。")
    }
    let name = NameText.simplified(proto.enterpriseName)
    if !(2...100).contains(name.count) {
      refuse("\(field).enterprise_name", "ENTERPRISE_NAME_LENGTH_INVALID", "名称应为 2 至 100 个字。")
    }
    let parts = [
      ("trade_name", proto.tradeName, true), ("industry_words", proto.industryWords, false),
      ("organization_form", proto.organizationForm, true),
    ]
    for (part, text, isRequired) in parts {
      let text = NameText.simplified(text)
      if text.isEmpty ? isRequired : !name.contains(text) {
        refuse("\(field).\(part)", "NAME_PARTS_MISMATCH", "应当是名称的一部分。")
      }
    }
  }

  private mutating func standing(
    _ proto: Liaoning_Registry_V1_LibraryName,
    at field: String
  ) -> (NameLibraryStore.Standing, CivilDate?)? {
    let date = CivilDate(proto.standingDate)
    if !proto.standingDate.isEmpty, date == nil {
      refuse("\(field).standing_date", "STANDING_DATE_INVALID", "日期应为 YYYY-MM-DD。")
      return nil
    }
    let standing: NameLibraryStore.Standing
    switch proto.standing {
    case .registered: return (.registered, date)
    case .cancelled: standing = .cancelled
    case .former: standing = .former
    case .revoked: standing = .revoked
    case .reserved: standing = .reserved
    case .unspecified, .UNRECOGNIZED:
      refuse("\(field).standing", "STANDING_MISSING", "请填写名称状态。")
      return nil
    }
    if date == nil {
      refuse("\(field).standing_date", "STANDING_DATE_MISSING", "该状态须有日期。")
      return nil
    }
    return (standing, date)
  }
}

extension NameLibraryStore.Standing {
  /// Until when a name of this standing blocks others, exclusive; nil for as long as it is registered.
  ///
  /// Source: 企业名称登记管理规定 (2020), art. 17: one year from cancellation, change or revocation.
  func blocksUntil(from date: CivilDate?) -> Date? {
    switch self {
    case .registered: nil
    case .cancelled, .former, .revoked: date.map(Self.dayAfterOneYear(from:))?.startInstant
    case .reserved: date?.adding(days: 1).startInstant
    }
  }

  /// The corresponding day of the next year; for a leap day the first of March, for the year that
  /// began on it is over with February.
  private static func dayAfterOneYear(from date: CivilDate) -> CivilDate {
    let day = date.adding(years: 1)
    return day.day == date.day ? day : day.adding(days: 1)
  }
}
