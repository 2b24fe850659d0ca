internal import Foundation
internal import SwiftProtobuf

/// Shows replies on standard output, and remarks on standard error.
struct Show {
  /// For programs.
  let json: Bool

  /// A message: its JSON on one line for programs, fields and tables for people.
  ///
  /// - Parameter message: The message.
  /// - Throws: Where the message holds what JSON cannot.
  func message(_ message: some SwiftProtobuf.Message) throws {
    if json {
      Self.line(try Self.json(of: message))
    } else {
      var text = PeopleText(try Schema(), width: Self.terminalWidth)
      for line in text.lines(try message.json(), type(of: message).protoMessageName) {
        Self.line(line)
      }
      if !text.leftOut.isEmpty {
        Self.remark("Left out for want of room: \(text.leftOut.joined(separator: ", ")).")
      }
    }
  }

  /// Rows of the shell's own: a table for people, a list of objects for programs.
  ///
  /// - Parameters:
  ///   - table: The rows.
  ///   - none: What people read where there are none.
  func table(_ table: Table, none: String) {
    if json {
      let names = table.headings.map { $0.lowercased().replacing(" ", with: "_") }
      let rows = table.rows.map { row in
        JSON.object(zip(names, row).map { JSON.Member(name: $0, value: .text($1)) })
      }
      Self.line(JSON.list(rows).encoded)
    } else if table.rows.isEmpty {
      Self.line(none)
    } else {
      for line in table.lines(width: Self.terminalWidth).lines { Self.line(PeopleText.clean(line)) }
    }
  }

  /// Something of the shell's own: a sentence for people, an object for programs.
  func fact(_ sentence: String, _ members: KeyValuePairs<String, String>) {
    if json {
      let pairs = members.map { JSON.Member(name: $0.key, value: .text($0.value)) }
      Self.line(JSON.object(pairs).encoded)
    } else {
      Self.line(PeopleText.clean(sentence))
    }
  }

  /// The proto JSON of a message, always the same for the same message.
  ///
  /// - Parameter message: The message.
  /// - Returns: One line.
  /// - Throws: Where the message holds what JSON cannot.
  static func json(of message: some SwiftProtobuf.Message) throws -> String {
    var options = JSONEncodingOptions()
    options.useDeterministicOrdering = true
    return try message.jsonString(options: options)
  }

  /// A line on standard output.
  static func line(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }

  /// A line on standard error.
  static func remark(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// The columns of the terminal; nil if standard output is none.
  private static var terminalWidth: Int? {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1,
      ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0
    else { return nil }
    return Int(size.ws_col)
  }
}
