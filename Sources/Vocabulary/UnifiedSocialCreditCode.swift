/// A unified social credit code (统一社会信用代码), 18 characters: department, class, region of the
/// first registration authority, subject code, check symbol.
///
/// Source: GB 32100-2015.
package struct UnifiedSocialCreditCode: Hashable, Sendable, CustomStringConvertible {
  /// The 18 characters, upper case.
  package let description: String

  /// Parses anybody's code: spaces and hyphens are dropped, small letters raised.
  ///
  /// Letters that the standard leaves out (I, O, S, V, Z) are refused, never guessed at. The inner
  /// check of the organization code is not asked: a few old codes of other departments fail it.
  ///
  /// - Parameter text: The code as typed.
  /// - Throws: `unlawfulCharacter`, `wrongLength`, `unknownDepartment`, `noRegion`, `wrongCheck`.
  package init(checking text: String) throws(CodeFlaw) {
    let code = try CodeText.raised(text)
    var (sum, weight) = (0, 1)
    for (index, symbol) in code.enumerated() {
      guard let value = Self.value(of: symbol) else {
        throw .unlawfulCharacter(Character(Unicode.Scalar(symbol)), place: index + 1)
      }
      // Weights are 3^(i-1) mod 31; with weight 1 for the check symbol the whole sum is 0 mod 31.
      if index < 17 { sum += value * weight }
      if index == 17 { sum += value }
      weight = weight * 3 % 31
    }
    guard code.count == 18 else { throw .wrongLength(expected: 18, found: code.count) }
    guard Self.departments.contains(code[0]) else {
      throw .unknownDepartment(Character(Unicode.Scalar(code[0])))
    }
    guard code[2..<8].allSatisfy(CodeText.isDigit) else {
      throw .noRegion(String(decoding: code[2..<8], as: UTF8.self))
    }
    guard sum % 31 == 0 else { throw .wrongCheck }
    description = String(decoding: code, as: UTF8.self)
  }

  /// Parses a code that this registry issued, which holds the inner check too.
  ///
  /// - Parameter text: The code as typed.
  /// - Throws: What `init(checking:)` throws, and `wrongOrganizationCheck`.
  package init(checkingOwn text: String) throws(CodeFlaw) {
    try self.init(checking: text)
    guard hasValidOrganizationCode else { throw .wrongOrganizationCheck }
  }

  /// Parses anybody's code; nothing where `init(checking:)` throws.
  package init?(_ text: String) {
    do {
      try self.init(checking: text)
    } catch {
      return nil
    }
  }

  /// The code that begins with these 17 characters; nothing if one of them is no symbol.
  package static func completing(_ body: String) -> UnifiedSocialCreditCode? {
    guard body.utf8.count == 17 else { return nil }
    var (sum, weight) = (0, 1)
    for symbol in body.utf8 {
      guard let value = value(of: symbol) else { return nil }
      sum += value * weight
      weight = weight * 3 % 31
    }
    let check = symbols[(31 - sum % 31) % 31]
    return UnifiedSocialCreditCode(body + String(Character(Unicode.Scalar(check))))
  }

  /// The region of the first registration authority, places 3 to 8; not where the entity is now.
  ///
  /// Nothing if no region begins so.
  package var firstRegion: RegionCode? { RegionCode(String(description.dropFirst(2).prefix(6))) }

  /// The subject code, places 9 to 17.
  package var organizationCode: String { String(description.dropFirst(8).prefix(9)) }

  /// Whether the subject code's own check digit is right (GB 11714-1997, modulus 11).
  ///
  /// Codes that this registry issues always pass; a few old codes of others do not.
  package var hasValidOrganizationCode: Bool { OrganizationCode(organizationCode) != nil }

  private static let symbols = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

  /// Registering departments: 机构编制 1, 外交 2, 司法行政 3, 文化 4, 民政 5, 旅游 6, 宗教 7, 工会 8,
  /// 市场监督管理 9, 军委编制 A, 农业 N, 其他 Y.
  private static let departments = Set("123456789ANY".utf8)

  /// A symbol's value, 0 to 30, by its ASCII code.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: .max, count: 128)
    for (value, symbol) in symbols.enumerated() { values[Int(symbol)] = UInt8(value) }
    return values
  }()

  private static func value(of symbol: UInt8) -> Int? {
    guard symbol < 128, values[Int(symbol)] != .max else { return nil }
    return Int(values[Int(symbol)])
  }
}

/// An organization code (组织机构代码): eight symbols and a check digit.
///
/// Source: GB 11714-1997.
package struct OrganizationCode: Hashable, Sendable, CustomStringConvertible {
  /// The nine characters, upper case, without hyphen.
  package let description: String

  /// Parses `XXXXXXXX-X` or nine characters: spaces and hyphens are dropped, small letters raised.
  ///
  /// - Parameter text: The code as typed.
  /// - Throws: `unlawfulCharacter`, `wrongLength`, `wrongOrganizationCheck`.
  package init(checking text: String) throws(CodeFlaw) {
    let code = try CodeText.raised(text)
    for (index, symbol) in code.enumerated()
    where !CodeText.isDigit(symbol) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(symbol) {
      throw .unlawfulCharacter(Character(Unicode.Scalar(symbol)), place: index + 1)
    }
    guard code.count == 9 else { throw .wrongLength(expected: 9, found: code.count) }
    let raised = String(decoding: code, as: UTF8.self)
    guard raised.last == Self.checkDigit(of: raised.dropLast()) else {
      throw .wrongOrganizationCheck
    }
    description = raised
  }

  /// Parses a code; nothing where `init(checking:)` throws.
  package init?(_ text: String) {
    do {
      try self.init(checking: text)
    } catch {
      return nil
    }
  }

  /// The nine characters as papers print them: `XXXXXXXX-X`.
  package var printed: String { description.dropLast() + "-" + description.suffix(1) }

  /// The check digit of eight symbols: values 0 to 9 and A = 10 to Z = 35, modulus 11.
  package static func checkDigit(of body: some StringProtocol) -> Character? {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2]
    guard body.utf8.count == weights.count else { return nil }
    var sum = 0
    for (symbol, weight) in zip(body.utf8, weights) {
      switch symbol {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): sum += Int(symbol - UInt8(ascii: "0")) * weight
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        sum += (Int(symbol - UInt8(ascii: "A")) + 10) * weight
      default: return nil
      }
    }
    return switch 11 - sum % 11 {
    case 10: "X"
    case 11: "0"
    case let digit: Character(String(digit))
    }
  }
}
