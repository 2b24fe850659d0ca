/// Check digits of ISO 7064 that several numbers share.
enum CheckDigits {
  /// MOD 11,10 over decimal digits; nothing if there is another character.
  static func mod11And10(_ digits: some StringProtocol) -> Int? {
    var product = 10
    for character in digits {
      guard character.isASCII, let digit = character.wholeNumberValue else { return nil }
      let sum = (product + digit) % 10
      product = (sum == 0 ? 10 : sum) * 2 % 11
    }
    return (11 - product) % 10
  }

  /// MOD 37,36 over digits and capital letters; nothing if there is another character.
  static func mod37And36(_ symbols: some StringProtocol) -> Character? {
    var product = 36
    for symbol in symbols {
      guard symbol.isASCII, !symbol.isLowercase, let value = Int(String(symbol), radix: 36) else {
        return nil
      }
      let sum = (product + value) % 36
      product = (sum == 0 ? 36 : sum) * 2 % 37
    }
    return Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")[(37 - product) % 36]
  }
}

/// A registration number (注册号), 15 digits, as entities had before the unified code.
///
/// Source: GS 15-2006; ISO 7064 MOD 11,10.
package struct RegistrationNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 15 digits.
  package let description: String

  /// Parses a number; nothing if its length, a digit or the check digit is wrong.
  package init?(_ text: String) {
    guard text.utf8.count == 15, let check = CheckDigits.mod11And10(text.dropLast()),
      text.last == Character(String(check))
    else { return nil }
    description = text
  }
}

/// A filing number (业务流水号) or name declaration number: authority (6), day (8), business (2),
/// serial (6), check digit; 23 digits.
package struct BusinessNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 23 digits.
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
}

/// A licence serial (电子证照标识): type, issuer's credit code, serial, version, check symbol.
///
/// Source: GB/T 36904-2018; ISO 7064 MOD 37,36.
package struct LicenseIdentifier: Hashable, Sendable, CustomStringConvertible {
  /// `1.2.156.3005.2.{type}.{issuer}.{serial}.{version}.{check}`.
  package let description: String

  /// The identifier of a licence; nothing if a part holds another character.
  ///
  /// - Parameters:
  ///   - type: The certificate type code: digits and capital letters.
  ///   - issuer: The issuing authority's credit code.
  ///   - serial: Digits and capital letters, 1 to 40.
  ///   - version: From 1; printed with three digits at least.
  package init?(type: String, issuer: UnifiedSocialCreditCode, serial: String, version: Int) {
    let number = String(version)
    let versionText = String(repeating: "0", count: max(0, 3 - number.count)) + number
    let parts = [type, issuer.description, serial, versionText]
    guard !type.isEmpty, (1...40).contains(serial.count), version > 0,
      let check = Self.checkSymbol(of: parts.joined())
    else { return nil }
    description = "1.2.156.3005.2." + parts.joined(separator: ".") + ".\(check)"
  }

  /// The check symbol over the parts joined.
  package static func checkSymbol(of parts: String) -> Character? { CheckDigits.mod37And36(parts) }
}
