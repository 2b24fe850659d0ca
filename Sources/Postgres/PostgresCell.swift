/// One column of one row, while it is being decoded.
package struct PostgresCell {
  /// The column's type, by object identifier.
  let type: UInt32
  /// The column's place in the row, from 0.
  let column: Int
  /// The value in binary format, valid only during the decoding; nil for NULL.
  let bytes: UnsafeRawBufferPointer?

  /// Whether the column is NULL.
  package var isNull: Bool { bytes == nil }

  /// How many bytes the value has.
  var count: Int { bytes?.count ?? 0 }

  /// The value, if the column has the type expected and isn't NULL.
  func content(of expected: PostgresType, for target: Any.Type) throws -> UnsafeRawBufferPointer {
    guard let bytes, type == expected.oid else { throw mismatch(target) }
    return bytes
  }

  /// A fixed-width value, if the column has the type expected.
  func fixed<Value: FixedWidthInteger>(
    _ value: Value.Type,
    of expected: PostgresType,
    for target: Any.Type
  ) throws -> Value {
    let bytes = try content(of: expected, for: target)
    guard bytes.count == MemoryLayout<Value>.size else { throw mismatch(target) }
    return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
  }

  /// The value's bytes to be read one after another.
  func reader() throws -> PostgresReader {
    guard let bytes else { throw mismatch([UInt8].self) }
    return PostgresReader(rest: bytes[...])
  }

  /// An element of an array in this column.
  func element(type: UInt32, bytes: UnsafeRawBufferPointer?) -> PostgresCell {
    PostgresCell(type: type, column: column, bytes: bytes)
  }

  /// The error that this column doesn't hold a `target`; it tells the type, never the value.
  package func mismatch(_ target: Any.Type) -> PostgresError {
    let held = isNull ? "NULL" : "a value of type \(type)"
    return PostgresError(.decoding, "column \(column) holds \(held), not a \(target)")
  }
}

/// Reads a value's bytes in order.
struct PostgresReader {
  fileprivate(set) var rest: Slice<UnsafeRawBufferPointer>

  init(rest: Slice<UnsafeRawBufferPointer>) {
    self.rest = rest
  }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type,
    or error: PostgresError
  ) throws -> Value {
    Value(bigEndian: try bytes(MemoryLayout<Value>.size, or: error).loadUnaligned(as: Value.self))
  }

  mutating func bytes(_ count: Int, or error: PostgresError) throws -> UnsafeRawBufferPointer {
    guard count >= 0, count <= rest.count else { throw error }
    defer { rest = rest.dropFirst(count) }
    return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
  }
}
