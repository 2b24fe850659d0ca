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
    let named = namedEntries(in: ScopeWording(text))
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
      let named = namedEntries(in: wording)
      if named.contains(where: \.isBefore) { return nil }
      let known = Set(named.flatMap(\.nouns))
      let entry = entries.first { entry in
        entry.isBefore
          && (entry.isHinted(in: wording.main, besides: known)
            || entry.isHinted(in: wording.asides, besides: []))
      }
      guard let entry else { return nil }
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
      seen.insert(ScopeWording.key(of: item.text)).inserted
        ? nil
        : Violation(
          field: "scope_items[\(index)].text",
          rule: "SCOPE_ITEM_DUPLICATE",
          description: "经营范围项目“\(item.text)”重复，请删除一项。",
          basis: "市场主体登记管理条例第十四条"
        )
    }
  }

  private static let entries = ScopeApprovalTable.text.split(separator: "\n")
    .compactMap(ScopeEntry.init)
  private static let grammar = ScopeGrammar(entries)

  /// The entries that a wording names outside of parentheses, in the order of the table.
  private static func namedEntries(in wording: ScopeWording) -> [ScopeEntry] {
    entries.filter { grammar.names($0, in: wording.main) }
  }
}
