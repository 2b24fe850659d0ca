internal import Foundation
internal import SwiftProtobuf

/// Shows a message to people: a line a field, a table for a list.
struct PeopleText {
  private let schema: Schema
  /// The columns of the terminal; nil if there is none.
  private let width: Int?
  /// The headings of columns that found no room.
  private(set) var leftOut: [String] = []

  init(_ schema: Schema, width: Int?) {
    self.schema = schema
    self.width = width
  }

  /// The lines for a message.
  ///
  /// - Parameters:
  ///   - value: The message as JSON with the protos' field names.
  ///   - message: Its full name.
  /// - Returns: Lines without trailing spaces; none for an empty message.
  mutating func lines(_ value: JSON, _ message: String) -> [String] {
    let fields = schema.fields(of: message)
    let lists = fields.filter { $0.isRepeated }
    // A page of a list is its table.
    if let list = lists.first, lists.count == 1, fields.contains(where: Self.isPageToken),
      case .message(let element) = list.kind
    {
      guard case .list(let rows)? = value[list.name], !rows.isEmpty else {
        return ["No \(Self.label(list.name).lowercased())."]
      }
      return table(rows, element)
    }
    return block(value, fields)
  }

  private static func isPageToken(_ field: Schema.Field) -> Bool {
    field.name == "next_page_token"
  }

  /// A line a field, the values under each other; what has parts is indented below.
  private mutating func block(_ value: JSON, _ fields: [Schema.Field]) -> [String] {
    let filled = fields.filter { !Self.shown(value, $0).isEmpty }
    let labelWidth = filled.map { TextWidth.of(Self.label($0.name)) }.max() ?? 0
    var lines: [String] = []
    for field in filled {
      let part = Self.shown(value, field)
      let below = parts(part, field)
      if below.isEmpty {
        let text = Self.text(part, field)
        let label = TextWidth.padded(Self.label(field.name), to: labelWidth + 2)
        if text.contains("\n") {
          lines +=
            [Self.label(field.name)] + Self.indented(text.split(separator: "\n").map(String.init))
        } else {
          lines.append(label + text)
        }
      } else {
        lines += [Self.label(field.name)] + Self.indented(below)
      }
    }
    return lines
  }

  /// The lines below a field that has parts; none for one that stands on its line.
  private mutating func parts(_ value: JSON, _ field: Schema.Field) -> [String] {
    switch field.kind {
    case .message(let name):
      if case .list(let rows) = value { return table(rows, name) }
      return block(value, schema.fields(of: name))
    case .map:
      guard case .object(let members) = value else { return [] }
      let labelWidth = members.map { TextWidth.of($0.name) }.max() ?? 0
      return members.map { member in
        TextWidth.padded(Self.clean(member.name), to: labelWidth + 2)
          + Self.text(member.value, Schema.Field(name: "", kind: .text, isRepeated: false))
      }
    case .text, .number, .boolean, .bytes, .time, .choice: return []
    }
  }

  private mutating func table(_ rows: [JSON], _ message: String) -> [String] {
    let columns = schema.fields(of: message).filter { field in
      field.name != "etag" && field.kind != .bytes && field.kind != .map
        && rows.contains { !cell($0, field).isEmpty }
    }
    let table = Table(
      headings: columns.map { Self.label($0.name).uppercased() },
      rows: rows.map { row in columns.map { cell(row, $0) } }
    )
    let (lines, leftOut) = table.lines(width: width)
    self.leftOut += leftOut
    return lines
  }

  /// A field of a row on one line: of a message its first field, of many messages their number.
  private func cell(_ row: JSON, _ field: Schema.Field) -> String {
    let value = Self.shown(row, field)
    guard !value.isEmpty else { return "" }
    guard case .message(let name) = field.kind else {
      return Self.text(value, field).split(separator: "\n").joined(separator: " ")
    }
    if case .list(let values) = value { return values.isEmpty ? "" : String(values.count) }
    guard let first = schema.fields(of: name).first(where: { value[$0.name] != nil }) else {
      return ""
    }
    switch first.kind {
    case .text, .message: return cell(value, first)
    case .number, .boolean, .bytes, .time, .choice, .map: return ""
    }
  }

