package import APIConventions

/// What the names of persons and organizations must be.
///
/// Pure; later rooms use it too.
package enum PartyRules {
  /// How long a person's name may be, in characters.
  package static let fullNameLengths = 2...50
  /// How long an organization's name may be, in characters.
  package static let enterpriseNameLengths = 2...100

  /// A person's name as it is kept and compared.
  ///
  /// It has no spaces at its ends and U+00B7 for the interpuncts U+2022, U+30FB and U+FF0E. Other code
  /// points stay as they are, because the population library keeps rare characters by the code points
  /// of the identity document.
  package static func normalizedFullName(_ text: String) -> String {
    replacing(interpuncts, in: text)
  }

  /// An organization's name as it is kept and compared.
  ///
  /// It has no spaces at its ends and full-width parentheses, as names are registered.
  package static func normalizedEnterpriseName(_ text: String) -> String {
    replacing(["(": "（", ")": "）"], in: text)
  }

  /// A person's name is 2 to 50 letters, with spaces, interpuncts, hyphens, apostrophes and full stops
  /// between them.
  ///
  /// - Parameters:
  ///   - name: The name, normalized.
  ///   - field: Its path in the request.
  /// - Returns: Every rule that it breaks.
  package static func fullNameViolations(_ name: String, at field: String) -> [Violation] {
    var violations: [Violation] = []
    if !fullNameLengths.contains(name.count) || name.unicodeScalars.count > 100 {
      violations.append(
        Violation(field: field, rule: "FULL_NAME_LENGTH_UNLAWFUL", description: "姓名应为 2 至 50 个字。")
      )
    }
    if !name.unicodeScalars.allSatisfy(standsInFullNames) {
      violations.append(
        Violation(
          field: field,
          rule: "FULL_NAME_CHARACTER_UNLAWFUL",
          description: "姓名只能含文字、空格、间隔号、连字符、撇号和句点，与身份证件一致。"
        )
      )
    }
    return violations
  }

  /// An organization's name is 2 to 100 characters, none of them a control character.
  ///
  /// - Parameters:
  ///   - name: The name, normalized.
  ///   - field: Its path in the request.
  /// - Returns: Every rule that it breaks.
  package static func enterpriseNameViolations(_ name: String, at field: String) -> [Violation] {
    let isLawful =
      enterpriseNameLengths.contains(name.count) && name.unicodeScalars.count <= 200
      && name.isPrintable()
    return isLawful
      ? []
      : [
        Violation(
          field: field,
          rule: "ENTERPRISE_NAME_LENGTH_UNLAWFUL",
          description: "名称应为 2 至 100 个字，不含控制字符。"
        )
      ]
  }

  private static let interpuncts: [Character: Character] = [
    "\u{2022}": "\u{B7}", "\u{30FB}": "\u{B7}", "\u{FF0E}": "\u{B7}",
  ]

  private static func replacing(
    _ replacements: [Character: Character],
    in text: String
  ) -> String {
    let replaced = String(text.map { replacements[$0] ?? $0 })
    guard let first = replaced.firstIndex(where: { !$0.isWhitespace }),
      let last = replaced.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(replaced[first...last])
  }

  private static func standsInFullNames(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .privateUse:
      true
    default:
      // The interpunct, and what names in Latin letters have between words.
      ["\u{B7}", " ", "-", "'", "\u{2019}", "."].contains(scalar)
    }
  }
}
