internal import Foundation
internal import Testing

@testable internal import Postgres

@Suite("Writing a statement")
struct StatementTests {
  @Test("interpolation binds: the text holds placeholders only")
  func bindsNeverSplices() {
    let hostile = "'; DROP TABLE filings.filing; --"
    let sql: SQL = "SELECT id FROM t WHERE name = \(hostile) AND n > \(7) LIMIT \(Int32(1))"
    #expect(sql.text == "SELECT id FROM t WHERE name = $1 AND n > $2 LIMIT $3")
    #expect(sql.parameters.map(\.type) == [0, 20, 23])
  }

  @Test("a fragment is put in with its values, renumbered")
  func fragmentsAreRenumbered() {
    let eleven = (1...11).map { number -> SQL in "n <> \(number)" }
    let all = eleven.dropFirst().reduce(eleven[0]) { sum, next -> SQL in "\(sum) AND \(next)" }
    let sql: SQL = "SELECT $$a$$ WHERE name = \("x") AND (\(all)) AND id = \(Int16(3))"
    let clauses = (2...12).map { "n <> $\($0)" }.joined(separator: " AND ")
    #expect(sql.text == "SELECT $$a$$ WHERE name = $1 AND (\(clauses)) AND id = $13")
    #expect(sql.parameters.count == 13)
    #expect(sql.parameters.map(\.start) == sql.parameters.map(\.start).sorted())
  }

  @Test("the same text with other types is another prepared statement")
  func typesTellStatementsApart() {
    let wide: SQL = "SELECT \(1)"
    let narrow: SQL = "SELECT \(Int16(1))"
    let other: SQL = "SELECT \(2)"
    #expect(StatementKey(wide) == StatementKey(other))
    #expect(StatementKey(wide) != StatementKey(narrow))
  }

  @Test("U+0000 in a text is a fault, in bytes it is not")
  func zeroIsFoundBeforeSending() {
    let text: SQL = "SELECT \("a\0b")"
    let texts: SQL = "SELECT \(["a", "\0"])"
    let bytes: SQL = "SELECT \([UInt8](repeating: 0, count: 3))"
    #expect(text.fault?.kind == .encoding)
    #expect(text.fault?.sqlState == SQLState.characterNotInRepertoire)
    #expect(texts.fault != nil)
    #expect(bytes.fault == nil)
  }

  @Test("65,535 values fit, one more doesn't", arguments: [(65_535, true), (65_536, false)])
  func valuesAreCounted(count: Int, fits: Bool) {
    // Doubled and added up, so that the test doesn't copy a growing text 65,536 times.
    var power: SQL = "\(true)"
    var rest = count
    var sum: SQL?
    while rest > 0 {
      if rest & 1 == 1 { sum = sum.map { (known: SQL) -> SQL in "\(known),\(power)" } ?? power }
      rest >>= 1
      if rest > 0 { power = "\(power),\(power)" }
    }
    #expect(sum?.parameters.count == count)
    #expect((sum?.fault == nil) == fits)
  }

  @Test("the error's description holds neither value nor detail")
  func descriptionsAreSafe() {
    var error = PostgresError(.server, "duplicate key", sqlState: "23505", statement: "INSERT $1")
    error.detail = "Key (name)=(王芳) already exists."
    error.constraintName = "one_name_one_holder"
    let text = "\(error)"
    #expect(!text.contains("王芳"))
    #expect(text.contains("one_name_one_holder") && text.contains("23505"))
  }

  @Test("the cache forgets the statement used longest ago")
  func cacheIsBounded() throws {
    var cache = StatementCache(limit: 2)
    let keys = (0..<3).map { StatementKey(SQL(stringLiteral: "SELECT \($0)")) }
    _ = cache.add(keys[0])
    _ = cache.add(keys[1])
    _ = cache.entry(for: keys[0])
    let (_, evicted) = cache.add(keys[2])
    #expect(evicted?.key == keys[1])
    #expect(cache.entry(for: keys[1]) == nil)
    #expect(cache.entry(for: keys[0]) != nil)
  }

  @Test("a queue keeps its order through both ends and removals")
  func queueKeepsOrder() {
    var queue = Queue<Int>()
    for number in 0..<3_000 { queue.append(number) }
    for number in 0..<2_000 { #expect(queue.popFirst() == number) }
    queue.prepend(1_999)
    #expect(queue.removeAll { $0.isMultiple(of: 2) }.count == 500)
    #expect(Array(queue) == (1_999..<3_000).filter { !$0.isMultiple(of: 2) })
    #expect(queue.count == 501 && queue.first == 1_999)
  }
}
