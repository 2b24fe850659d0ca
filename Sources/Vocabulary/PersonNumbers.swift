/// A resident identity number (公民身份号码), 18 characters: region, birth date, sequence, check.
///
/// Source: GB 11643-1999; ISO 7064 MOD 11-2.
package struct ResidentIdentityNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 18 characters, upper case.
  package let description: String
  /// The day of birth.
  package let birthDate: CivilDate

  /// Parses a number: a small x is raised; nothing if the length, a digit, the day of birth or the
  /// check is wrong.
  ///
  /// Regions that no longer exist are allowed: people keep their numbers.
  package init?(_ text: String) {
    let symbols = text.utf8.map { $0 == UInt8(ascii: "x") ? UInt8(ascii: "X") : $0 }
    guard symbols.count == 18 else { return nil }
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    var sum = 0
    for (symbol, weight) in zip(symbols, weights) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(symbol) else { return nil }
      sum += Int(symbol - UInt8(ascii: "0")) * weight
    }
    let number = String(decoding: symbols, as: UTF8.self)
    let day = number.dropFirst(6).prefix(8)
    guard Array("10X98765432".utf8)[sum % 11] == symbols[17],
      let birthDate = CivilDate(
        "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.dropFirst(6))"
      )
    else { return nil }
    description = number
    self.birthDate = birthDate
  }

  /// Whether the sequence number is odd (male).
  package var isMale: Bool {
    (description.dropFirst(16).first?.wholeNumberValue ?? 0) % 2 == 1
  }

  /// The number that begins with these 17 digits; nothing if it would not be one.
  package static func completing(_ body: String) -> ResidentIdentityNumber? {
    "0123456789X".lazy.compactMap { ResidentIdentityNumber(body + String($0)) }.first
  }
}

/// A mainland mobile number, 11 digits: 1, 3 to 9, and nine more.
package struct MobileNumber: Hashable, Sendable, CustomStringConvertible {
  /// The 11 digits.
  package let description: String

  /// Parses a number; nothing if it is not exactly that.
  package init?(_ text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 11,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      digits[0] == UInt8(ascii: "1"), digits[1] >= UInt8(ascii: "3")
    else { return nil }
    description = text
  }
}
