/// What is wrong with a code that somebody typed, and how to mend it.
package enum CodeFlaw: Error, Hashable, Sendable, CustomStringConvertible {
  /// It has another number of characters.
  case wrongLength(expected: Int, found: Int)
  /// A character that the code never has; `place` counts from 1, spaces and hyphens left out.
  case unlawfulCharacter(Character, place: Int)
  /// The check symbol does not fit the other characters: one of them is mistyped.
  case wrongCheck
  /// The organization code inside a credit code fails its own check (GB 11714-1997).
  case wrongOrganizationCheck
  /// No registering department has this first character (GB 32100-2015).
  case unknownDepartment(Character)
  /// Where six digits of a region are due, something else stands.
  case noRegion(String)
  /// There is no such day.
  case noSuchDay(String)
  /// A resident identity number of the first generation, 15 digits.
  case firstGeneration
  /// The parts do not follow each other as the standard lays down.
  case otherForm(expected: String)

  package var description: String {
    switch self {
    case .wrongLength(let expected, let found):
      "It has \(found) characters where \(expected) are due."
    case .unlawfulCharacter(let character, let place):
      "Character \(place), “\(character)”, is not allowed\(Self.hint(for: character))."
    case .wrongCheck:
      "The last character does not fit the others: one of them is mistyped. Compare them all."
    case .wrongOrganizationCheck:
      "Characters 9 to 17 are no organization code: one of them is mistyped. Compare them all."
    case .unknownDepartment(let character):
      "No registering department has the first character “\(character)”."
    case .noRegion(let digits):
      "“\(digits)” stands where six digits of a region are due."
    case .noSuchDay(let digits):
      "“\(digits)” stands where a day is due, and there is no such day."
    case .firstGeneration:
      "This is a number of the first generation. Give the 18 characters of the present one."
    case .otherForm(let expected):
      "It does not have the form \(expected)."
    }
  }

  /// What was meant, where that is plain; it is only told, never assumed.
  private static func hint(for character: Character) -> String {
    switch character {
    case "O": return "; is it the digit 0?"
    case "I": return "; is it the digit 1?"
    case "Z": return "; is it the digit 2?"
    case "S": return "; is it the digit 5?"
    default: break
    }
    guard let scalar = character.unicodeScalars.first, (0xFF01...0xFF5E).contains(scalar.value),
      let narrow = Unicode.Scalar(scalar.value - 0xFEE0)
    else { return "" }
    return "; it is full-width, type “\(narrow)”"
  }
}

/// The characters of a code as bytes.
enum CodeText {
  /// Drops spaces and hyphens, raises small letters, refuses whatever is not ASCII.
  static func raised(_ text: String) throws(CodeFlaw) -> [UInt8] {
    var symbols: [UInt8] = []
    symbols.reserveCapacity(24)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "-"): continue
      case UInt8(ascii: "a")...UInt8(ascii: "z"): symbols.append(byte - 32)
      case 0x80...: throw .unlawfulCharacter(foreign(in: text), place: symbols.count + 1)
      default: symbols.append(byte)
      }
    }
    return symbols
  }

  /// The characters as they stand, which must be so many digits.
  static func digits(_ text: String, count: Int) throws(CodeFlaw) -> [UInt8] {
    let symbols = Array(text.utf8)
    for (index, symbol) in symbols.enumerated() where !isDigit(symbol) {
      let character =
        symbol < 0x80 ? Character(Unicode.Scalar(symbol)) : foreign(in: text)
      throw .unlawfulCharacter(character, place: index + 1)
    }
    guard symbols.count == count else {
      throw .wrongLength(expected: count, found: symbols.count)
    }
    return symbols
  }

  static func isDigit(_ symbol: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(symbol)
  }

  /// The first character that is not ASCII.
  static func foreign(in text: String) -> Character {
    text.first { !$0.isASCII } ?? "\u{FFFD}"
  }
}
