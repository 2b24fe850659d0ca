/// A wording of a scope item, its parentheses read: what stands outside them, what within, and without
/// what they exclude.
struct ScopeWording {
  /// What stands outside parentheses and is not excluded, a line each stretch.
  private(set) var main = ""
  /// What stands within parentheses and is not excluded, a line each stretch.
  private(set) var asides = ""

  /// Reads a wording.
  init(_ text: String) {
    var outside = ""
    var aside = ""
    var depth = 0
    for character in Self.normalized(text) {
      switch character {
      case "（":
        depth += 1
        // What is nested belongs to the clause that it stands in.
        if depth > 1 { aside.append("、") }
      case "）" where depth > 0:
        depth -= 1
        if depth == 0 {
          asides += Self.included(in: aside)
          aside = ""
        }
      default:
        if depth > 0 { aside.append(character) } else { outside.append(character) }
      }
    }
    // An unclosed parenthesis hides nothing.
    asides += Self.included(in: aside)
    main = outside.split(whereSeparator: Self.endsClause)
      .map { Self.withoutExclusion(String($0)) }.joined(separator: "\n")
  }

  /// Without white space, in standard characters, and with full-width parentheses and punctuation.
  static func normalized(_ text: String) -> String {
    String(
      text.compactMap { character -> Character? in
        switch character {
        case "(", "【", "[", "〔", "｛", "{", "［", "〈", "《": "（"
        case ")", "】", "]", "〕", "｝", "}", "］", "〉", "》": "）"
        case ",": "，"
        case ";": "；"
        case ":": "："
        default:
          character.isWhitespace
            ? nil : ScopeApprovalTable.standardCharacters[character] ?? character
        }
      }
    )
  }

  /// What two wordings share that say the same: normalized, without punctuation at the end.
  static func key(of text: String) -> String {
    let normalized = normalized(text)
    let end = normalized.lastIndex { !"；。，、".contains($0) }
    return end.map { String(normalized[...$0]) } ?? ""
  }

  private static func endsClause(_ character: Character) -> Bool { "，；。\n".contains(character) }

  /// What an aside includes, a line a clause: an exclusion goes on until a clause includes again.
  private static func included(in aside: String) -> String {
    var isExcluding = false
    var lines = ""
    for clause in aside.split(whereSeparator: endsClause) {
      if ScopeApprovalTable.exclusionClosings.contains(where: clause.hasSuffix) { continue }
      if ScopeApprovalTable.exclusionOpenings.contains(where: clause.hasPrefix) {
        isExcluding = true
      } else if ScopeApprovalTable.inclusionOpenings.contains(where: clause.hasPrefix) {
        isExcluding = false
      }
      if !isExcluding { lines += clause + "\n" }
    }
    return lines
  }

  /// A clause outside parentheses without what it excludes: 不含…的 and 除…外 end the exclusion.
  private static func withoutExclusion(_ clause: String) -> String {
    if ScopeApprovalTable.exclusionClosings.contains(where: clause.hasSuffix) { return "" }
    for opening in ["不包含", "不包括", "不含"] {
      guard let range = clause.firstRange(of: opening) else { continue }
      let rest = clause[range.upperBound...]
      let kept = rest.firstRange(of: "的").map { rest[$0.upperBound...] } ?? ""
      return clause[..<range.lowerBound] + "\n" + kept
    }
    if clause.hasPrefix("除"), let end = clause.firstRange(of: "外") {
      return String(clause[end.upperBound...])
    }
    return clause
  }
}
