internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import Synchronization
internal import Testing

@Suite("Running a request once", .database(APIConventionsMigrations.all))
struct RequestLogTests {
  private struct Failure: Error {}

  private static let noon = Date(timeIntervalSince1970: 1_790_000_000)
  private let calls = Calls()

  private final class Calls: Sendable {
    private let number = Mutex(0)
    func next() -> Int {
      number.withLock {
        $0 += 1
        return $0
      }
    }
    var count: Int { number.withLock { $0 } }
  }

  private func request(_ name: String) -> Liaoning_Registry_V1_GetEventRequest {
    var request = Liaoning_Registry_V1_GetEventRequest()
    request.name = name
    return request
  }

  /// Asks under `id`; the reply names how often the body had run.
  private func ask(
    _ id: RequestID,
    by caller: String = "accounts/1",
    _ name: String = "a",
    failing: Bool = false
  ) async throws -> Int64 {
    let database = try TestDatabase.ofSuite()
    return try await database.withTransaction { transaction in
      try await RequestLog(transaction, at: Self.noon).once(id, by: caller, for: request(name)) {
        var reply = Liaoning_Registry_V1_Event()
        reply.subjectVersion = Int64(calls.next())
        if failing { throw Failure() }
        return reply
      }
    }.subjectVersion
  }

  private func id() throws -> RequestID { try RequestID(UUID().uuidString) }

  @Test(
    "a reply is forgotten after 24 hours and not before, a few at a time",
    .database(APIConventionsMigrations.all)
  )
  func forgetting() async throws {
    let ids = [try id(), try id(), try id()]
    for id in ids { _ = try await ask(id) }
    let database = try TestDatabase.ofSuite()
    func forget(after seconds: TimeInterval) async throws -> Int {
      try await database.withTransaction { transaction in
        try await RequestLog(transaction, at: Self.noon.addingTimeInterval(seconds))
          .forgetOld(atMost: 2)
      }
    }
    #expect(try await forget(after: 86_400) == 0)
    #expect(try await ask(ids[0]) == 1)
    #expect(try await forget(after: 86_401) == 2)
    #expect(try await forget(after: 86_401) == 1)
    #expect(try await forget(after: 86_401) == 0)
    #expect(try await ask(ids[0]) == 4)
  }

  @Test("a repeat returns the first reply and does nothing")
  func repetition() async throws {
    let id = try id()
    #expect(try await ask(id) == 1)
    #expect(try await ask(id) == 1)
    #expect(calls.count == 1)
  }

  @Test("another request under the same id is refused, of another type too")
  func reuse() async throws {
    let id = try id()
    _ = try await ask(id)
    await #expect(throws: RequestLogError.reused) { try await ask(id, "b") }
    let database = try TestDatabase.ofSuite()
    var other = Liaoning_Registry_V1_GetFilingRequest()
    other.name = "a"
    let sameBytes = other
    await #expect(throws: RequestLogError.reused) {
      try await database.withTransaction { transaction in
        try await RequestLog(transaction, at: Self.noon)
          .once(id, by: "accounts/1", for: sameBytes) { Liaoning_Registry_V1_Event() }
      }
    }
    #expect(calls.count == 1)
  }

  @Test("ids of different callers never meet")
  func callers() async throws {
    let id = try id()
    #expect(try await ask(id) == 1)
    #expect(try await ask(id, by: "accounts/2") == 2)
  }

  @Test("what failed may be tried again under its id")
  func failure() async throws {
    let id = try id()
    await #expect(throws: Failure.self) { try await ask(id, failing: true) }
    #expect(try await ask(id) == 2)
  }

  @Test("repeats at once run the body once", .timeLimit(.minutes(1)))
  func race() async throws {
    for _ in 0..<20 {
      let before = calls.count
      let id = try id()
      let replies = try await withThrowingTaskGroup(of: Int64.self) { group in
        for _ in 0..<6 { group.addTask { try await ask(id) } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(replies.count == 1)
      #expect(calls.count == before + 1)
    }
  }
}
