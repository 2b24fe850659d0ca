/// A PostgreSQL type as a parameter declares it, and the wire format in which its values travel.
///
/// Object identifiers: PostgreSQL 15, `src/include/catalog/pg_type.dat`; they never change between versions.
package struct PostgresType: Sendable, Hashable {
  let oid: UInt32
  let arrayOID: UInt32
  let isText: Bool

  private init(_ oid: UInt32, array arrayOID: UInt32, isText: Bool = false) {
    self.oid = oid
    self.arrayOID = arrayOID
    self.isText = isText
  }

  /// The server infers the type from the place in the statement, as it does for a quoted literal.
  ///
  /// Values travel as text, so that one Swift string fits a `text`, an enum, a `jsonb` or a `numeric`.
  package static let inferred = PostgresType(0, array: 0, isText: true)
  /// `boolean`, one byte.
  package static let bool = PostgresType(16, array: 1000)
  /// `bytea`, the bytes as they are.
  package static let bytea = PostgresType(17, array: 1001)
  /// `bigint`, 8 bytes, big-endian.
  package static let int8 = PostgresType(20, array: 1016)
  /// `smallint`, 2 bytes, big-endian.
  package static let int2 = PostgresType(21, array: 1005)
  /// `integer`, 4 bytes, big-endian.
  package static let int4 = PostgresType(23, array: 1007)
  /// `double precision`, IEEE 754 bits, big-endian.
  package static let float8 = PostgresType(701, array: 1022)
  /// `date`: days since 2000-01-01, 4 bytes, big-endian.
  package static let date = PostgresType(1082, array: 1182)
  /// `timestamptz`: microseconds since 2000-01-01T00:00:00Z, 8 bytes, big-endian.
  package static let timestamptz = PostgresType(1184, array: 1185)
  /// `uuid`, 16 bytes.
  package static let uuid = PostgresType(2950, array: 2951)

  /// The type of an array of this type's values.
  ///
  /// Arrays of inferred values are inferred too, and travel as an array literal.
  package var array: PostgresType {
    PostgresType(arrayOID, array: 0, isText: isText)
  }
}

/// Object identifiers that only results have.
enum ResultType {
  static let name: UInt32 = 19
  static let text: UInt32 = 25
  static let oid: UInt32 = 26
  static let json: UInt32 = 114
  static let xml: UInt32 = 142
  static let float4: UInt32 = 700
  static let unknown: UInt32 = 705
  static let bpchar: UInt32 = 1042
  static let varchar: UInt32 = 1043
  static let numeric: UInt32 = 1700
  static let jsonb: UInt32 = 3802
  static let xid8: UInt32 = 5069
  /// The first identifier that isn't PostgreSQL's own: enums above all.
  static let firstUserDefined: UInt32 = 16_384
}
