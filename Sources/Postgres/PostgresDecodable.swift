package import Foundation

/// A value that a column can hold.
///
/// A type whose raw value decodes needs only to declare the conformance:
/// `extension Filing.State: PostgresDecodable {}`.
package protocol PostgresDecodable {
  /// Reads a column.
  ///
  /// - Throws: `PostgresError` of kind `decoding`: `cell.mismatch(Self.self)`.
  init(postgres cell: PostgresCell) throws
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
  /// Reads the raw value.
  ///
  /// - Throws: `PostgresError` of kind `decoding`, for a raw value without a case too.
  package init(postgres cell: PostgresCell) throws {
    guard let value = Self(rawValue: try RawValue(postgres: cell)) else {
      throw cell.mismatch(Self.self)
    }
    self = value
  }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
  /// Reads a column that may be NULL.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    self = cell.isNull ? nil : try Wrapped(postgres: cell)
  }
}

extension String: PostgresDecodable {
  /// Reads a text, name, enum label, JSON or XML; of other types ask for `::text`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    guard var bytes = cell.bytes else { throw cell.mismatch(String.self) }
    switch cell.type {
    case ResultType.text, ResultType.varchar, ResultType.bpchar, ResultType.name,
      ResultType.unknown, ResultType.json, ResultType.xml:
      break
    case ResultType.jsonb:
      // One byte of version, then the text.
      guard bytes.first == 1 else { throw cell.mismatch(String.self) }
      bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    case ResultType.firstUserDefined...:
      break
    default:
      throw cell.mismatch(String.self)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw cell.mismatch(String.self)
    }
    self = text
  }
}

extension Bool: PostgresDecodable {
  /// Reads a `boolean`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    self = try cell.fixed(UInt8.self, of: .bool, for: Bool.self) != 0
  }
}

extension PostgresDecodable where Self: FixedWidthInteger {
  /// Reads a `smallint`, `integer`, `bigint`, `oid`, `xid8` or whole `numeric` that fits.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    let value: Self? =
      switch cell.type {
      case PostgresType.int2.oid:
        Self(exactly: try cell.fixed(Int16.self, of: .int2, for: Self.self))
      case PostgresType.int4.oid:
        Self(exactly: try cell.fixed(Int32.self, of: .int4, for: Self.self))
      case PostgresType.int8.oid:
        Self(exactly: try cell.fixed(Int64.self, of: .int8, for: Self.self))
      case ResultType.oid: Self(exactly: try Self.unsigned(UInt32.self, cell))
      case ResultType.xid8: Self(exactly: try Self.unsigned(UInt64.self, cell))
      case ResultType.numeric: try Self.whole(cell)
      default: nil
      }
    guard let value else { throw cell.mismatch(Self.self) }
    self = value
  }

  private static func unsigned<Value: FixedWidthInteger>(
    _ type: Value.Type,
    _ cell: PostgresCell
  ) throws -> Value {
    var reader = try cell.reader()
    return try reader.integer(Value.self, or: cell.mismatch(Self.self))
  }

  /// A `numeric` (of `sum`, say): digits to base 10,000, the first weighing 10,000 to the power of `weight`.
  private static func whole(_ cell: PostgresCell) throws -> Self? {
    let mismatch = cell.mismatch(Self.self)
    var reader = try cell.reader()
    let count = try reader.integer(Int16.self, or: mismatch)
    let weight = try reader.integer(Int16.self, or: mismatch)
    let sign = try reader.integer(UInt16.self, or: mismatch)
    _ = try reader.integer(Int16.self, or: mismatch)
    let isNegative = sign == 0x4000
    guard sign == 0 || isNegative, Int(count) <= Int(weight) + 1 else { return nil }
    var total: Self = 0
    for position in 0..<Int(weight) + 1 {
      let digit = position < count ? try reader.integer(Int16.self, or: mismatch) : 0
      guard let step = Self(exactly: Int(isNegative ? -digit : digit)) else { return nil }
      let shifted = total.multipliedReportingOverflow(by: 10_000)
      let sum = shifted.partialValue.addingReportingOverflow(step)
      if shifted.overflow || sum.overflow { return nil }
      total = sum.partialValue
    }
    return total
  }
}

extension Int16: PostgresDecodable {}
extension Int32: PostgresDecodable {}
extension Int64: PostgresDecodable {}
extension Int: PostgresDecodable {}
extension UInt64: PostgresDecodable {}

extension Double: PostgresDecodable {
  /// Reads a `double precision` or `real`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    if cell.type == ResultType.float4 {
      var reader = try cell.reader()
      let bits = try reader.integer(UInt32.self, or: cell.mismatch(Double.self))
      self = Double(Float(bitPattern: bits))
    } else {
      self.init(bitPattern: try cell.fixed(UInt64.self, of: .float8, for: Double.self))
    }
  }
}

extension Date: PostgresDecodable {
  /// Reads a `timestamptz`; `infinity` becomes an infinite date.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    self = PostgresEpoch.date(
      microseconds: try cell.fixed(Int64.self, of: .timestamptz, for: Date.self)
    )
  }
}

extension UUID: PostgresDecodable {
  /// Reads a `uuid`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    let bytes = try cell.content(of: .uuid, for: UUID.self)
    guard bytes.count == 16 else { throw cell.mismatch(UUID.self) }
    self.init(uuid: bytes.loadUnaligned(as: uuid_t.self))
  }
}

extension Data: PostgresDecodable {
  /// Reads a `bytea`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    self.init(try cell.content(of: .bytea, for: Data.self))
  }
}

extension PostgresDate: PostgresDecodable {
  /// Reads a `date`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    self.init(daysSince2000: try cell.fixed(Int32.self, of: .date, for: PostgresDate.self))
  }
}
