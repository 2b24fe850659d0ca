internal import Vocabulary

/// Subject codes: places 9 to 17 of a credit code.
///
/// Source: GB 11714-1997, GB 32100-2015.
enum SubjectCode {
  /// The symbols of credit codes, by value: no I, O, S, V, Z.
  static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")

  /// Made-up codes begin beyond the first million, which fixed examples use.
  static let firstNumber = 31 * 31 * 31 * 31

  /// A made-up code: prefix, six symbols of a number, check digit.
  ///
  /// - Parameters:
  ///   - prefix: 2 characters of the alphabet.
  ///   - number: 0 to 31⁶ - 1.
  /// - Returns: Nine characters.
  static func text(prefix: String, number: Int) -> String {
    var rest = number
    var symbols: [Character] = []
    for _ in 0..<6 {
      symbols.append(alphabet[rest % alphabet.count])
      rest /= alphabet.count
    }
    let body = prefix + String(symbols.reversed())
    return body + String(checkDigit(of: body))
  }

  /// The number of a made-up code; nil if there are other symbols in it.
  static func number(in code: String) -> Int? {
    var number = 0
    for symbol in code.dropFirst(2).prefix(6) {
      guard let value = alphabet.firstIndex(of: symbol) else { return nil }
      number = number * alphabet.count + value
    }
    return number
  }

  /// The check digit of eight characters, modulus 11.
  ///
  /// Source: GB 11714-1997: values 0 to 9 and A = 10 to Z = 35, weights 3 7 9 10 5 8 4 2.
  static func checkDigit(of body: String) -> Character {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(body, weights).reduce(0) { sum, pair in
      sum + (Int(String(pair.0), radix: 36) ?? 0) * pair.1
    }
    return switch 11 - sum % 11 {
    case 10: "X"
    case 11: "0"
    case let digit: Character(String(digit))
    }
  }
}

/// Unified social credit codes of new entities.
///
/// Source: GB 32100-2015: department 9, class, region of the first registration authority, subject
/// code, check symbol.
enum CreditCodes {
  /// The code of a new entity; nil if the subject code is none.
  static func code(
    of type: EntityType,
    authority: RegionCode,
    subject: String
  ) -> UnifiedSocialCreditCode? {
    UnifiedSocialCreditCode.completing("9\(type.creditCodeClass)\(authority)\(subject)")
  }
}

extension EntityType {
  /// The second character of the credit code: enterprise, individual business, cooperative.
  fileprivate var creditCodeClass: Character {
    switch code.prefix(2) {
    case "95": "2"
    case "91", "92", "93": "3"
    default: "1"
    }
  }
}
