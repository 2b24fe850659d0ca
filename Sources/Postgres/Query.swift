/// A statement together with what its answer means, so that several can share a round trip.
///
/// A store makes it, whoever holds the transaction sends it.
package struct Query<Value: Sendable>: Sendable {
  let sql: SQL
  let read: @Sendable (ResultSet) throws -> Value

  /// A statement for its rows.
  ///
  /// - Parameters:
  ///   - sql: The statement.
  ///   - decode: Makes the value of all rows.
  package init(_ sql: SQL, _ decode: @escaping @Sendable ([Row]) throws -> Value) {
    self.sql = sql
    read = { try decode($0.rows) }
  }
}

extension Query where Value == Int {
  /// A statement for its effect; its value is how many rows it affected.
  package init(affecting sql: SQL) {
    self.sql = sql
    read = { $0.affectedRows }
  }
}