  /// What stands in a field: JSON leaves 0 and no out, people want to read them.
  private static func shown(_ value: JSON, _ field: Schema.Field) -> JSON {
    if let standing = value[field.name] { return standing }
    guard field.isPlain else { return .null }
    switch field.kind {
    case .boolean: return .boolean(false)
    // No amount is not an amount of nothing.
    case .number: return field.name.hasSuffix("_fen") ? .null : .number("0")
    case .text, .bytes, .time, .choice, .message, .map: return .null
    }
  }

  /// A value that stands on its line.
  private static func text(_ value: JSON, _ field: Schema.Field) -> String {
    switch value {
    case .null: return ""
    case .list(let values): return values.map { text($0, field) }.joined(separator: ", ")
    case .object: return value.encoded
    case .boolean(let isTrue): return isTrue ? "yes" : "no"
    case .number(let digits): return number(digits, field.name)
    case .text(let text):
      switch field.kind {
      case .choice(let prefix):
        guard text.hasPrefix(prefix) else { return clean(text) }
        return text.dropFirst(prefix.count).lowercased().replacing("_", with: "-")
      case .bytes: return bytes(text)
      case .time: return ShanghaiTime.text(text) ?? clean(text)
      case .number: return number(text, field.name)
      case .text, .boolean, .message, .map: return clean(text)
      }
    }
  }

  /// Amounts in fen are shown in yuan.
  private static func number(_ digits: String, _ name: String) -> String {
    guard name.hasSuffix("_fen"), let fen = Int64(digits) else { return digits }
    let (yuan, rest) = fen.magnitude.quotientAndRemainder(dividingBy: 100)
    var grouped = ""
    for (index, digit) in String(yuan).reversed().enumerated() {
      if index > 0, index % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    let sign = fen < 0 ? "-" : ""
    return sign + String(grouped.reversed()) + (rest < 10 ? ".0" : ".") + "\(rest) yuan"
  }

  /// Short bytes in hexadecimal digits, of others their number.
  private static func bytes(_ base64: String) -> String {
    guard let data = Data(base64Encoded: base64) else { return clean(base64) }
    guard data.count <= 32 else { return "\(data.count) bytes" }
    return data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// `document_sm3` as `Document SM3`; the unit of `capital_fen` stands with the amount.
  static func label(_ name: String) -> String {
    let words = name.split(separator: "_").filter { $0 != "fen" }.map { word in
      ["sm3", "pdf", "id"].contains(word) ? word.uppercased() : String(word)
    }
    let text = words.joined(separator: " ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// The text without what could steer a terminal.
  static func clean(_ text: String) -> String {
    var cleaned = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isSteering =
        scalar.properties.generalCategory == .control && scalar != "\n"
        || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      cleaned.append(isSteering ? "\u{FFFD}" : scalar)
    }
    return String(cleaned)
  }

  private static func indented(_ lines: [String]) -> [String] { lines.map { "  " + $0 } }
}

/// Instants as the people of the province read them.
enum ShanghaiTime {
  /// The time in Asia/Shanghai, `2026-03-02 09:00:00`, of RFC 3339; nil if it is none.
  static func text(_ instant: String) -> String? {
    guard let json = try? Google_Protobuf_Timestamp(jsonString: "\"\(instant)\"") else {
      return nil
    }
    // China has kept UTC+8 without summer time since 1992.
    let shifted = Google_Protobuf_Timestamp(seconds: json.seconds + 8 * 3_600)
    let text = shifted.text
    return text.isEmpty ? nil : text.filter { $0 != "Z" }.replacing("T", with: " ")
  }
}

extension Google_Protobuf_Timestamp {
  /// RFC 3339; empty beyond the years 1 to 9999.
  var text: String { ((try? jsonString()) ?? "").filter { $0 != "\"" } }
}
