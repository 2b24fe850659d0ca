internal import Foundation

/// Names as text: one spelling of each for all that compares them.
package enum NameText {
  /// NFKC, without white space, with full-width parentheses; traditional characters stay.
  package static func canonical(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy(isSettled) { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars {
      switch scalar {
      case "(", "[", "〔", "【": scalars.append("（")
      case ")", "]", "〕", "】": scalars.append("）")
      default:
        if !scalar.properties.isWhitespace, !scalar.properties.isDefaultIgnorableCodePoint {
          scalars.append(scalar)
        }
      }
    }
    return String(scalars)
  }

  /// The canonical form in standard characters.
  package static func simplified(_ text: String) -> String {
    let table = HanTable.standard
    if text.unicodeScalars.allSatisfy({ isSettled($0) && table.isSettled($0) }) { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in canonical(text).unicodeScalars {
      scalars.append(table.simplified(scalar))
    }
    return String(scalars)
  }

  /// Characters that the canonical form leaves as they are: basic ideographs and its parentheses.
  private static func isSettled(_ scalar: Unicode.Scalar) -> Bool {
    (0x4E00...0x9FFF).contains(scalar.value) || scalar == "（" || scalar == "）"
  }
}
