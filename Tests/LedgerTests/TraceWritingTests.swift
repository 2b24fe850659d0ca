internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import Testing
internal import Vocabulary

@testable internal import Ledger

@Suite("Writing the trace", .database(trailMigrations))
struct TraceWritingTests {
  private func failure(
    _ body: @Sendable (Trail, Transaction) async throws -> Void
  ) async throws -> PostgresError? {
    let trail = try Trail()
    do {
      try await trail.database.withTransaction { try await body(trail, $0) }
      return nil
    } catch let error as PostgresError {
      return error
    }
  }

  private static func insert(_ id: UUID, version: Int64 = 1) -> SQL {
    """
    INSERT INTO sample.thing (region_code, thing_id, note, version)
    VALUES (210100, \(id), 'new', \(version))
    """
  }

  @Test("a change commits with its event")
  func changeWithEvent() async throws {
    let error = try await failure { trail, transaction in
      let id = trail.id()
      try await transaction.execute(Self.insert(id.uuid))
      try await trail.append(in: transaction, of: id, version: 1)
      try await transaction.execute(
        "UPDATE sample.thing SET note = 'old', version = 2 WHERE thing_id = \(id.uuid)"
      )
      try await trail.append(in: transaction, of: id, version: 2)
    }
    #expect(error == nil)
  }

  @Test("a change without its event is refused at commit")
  func changeWithoutEvent() async throws {
    let insertion = try await failure { _, transaction in
      try await transaction.execute(Self.insert(UUID()))
    }
    #expect(insertion?.constraintName == "every_change_has_its_event")
    #expect(insertion?.sqlState == SQLState.foreignKeyViolation)
    let update = try await failure { trail, transaction in
      let id = trail.id()
      try await transaction.execute(Self.insert(id.uuid))
      try await trail.append(in: transaction, of: id, version: 1)
      try await transaction.execute(
        "UPDATE sample.thing SET version = 2 WHERE thing_id = \(id.uuid)"
      )
    }
    #expect(update?.constraintName == "every_change_has_its_event")
  }

  private static let unlawful: [SQL] = [
    "UPDATE sample.thing SET note = 'old'", "UPDATE sample.thing SET version = version + 2",
    "UPDATE sample.thing SET version = version - 1", "DELETE FROM sample.thing",
  ]

  @Test("a governed row starts at 1, goes up by 1 and stays", arguments: unlawful.indices)
  func versions(index: Int) async throws {
    let error = try await failure { trail, transaction in
      let id = trail.id()
      try await transaction.execute(Self.insert(id.uuid))
      try await trail.append(in: transaction, of: id, version: 1)
      try await transaction.execute(Self.unlawful[index])
    }
    #expect(error?.sqlState == "23000")
    let start = try await failure { _, transaction in
      try await transaction.execute(Self.insert(UUID(), version: 2))
    }
    #expect(start?.sqlState == "23000")
  }

  @Test("an event is never changed, deleted, truncated or written twice")
  func eventsStay() async throws {
    let statements: [SQL] = [
      "UPDATE ledger.event SET actor = 'nobody'", "DELETE FROM ledger.event",
      "TRUNCATE ledger.event CASCADE",
    ]
    for statement in statements {
      let error = try await failure { trail, transaction in
        try await trail.append(in: transaction)
        try await transaction.execute(statement)
      }
      #expect(error?.sqlState == "23000")
    }
    let twice = try await failure { trail, transaction in
      let id = trail.id()
      try await trail.append(in: transaction, of: id, version: 1)
      try await trail.append(in: transaction, of: id, version: 1)
    }
    #expect(twice?.constraintName == "one_event_a_version")
  }

  @Test("a link belongs to an event")
  func linkWithoutEvent() async throws {
    let error = try await failure { trail, transaction in
      let event = try await trail.append(in: transaction)
      try await transaction.execute(
        """
        INSERT INTO ledger.chain_link (chain_index, region_code, event_id, leaf_sm3, chain_sm3,
          chain_time)
        SELECT place, region_code, event_id, sha256('leaf'), sha256('chain'), now()
        FROM (VALUES (1000, \(event.region.rawValue), \(event.uuid)),
            (1001, \(event.region.rawValue), \(UUID())))
          AS link (place, region_code, event_id)
        """
      )
    }
    #expect(error?.constraintName == "a_link_belongs_to_an_event")
    #expect(error?.sqlState == SQLState.foreignKeyViolation)
  }
}
