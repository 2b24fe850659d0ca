/// A JSON value that keeps the order of members and the digits of numbers.
indirect enum JSON: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// The digits as they were written.
  case number(String)
  case text(String)
  case list([JSON])
  case object([Member])

  /// A name with its value.
  struct Member: Equatable, Sendable {
    let name: String
    var value: JSON
  }

  /// The value of a member; nil if there is none, or this is no object.
  subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// Nothing, an empty text, list or object.
  var isEmpty: Bool {
    switch self {
    case .null, .text(""), .list([]), .object([]): true
    case .boolean, .number, .text, .list, .object: false
    }
  }

  /// Sets a value below this object; objects on the way are made.
  ///
  /// - Parameters:
  ///   - path: The names from here, at least one.
  ///   - value: What replaces the value there.
  /// - Returns: The object with the value.
  func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON {
    guard let name = path.first else { return value }
    var members: [Member] = []
    if case .object(let standing) = self { members = standing }
    let rest = path.dropFirst()
    if let index = members.firstIndex(where: { $0.name == name }) {
      members[index].value = members[index].value.setting(rest, to: value)
    } else {
      members.append(Member(name: name, value: JSON.object([]).setting(rest, to: value)))
    }
    return .object(members)
  }

  /// The value below this object; nil if there is none.
  func value(at path: ArraySlice<String>) -> JSON? {
    guard let name = path.first else { return self }
    return self[name]?.value(at: path.dropFirst())
  }

  /// The text, on one line.
  var encoded: String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .number(let digits): return digits
    case .text(let text): return Self.quoted(text)
    case .list(let values): return "[" + values.map(\.encoded).joined(separator: ",") + "]"
    case .object(let members):
      let pairs = members.map { Self.quoted($0.name) + ":" + $0.value.encoded }
      return "{" + pairs.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
