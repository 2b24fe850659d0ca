internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import ShangMi
internal import Synchronization
internal import Testing

@testable internal import Ledger

@Suite("Sequencing committed events")
struct SequencerTests {
  private struct RolledBack: Error {}

  private final class Flag: Sendable {
    private let value = Mutex(true)
    var isUp: Bool { value.withLock { $0 } }
    func lower() { value.withLock { $0 = false } }
  }

  @Test("an event waits for every older transaction", .database(trailMigrations))
  func horizon() async throws {
    let trail = try Trail()
    let (older, younger) = try await trail.database.withTransaction { transaction in
      let older = try await trail.append(in: transaction)
      let younger = try await trail.database.withTransaction { try await trail.append(in: $0) }
      #expect(try await trail.sequencer().sequence() == .chained(0))
      return (older, younger)
    }
    try await trail.chain(upTo: 2)
    let links = try await trail.database.withTransaction {
      try await ChainStore($0).links(from: 0, limit: 10)
    }
    #expect(links.map(\.eventID) == [older.uuid, younger.uuid])
    #expect(links.map(\.index) == [0, 1])
  }

  @Test(
    "no event is missed while writers are slow and roll back",
    .database(trailMigrations),
    .timeLimit(.minutes(3))
  )
  func noEventMissed() async throws {
    let trail = try Trail()
    let writing = Flag()
    let written = try await withThrowingTaskGroup(of: Int64.self) { group in
      group.addTask {
        let sequencer = trail.sequencer(batchLimit: 7)
        while writing.isUp { _ = try await sequencer.sequence() }
        return 0
      }
      let written = try await withThrowingTaskGroup(of: Int64.self) { writers in
        for writer in 0..<6 {
          writers.addTask { try await write(trail, as: writer) }
        }
        return try await writers.reduce(0, +)
      }
      writing.lower()
      return try await group.reduce(written, +)
    }
    #expect(try await trail.eventCount() == written)
    try await trail.chain(upTo: written)
    let verdict = try await ChainVerifier(trail.database).verdict()
    #expect(verdict.isIntact)
    #expect(verdict.checkedCount == written)
    #expect(try await trail.sequencer().sequence() == .chained(0))
  }

  /// Writes 60 transactions of one to three events; each seventh rolls back, each fifth is slow.
  private func write(_ trail: Trail, as writer: Int) async throws -> Int64 {
    var written: Int64 = 0
    for round in 0..<60 {
      do {
        written += try await trail.database.withTransaction { transaction in
          let count = 1 + (round + writer) % 3
          for _ in 0..<count { try await trail.append(in: transaction) }
          if (round + writer).isMultiple(of: 5) {
            for _ in 0..<25 { _ = try await transaction.queryOne("SELECT 1") }
          }
          if (round * 3 + writer).isMultiple(of: 7) { throw RolledBack() }
          return Int64(count)
        }
      } catch is RolledBack {}
    }
    return written
  }

  @Test(
    "two sequencers at once chain everything once",
    .database(trailMigrations),
    .timeLimit(.minutes(3))
  )
  func twoSequencers() async throws {
    let trail = try Trail()
    try await trail.append(count: 120)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          let sequencer = trail.sequencer(batchLimit: 3)
          while try await trail.head().size < 120 { _ = try await sequencer.sequence() }
        }
      }
      try await group.waitForAll()
    }
    let verdict = try await ChainVerifier(trail.database).verdict()
    #expect(verdict.isIntact)
    #expect(verdict.checkedCount == 120)
  }

  @Test(
    "whoever continues a head second is overtaken and writes nothing",
    .database(trailMigrations),
    .timeLimit(.minutes(3))
  )
  func overtaken() async throws {
    let trail = try Trail()
    try await trail.append(count: 2)
    // The other sequencer takes one event and does not commit before this one waits for it.
    let second = try await trail.database.withTransaction { transaction in
      let store = ChainStore(transaction)
      var events: [StoredEvent] = []
      while events.count < 2 {
        events = try await store.settledEvents(after: .start, limit: 2)
      }
      let leaf = events[0].leafSM3
      let hash = Chain.hash(after: Chain.seed, leaf: leaf)
      try await store.append(
        [
          ChainLink(
            index: 0,
            region: events[0].region,
            eventID: events[0].id,
            leafSM3: leaf.bytes,
            chainSM3: hash.bytes
          )
        ],
        at: Trail.noon
      )
      let second = Task { try await trail.sequencer().sequence() }
      while try await !isSomebodyWaiting(in: trail.database) {}
      return second
    }
    #expect(try await second.value == .overtaken)
    try await trail.chain(upTo: 2)
    #expect(try await ChainVerifier(trail.database).verdict().isIntact)
  }

  private func isSomebodyWaiting(in database: Database) async throws -> Bool {
    try await database.queryOne(
      """
      SELECT count(*) > 0
      FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
      """
    )?.decode(Bool.self) ?? false
  }

  @Test("the loop chains and ends when it is cancelled", .database(trailMigrations))
  func loop() async throws {
    let trail = try Trail()
    try await trail.append(count: 5)
    let loop = Task { await trail.sequencer(batchLimit: 2).run() }
    while try await trail.head().size < 5 {}
    loop.cancel()
    await loop.value
    #expect(try await ChainVerifier(trail.database).verdict().isIntact)
  }

  @Test("transaction ids that went back stop it", .database(trailMigrations))
  func restoredDump() async throws {
    let trail = try Trail()
    try await trail.append(count: 1)
    try await trail.chain(upTo: 1)
    try await trail.tamper("UPDATE ledger.event SET transaction_id = '4611686018427387904'")
    await #expect(throws: SequencerFault.transactionIDsWentBack) {
      try await trail.sequencer().sequence()
    }
  }
}
