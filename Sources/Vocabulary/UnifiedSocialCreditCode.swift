/// A unified social credit code (统一社会信用代码), 18 characters: department, class, region of the
/// first registration authority, subject code, check symbol.
///
/// Source: GB 32100-2015.
package struct UnifiedSocialCreditCode: Hashable, Sendable, CustomStringConvertible {
  /// The 18 characters, upper case.
  package let description: String

  /// Parses a code: spaces and hyphens are dropped, letters raised; nothing if its length, a symbol
  /// or the check symbol is wrong.
  ///
  /// Letters that the standard leaves out (I, O, S, V, Z) are refused,
  /// never guessed at.
  package init?(_ text: String) {
    let code = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
    guard code.count == 18 else { return nil }
    let raised = String(decoding: code, as: UTF8.self).uppercased()
    guard raised.utf8.count == 18, let check = Self.checkSymbol(of: raised.dropLast()),
      raised.last == check
    else { return nil }
    description = raised
  }

  /// The code that begins with these 17 characters; nothing if one of them is no symbol.
  package static func completing(_ body: String) -> UnifiedSocialCreditCode? {
    guard body.count == 17, let check = checkSymbol(of: body) else { return nil }
    return UnifiedSocialCreditCode(body + String(check))
  }

  /// The subject code, places 9 to 17.
  package var organizationCode: String { String(description.dropFirst(8).prefix(9)) }

  /// Whether the subject code's own check digit is right (GB 11714-1997, modulus 11).
  ///
  /// Codes that this registry issues always pass; a few old codes of others do not.
  package var hasValidOrganizationCode: Bool { OrganizationCode(organizationCode) != nil }

  private static let symbols = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")

  /// Weights are 3^(i-1) mod 31; the check value is (31 - sum mod 31) mod 31.
  private static func checkSymbol(of body: some StringProtocol) -> Character? {
    var (sum, weight) = (0, 1)
    for symbol in body {
      guard let value = symbols.firstIndex(of: symbol) else { return nil }
      sum += value * weight
      weight = weight * 3 % 31
    }
    return symbols[(31 - sum % 31) % 31]
  }
}

/// An organization code (组织机构代码): eight symbols and a check digit.
///
/// Source: GB 11714-1997.
package struct OrganizationCode: Hashable, Sendable, CustomStringConvertible {
  /// The nine characters, upper case, without hyphen.
  package let description: String

  /// Parses `XXXXXXXX-X` or nine characters; nothing if the check digit is wrong.
  package init?(_ text: String) {
    let code = text.uppercased().filter { $0 != "-" }
    guard code.utf8.count == 9, let check = Self.checkDigit(of: code.dropLast()),
      code.last == check
    else { return nil }
    description = code
  }

  /// The check digit of eight symbols: values 0 to 9 and A = 10 to Z = 35, modulus 11.
  package static func checkDigit(of body: some StringProtocol) -> Character? {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2]
    guard body.count == weights.count else { return nil }
    var sum = 0
    for (symbol, weight) in zip(body, weights) {
      guard symbol.isASCII, let value = Int(String(symbol), radix: 36) else { return nil }
      sum += value * weight
    }
    return switch 11 - sum % 11 {
    case 10: "X"
    case 11: "0"
    case let digit: Character(String(digit))
    }
  }
}
