internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import ShangMi
internal import Testing

@testable internal import Ledger

@Suite("Verifying the chain")
struct ChainVerifierTests {
  @Test("an empty chain is intact, and its head is 32 zero bytes", .database(trailMigrations))
  func empty() async throws {
    let verdict = try await ChainVerifier(Trail().database).verdict()
    #expect(verdict.isIntact)
    #expect(verdict.checkedCount == 0)
    #expect(
      verdict.head == ChainHead(size: 0, chainSM3: [UInt8](repeating: 0, count: 32), time: nil)
    )
  }

  @Test("every range of an intact chain is intact, no other is one", .database(trailMigrations))
  func ranges() async throws {
    let trail = try Trail()
    try await trail.append(count: 5)
    try await trail.chain(upTo: 5)
    let verifier = ChainVerifier(trail.database)
    for (start, count, checked) in [(0, 0, 5), (0, 5, 5), (4, 1, 1), (5, 0, 0), (2, 2, 2)] {
      let verdict = try await verifier.verdict(from: Int64(start), count: Int64(count))
      #expect(verdict.isIntact)
      #expect(verdict.checkedCount == Int64(checked))
    }
    for (start, count) in [(-1, 0), (0, -1), (6, 0), (0, 6), (5, 1), (0, 1_000_001)] {
      await #expect(throws: TraceError.self) {
        try await verifier.verdict(from: Int64(start), count: Int64(count))
      }
    }
    await #expect(throws: TraceError.self) {
      try await verifier.verdict(from: .max, count: 1)
    }
  }

  @Test(
    "whatever was changed behind the triggers' back is found",
    .database(trailMigrations),
    arguments: [
      "UPDATE ledger.event SET actor = 'staff/S0001' WHERE %",
      "UPDATE ledger.event SET kind = 'thing.undone' WHERE %",
      "UPDATE ledger.event SET filing = '' WHERE %",
      "UPDATE ledger.event SET entity = 'entities/1' WHERE %",
      "UPDATE ledger.event SET event_time = event_time + interval '1 ms' WHERE %",
      "UPDATE ledger.event SET details = '{\"a\":\"b\"}' WHERE %",
      "UPDATE ledger.event SET subject = 'things/2' WHERE %",
      "UPDATE ledger.event SET subject_id = gen_random_uuid() WHERE %",
      "UPDATE ledger.event SET subject_version = 9 WHERE %",
      "UPDATE ledger.event SET state_sm3 = sha256('') WHERE %",
      "UPDATE ledger.event SET salt = substr(sha256(''), 1, 16) WHERE %",
      "DELETE FROM ledger.event WHERE %",
      "DELETE FROM ledger.chain_link WHERE chain_index = 3",
      "UPDATE ledger.chain_link SET leaf_sm3 = sha256('') WHERE chain_index = 3",
      "UPDATE ledger.chain_link SET chain_sm3 = sha256('') WHERE chain_index = 3",
    ]
  )
  func tampering(statement: String) async throws {
    let trail = try Trail()
    try await trail.append(count: 6)
    try await trail.chain(upTo: 6)
    let third = "event_id = (SELECT event_id FROM ledger.chain_link WHERE chain_index = 3)"
    try await trail.tamper(statement.replacing("%", with: third))
    let verdict = try await ChainVerifier(trail.database).verdict()
    #expect(!verdict.isIntact)
    #expect(verdict.firstBrokenIndex == 3)
    #expect(verdict.checkedCount == 4)
  }

  @Test("a forged event with a leaf to match breaks the hash", .database(trailMigrations))
  func forgedLeaf() async throws {
    let trail = try Trail()
    try await trail.append(count: 3)
    try await trail.chain(upTo: 3)
    let second = "event_id = (SELECT event_id FROM ledger.chain_link WHERE chain_index = 1)"
    try await trail.tamper("UPDATE ledger.event SET actor = 'staff/S0001' WHERE \(second)")
    let events = try await trail.database.withTransaction { transaction in
      let store = ChainStore(transaction)
      return try await store.events(of: store.links(from: 1, limit: 1))
    }
    let leaf = try #require(events.values.first).leafSM3
    try await trail.tamper(
      "UPDATE ledger.chain_link SET leaf_sm3 = '\\x\(leaf.hexadecimal)' WHERE chain_index = 1"
    )
    #expect(try await ChainVerifier(trail.database).verdict().firstBrokenIndex == 1)
  }
}
