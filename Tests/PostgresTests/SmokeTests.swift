import Foundation
import Postgres
import RegistryTestKit
import Testing

@Suite("Smoke", .database())
struct SmokeTests {
  @Test("reads and writes")
  func readsAndWrites() async throws {
    let database = try TestDatabase.ofSuite()
    let row = try #require(
      try await database.queryOne("SELECT \(7) + 1, \("a'b")::text, \(nil as Int?)")
    )
    let (sum, text, none) = try row.decode(Int.self, String.self, Int?.self)
    #expect(sum == 8)
    #expect(text == "a'b")
    #expect(none == nil)
    try await database.runScript("CREATE TABLE t (id uuid PRIMARY KEY, n integer)")
    let id = UUID()
    let count = try await database.withTransaction { transaction in
      try await transaction.execute("INSERT INTO t (id, n) VALUES (\(id), \(5))")
    }
    #expect(count == 1)
    let n = try await database.queryOne("SELECT n FROM t WHERE id = \(id)")?.decode(Int.self)
    #expect(n == 5)
  }
}
