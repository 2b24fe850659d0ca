/// A registration number (注册号), 15 digits, as entities had before the unified code.
///
/// Source: GS 15-2006; ISO 7064 MOD 11,10.
package struct RegistrationNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 15 characters.
  package let description: String

  /// Parses a number as it stands: 15 digits, the last of which checks the others; or an old
  /// cooperative's with `NA` in places 7 and 8, which has no check.
  ///
  /// - Parameter text: The number as typed.
  /// - Throws: `unlawfulCharacter`, `wrongLength`, `wrongCheck`.
  package init(checking text: String) throws(CodeFlaw) {
    let isOldCooperative = text.utf8.count == 15 && text.dropFirst(6).hasPrefix("NA")
    let digits = isOldCooperative ? String(text.prefix(6) + text.dropFirst(8)) : text
    _ = try CodeText.digits(digits, count: isOldCooperative ? 13 : 15)
    guard
      isOldCooperative
        || CheckDigits.mod11And10(text.dropLast()).map(String.init) == text.last.map(String.init)
    else { throw .wrongCheck }
    description = text
  }

  /// Parses a number; nothing where `init(checking:)` throws.
  package init?(_ text: String) {
    do {
      try self.init(checking: text)
    } catch {
      return nil
    }
  }
}

/// A filing number (业务流水号) or name declaration number: authority (6), day (8), business (2),
/// serial (6), check digit; 23 digits.
package struct BusinessNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 23 digits; more after the millionth of a day.
  package let description: String

  /// The number of a day's `serial`th filing.
  ///
  /// - Parameters:
  ///   - authority: The registration authority.
  ///   - day: The day in Asia/Shanghai.
  ///   - business: Two digits.
  ///   - serial: From 1; beyond 999,999 the number grows longer rather than repeat.
  package init(authority: RegionCode, day: CivilDate, business: String, serial: Int) {
    let number = String(serial)
    let body =
      "\(authority)" + day.description.filter { $0 != "-" } + business
      + String(repeating: "0", count: max(0, 6 - number.count)) + number
    description = body + (CheckDigits.mod11And10(body).map(String.init) ?? "")
  }

  /// Parses a number that somebody quotes: spaces and hyphens are dropped.
  ///
  /// - Parameter text: The number as typed, without the `N` of a name declaration.
  /// - Throws: `unlawfulCharacter`, `wrongLength`, `noRegion`, `noSuchDay`, `wrongCheck`.
  package init(checking text: String) throws(CodeFlaw) {
    let raised = String(decoding: try CodeText.raised(text), as: UTF8.self)
    let count = raised.utf8.count
    let digits = try CodeText.digits(raised, count: (23...35).contains(count) ? count : 23)
    let region = String(raised.prefix(6))
    guard RegionCode(region) != nil else { throw .noRegion(region) }
    let day = String(decoding: digits[6..<14], as: UTF8.self)
    guard CivilDate("\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))") != nil else {
      throw .noSuchDay(day)
    }
    guard
      CheckDigits.mod11And10(raised.dropLast()).map(String.init) == raised.last.map(String.init)
    else { throw .wrongCheck }
    description = raised
  }

  /// The registration authority.
  package var authority: RegionCode? { RegionCode(String(description.prefix(6))) }
}

/// A licence serial (电子证照标识): type, issuer's credit code, serial, version, check symbol.
///
/// Source: GB/T 36904-2018; ISO 7064 MOD 37,36.
package struct LicenseIdentifier: Hashable, Sendable, CustomStringConvertible {
  /// The certificate type code: digits and capital letters, 1 to 40.
  package let type: String
  /// The issuing authority's credit code.
  package let issuer: UnifiedSocialCreditCode
  /// Digits and capital letters, 1 to 40.
  package let serial: String
  /// From 1.
  package let version: Int
  /// `1.2.156.3005.2.{type}.{issuer}.{serial}.{version}.{check}`.
  package let description: String

  /// The identifier of a licence; nothing if a part holds another character.
  ///
  /// - Parameters:
  ///   - type: The certificate type code: digits and capital letters, 1 to 40.
  ///   - issuer: The issuing authority's credit code.
  ///   - serial: Digits and capital letters, 1 to 40.
  ///   - version: From 1 to 999,999,999; printed with three digits at least.
  package init?(type: String, issuer: UnifiedSocialCreditCode, serial: String, version: Int) {
    let number = String(version)
    let versionText = String(repeating: "0", count: max(0, 3 - number.count)) + number
    let parts = [type, issuer.description, serial, versionText]
    guard (1...40).contains(type.utf8.count), (1...40).contains(serial.utf8.count),
      (1...999_999_999).contains(version),
      let check = Self.checkSymbol(of: parts.joined())
    else { return nil }
    self.type = type
    self.issuer = issuer
    self.serial = serial
    self.version = version
    description = Self.prefix + parts.joined(separator: ".") + ".\(check)"
  }

  /// Parses an identifier as it stands.
  ///
  /// - Parameter text: The identifier.
  /// - Throws: `otherForm`, `wrongCheck`, and what an issuer's credit code may throw.
  package init(checking text: String) throws(CodeFlaw) {
    let form = CodeFlaw.otherForm(
      expected: Self.prefix + "{type}.{issuer}.{serial}.{version}.{check}"
    )
    guard text.hasPrefix(Self.prefix), text.utf8.count <= 200 else { throw form }
    let parts = text.dropFirst(Self.prefix.count)
      .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5, let version = Int(parts[3]) else { throw form }
    let issuer = try UnifiedSocialCreditCode(checking: String(parts[1]))
    guard
      let identifier = LicenseIdentifier(
        type: String(parts[0]),
        issuer: issuer,
        serial: String(parts[2]),
        version: version
      ),
      identifier.description.dropLast() == text.dropLast(parts[4].count)
    else { throw form }
    guard identifier.description == text else { throw .wrongCheck }
    self = identifier
  }

  /// The check symbol over the parts joined.
  package static func checkSymbol(of parts: String) -> Character? { CheckDigits.mod37And36(parts) }

  private static let prefix = "1.2.156.3005.2."
}
