internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Synchronization
internal import Testing
internal import Vocabulary

@testable internal import Outbox

/// A receiver that does as it is told, and remembers what it saw.
private final class ScriptedReceiver: Sendable {
  struct Down: Error {}

  private let seen = Mutex<[RegionalID]>([])
  private let script: @Sendable (_ call: Int, Delivery) async throws -> String

  init(_ script: @escaping @Sendable (_ call: Int, Delivery) async throws -> String) {
    self.script = script
  }

  var deliveries: [RegionalID] { seen.withLock { $0 } }

  func receive(_ delivery: Delivery) async throws -> String {
    let call = seen.withLock {
      $0.append(delivery.id)
      return $0.count
    }
    return try await script(call, delivery)
  }
}

/// An outbox, a clock that stands still until it is moved, and a deliverer.
private struct Desk: Sendable {
  let database: Database
  let region: RegionCode
  let clock: Clock

  final class Clock: Sendable {
    private let instant = Mutex(Date(timeIntervalSince1970: 1_790_000_000))
    var now: Date { instant.withLock { $0 } }
    func advance(_ seconds: TimeInterval) { instant.withLock { $0.addTimeInterval(seconds) } }
  }

  init() throws {
    database = try TestDatabase.ofSuite()
    region = try #require(RegionCode(rawValue: 210_100))
    clock = Clock()
  }

  func deliverer(
    to receiver: ScriptedReceiver,
    attemptTimeout: Duration = .seconds(30)
  ) -> Deliverer {
    Deliverer(
      database,
      to: [.messages: { try await receiver.receive($0) }],
      now: { clock.now },
      attemptTimeout: attemptTimeout,
      pause: .milliseconds(1)
    )
  }

  /// Queues deliveries, a second apart.
  func enqueue(_ count: Int) async throws -> [RegionalID] {
    var ids: [RegionalID] = []
    for number in 0..<count {
      let id = RegionalID(region: region, uuid: UUID())
      let request = Google_Protobuf_StringValue("message \(number)")
      let delivery = try Delivery(
        id: id,
        to: .messages,
        kind: "license.issued",
        subject: "licenses/1",
        request: request
      )
      try await database.withTransaction {
        try await Outbox($0).enqueue(delivery, at: clock.now)
      }
      clock.advance(1)
      ids.append(id)
    }
    return ids
  }

  func row(_ id: RegionalID) async throws -> (state: String, attempts: Int32, receipt: String?) {
    let row = try await database.queryOne(
      "SELECT state::text, attempt_count, receipt FROM outbox.delivery WHERE delivery_id = \(id.uuid)"
    )
    return try #require(row).decode(String.self, Int32.self, String?.self)
  }

  func dueIn(_ id: RegionalID) async throws -> TimeInterval {
    let row = try await database.queryOne(
      "SELECT next_attempt_time FROM outbox.delivery WHERE delivery_id = \(id.uuid)"
    )
    return try #require(row).decode(Date.self).timeIntervalSince(clock.now)
  }
}

@Suite("Delivering from the outbox")
struct DelivererTests {
  @Test("deliveries arrive in the order of queueing, once each", .database(OutboxMigrations.all))
  func order() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(5)
    let receiver = ScriptedReceiver { call, delivery in
      let text = try Google_Protobuf_StringValue(serializedBytes: delivery.payload)
      #expect(text.value == "message \(call - 1)")
      return "receipt \(call)"
    }
    let deliverer = desk.deliverer(to: receiver)
    for id in ids { #expect(try await deliverer.deliverNext(to: .messages) == .delivered(id)) }
    #expect(try await deliverer.deliverNext(to: .messages) == .idle)
    #expect(receiver.deliveries == ids)
    #expect(try await desk.row(ids[4]) == ("delivered", 1, "receipt 5"))
  }

