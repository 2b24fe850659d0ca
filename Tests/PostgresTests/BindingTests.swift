internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import Testing

@Suite("Binding and decoding values", .database())
struct BindingTests {
  private func back<Value: PostgresDecodable>(_ sql: SQL, as type: Value.Type) async throws -> Value
  {
    let row = try await TestDatabase.ofSuite().queryOne(sql)
    return try #require(row).decode(type)
  }

  @Test(
    "a text comes back as it was, whatever is in it",
    arguments: [
      "", " ", "'; DROP TABLE t; --", "\\'", "\\", "$1", "\"", "\n\r\t", "%_", "NULL", "{}",
      "{\"a\"}",
      "沈阳鑫盛科技有限公司", "𠮷野家", "e\u{301}", "👩‍👩‍👧‍👦", "\u{FFFF}", "\u{10FFFF}", "\u{1}\u{7F}",
      String(repeating: "辽", count: 100_000),
    ]
  )
  func textsComeBack(text: String) async throws {
    let value = try await back("SELECT \(text)::text", as: String.self)
    #expect(value.unicodeScalars.elementsEqual(text.unicodeScalars))
    let values = try await back("SELECT \([text, nil, text])::text[]", as: [String?].self)
    #expect(values == [text, nil, text])
  }

  @Test("U+0000 in a text is refused before it is sent")
  func zeroIsRefused() async throws {
    let error = await #expect(throws: PostgresError.self) {
      try await TestDatabase.ofSuite().query("SELECT \("a\0b")::text")
    }
    #expect(error?.kind == .encoding)
    #expect(error?.sqlState == SQLState.characterNotInRepertoire)
  }

  @Test("integers keep their ends", arguments: [Int64.min, -1, 0, 1, Int64.max])
  func integersKeepTheirEnds(value: Int64) async throws {
    #expect(try await back("SELECT \(value)", as: Int64.self) == value)
    #expect(try await back("SELECT \(Int(value))", as: Int.self) == Int(value))
    #expect(try await back("SELECT \(value)::numeric", as: Int64.self) == value)
    let narrow = Int32(clamping: value)
    #expect(try await back("SELECT \(narrow)", as: Int32.self) == narrow)
    #expect(try await back("SELECT \(narrow)", as: Int64.self) == Int64(narrow))
    let narrowest = Int16(clamping: value)
    #expect(try await back("SELECT \(narrowest)", as: Int16.self) == narrowest)
    #expect(try await back("SELECT \([value, 0])", as: [Int64].self) == [value, 0])
  }

  @Test("a number that doesn't fit is refused, not cut")
  func overflowIsRefused() async throws {
    for sql: SQL in ["SELECT \(Int64.max)", "SELECT 32768", "SELECT 1e30::numeric", "SELECT 0.5"] {
      await #expect(throws: PostgresError.self) { try await back(sql, as: Int16.self) }
    }
    #expect(
      try await back("SELECT sum(n) FROM unnest(ARRAY[9999, 1, 90000]) n", as: Int.self) == 100_000
    )
    #expect(try await back("SELECT 0::numeric", as: Int.self) == 0)
    #expect(try await back("SELECT -120000000::numeric", as: Int.self) == -120_000_000)
    #expect(try await back("SELECT pg_current_xact_id()::text::xid8 > '0'", as: Bool.self))
    #expect(try await back("SELECT '18446744073709551615'::xid8", as: UInt64.self) == .max)
  }

  @Test(
    "doubles keep every bit",
    arguments: [
      0, -0.0, 1.1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity, .infinity,
    ]
  )
  func doublesKeepEveryBit(value: Double) async throws {
    #expect(try await back("SELECT \(value)", as: Double.self).bitPattern == value.bitPattern)
  }

  @Test("not a number stays so; a real is widened; Booleans are what they are")
  func otherScalars() async throws {
    #expect(try await back("SELECT \(Double.nan)", as: Double.self).isNaN)
    #expect(try await back("SELECT 1.5::real", as: Double.self) == 1.5)
    #expect(try await back("SELECT \(true)", as: Bool.self))
    #expect(try await back("SELECT NOT \(true)", as: Bool.self) == false)
    #expect(try await back("SELECT \([true, false])", as: [Bool].self) == [true, false])
  }

  @Test("instants keep their microseconds")
  func instantsKeepMicroseconds() async throws {
    for seconds in [0, 1.5, -1.25, 978_307_200.000001, 1_700_000_000.123456, -62_135_596_800] {
      let date = Date(timeIntervalSince1970: seconds)
      let value = try await back("SELECT \(date)", as: Date.self)
      #expect(abs(value.timeIntervalSince(date)) < 0.000_001)
      let text = try await back(
        "SELECT (extract(epoch FROM \(date)) * 1000000)::bigint",
        as: Int64.self
      )
      #expect(text == Int64((seconds * 1_000_000).rounded()))
    }
    #expect(
      try await back("SELECT '2024-02-29T08:00:00.5+08'::timestamptz", as: Date.self)
        == Date(timeIntervalSince1970: 1_709_164_800.5)
    )
  }

  @Test("infinite instants pass, impossible ones are refused by the server")
  func extremeInstants() async throws {
    let never = Date(timeIntervalSinceReferenceDate: .infinity)
    #expect(try await back("SELECT \(never) = 'infinity'", as: Bool.self))
    #expect(try await back("SELECT '-infinity'::timestamptz", as: Date.self) < .distantPast)
    for seconds in [1e30, -1e30, Double.nan] {
      let error = await #expect(throws: PostgresError.self) {
        try await back("SELECT \(Date(timeIntervalSinceReferenceDate: seconds))", as: Date.self)
      }
      #expect(error?.sqlState == "22008")
    }
  }

  @Test("UUIDs, days and bytes come back")
  func fixedTypes() async throws {
    let id = UUID()
    #expect(try await back("SELECT \(id)", as: UUID.self) == id)
    #expect(try await back("SELECT \(id)::text", as: String.self) == id.uuidString.lowercased())
    #expect(try await back("SELECT \([id])", as: [UUID].self) == [id])
    let day = PostgresDate(daysSince2000: -1)
    #expect(try await back("SELECT \(day)", as: PostgresDate.self) == day)
    #expect(try await back("SELECT \(day)::text", as: String.self) == "1999-12-31")
    let all = [UInt8](0...255)
    for bytes in [[], [0], all, [UInt8](repeating: 0, count: 100_000)] {
      #expect(try await back("SELECT \(bytes)", as: [UInt8].self) == bytes)
      #expect(try await back("SELECT \(Data(bytes))", as: Data.self) == Data(bytes))
      #expect(try await back("SELECT octet_length(\(bytes))", as: Int.self) == bytes.count)
    }
    let some = [all, [], [0]]
    #expect(try await back("SELECT \(some)", as: [[UInt8]].self) == some)
  }

  @Test("NULL is nil for every type, and never a value")
  func nullIsNil() async throws {
    let row = try #require(
      try await TestDatabase.ofSuite().queryOne(
        """
        SELECT \(nil as String?)::text, \(nil as Int?), \(nil as UUID?), \(nil as Date?), \(nil as [UInt8]?),
          \(nil as Bool?), \(nil as [Int64]?)
        """
      )
    )
    let values = try row.decode(
      String?.self,
      Int?.self,
      UUID?.self,
      Date?.self,
      [UInt8]?.self,
      Bool?.self,
      [Int64]?.self
    )
    #expect(values.0 == nil && values.1 == nil && values.2 == nil && values.3 == nil)
    #expect(values.4 == nil && values.5 == nil && values.6 == nil)
    let error = await #expect(throws: PostgresError.self) {
      try await back("SELECT NULL::int", as: Int.self)
    }
    #expect(error?.kind == .decoding)
  }

  @Test("arrays serve ANY and unnest")
  func arraysServe() async throws {
    let ids: [Int64] = [3, 1, 2]
    #expect(
      try await back(
        "SELECT count(*) FROM generate_series(1, 9) n WHERE n = ANY(\(ids))",
        as: Int.self
      )
        == 3
    )
    let rows = try await TestDatabase.ofSuite().query(
      """
      SELECT id, name, note FROM unnest(\(ids), \(["a", "b\"", "{c}"])::text[], \([nil, "x", nil])::text[])
        WITH ORDINALITY AS t (id, name, note, place)
      ORDER BY place
      """
    )
    let values = try rows.map { try $0.decode(Int64.self, String.self, String?.self) }
    #expect(values.map(\.0) == ids)
    #expect(values.map(\.1) == ["a", "b\"", "{c}"])
    #expect(values.map(\.2) == [nil, "x", nil])
    #expect(try await back("SELECT \([] as [Int64])", as: [Int64].self) == [])
    #expect(try await back("SELECT \([] as [String])::text[]", as: [String].self) == [])
  }

  enum Mood: String, PostgresEncodable, PostgresDecodable, PostgresEncodableElement {
    case calm
    case busy
  }

  @Test("an enum binds by its raw value, to an enum type of the server's too")
  func enumsBind() async throws {
    let database = try TestDatabase.ofSuite()
    try await database.runScript(
      """
      CREATE TYPE mood AS ENUM ('calm', 'busy', 'absent');
      CREATE TABLE person (name text, mood mood, facts jsonb);
      """
    )
    let moods: [Mood] = [.busy]
    try await database.withTransaction { transaction in
      try await transaction.run([
        "INSERT INTO person VALUES (\("a"), \(Mood.busy), \("{\"k\": [1]}"))",
        "INSERT INTO person VALUES (\("b"), 'absent', NULL)",
      ])
    }
    let row = try #require(
      try await database.queryOne("SELECT mood, facts FROM person WHERE mood = ANY(\(moods))")
    )
    let (mood, facts) = try row.decode(Mood.self, String?.self)
    #expect(mood == .busy)
    #expect(facts == "{\"k\": [1]}")
    let error = await #expect(throws: PostgresError.self) {
      try await back("SELECT mood FROM person WHERE name = 'b'", as: Mood.self)
    }
    #expect(error?.kind == .decoding)
  }

  @Test("a row decodes into as many values as it has columns, of their types")
  func rowsAreDecodedExactly() async throws {
    let row = try #require(try await TestDatabase.ofSuite().queryOne("SELECT 1, 'a'::text"))
    #expect(throws: PostgresError.self) { try row.decode(Int.self) }
    #expect(throws: PostgresError.self) { try row.decode(Int.self, String.self, Int.self) }
    #expect(throws: PostgresError.self) { try row.decode(String.self, String.self) }
    #expect(throws: PostgresError.self) { try row.decode(Int.self, UUID.self) }
    #expect(throws: PostgresError.self) { try row.decode(Int.self, at: 2) }
    #expect(try row.decode(String.self, at: 1) == "a")
    #expect(row.count == 2)
  }
}
