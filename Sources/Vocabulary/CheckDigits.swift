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
