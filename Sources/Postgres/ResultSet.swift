internal import CLibPQ

/// A finished statement's answer; owner of a `PGresult`.
final class ResultSet: @unchecked Sendable {
  // Unchecked: libpq never changes a result once it has handed it out, and reading one is thread-safe.

  private let result: OpaquePointer
  let rowCount: Int32
  let columnCount: Int32

  /// Takes the result over.
  init(_ result: OpaquePointer) {
    self.result = result
    rowCount = PQntuples(result)
    columnCount = PQnfields(result)
  }

  deinit {
    PQclear(result)
  }

  /// What the server says it did: `UPDATE 3`, `COMMIT`.
  var command: String {
    withExtendedLifetime(self) { String(cString: PQcmdStatus(result)) }
  }

  /// How many rows an INSERT, UPDATE, DELETE, MERGE or SELECT affected or returned; else 0.
  var affectedRows: Int {
    withExtendedLifetime(self) { Int(String(cString: PQcmdTuples(result))) ?? 0 }
  }

  /// One column of one row; both must exist, and the cell must not outlive this object.
  func cell(row: Int32, column: Int32) -> PostgresCell {
    var bytes: UnsafeRawBufferPointer?
    if PQgetisnull(result, row, column) == 0 {
      bytes = UnsafeRawBufferPointer(
        start: PQgetvalue(result, row, column),
        count: Int(PQgetlength(result, row, column))
      )
    }
    return PostgresCell(type: PQftype(result, column), column: Int(column), bytes: bytes)
  }

  var rows: [Row] {
    (0..<rowCount).map { Row(results: self, number: $0) }
  }
}
