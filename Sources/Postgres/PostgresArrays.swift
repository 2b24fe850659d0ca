package import Foundation

/// A value whose arrays a statement can bind, for `= ANY` and `unnest`.
package protocol PostgresEncodableElement: Sendable {
  /// The type of an array of these.
  static var postgresArrayType: PostgresType { get }

  /// Writes an array in the wire form of `postgresArrayType`.
  static func encode(array: [Self], into writer: inout PostgresWriter)
}

extension Array: PostgresEncodable where Element: PostgresEncodableElement {
  /// An array of the element's type; `bytea` for bytes.
  package static var postgresType: PostgresType { Element.postgresArrayType }

  /// Writes a one-dimensional array; the bytes themselves for bytes.
  package func encode(into writer: inout PostgresWriter) {
    Element.encode(array: self, into: &writer)
  }
}

extension PostgresEncodableElement where Self: PostgresEncodable {
  /// An array of the value's type.
  package static var postgresArrayType: PostgresType { postgresType.array }

  /// Writes an array literal for inferred types, PostgreSQL's binary array for the others.
  package static func encode(array: [Self], into writer: inout PostgresWriter) {
    if postgresType.isText {
      encode(literal: array, into: &writer)
    } else {
      encode(binary: array, into: &writer)
    }
  }

  private static func encode(literal array: [Self], into writer: inout PostgresWriter) {
    writer.write(UInt8(ascii: "{"))
    for (position, element) in array.enumerated() {
      if position > 0 { writer.write(UInt8(ascii: ",")) }
      if element.isPostgresNull {
        writer.write(text: "NULL")
        continue
      }
      writer.writeQuoted { element.encode(into: &$0) }
    }
    writer.write(UInt8(ascii: "}"))
  }

  /// Header: dimensions, whether there are NULLs, element type; then length and lower bound; then the
  /// elements, counted, NULL as -1.
  private static func encode(binary array: [Self], into writer: inout PostgresWriter) {
    writer.write(Int32(array.isEmpty ? 0 : 1))
    writer.write(Int32(array.contains { $0.isPostgresNull } ? 1 : 0))
    writer.write(postgresType.oid)
    guard !array.isEmpty else { return }
    writer.write(Int32(clamping: array.count))
    writer.write(Int32(1))
    for element in array {
      if element.isPostgresNull {
        writer.write(Int32(-1))
      } else {
        writer.writeCounted { element.encode(into: &$0) }
      }
    }
  }
}

extension UInt8: PostgresEncodableElement {
  /// `bytea`.
  package static var postgresArrayType: PostgresType { .bytea }

  /// Writes the bytes.
  package static func encode(array: [UInt8], into writer: inout PostgresWriter) {
    writer.write(bytes: array)
  }
}

extension Array: PostgresEncodableElement where Element == UInt8 {}
extension Optional: PostgresEncodableElement
where Wrapped: PostgresEncodable & PostgresEncodableElement {}
extension String: PostgresEncodableElement {}
extension Bool: PostgresEncodableElement {}
extension Int16: PostgresEncodableElement {}
extension Int32: PostgresEncodableElement {}
extension Int64: PostgresEncodableElement {}
extension Int: PostgresEncodableElement {}
extension Double: PostgresEncodableElement {}
extension Date: PostgresEncodableElement {}
extension UUID: PostgresEncodableElement {}
extension Data: PostgresEncodableElement {}
extension PostgresDate: PostgresEncodableElement {}

/// A value of which a column can hold an array.
package protocol PostgresDecodableElement {
  /// Reads a column that holds an array.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  static func decode(array cell: PostgresCell) throws -> [Self]
}

extension Array: PostgresDecodable where Element: PostgresDecodableElement {
  /// Reads an array of at most one dimension; `bytea` into bytes.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package init(postgres cell: PostgresCell) throws {
    self = try Element.decode(array: cell)
  }
}

extension PostgresDecodableElement where Self: PostgresDecodable {
  /// Reads PostgreSQL's binary array.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package static func decode(array cell: PostgresCell) throws -> [Self] {
    var reader = try cell.reader()
    let mismatch = cell.mismatch([Self].self)
    let dimensions = try reader.integer(Int32.self, or: mismatch)
    _ = try reader.integer(Int32.self, or: mismatch)
    let type = try reader.integer(UInt32.self, or: mismatch)
    guard dimensions != 0 else { return [] }
    guard dimensions == 1 else { throw mismatch }
    let count = try reader.integer(Int32.self, or: mismatch)
    _ = try reader.integer(Int32.self, or: mismatch)
    var elements: [Self] = []
    elements.reserveCapacity(min(Int(count), cell.count / 4))
    for _ in 0..<max(0, count) {
      let length = try reader.integer(Int32.self, or: mismatch)
      let bytes = length < 0 ? nil : try reader.bytes(Int(length), or: mismatch)
      elements.append(try Self(postgres: cell.element(type: type, bytes: bytes)))
    }
    return elements
  }
}

extension UInt8: PostgresDecodableElement {
  /// Reads `bytea`.
  ///
  /// - Throws: `PostgresError` of kind `decoding`.
  package static func decode(array cell: PostgresCell) throws -> [UInt8] {
    [UInt8](try cell.content(of: .bytea, for: [UInt8].self))
  }
}

extension Array: PostgresDecodableElement where Element == UInt8 {}
extension Optional: PostgresDecodableElement where Wrapped: PostgresDecodable {}
extension String: PostgresDecodableElement {}
extension Bool: PostgresDecodableElement {}
extension Int16: PostgresDecodableElement {}
extension Int32: PostgresDecodableElement {}
extension Int64: PostgresDecodableElement {}
extension Int: PostgresDecodableElement {}
extension Double: PostgresDecodableElement {}
extension Date: PostgresDecodableElement {}
extension UUID: PostgresDecodableElement {}
extension Data: PostgresDecodableElement {}
extension PostgresDate: PostgresDecodableElement {}
