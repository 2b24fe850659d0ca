internal import Foundation

@testable internal import APIConventions
@testable internal import Names
@testable internal import Vocabulary

extension FuzzTarget {
  /// Texts of requests: tokens, names, numbers.
  static let texts = [
    FuzzTarget(name: "page-tokens", limit: 1_200, read: TextTargets.pageTokens),
    FuzzTarget(name: "resource-names", limit: 1_200, read: TextTargets.resourceNames),
    FuzzTarget(name: "codes", limit: 64, read: TextTargets.codes),
    FuzzTarget(name: "enterprise-names", limit: 1_024, read: TextTargets.enterpriseNames),
  ]
}

enum TextTargets {
  static func pageTokens(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    for text in [text, Data(bytes).base64EncodedString()] {
      for count in 0...3 {
        guard let token = try? PageToken(text, list: "filings", keyCount: count) else { continue }
        let again = try? PageToken(token.text, list: "filings", keyCount: count)
        // What is written again may be longer than what is read, then it is refused.
        try demand(again == token || token.text.utf8.count > 1_000, "a page token changes")
      }
      if let position = try? PageToken.position(text, in: "filings") {
        let token = PageToken(list: "filings", after: position.time, position.id)
        let again = try PageToken.position(token.text, in: "filings")
        try demand(again?.time == position.time && again?.id == position.id, "a position changes")
      }
    }
  }

  static func resourceNames(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    if let ids = ResourceName.ids(in: text, of: "filings") {
      try demand(ids.count == 1 && "filings/\(ids[0])" == text, "a name is read as another")
    }
    if let ids = ResourceName.ids(in: text, of: "filings", "documents") {
      try demand("filings/\(ids[0])/documents/\(ids[1])" == text, "a name is read as another")
    }
    if let id = RegionalID(resourceName: text, collection: "filings") {
      try demand(id.name(in: "filings").utf8.elementsEqual(text.utf8), "an id has two forms")
    }
    if let id = RegionalID(text) {
      try demand(id.description.utf8.elementsEqual(text.utf8), "an id has two forms")
    }
    if let etag = ETag(text) {
      try demand(etag.description.utf8.elementsEqual(text.utf8), "an etag has two forms")
    }
    _ = text.isPrintable()
    _ = text.isPrintable(allowingLines: true)
    _ = try? RequestID(text)
  }

  static func codes(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    try oneForm(text) { UnifiedSocialCreditCode($0)?.description }
    try oneForm(text) { RegistrationNumber($0)?.description }
    try oneForm(text) { ResidentIdentityNumber($0)?.description }
    try oneForm(text) { MobileNumber($0)?.description }
    try oneForm(text) { IndustryClass($0)?.description }
    try oneForm(text) { EntityType($0)?.description }
    try oneForm(text) { RegionCode($0)?.description }
    try oneForm(text) { CivilDate($0)?.description }
    _ = UnifiedSocialCreditCode.completing(text)
    _ = ResidentIdentityNumber.completing(text)
    _ = RegionCode.named(text)
    guard let date = CivilDate(text) else { return }
    let next = date.adding(days: 1)
    try demand(
      text == "9999-12-31" || date < next && date.days(until: next) == 1,
      "a day has no next one: \(text)"
    )
    _ = date.adding(months: 13)
    _ = date.adding(years: 30)
  }

  /// What is written of a code is read as the same code.
  private static func oneForm(_ text: String, _ read: (String) -> String?) throws {
    guard let code = read(text) else { return }
    try demand(read(code) == code, "a code changes when it is read again: \(text)")
  }

  /// Whatever names somebody makes up, they are cut, judged and compared; equal names are identical.
  static func enterpriseNames(_ bytes: [UInt8]) throws {
    var input = InputReader(bytes)
    let kind = input.byte()
    let texts = input.texts() + ["", "", "", ""]
    let types = ["1130", "1151", "9100", "9500", "2130", "4530"].compactMap { EntityType($0) }
    let regions = ["210100", "210000", "211122", "210102"].compactMap { RegionCode($0) }
    guard let type = types[safe: Int(kind & 7)] ?? types.first,
      let region = regions[safe: Int(kind >> 3 & 3)] ?? regions.first,
      let industry = IndustryClass("6513")
    else { throw Finding(description: "the samples are no codes") }
    let candidate = NameCandidate(
      enterpriseName: texts[0],
      tradeName: texts[1],
      industryWords: texts[2],
      industryClass: industry,
      entityType: type,
      region: region,
      parentName: texts[3]
    )
    guard let structure = try? NameStructure(candidate, field: "candidate") else { return }
    for law in LawProfile.allCases {
      _ = NamingRules(law: law).violations(in: structure)
      let name = ComparedName(structure)
      let finding = NameComparison(law: law).finding(on: name, against: name)
      try demand(finding.verdict == .identical, "a name is not identical with itself")
      _ = NameKeys.kept(for: name)
    }
  }
}

extension Array {
  /// The element of an index, nil if there is none.
  subscript(safe index: Int) -> Element? {
    indices.contains(index) ? self[index] : nil
  }
}
