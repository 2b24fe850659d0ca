internal import Vocabulary

/// One of the partners played.
package enum Partner: String, CaseIterable, Sendable {
  /// The population library (公安部人口库).
  case population
  /// The legal-entity library (法人库).
  case entities
  /// The SMS gateway (短信网关).
  case messages
}

/// What the partners answer: who exists, how a comparison ends, and what is slow or down.
package struct PartnerScript: Sendable {
  /// A person whom the population library knows.
  struct Person: Sendable {
    let name: String
    /// The results of its comparisons in turn, the last again and again; never empty.
    let codes: [String]
  }

  /// An entity that the legal-entity library knows.
  struct Entity: Sendable {
    let name: String
    let type: String
    let legalRepresentative: (name: String, number: String)?
    /// As a person's.
    let codes: [String]
  }

  /// The persons by number.
  private(set) var persons: [String: Person] = [:]
  /// The entities by credit code.
  private(set) var entities: [String: Entity] = [:]
  /// The result for a number that no row names.
  private(set) var unknownPersonCode = "02"
  /// The result for a credit code that no row names.
  private(set) var unknownEntityCode = "01"
  /// How long before an answer leaves.
  private(set) var delays: [Partner: Duration] = [:]
  /// Who does not answer.
  private(set) var down: Set<Partner> = []

  /// Reads a script; README.md tells its rows.
  ///
  /// - Parameter text: The table, UTF-8.
  /// - Throws: `ScriptError` with the number of the first wrong line.
  package init(parsing text: String) throws(ScriptError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty && !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard take(fields) else { throw ScriptError(line: index + 1, text: String(line)) }
    }
  }

  /// The persons and entities of the test data, all in order.
  ///
  /// - Throws: `ScriptError` if the program was built with a broken script.
  /// - Returns: The script that the program carries.
  package static func bundled() throws(ScriptError) -> PartnerScript {
    try PartnerScript(parsing: String(decoding: PackageResources.script_tsv, as: UTF8.self))
  }

  private mutating func take(_ fields: [String]) -> Bool {
    switch (fields[0], fields.count) {
    case ("person", 4):
      guard let codes = Self.codes(fields[3], among: Self.personCodes),
        ResidentIdentityNumber(fields[1]) != nil
      else { return false }
      persons[fields[1]] = Person(name: Self.normalized(fields[2]), codes: codes)
    case ("entity", 7):
      guard let codes = Self.codes(fields[6], among: Self.entityCodes),
        UnifiedSocialCreditCode(fields[1]) != nil
      else { return false }
      entities[fields[1]] = Entity(
        name: fields[2],
        type: fields[3],
        legalRepresentative: fields[4] == "-" ? nil : (fields[4], fields[5]),
        codes: codes
      )
    case ("unknown", 3):
      return takeUnknown(fields[1], code: fields[2])
    case ("delay", 3):
      guard let partner = Partner(rawValue: fields[1]), let milliseconds = Int64(fields[2]),
        (0...600_000).contains(milliseconds)
      else { return false }
      delays[partner] = .milliseconds(milliseconds)
    case ("down", 2):
      guard let partner = Partner(rawValue: fields[1]) else { return false }
      down.insert(partner)
    default:
      return false
    }
    return true
  }

  private mutating func takeUnknown(_ library: String, code: String) -> Bool {
    switch Partner(rawValue: library) {
    case .population where Self.personCodes.contains(code): unknownPersonCode = code
    case .entities where Self.entityCodes.contains(code): unknownEntityCode = code
    case .population, .entities, .messages, nil: return false
    }
    return true
  }

  private static let personCodes: Set = [
    "00", "01", "02", "03", "04", "05", "06", "90", "91", "92",
  ]
  private static let entityCodes: Set = ["00", "01", "10", "90", "91", "92"]

  private static func codes(_ field: String, among known: Set<String>) -> [String]? {
    let codes = field.split(separator: " ").map(String.init)
    return !codes.isEmpty && codes.allSatisfy(known.contains) ? codes : nil
  }

  /// A name as it is compared: U+00B7 for the interpuncts U+2022, U+30FB and U+FF0E.
  ///
  /// - Parameter name: The name as given.
  /// - Returns: The name compared; all other code points as given, for rare characters have no other.
  static func normalized(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map {
          ["\u{2022}", "\u{30FB}", "\u{FF0E}"].contains($0) ? "\u{B7}" : $0
        }
      )
    )
  }
}

/// A line of a script that is no row.
package struct ScriptError: Error, Equatable, CustomStringConvertible {
  /// The line's number, from 1.
  package let line: Int
  /// The line.
  package let text: String

  /// What is wrong.
  package var description: String { "line \(line) of the script is no row: \(text)" }
}
