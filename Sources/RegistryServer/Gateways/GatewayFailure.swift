internal import GRPCCore

/// Why a partner gave no answer, in words that may be kept: without numbers of persons and phones.
struct GatewayFailure: Error, Equatable, CustomStringConvertible {
  /// The status and what is known of it.
  let description: String

  /// The failure of a call.
  init(_ error: any Error) {
    guard let error = error as? RPCError else {
      description = Self.masked(String(describing: error))
      return
    }
    description = "\(error.code): \(Self.masked(error.message))"
  }

  /// A text with all but the first three digits of every long number hidden.
  ///
  /// - Parameter text: What somebody else wrote.
  /// - Returns: The text; identity numbers (18) and mobile numbers (11) have 7 digits or more.
  static func masked(_ text: String) -> String {
    var masked = ""
    var digits = ""
    for character in text.prefix(200) {
      if character.isASCII, character.isNumber || (digits.count == 17 && "xX".contains(character)) {
        digits.append(character)
      } else {
        masked += shortened(digits) + String(character)
        digits = ""
      }
    }
    return masked + shortened(digits)
  }

  private static func shortened(_ digits: String) -> String {
    digits.count < 7 ? digits : digits.prefix(3) + "…"
  }
}
