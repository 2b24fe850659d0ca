package import Foundation

/// A value that a statement can bind.
///
/// A type whose raw value binds needs only to declare the conformance:
/// `extension Filing.State: PostgresEncodable {}`.
package protocol PostgresEncodable: Sendable {
  /// The type that the parameter declares to the server, for NULL too.
  static var postgresType: PostgresType { get }

  /// Whether the value is NULL; then `encode` isn't called.
  var isPostgresNull: Bool { get }

  /// Writes the value in the wire form of `postgresType`.
  func encode(into writer: inout PostgresWriter)
}

extension PostgresEncodable {
  /// False: only an `Optional` can be NULL.
  package var isPostgresNull: Bool { false }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
  /// The raw value's type.
  package static var postgresType: PostgresType { RawValue.postgresType }

  /// Writes the raw value.
  package func encode(into writer: inout PostgresWriter) {
    rawValue.encode(into: &writer)
  }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  /// The wrapped type's.
  package static var postgresType: PostgresType { Wrapped.postgresType }

  /// Whether there is no value.
  package var isPostgresNull: Bool {
    switch self {
    case .none: true
    case .some(let value): value.isPostgresNull
    }
  }

  /// Writes the value, if any.
  package func encode(into writer: inout PostgresWriter) {
    if let self { self.encode(into: &writer) }
  }
}

extension String: PostgresEncodable {
  /// Inferred by the server, so that a string fits enums, `jsonb` and `text` alike.
  package static var postgresType: PostgresType { .inferred }

  /// Writes UTF-8.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(text: self)
  }
}

extension Bool: PostgresEncodable {
  /// `boolean`.
  package static var postgresType: PostgresType { .bool }

  /// Writes one byte.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(UInt8(self ? 1 : 0))
  }
}

extension Int16: PostgresEncodable {
  /// `smallint`.
  package static var postgresType: PostgresType { .int2 }

  /// Writes two bytes.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(self)
  }
}

extension Int32: PostgresEncodable {
  /// `integer`.
  package static var postgresType: PostgresType { .int4 }

  /// Writes four bytes.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(self)
  }
}

extension Int64: PostgresEncodable {
  /// `bigint`.
  package static var postgresType: PostgresType { .int8 }

  /// Writes eight bytes.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(self)
  }
}

extension Int: PostgresEncodable {
  /// `bigint`.
  package static var postgresType: PostgresType { .int8 }

  /// Writes eight bytes.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(Int64(self))
  }
}

extension Double: PostgresEncodable {
  /// `double precision`.
  package static var postgresType: PostgresType { .float8 }

  /// Writes the bits.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(bitPattern)
  }
}

extension Date: PostgresEncodable {
  /// `timestamptz`.
  package static var postgresType: PostgresType { .timestamptz }

  /// Writes microseconds, rounded to the nearest; infinite dates become `infinity`.
  ///
  /// A date outside PostgreSQL's 4713 BC to AD 294276 is refused by the server (22008).
  package func encode(into writer: inout PostgresWriter) {
    writer.write(PostgresEpoch.microseconds(of: self))
  }
}

extension UUID: PostgresEncodable {
  /// `uuid`.
  package static var postgresType: PostgresType { .uuid }

  /// Writes sixteen bytes.
  package func encode(into writer: inout PostgresWriter) {
    withUnsafeBytes(of: uuid) { writer.write(bytes: $0) }
  }
}

extension Data: PostgresEncodable {
  /// `bytea`.
  package static var postgresType: PostgresType { .bytea }

  /// Writes the bytes.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(bytes: self)
  }
}

/// A calendar day without a time zone, as PostgreSQL's `date` keeps it.
package struct PostgresDate: PostgresEncodable, Hashable {
  /// Days since 2000-01-01, negative before it.
  package let daysSince2000: Int32

  /// The day so many days after 2000-01-01.
  package init(daysSince2000: Int32) {
    self.daysSince2000 = daysSince2000
  }

  /// `date`.
  package static var postgresType: PostgresType { .date }

  /// Writes four bytes.
  package func encode(into writer: inout PostgresWriter) {
    writer.write(daysSince2000)
  }
}

/// PostgreSQL counts time from 2000-01-01T00:00:00Z, Foundation from 2001.
enum PostgresEpoch {
  private static let secondsToReference = 31_622_400.0

  static func microseconds(of date: Date) -> Int64 {
    let seconds = date.timeIntervalSinceReferenceDate
    if seconds == .infinity { return .max }
    if seconds == -.infinity { return .min }
    let microseconds = ((seconds + secondsToReference) * 1_000_000).rounded()
    // The largest finite value lies outside the server's range, so that it refuses what doesn't fit.
    return Int64(exactly: microseconds) ?? (.max - 1)
  }

  static func date(microseconds: Int64) -> Date {
    switch microseconds {
    case .max: Date(timeIntervalSinceReferenceDate: .infinity)
    case .min: Date(timeIntervalSinceReferenceDate: -.infinity)
    default:
      // Whole seconds apart, so that the division keeps the microseconds of distant years.
      Date(
        timeIntervalSinceReferenceDate: Double(microseconds / 1_000_000) - secondsToReference
          + Double(microseconds % 1_000_000) / 1_000_000
      )
    }
  }
}
