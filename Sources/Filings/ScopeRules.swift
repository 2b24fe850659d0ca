internal import APIConventions
internal import Foundation

/// Whether an item of the business scope needs an approval, and when.
package enum ScopeApproval: Hashable, Sendable {
  /// None.
  case none
  /// After registration (后置许可); the permit.
  case post(permit: String)
  /// Before registration (前置许可); the permit and the article that demands it.
  case pre(permit: String, basis: String)
}

/// An item that keeps a filing from being made online.
package struct PreApprovalItem: Hashable, Sendable {
  /// Its place in the scope, from 0.
  package let index: Int
  /// Its wording.
  package let text: String
  /// The permit to be had first.
  package let permit: String
  /// The article that demands it.
  package let basis: String

  /// The item as a rule broken.
  var violation: Violation {
    Violation(
      field: "scope_items[\(index)].text",
      rule: "PRE_APPROVAL_NOT_ONLINE",
      description: "“\(text)”须先取得\(permit)，不适用全程电子化登记，请到登记窗口办理，或者删除该项。",
      basis: basis
    )
  }
}

/// What the law demands of the business scope; pure.
///
/// Source: plan of 2017, section 三 (filings with items that need approval before registration are not
/// made online); Regulations on the Registration of Market Entities, art. 14.
enum ScopeRules {
  /// The items that need approval before registration, in their order.
  static func preApprovalItems(in content: FilingContent) -> [PreApprovalItem] {
    content.scopeItems.enumerated().compactMap { index, item in
      guard case .pre(let permit, let basis) = approval(of: item.text) else { return nil }
      return PreApprovalItem(index: index, text: item.text, permit: permit, basis: basis)
    }
  }

  /// Whether a wording needs an approval.
  static func approval(of text: String) -> ScopeApproval {
    let wording = ScopeWording(text)
    let named = entries.filter { $0.isNamed(in: wording.main) }
    if let entry = named.first(where: \.isBefore) {
      return .pre(permit: entry.permit, basis: entry.basis)
    }
    return named.first.map { .post(permit: $0.permit) } ?? .none
  }

  /// Items whose free text may hide one that needs approval before registration: a hint for the
  /// examiner, no violation.
  static func flags(in content: FilingContent) -> [Violation] {
    content.scopeItems.enumerated().compactMap { index, item in
      let wording = ScopeWording(item.text)
      let mentioned: String
      switch approval(of: item.text) {
      case .pre: return nil
      case .post: mentioned = wording.asides
      case .none: mentioned = wording.main + "\n" + wording.asides
      }
      guard let entry = entries.first(where: { $0.isBefore && $0.isHinted(in: mentioned) }) else {
        return nil
      }
      return Violation(
        field: "scope_items[\(index)].text",
        rule: "SCOPE_MAY_NEED_PRE_APPROVAL",
        description: "“\(item.text)”可能含有须先取得\(entry.permit)的项目，请审查。",
        basis: entry.basis
      )
    }
  }

  /// No item stands twice.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 14.
  static func duplicates(in content: FilingContent) -> [Violation] {
    var seen: Set<String> = []
    return content.scopeItems.enumerated().compactMap { index, item in
      seen.insert(ScopeWording.normalized(item.text)).inserted
        ? nil
        : Violation(
          field: "scope_items[\(index)].text",
          rule: "SCOPE_ITEM_DUPLICATE",
          description: "经营范围项目“\(item.text)”重复，请删除一项。",
          basis: "市场主体登记管理条例第十四条"
        )
    }
  }

  private static let entries = ScopeApprovalTable.text.split(separator: "\n").compactMap(Entry.init)

  /// A line of the table.
  private struct Entry {
    let isBefore: Bool
    let nouns: [String]
    let verbs: [String]
    let permit: String
    let basis: String

    init?(_ line: Substring) {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard columns.count == 5 else { return nil }
      isBefore = columns[0] == "PRE"
      nouns = columns[1].split(separator: "|").map(String.init)
      verbs = columns[2] == "-" ? [] : columns[2].split(separator: "|").map(String.init)
      permit = columns[3]
      basis = columns[4] == "-" ? "" : columns[4]
    }

    /// The phrases that name the item: noun and verb side by side, either first.
    private var phrases: [String] {
      guard !verbs.isEmpty else { return nouns }
      return nouns.flatMap { noun in
        verbs.flatMap { verb in ["\(noun)\(verb)", "\(noun)的\(verb)", "\(verb)\(noun)"] }
      }
    }

    /// Whether a text names the item, and not only what serves it.
    func isNamed(in text: String) -> Bool {
      phrases.contains { phrase in
        text.ranges(of: phrase).contains { range in
          let rest = text[range.upperBound...]
          return !ScopeApprovalTable.otherBusinesses.contains(where: rest.hasPrefix)
        }
      }
    }

    /// Whether a text mentions what the item is about.
    func isHinted(in text: String) -> Bool {
      // Nouns of two characters stand in too many harmless words.
      let words = verbs.isEmpty ? nouns : nouns.filter { $0.count > 2 }
      return words.contains(where: text.contains) || isNamed(in: text)
    }
  }
}

/// A wording of a scope item, its parentheses read: what stands outside them, what within, and without
/// what they exclude.
struct ScopeWording {
  /// What stands outside parentheses.
  private(set) var main = ""
  /// What stands within parentheses and is not excluded by them, a line each.
  private(set) var asides = ""

  /// Reads a wording.
  init(_ text: String) {
    var aside = ""
    var depth = 0
    for character in Self.normalized(text) {
      switch character {
      case "（":
        depth += 1
        if depth > 1 { aside.append("，") }
      case "）" where depth > 0:
        depth -= 1
        if depth == 0 {
          if !Self.excludes(aside) { asides += aside + "\n" }
          aside = ""
        }
      default:
        if depth > 0 { aside.append(character) } else { main.append(character) }
      }
    }
    // An unclosed parenthesis hides nothing.
    if !aside.isEmpty, !Self.excludes(aside) { asides += aside }
  }

  /// Without white space, and with full-width parentheses.
  static func normalized(_ text: String) -> String {
    String(
      text.compactMap { character -> Character? in
        switch character {
        case "(", "【", "[", "〔": "（"
        case ")", "】", "]", "〕": "）"
        default: character.isWhitespace ? nil : character
        }
      }
    )
  }

  private static func excludes(_ aside: String) -> Bool {
    ScopeApprovalTable.exclusionOpenings.contains(where: aside.hasPrefix)
      || ScopeApprovalTable.exclusionClosings.contains(where: aside.hasSuffix)
  }
}
