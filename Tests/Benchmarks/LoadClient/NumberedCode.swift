internal import Vocabulary

/// The credit codes of a benchmark: a number stands for each.
enum NumberedCode {
  /// The credit code that stands for a number: an enterprise of Shenyang, both checks right.
  ///
  /// - Parameter number: 0 to 99,999,999.
  /// - Returns: The code; nothing for another number.
  static func code(_ number: Int) -> String? {
    let digits = String(number)
    guard (0...99_999_999).contains(number) else { return nil }
    let body = String(repeating: "0", count: 8 - digits.count) + digits
    // GB 11714-1997: weights 3 7 9 10 5 8 4 2, modulus 11.
    let sum = zip(body, [3, 7, 9, 10, 5, 8, 4, 2]).reduce(0) { sum, pair in
      sum + (pair.0.wholeNumberValue ?? 0) * pair.1
    }
    let check = Array("0X987654321")[sum % 11]
    return UnifiedSocialCreditCode.completing("91210100\(body)\(check)")?.description
  }
}
