/// Names in the spelling of the protos, of Swift and of the command line.
enum Words {
  /// `CheckName` as `check`, `name`; `text_sm3` as `text`, `sm3`; `SM2Key` as `sm2`, `key`.
  static func of(_ name: String) -> [String] {
    var words: [String] = []
    var last: Character = "_"
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
      let next = index + 1 < characters.count ? characters[index + 1] : "_"
      if character == "_" || character == "-" {
        last = character
        continue
      }
      let begins =
        last == "_" || last == "-"
        || character.isUppercase && (!last.isUppercase || next.isLowercase)
      if begins {
        words.append(character.lowercased())
      } else {
        words[words.count - 1] += character.lowercased()
      }
      last = character
    }
    return words
  }

  /// `check-name`.
  static func kebab(_ name: String) -> String { of(name).joined(separator: "-") }

  /// `STATE_DRAFT`.
  static func constant(_ name: String) -> String { of(name).joined(separator: "_").uppercased() }

  /// `enterpriseName`.
  static func property(_ name: String) -> String {
    let words = of(name)
    return (words.first ?? "") + words.dropFirst().map(\.capitalizedFirst).joined()
  }
}

extension String {
  /// The text with a capital first letter, the rest as it is.
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
