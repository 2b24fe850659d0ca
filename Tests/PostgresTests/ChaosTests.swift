internal import Foundation
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("Keeping one's word")
struct ChaosTests {
  /// What a caller was told of its row.
  enum Word: Sendable {
    case done
    case notDone
    case inDoubt
  }

  @Test(
    "what was said to be done is there, what was said to have failed is not, whatever is killed or cancelled"
  )
  func wordsAreKept() async throws {
    let own = try await TestDatabase.create { configuration in
      configuration.writeConnections = 4
      configuration.transactionAttempts = 3
    }
    let database = own.database
    try await database.runScript("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE twin (id int)")
    let killer = Task {
      while !Task.isCancelled {
        try await database.slow { report in
          _ = try await report.query(
            """
            SELECT pg_terminate_backend(pid), pg_sleep(0.01)::text FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE '% write'
            ORDER BY random() LIMIT 1
            """
          )
        }
      }
    }
    let words = try await withThrowingTaskGroup(of: [Int: Word].self) { group in
      for worker in 0..<8 {
        group.addTask {
          var words: [Int: Word] = [:]
          for number in 0..<60 {
            let id = worker * 1_000 + number
            words[id] = try await insert(id, way: number % 4, database)
          }
          return words
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { one, _ in one } }
    }
    killer.cancel()
    _ = await killer.result
    let there = Set(try await database.query("SELECT id FROM t").map { try $0.decode(Int.self) })
    let twins = try await database.query("SELECT id FROM twin").map { try $0.decode(Int.self) }
    for (id, word) in words {
      switch word {
      case .done: #expect(there.contains(id), "\(id) was said to be done")
      case .notDone: #expect(!there.contains(id), "\(id) was said to have failed")
      case .inDoubt: break
      }
    }
    #expect(twins.count == there.count && Set(twins) == there)
    #expect(words.count == 480)
    #expect(words.values.contains { $0 == .done })
    #expect(database.writePool.waiting == 0)
    #expect(database.writePool.connections <= 4)
    await own.drop()
  }

  private func insert(_ id: Int, way: Int, _ database: Database) async throws -> Word {
    let both = { (transaction: Transaction) async throws -> Void in
      try await transaction.execute("INSERT INTO t VALUES (\(id))")
      try await transaction.execute("INSERT INTO twin VALUES (\(id))")
    }
    let task = Task {
      switch way {
      case 0:
        try await database.commit(
          "WITH t AS (INSERT INTO t VALUES (\(id)) RETURNING id) INSERT INTO twin SELECT id FROM t"
        )
      case 1:
        try await database.withTransaction(deadline: .now + .milliseconds(.random(in: 1...20))) {
          try await both($0)
        }
      default: try await database.withTransaction { try await both($0) }
      }
    }
    if way == 2 {
      for _ in 0..<Int.random(in: 0..<200) { await Task.yield() }
      task.cancel()
    }
    do {
      _ = try await task.value
      return .done
    } catch is CancellationError {
      return .notDone
    } catch let error as PostgresError {
      switch error.kind {
      case .inDoubt: return .inDoubt
      case .timedOut, .connectionLost: return .notDone
      case .server where error.isFatal: return .notDone
      case .server, .encoding, .decoding, .tooManyRows, .poolExhausted, .closed: throw error
      }
    }
  }
}
