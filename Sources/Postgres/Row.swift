/// One row of an answer.
///
/// It keeps its whole answer alive: decode rows, don't store them.
package struct Row: Sendable {
  let results: ResultSet
  let number: Int32

  /// How many columns it has.
  package var count: Int { Int(results.columnCount) }

  /// Decodes all columns, in order: `let (id, state) = try row.decode(UUID.self, String.self)`.
  ///
  /// - Parameter types: One a column; `Optional` where NULL is allowed.
  /// - Throws: `PostgresError` of kind `decoding`.
  /// - Returns: The values.
  package func decode<each Value: PostgresDecodable>(
    _ types: repeat (each Value).Type
  ) throws -> (repeat each Value) {
    var asked: Int32 = 0
    for _ in repeat each types { asked += 1 }
    guard asked == results.columnCount else { throw miscounted(asked) }
    var column: Int32 = -1
    func next<One: PostgresDecodable>(_ type: One.Type) throws -> One {
      column += 1
      return try value(type, at: column)
    }
    return (repeat try next(each types))
  }

  /// Decodes the only column.
  ///
  /// - Parameter type: What it holds.
  /// - Throws: `PostgresError` of kind `decoding`.
  /// - Returns: The value.
  package func decode<Value: PostgresDecodable>(_ type: Value.Type) throws -> Value {
    guard results.columnCount == 1 else { throw miscounted(1) }
    return try value(type, at: 0)
  }

  private func miscounted(_ asked: Int32) -> PostgresError {
    PostgresError(
      .decoding,
      "\(asked) columns were asked for, the row has \(results.columnCount)"
    )
  }

  /// Decodes one column.
  ///
  /// - Parameters:
  ///   - type: What it holds.
  ///   - column: Its place, from 0.
  /// - Throws: `PostgresError` of kind `decoding`.
  /// - Returns: The value.
  package func decode<Value: PostgresDecodable>(
    _ type: Value.Type,
    at column: Int
  ) throws -> Value {
    guard (0..<count).contains(column) else {
      throw PostgresError(.decoding, "there is no column \(column)")
    }
    return try value(type, at: Int32(column))
  }

  private func value<Value: PostgresDecodable>(
    _ type: Value.Type,
    at column: Int32
  ) throws -> Value {
    // The cell points into the answer, which the optimizer might otherwise release too early.
    try withExtendedLifetime(results) {
      try Value(postgres: results.cell(row: number, column: column))
    }
  }
}
