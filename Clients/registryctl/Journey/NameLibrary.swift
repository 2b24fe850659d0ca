internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf

/// The names with which new ones are compared, as a table: fields by tabs, lines that begin with `#`
/// and empty ones ignored.
///
/// Fields: id, name, division (`-` for none), trade name, industry words (`-` for none), form, class
/// of GB/T 4754, entity type, scope, standing, and the days from today to the standing's date (`-`
/// for none).
enum NameLibrary {
  /// The most entries of a call.
  private static let batch = 1_000

  /// Reads a table.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - today: From when the days are reckoned.
  /// - Returns: The entries.
  /// - Throws: `JourneyError.library`.
  static func entries(
    in path: String,
    today: Date
  ) throws(JourneyError) -> [Liaoning_Registry_V1_LibraryName] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .library(path, "it cannot be read")
    }
    var entries: [Liaoning_Registry_V1_LibraryName] = []
    let lines = String(decoding: data, as: UTF8.self).split(
      separator: "\n",
      omittingEmptySubsequences: false
    )
    for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      guard let entry = entry(line, today: today) else {
        throw .library(path, "line \(index + 1) is none")
      }
      entries.append(entry)
    }
    return entries
  }

  /// An entry of a line; nil if it is none.
  static func entry(_ line: Substring, today: Date) -> Liaoning_Registry_V1_LibraryName? {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
      $0 == "-" ? "" : String($0)
    }
    guard fields.count == 11,
      let known = try? Liaoning_Registry_V1_LibraryName(
        jsonString: "{\"standing\":\"STANDING_\(fields[9].uppercased())\"}"
      ), known.standing != .unspecified
    else { return nil }
    return .with {
      $0.libraryID = fields[0]
      $0.enterpriseName = fields[1]
      $0.division = fields[2]
      $0.tradeName = fields[3]
      $0.industryWords = fields[4]
      $0.organizationForm = fields[5]
      $0.industryClass = fields[6]
      $0.entityType = fields[7]
      $0.scopeCode = fields[8]
      $0.standing = known.standing
      if let days = Int(fields[10]) { $0.standingDate = date(today, days) }
    }
  }

  /// Imports a table as the province's administrator.
  ///
  /// - Returns: How many entries were written.
  static func imported(
    from path: String,
    over connections: Connections,
    telling narrator: Narrator
  ) async throws -> Int {
    let start = ContinuousClock.now
    let entries = try entries(in: path, today: Date())
    let administrator = "S21000005"
    let client = try await connections.staff(administrator)
    var count = 0
    for first in stride(from: 0, to: entries.count, by: batch) {
      let names = Array(entries[first..<min(first + batch, entries.count)])
      count += Int(try await client.names.importNames(.with { $0.names = names }).importedCount)
    }
    let who = "administrator \(administrator)"
    narrator.tell(nil, who, "imports the name library", "\(count) NAMES", since: start)
    return count
  }

  private static func date(_ today: Date, _ days: Int) -> String {
    let instant = today.addingTimeInterval(Double(days) * 86_400 + 8 * 3_600)
    return instant.formatted(.iso8601.year().month().day())
  }
}
