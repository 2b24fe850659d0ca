/// A statement with its values.
///
/// Written as a string literal. Interpolation binds: each `\(value)` becomes `$1`, `$2`, … and the value travels apart
/// from the text, so that no value can change the statement. There is no way to splice a string.
///
/// An integer declares its own width (`Int` is `bigint`), a UUID, date, Boolean or byte string its type. A **string** takes
/// the type of its place, as a quoted literal does; where the place tells nothing (`\(text) IS NULL`, `unnest(\(texts))`, a
/// column of a CTE) cast it: `\(text)::text`. Where a function wants `integer`, pass an `Int32`.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
  /// The statement as the server prepares it, with placeholders; it holds no value.
  package private(set) var text: String
  private(set) var parameters: [Parameter] = []
  private var writer = PostgresWriter()

  /// Where a value stands.
  struct Parameter: Sendable {
    let type: UInt32
    let isText: Bool
    /// In `values`.
    let start: Int
    /// Bytes, without the end mark of texts; -1 for NULL.
    let count: Int
    /// Where the text has the placeholder's `$`, in UTF-8 bytes.
    let mark: Int
  }

  /// A statement without values.
  package init(stringLiteral text: String) {
    self.text = text
  }

  /// A statement with values.
  package init(stringInterpolation: StringInterpolation) {
    self = stringInterpolation.sql
  }

  /// The values' wire form, one after another.
  var values: [UInt8] { writer.bytes }

  /// What the server would refuse, found before sending; nil for nearly all.
  var fault: PostgresError? {
    if writer.hasZero {
      return PostgresError(
        .encoding,
        "a text to be bound holds U+0000",
        sqlState: SQLState.characterNotInRepertoire,
        statement: text
      )
    }
    if parameters.count > Int(UInt16.max) {
      return PostgresError(.encoding, "more than 65,535 values", statement: text)
    }
    return nil
  }

  /// Collects a statement's text and values.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var sql: SQL

    /// Makes room.
    package init(literalCapacity: Int, interpolationCount: Int) {
      sql = SQL(stringLiteral: "")
      sql.text.reserveCapacity(literalCapacity + 3 * interpolationCount)
      sql.parameters.reserveCapacity(interpolationCount)
    }

    /// Adds text of the program's own.
    package mutating func appendLiteral(_ literal: String) {
      sql.text.append(literal)
    }

    /// Binds a value.
    package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
      sql.bind(value)
    }

    /// Binds a value, or NULL.
    ///
    /// Apart from the one above, because the compiler warns where an optional is interpolated through a parameter that isn't one.
    package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
      sql.bind(value)
    }

    /// Puts in another statement's text with its values, renumbered.
    package mutating func appendInterpolation(_ fragment: SQL) {
      sql.append(fragment)
    }
  }

  private mutating func bind<Value: PostgresEncodable>(_ value: Value) {
    let type = Value.postgresType
    let start = writer.bytes.count
    var count = -1
    if !value.isPostgresNull {
      value.encode(into: &writer)
      count = writer.bytes.count - start
      // An empty value needs a place too: libpq reads a null pointer as NULL.
      if type.isText || count == 0 { writer.terminate() }
    }
    place(type: type.oid, isText: type.isText, start: start, count: count)
  }

  private mutating func append(_ fragment: SQL) {
    let base = writer.bytes.count
    writer.append(fragment.writer)
    var rest = fragment.text.utf8[...]
    var taken = 0
    for (position, parameter) in fragment.parameters.enumerated() {
      let head = rest.prefix(parameter.mark - taken)
      text.append(contentsOf: String(Substring(head)))
      place(
        type: parameter.type,
        isText: parameter.isText,
        start: base + parameter.start,
        count: parameter.count
      )
      let placeholder = 1 + String(position + 1).utf8.count
      rest = rest.dropFirst(head.count + placeholder)
      taken = parameter.mark + placeholder
    }
    text.append(contentsOf: String(Substring(rest)))
  }

  private mutating func place(type: UInt32, isText: Bool, start: Int, count: Int) {
    let parameter = Parameter(
      type: type,
      isText: isText,
      start: start,
      count: count,
      mark: text.utf8.count
    )
    parameters.append(parameter)
    text.append("$")
    text.append(String(parameters.count))
  }
}

/// Under which a connection keeps a prepared statement: its text and its parameters' types.
struct StatementKey: Hashable {
  let text: String
  let parameters: [SQL.Parameter]

  init(_ sql: SQL) {
    text = sql.text
    parameters = sql.parameters
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(text)
  }

  static func == (one: StatementKey, other: StatementKey) -> Bool {
    one.text == other.text
      && one.parameters.elementsEqual(other.parameters) { $0.type == $1.type }
  }
}
