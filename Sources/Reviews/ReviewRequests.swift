internal import APIConventions
internal import Filings
internal import Foundation
internal import RegistryAPI
internal import Vocabulary

/// What a clerk returns a filing with, parsed.
struct ReturnOrder {
  /// 1 to 100 corrections, all that there are (一次性告知).
  let corrections: [FilingCorrection]

  /// Parses a request.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 19 (all corrections at once).
  ///
  /// - Throws: `ReviewError.requestInvalid` with everything that is missing or malformed.
  init(_ request: Liaoning_Registry_V1_ReturnFilingRequest) throws(ReviewError) {
    var reader = ReviewReader()
    if !(1...100).contains(request.corrections.count) {
      reader.add(
        "corrections",
        "CORRECTION_COUNT_UNLAWFUL",
        "须一次性告知1至100项补正内容。",
        "市场主体登记管理条例第十九条"
      )
    }
    corrections = request.corrections.prefix(100).enumerated().compactMap { place, proto in
      reader.correction(proto, at: "corrections[\(place)]")
    }
    try reader.finish()
  }
}

/// Why a clerk declines a filing, parsed.
struct Declination {
  /// Why, 1 to 500 characters.
  let reason: String
  /// The region of the right authority, if there is one.
  let rightAuthority: RegionCode?

  /// Parses a request.
  ///
  /// - Throws: `ReviewError.requestInvalid` with everything that is missing or malformed.
  init(_ request: Liaoning_Registry_V1_DeclineFilingRequest) throws(ReviewError) {
    var reader = ReviewReader()
    reason = reader.text(request.reason, "reason", 1...500, "不予受理的理由") ?? ""
    rightAuthority = reader.region(request.rightAuthorityCode, "right_authority_code")
    try reader.finish()
  }
}

/// Why a decider rejects a filing, parsed.
struct Rejection {
  /// Why, 1 to 2,000 characters.
  let reason: String

  /// Parses a request.
  ///
  /// - Throws: `ReviewError.requestInvalid`.
  init(_ request: Liaoning_Registry_V1_RejectFilingRequest) throws(ReviewError) {
    var reader = ReviewReader()
    reason = reader.text(request.reason, "reason", 1...2_000, "不予登记的理由") ?? ""
    try reader.finish()
  }
}

extension Examination {
  /// The most points that are read of a request; more are refused as repeated or unknown anyway.
  private static let readLimit = 50

  /// Parses a request and holds it to the rules.
  ///
  /// - Throws: `ReviewError.requestInvalid` with everything that is missing, malformed or contradictory.
  init(_ request: Liaoning_Registry_V1_ExamineFilingRequest) throws(ReviewError) {
    var reader = ReviewReader()
    let opinion = reader.opinion(request.opinion)
    var entries: [(place: Int, entry: ChecklistEntry)] = []
    for (place, proto) in request.checklist.prefix(Self.readLimit).enumerated() {
      if let entry = reader.entry(proto, at: "checklist[\(place)]") {
        entries.append((place, entry))
      }
    }
    let remark = reader.optionalText(request.remark, "remark")
    reader.violations += ReviewRules.violations(opinion, entries)
    try reader.finish()
    guard let opinion else { throw .requestInvalid(reader.violations) }
    self.init(opinion: opinion, checklist: entries.map(\.entry), remark: remark)
  }
}

/// Reads requests field by field and keeps every violation.
struct ReviewReader {
  /// What is wrong so far.
  var violations: [Violation] = []

  /// Notes a violation.
  mutating func add(
    _ field: String,
    _ rule: String,
    _ description: String,
    _ basis: String = ""
  ) {
    violations.append(
      Violation(field: field, rule: rule, description: description, basis: basis)
    )
  }

  /// - Throws: `ReviewError.requestInvalid` if anything is wrong.
  func finish() throws(ReviewError) {
    guard violations.isEmpty else { throw .requestInvalid(violations) }
  }

  /// A text without white space at its ends, of a lawful length and of characters that paper shows.
  mutating func text(
    _ text: String,
    _ field: String,
    _ lengths: ClosedRange<Int>,
    _ term: String
  ) -> String? {
    let kept = Self.normalized(text)
    guard lengths.contains(kept.unicodeScalars.count) else {
      add(
        field,
        "TEXT_LENGTH_UNLAWFUL",
        "\(term)须为\(lengths.lowerBound)至\(lengths.upperBound)个字。"
      )
      return nil
    }
    guard kept.isPrintable(allowingLines: true) else {
      add(field, "TEXT_CHARACTER_UNLAWFUL", "\(term)含有不能打印的字符。")
      return nil
    }
    return kept
  }

  /// A remark of at most 500 characters; nothing if it is empty.
  mutating func optionalText(_ text: String, _ field: String) -> String? {
    let kept = self.text(text, field, 0...500, "备注")
    return kept?.isEmpty == true ? nil : kept
  }

  /// A correction with a path that may stand in a filing's content.
  mutating func correction(
    _ proto: Liaoning_Registry_V1_Correction,
    at path: String
  ) -> FilingCorrection? {
    let isPath = proto.field.utf8.count <= 200 && proto.field.utf8.allSatisfy(Self.isPathByte)
    if !isPath {
      add("\(path).field", "FIELD_PATH_MALFORMED", "字段路径须为申请内容中的字段，如company.charter_text。")
    }
    let description = text(proto.description_p, "\(path).description", 1...500, "补正内容")
    guard isPath, let description else { return nil }
    return FilingCorrection(field: proto.field, description: description)
  }

  /// A region of Liaoning by its code, or any well-formed code of another province; nothing if empty.
  mutating func region(_ text: String, _ field: String) -> RegionCode? {
    if text.isEmpty { return nil }
    guard let region = RegionCode(text), region.province != .liaoning || !region.name.isEmpty else {
      add(field, "REGION_CODE_UNKNOWN", "须为6位行政区划代码。", "GB/T 2260")
      return nil
    }
    return region
  }

  /// The opinion.
  mutating func opinion(_ proto: Liaoning_Registry_V1_Review.Opinion) -> Review.Opinion? {
    switch proto {
    case .approve: return .approve
    case .reject: return .reject
    case .unspecified, .UNRECOGNIZED:
      add("opinion", "OPINION_MISSING", "请填写审查意见：准予登记或者不予登记。")
      return nil
    }
  }

  /// A point of the checklist.
  mutating func entry(
    _ proto: Liaoning_Registry_V1_ChecklistItem,
    at path: String
  ) -> ChecklistEntry? {
    let remark = optionalText(proto.remark, "\(path).remark")
    guard let point = ChecklistPoint(rawValue: proto.item) else {
      add("\(path).item", "CHECKLIST_POINT_UNKNOWN", "没有这一审查要点。")
      return nil
    }
    return ChecklistEntry(point: point, passed: proto.passed, remark: remark)
  }

  private static func normalized(_ text: String) -> String {
    let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    guard let first = lines.firstIndex(where: { !$0.isWhitespace }),
      let last = lines.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(lines[first...last])
  }

  /// Whether a byte may stand in a path such as `company.shareholders[2].due_date`.
  private static func isPathByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"): true
    default: false
    }
  }
}
