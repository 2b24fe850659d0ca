internal import Foundation
internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

private let schema = Migration(
  version: 1,
  name: "accounts",
  sql: """
    CREATE TABLE account (
      id      int PRIMARY KEY,
      balance bigint NOT NULL CONSTRAINT balance_is_not_negative CHECK (balance >= 0),
      owner   text CONSTRAINT one_account_an_owner UNIQUE
    );
    CREATE TABLE entry (
      account_id int NOT NULL,
      CONSTRAINT entries_have_an_account FOREIGN KEY (account_id) REFERENCES account (id)
        DEFERRABLE INITIALLY DEFERRED
    );
    CREATE TABLE counter (n bigint NOT NULL);
    INSERT INTO counter VALUES (0);
    """
)

@Suite("Running a transaction", .database([schema]))
struct TransactionTests {
  struct Refusal: Error {}

  private func exists(_ id: Int) async throws -> Bool {
    try await TestDatabase.ofSuite().queryOne("SELECT 1 FROM account WHERE id = \(id)") != nil
  }

  @Test("what the body did is there after it returns, and not if it throws")
  func allOrNothing() async throws {
    let database = try TestDatabase.ofSuite()
    let count = try await database.withTransaction { transaction in
      try await transaction.execute("INSERT INTO account (id, balance) VALUES (\(1), 5), (\(2), 6)")
    }
    #expect(count == 2)
    #expect(try await exists(1))
    #expect(try await exists(2))
    await #expect(throws: Refusal.self) {
      try await database.withTransaction { transaction in
        try await transaction.execute("INSERT INTO account (id, balance) VALUES (\(3), 5)")
        throw Refusal()
      }
    }
    #expect(try await !exists(3))
  }

  @Test("a body without statements needs no transaction")
  func emptyBodies() async throws {
    let database = try TestDatabase.ofSuite()
    #expect(try await database.withTransaction { _ in 7 } == 7)
    await #expect(throws: Refusal.self) {
      try await database.withTransaction { _ in throw Refusal() }
    }
  }

  @Test("affected rows are counted, rows returned in order")
  func resultsOfStatements() async throws {
    let database = try TestDatabase.ofSuite()
    try await database.withTransaction { transaction in
      let counts = try await transaction.run([
        "INSERT INTO account (id, balance) VALUES (10, 1), (11, 1), (12, 1)",
        "UPDATE account SET balance = balance + \(1) WHERE id BETWEEN 10 AND 11",
        "DELETE FROM account WHERE id = \(99)",
        "SELECT 1",
      ])
      #expect(counts == [3, 2, 0, 1])
      #expect(try await transaction.run([]) == [])
      let rows = try await transaction.query(
        "SELECT id FROM account WHERE id BETWEEN 10 AND 12 ORDER BY id DESC"
      )
      #expect(try rows.map { try $0.decode(Int.self) } == [12, 11, 10])
      #expect(try await transaction.queryOne("SELECT id FROM account WHERE id = 99") == nil)
    }
  }

  @Test("statements of one transaction that are sent at once are executed in one transaction")
  func concurrentStatements() async throws {
    let database = try TestDatabase.ofSuite()
    let ids = try await database.withTransaction { transaction in
      try await withThrowingTaskGroup(of: Int64.self) { group in
        for _ in 0..<20 {
          group.addTask {
            let row = try await transaction.queryOne("SELECT pg_current_xact_id()::text::bigint")
            return try #require(row).decode(Int64.self)
          }
        }
        return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
      }
    }
    #expect(ids.count == 1)
  }

  @Test("an error names its SQLSTATE, constraint, table and statement")
  func errorsAreNamed() async throws {
    let database = try TestDatabase.ofSuite()
    let insert = { (id: Int, balance: Int, owner: String?) async throws -> Void in
      _ = try await database.withTransaction { transaction in
        try await transaction.execute(
          "INSERT INTO account (id, balance, owner) VALUES (\(id), \(balance), \(owner))"
        )
      }
    }
    try await insert(20, 1, "王芳")
    let taken = await #expect(throws: PostgresError.self) { try await insert(21, 1, "王芳") }
    #expect(taken?.kind == .server)
    #expect(taken?.sqlState == SQLState.uniqueViolation)
    #expect(taken?.constraintName == "one_account_an_owner")
    #expect(taken?.tableName == "account")
    #expect(taken?.schemaName == "public")
    #expect(taken?.detail?.contains("王芳") == true)
    #expect(taken?.statement?.hasPrefix("INSERT INTO account") == true)
    #expect(taken.map { "\($0)".contains("王芳") } == false)
    let negative = await #expect(throws: PostgresError.self) { try await insert(22, -1, nil) }
    #expect(negative?.constraintName == "balance_is_not_negative")
    #expect(negative?.sqlState == SQLState.checkViolation)
    let narrow = await #expect(throws: PostgresError.self) { try await insert(.max, 1, nil) }
    #expect(narrow?.sqlState == "22003")
  }

  @Test("a statement that fails within a group keeps the later ones from being executed")
  func groupsStopAtTheFailure() async throws {
    let database = try TestDatabase.ofSuite()
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        try await transaction.run([
          "INSERT INTO account (id, balance) VALUES (30, 1)",
          "INSERT INTO account (id, balance) VALUES (31, -1)",
          "INSERT INTO account (id, balance) VALUES (32, 1)",
        ])
      }
    }
    #expect(error?.constraintName == "balance_is_not_negative")
    #expect(error?.statement?.contains("(31, -1)") == true)
    #expect(try await !exists(30))
    #expect(try await !exists(32))
  }

  @Test("after a failed statement nothing more is sent, and the transaction can't commit")
  func swallowedFailuresDontCommit() async throws {
    let database = try TestDatabase.ofSuite()
    var refused = false
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        try await transaction.execute("INSERT INTO account (id, balance) VALUES (40, 1)")
        _ = try? await transaction.execute("SELECT 1 / 0")
        do {
          try await transaction.execute("INSERT INTO account (id, balance) VALUES (41, 1)")
        } catch let late as PostgresError where late.sqlState == SQLState.inFailedTransaction {
          refused = true
        }
      }
    }
    #expect(error?.sqlState == "22012")
    #expect(refused)
    #expect(try await !exists(40))
  }

  @Test("what a deferred constraint says at COMMIT is thrown, and nothing is there")
  func deferredConstraints() async throws {
    let database = try TestDatabase.ofSuite()
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        try await transaction.run([
          "INSERT INTO account (id, balance) VALUES (50, 1)",
          "INSERT INTO entry (account_id) VALUES (999)",
        ])
      }
    }
    #expect(error?.kind == .server)
    #expect(error?.constraintName == "entries_have_an_account")
    #expect(try await !exists(50))
  }

  @Test("one statement commits in one round trip, with what its constraints say")
  func statementsOfTheirOwn() async throws {
    let database = try TestDatabase.ofSuite()
    let rows = try await database.commit(
      "INSERT INTO account (id, balance) VALUES (\(55), 1) RETURNING id, balance"
    )
    #expect(try rows.map { try $0.decode(Int.self, Int.self).0 } == [55])
    #expect(try await exists(55))
    let repeated = await #expect(throws: PostgresError.self) {
      try await database.commit("INSERT INTO account (id, balance) VALUES (\(55), 1)")
    }
    #expect(repeated?.constraintName == "account_pkey")
    let deferred = await #expect(throws: PostgresError.self) {
      try await database.commit("INSERT INTO entry (account_id) VALUES (999)")
    }
    #expect(deferred?.kind == .server)
    #expect(deferred?.constraintName == "entries_have_an_account")
    #expect(try await database.commit("DELETE FROM account WHERE id = 55").isEmpty)
    #expect(try await !exists(55))
  }

  @Test("a transaction is of no use after its end")
  func lateStatementsAreRefused() async throws {
    let database = try TestDatabase.ofSuite()
    let escaped = try await database.withTransaction { transaction in
      _ = try await transaction.query("SELECT 1")
      return transaction
    }
    let error = await #expect(throws: PostgresError.self) {
      try await escaped.execute("INSERT INTO account (id, balance) VALUES (60, 1)")
    }
    #expect(error?.kind == .closed)
    #expect(try await !exists(60))
  }

  @Test("a report sees one moment and can't write")
  func reportsSeeOneMoment() async throws {
    let database = try TestDatabase.ofSuite()
    try await database.slow { report in
      let first = try await report.queryOne("SELECT count(*) FROM account WHERE id = 70")
      _ = try await database.withTransaction { transaction in
        try await transaction.execute("INSERT INTO account (id, balance) VALUES (70, 1)")
      }
      let second = try await report.queryOne("SELECT count(*) FROM account WHERE id = 70")
      #expect(try first?.decode(Int.self) == 0)
      #expect(try second?.decode(Int.self) == 0)
    }
    let error = await #expect(throws: PostgresError.self) {
      try await database.slow { try await $0.execute("UPDATE account SET balance = 0") }
    }
    #expect(error?.sqlState == SQLState.readOnlyTransaction)
  }

  @Test("serialization failures are repeated until all have happened")
  func serializationFailuresAreRepeated() async throws {
    let patient = try await TestDatabase.create([schema]) { $0.transactionAttempts = 1_000 }
    let database = patient.database
    let attempts = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<3 {
        group.addTask {
          var attempts = 0
          for _ in 0..<10 {
            try await database.withTransaction { transaction in
              attempts += 1
              try await transaction.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
              let row = try await transaction.queryOne("SELECT n FROM counter")
              let count = try #require(row).decode(Int.self)
              try await transaction.execute("UPDATE counter SET n = \(count + 1)")
            }
          }
          return attempts
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(try await database.queryOne("SELECT n FROM counter")?.decode(Int.self) == 30)
    #expect(attempts >= 30)
    await patient.drop()
  }

  @Test("a deadlock ends with both transactions done")
  func deadlocksAreRepeated() async throws {
    let database = try TestDatabase.ofSuite()
    _ = try await database.withTransaction { transaction in
      try await transaction.execute("INSERT INTO account (id, balance) VALUES (80, 0), (81, 0)")
    }
    let meeting = Meeting()
    let attempts = try await withThrowingTaskGroup(of: Int.self) { group in
      for (first, second) in [(80, 81), (81, 80)] {
        group.addTask {
          var attempts = 0
          try await database.withTransaction { transaction in
            attempts += 1
            try await transaction.execute(
              "UPDATE account SET balance = balance + 1 WHERE id = \(first)"
            )
            // Both hold their first row before either asks for the other's, the first time round.
            if attempts == 1 { await meeting.arrive() }
            try await transaction.execute(
              "UPDATE account SET balance = balance + 1 WHERE id = \(second)"
            )
          }
          return attempts
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(attempts >= 3)
    let rows = try await database.query("SELECT balance FROM account WHERE id IN (80, 81)")
    #expect(try rows.map { try $0.decode(Int.self) } == [2, 2])
  }

  @Test("conflicts without end are the caller's after a bounded number of attempts")
  func attemptsAreBounded() async throws {
    let database = try TestDatabase.ofSuite()
    var attempts = 0
    let error = await #expect(throws: PostgresError.self) {
      try await database.withTransaction { transaction in
        attempts += 1
        try await transaction.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
      }
    }
    #expect(error?.sqlState == SQLState.serializationFailure)
    #expect(attempts == 5)
  }
}

/// Where two tasks wait for each other.
private actor Meeting {
  private var waiting: CheckedContinuation<Void, Never>?

  func arrive() async {
    if let waiting {
      waiting.resume()
      self.waiting = nil
    } else {
      await withCheckedContinuation { waiting = $0 }
    }
  }
}
