/// A resident identity number (公民身份号码), 18 characters: region, birth date, sequence, check.
///
/// Source: GB 11643-1999; ISO 7064 MOD 11-2.
package struct ResidentIdentityNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 18 characters, upper case.
  package let description: String
  /// The day of birth.
  package let birthDate: CivilDate

  /// Parses a number as it stands, a small x raised.
  ///
  /// Regions that no longer exist are allowed: people keep their numbers. Whether the day of birth
  /// lies in the future is for whoever knows the day to ask.
  ///
  /// - Parameter text: The number as typed.
  /// - Throws: `firstGeneration`, `unlawfulCharacter`, `wrongLength`, `noRegion`, `noSuchDay`,
  ///   `wrongCheck`.
  package init(checking text: String) throws(CodeFlaw) {
    let symbols = text.utf8.map { $0 == UInt8(ascii: "x") ? UInt8(ascii: "X") : $0 }
    if symbols.count == 15, symbols.allSatisfy(CodeText.isDigit) { throw .firstGeneration }
    guard let check = symbols.last else { throw .wrongLength(expected: 18, found: 0) }
    if let index = symbols.firstIndex(where: { $0 >= 0x80 }) {
      throw .unlawfulCharacter(CodeText.foreign(in: text), place: index + 1)
    }
    let body = try CodeText.digits(
      String(decoding: symbols.dropLast(), as: UTF8.self),
      count: symbols.count - 1
    )
    guard CodeText.isDigit(check) || check == UInt8(ascii: "X") else {
      throw .unlawfulCharacter(Character(Unicode.Scalar(check)), place: symbols.count)
    }
    guard body.count == 17 else { throw .wrongLength(expected: 18, found: body.count + 1) }
    // 1 to 8 are the regions of GB/T 2260, 9 the permits of foreigners.
    guard body[0] != UInt8(ascii: "0") else {
      throw .noRegion(String(decoding: body[..<6], as: UTF8.self))
    }
    let day = String(decoding: body[6..<14], as: UTF8.self)
    guard
      let birthDate = CivilDate(
        "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.dropFirst(6))"
      )
    else { throw .noSuchDay(day) }
    guard check == Self.checkSymbol(of: body) else { throw .wrongCheck }
    description = String(decoding: body + [check], as: UTF8.self)
    self.birthDate = birthDate
  }

  /// Parses a number; nothing where `init(checking:)` throws.
  package init?(_ text: String) {
    do {
      try self.init(checking: text)
    } catch {
      return nil
    }
  }

  /// Whether the sequence number is odd (male).
  package var isMale: Bool {
    (description.dropFirst(16).first?.wholeNumberValue ?? 0) % 2 == 1
  }

  /// The completed years of life on a day (周岁); nothing before the day of birth.
  ///
  /// Who is born on 29 February completes a year on 28 February where there is no other.
  ///
  /// - Parameter day: The day in question.
  /// - Returns: 0 or more.
  package func age(on day: CivilDate) -> Int? {
    guard birthDate <= day else { return nil }
    let years = day.year - birthDate.year
    return birthDate.adding(years: years) <= day ? years : years - 1
  }

  /// The number that begins with these 17 digits; nothing if it would not be one.
  package static func completing(_ body: String) -> ResidentIdentityNumber? {
    guard let digits = try? CodeText.digits(body, count: 17) else { return nil }
    return ResidentIdentityNumber(body + String(Character(Unicode.Scalar(checkSymbol(of: digits)))))
  }

  private static func checkSymbol(of body: [UInt8]) -> UInt8 {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body, weights).reduce(0) { $0 + Int($1.0 - UInt8(ascii: "0")) * $1.1 }
    return Array("10X98765432".utf8)[sum % 11]
  }
}

/// A mainland mobile number, 11 digits: 1, 3 to 9, and nine more.
package struct MobileNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 11 digits.
  package let description: String

  /// Parses a number as it stands.
  ///
  /// - Parameter text: The number as typed.
  /// - Throws: `unlawfulCharacter`, `wrongLength`, `otherForm`.
  package init(checking text: String) throws(CodeFlaw) {
    let digits = try CodeText.digits(text, count: 11)
    guard digits[0] == UInt8(ascii: "1"), digits[1] >= UInt8(ascii: "3") else {
      throw .otherForm(expected: "of a mainland mobile number: 1, then 3 to 9, then nine digits")
    }
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
