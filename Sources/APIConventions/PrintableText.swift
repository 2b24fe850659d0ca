extension String {
  /// Whether every character can stand on paper and says what it shows.
  ///
  /// Control characters, among them NUL that the database cannot keep, marks that only turn the
  /// direction of text, and code points without a character do not.
  ///
  /// - Parameter lines: Whether line feeds and tabs may stand in it too.
  /// - Returns: False if one character cannot.
  package func isPrintable(allowingLines lines: Bool = false) -> Bool {
    unicodeScalars.allSatisfy { scalar in
      if scalar == "\n" || scalar == "\t" { return lines }
      return switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }
}
