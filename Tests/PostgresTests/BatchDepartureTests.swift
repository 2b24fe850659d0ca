internal import RegistryTestKit
internal import Testing

@testable internal import Postgres

@Suite("Leaving a batch", .database())
struct BatchDepartureTests {
  @Test("who leaves the queue leaves nothing behind")
  func leavingTheQueue() async throws {
    let shop = try await Shop("leaving")
    let first = await shop.hold()
    let orders = shop.order([1, 2])
    while shop.batcher.waiting < 2 { await Task.yield() }
    orders[0].cancel()
    await #expect(throws: CancellationError.self) { try await orders[0].value }
    #expect(shop.batcher.waiting == 1)
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await shop.batcher.perform(3)
    }
    await #expect(throws: CancellationError.self) { try await early.value }
    shop.release()
    _ = try await first.value
    #expect(try await orders[1].value == 2)
    #expect(try await shop.numbers() == [0, 2])
  }

  @Test("who leaves a batch under way hears what became of it, and the others too")
  func leavingABatch() async throws {
    let shop = try await Shop("remained")
    let first = await shop.hold()
    first.cancel()
    let orders = shop.order([1, 2])
    while shop.batcher.waiting < 2 { await Task.yield() }
    shop.release()
    #expect(try await first.value == 0)
    for order in orders { _ = try await order.value }
    #expect(try await shop.numbers() == [0, 1, 2])
  }

  @Test("a deadline ends the wait in the queue, not that of the others")
  func deadlinesInTheQueue() async throws {
    let shop = try await Shop("late")
    let first = await shop.hold()
    let patient = shop.order([1])
    while shop.batcher.waiting < 1 { await Task.yield() }
    let start = ContinuousClock.now
    let late = [0, 20, 50].map { milliseconds in
      Task {
        try await Database.$deadline.withValue(start + .milliseconds(milliseconds)) {
          try await shop.batcher.perform(2 + milliseconds)
        }
      }
    }
    for task in late {
      let error = await #expect(throws: PostgresError.self) { try await task.value }
      #expect(error?.kind == .timedOut)
    }
    #expect(shop.batcher.waiting == 1)
    shop.release()
    _ = try await first.value
    #expect(try await patient[0].value == 1)
    #expect(try await shop.numbers() == [0, 1])
  }

  @Test("a leader who leaves before there is a connection hands the lead on")
  func leavingTheLead() async throws {
    let narrow = try await TestDatabase.create { $0.writeConnections = 1 }
    let shop = try await Shop("led", in: narrow.database)
    let follower = try await narrow.database.withTransaction { holder in
      _ = try await holder.query("SELECT 1")
      let leader = shop.order([1])[0]
      while narrow.database.writePool.waiting == 0 { await Task.yield() }
      let follower = shop.order([2])[0]
      while shop.batcher.waiting == 0 { await Task.yield() }
      leader.cancel()
      await #expect(throws: CancellationError.self) { try await leader.value }
      while narrow.database.writePool.waiting == 0 { await Task.yield() }
      _ = try await holder.query("SELECT 1")
      return follower
    }
    #expect(try await follower.value == 2)
    #expect(try await shop.numbers() == [2])
    #expect(shop.batches == [[2]])
    await narrow.drop()
  }

  @Test("a deadline that passes before anything is sent ends in a refusal")
  func lateBatches() async throws {
    let shop = try await Shop("short")
    let deadline = ContinuousClock.now + .milliseconds(50)
    let first = await Database.$deadline.withValue(deadline) { await shop.hold() }
    while ContinuousClock.now < deadline { await Task.yield() }
    shop.release()
    let error = await #expect(throws: PostgresError.self) { try await first.value }
    #expect(error?.kind == .timedOut)
    #expect(try await shop.numbers() == [])
  }
}