  @Test("a rolled-back delivery never leaves", .database(OutboxMigrations.all))
  func rollback() async throws {
    struct Refusal: Error {}
    let desk = try Desk()
    let delivery = try Delivery(
      id: RegionalID(region: desk.region, uuid: UUID()),
      to: .messages,
      kind: "a",
      subject: "b",
      request: Google_Protobuf_Empty()
    )
    await #expect(throws: Refusal.self) {
      try await desk.database.withTransaction { transaction in
        try await Outbox(transaction).enqueue(delivery, at: desk.clock.now)
        throw Refusal()
      }
    }
    let receiver = ScriptedReceiver { _, _ in "" }
    #expect(try await desk.deliverer(to: receiver).deliverNext(to: .messages) == .idle)
    #expect(receiver.deliveries.isEmpty)
  }

  @Test("while the receiver is down, nothing passes the head", .database(OutboxMigrations.all))
  func down() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(2)
    let receiver = ScriptedReceiver { call, _ in
      if call <= 3 { throw ScriptedReceiver.Down() }
      return "late"
    }
    let deliverer = desk.deliverer(to: receiver)
    for attempt: Int32 in 1...3 {
      #expect(try await deliverer.deliverNext(to: .messages) == .postponed(ids[0]))
      #expect(try await deliverer.deliverNext(to: .messages) == .idle)
      let wait = try await desk.dueIn(ids[0])
      let doubled = Double(1 << (attempt - 1))
      #expect((max(doubled * 0.74, 0.99)...doubled * 1.26).contains(wait))
      #expect(try await desk.row(ids[0]) == ("queued", attempt, nil))
      desk.clock.advance(wait)
    }
    #expect(try await deliverer.deliverNext(to: .messages) == .delivered(ids[0]))
    #expect(try await deliverer.deliverNext(to: .messages) == .delivered(ids[1]))
    #expect(receiver.deliveries == [ids[0], ids[0], ids[0], ids[0], ids[1]])
  }

  @Test(
    "the 20th failure is the last, and a person can send again",
    .database(OutboxMigrations.all)
  )
  func dead() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(2)
    let receiver = ScriptedReceiver { call, _ in
      if call <= 20 { throw ScriptedReceiver.Down() }
      return "at last"
    }
    let deliverer = desk.deliverer(to: receiver)
    for _ in 1...19 {
      #expect(try await deliverer.deliverNext(to: .messages) == .postponed(ids[0]))
      desk.clock.advance(3_601)
    }
    #expect(try await deliverer.deliverNext(to: .messages) == .dead(ids[0]))
    #expect(try await deliverer.deliverNext(to: .messages) == .delivered(ids[1]))
    let dead = try await desk.database.withTransaction {
      try await Outbox($0).deadDeliveries(limit: 10)
    }
    #expect(dead.map(\.id) == [ids[0]])
    #expect(dead.first?.failure == "Down()")
    let resent = try await desk.database.withTransaction { transaction in
      let outbox = Outbox(transaction)
      let first = try await outbox.resend(ids[0], at: desk.clock.now)
      return (first, try await outbox.resend(ids[0], at: desk.clock.now))
    }
    #expect(resent == (true, false))
    #expect(try await deliverer.deliverNext(to: .messages) == .delivered(ids[0]))
    #expect(try await desk.row(ids[0]) == ("delivered", 1, "at last"))
  }

  @Test("a refusal is dead at once and holds nothing back", .database(OutboxMigrations.all))
  func refusal() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(2)
    let receiver = ScriptedReceiver { call, _ in
      if call == 1 { throw DeliveryRefusal(reason: "no such template\0") }
      return "good"
    }
    let deliverer = desk.deliverer(to: receiver)
    #expect(try await deliverer.deliverNext(to: .messages) == .dead(ids[0]))
    #expect(try await deliverer.deliverNext(to: .messages) == .delivered(ids[1]))
  }

  @Test(
    "who dies after sending sends again under the same id",
    .database(OutboxMigrations.all),
    .timeLimit(.minutes(2))
  )
  func duplicate() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(1)
    let (reached, reach) = AsyncStream<Void>.makeStream()
    let receiver = ScriptedReceiver { call, _ in
      if call > 1 { return "second" }
      reach.yield()
      for await _ in AsyncStream<Void>.makeStream().stream {}
      throw CancellationError()
    }
    let deliverer = desk.deliverer(to: receiver, attemptTimeout: .seconds(7_200))
    let first = Task { try await deliverer.deliverNext(to: .messages) }
    for await _ in reached { break }
    #expect(try await deliverer.deliverNext(to: .messages) == .idle)
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    #expect(try await deliverer.deliverNext(to: .messages) == .idle)
    desk.clock.advance(7_211)
    #expect(try await deliverer.deliverNext(to: .messages) == .delivered(ids[0]))
    #expect(receiver.deliveries == [ids[0], ids[0]])
    #expect(try await desk.row(ids[0]) == ("delivered", 2, "second"))
  }

  @Test("an attempt that takes too long has failed", .database(OutboxMigrations.all))
  func timeout() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(1)
    let receiver = ScriptedReceiver { _, _ in
      for await _ in AsyncStream<Void>.makeStream().stream {}
      throw CancellationError()
    }
    let deliverer = desk.deliverer(to: receiver, attemptTimeout: .milliseconds(20))
    #expect(try await deliverer.deliverNext(to: .messages) == .postponed(ids[0]))
  }

  @Test(
    "several deliverers keep the order and deliver once",
    .database(OutboxMigrations.all),
    .timeLimit(.minutes(2))
  )
  func several() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(40)
    let receiver = ScriptedReceiver { _, _ in "good" }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let deliverer = desk.deliverer(to: receiver)
          while receiver.deliveries.count < 40 {
            _ = try await deliverer.deliverNext(to: .messages)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(receiver.deliveries == ids)
  }

  @Test("the loop delivers and ends when it is cancelled", .database(OutboxMigrations.all))
  func loop() async throws {
    let desk = try Desk()
    let ids = try await desk.enqueue(3)
    let (reached, reach) = AsyncStream<Int>.makeStream()
    let receiver = ScriptedReceiver { call, _ in
      reach.yield(call)
      return "good"
    }
    let loop = Task { await desk.deliverer(to: receiver).run() }
    for await call in reached where call == 3 { break }
    loop.cancel()
    await loop.value
    #expect(receiver.deliveries == ids)
  }

  @Test("waits double from 1 s to 1 h, give or take a quarter")
  func schedule() {
    #expect(RetrySchedule.seconds(afterAttempt: 1, chance: 0) == 1)
    #expect(RetrySchedule.seconds(afterAttempt: 1, chance: 1) == 1.25)
    #expect(RetrySchedule.seconds(afterAttempt: 5, chance: 0.5) == 16)
    #expect(RetrySchedule.seconds(afterAttempt: 12, chance: 0.5) == 2_048)
    #expect(RetrySchedule.seconds(afterAttempt: 13, chance: 0.5) == 3_600)
    #expect(RetrySchedule.seconds(afterAttempt: .max, chance: 1) == 3_600)
    #expect(RetrySchedule.seconds(afterAttempt: 0, chance: 0) == 1)
  }
}
