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
      let lines = text.lines(try message.json(), type(of: message).protoMessageName)
      for line in lines { Self.line(line) }
      if lines.isEmpty { Self.remark("Done; the reply holds nothing.") }
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
  ///
  /// Whoever reads it may have gone, as `head` goes: then the program ends by SIGPIPE, as others do.
  static func line(_ text: String) {
    guard let failure = write(text, to: STDOUT_FILENO) else { return }
    if failure == EPIPE {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    remark("Error: Cannot write standard output: \(String(cString: strerror(failure))).")
    exit(ExitClass.local.rawValue)
  }

  /// A line on standard error; lost where nobody can be told.
  static func remark(_ text: String) {
    _ = write(text, to: STDERR_FILENO)
  }

  /// Writes a line whole.
  ///
  /// - Parameters:
  ///   - text: The line without its end.
  ///   - descriptor: Where it goes.
  /// - Returns: Why it could not be written, as an `errno`.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = Array((text + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return errno }
      rest = rest.dropFirst(count)
    }
    return nil
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
