internal import EventLoops
internal import Glibc
internal import Synchronization
internal import Testing

/// A gate that blocks threads until it is opened.
final class Gate: Sendable {
  private let open = Atomic<Bool>(false)
  private let waiting = Atomic<Int>(0)

  var count: Int { waiting.load(ordering: .acquiring) }

  func pass() {
    waiting.wrappingAdd(1, ordering: .acquiringAndReleasing)
    while !open.load(ordering: .acquiring) { sched_yield() }
  }

  func unlock() { open.store(true, ordering: .releasing) }
}

@Suite("Working off the loops")
struct WorkerExecutorTests {
  @Test("work runs off the loop and its caller goes on on the loop")
  func workRunsElsewhere() async throws {
    let workers = try WorkerExecutor(threads: 2, queueLimit: 4)
    try await withLoops { group in
      let loop = group.next()
      let (during, after) = try await Task(executorPreference: loop) {
        let during = try await workers.run { loop.isCurrent }
        return (during, loop.isCurrent)
      }.value
      #expect(!during)
      #expect(after)
    }
    await workers.shutDown()
  }

  @Test("errors of the work reach the caller")
  func errorsReachTheCaller() async throws {
    let workers = try WorkerExecutor(threads: 1, queueLimit: 0)
    await #expect(throws: EventLoopError.system(call: "x", code: 1)) {
      try await workers.run { throw EventLoopError.system(call: "x", code: 1) }
    }
    await workers.shutDown()
  }

  @Test("the queue takes its limit and refuses one more", arguments: [0, 1, 3])
  func queueIsBounded(limit: Int) async throws {
    let workers = try WorkerExecutor(threads: 1, queueLimit: limit)
    let gate = Gate()
    let running = Task { try await workers.run { gate.pass() } }
    while gate.count == 0 { await Task.yield() }
    let callers = (0...limit).map { _ in Task { try await workers.run {} } }
    var refused = 0
    // The refusal comes while the gate is closed, so the first caller to end is the refused one.
    await withTaskGroup(of: Bool.self) { tasks in
      for caller in callers {
        tasks.addTask {
          do {
            try await caller.value
            return false
          } catch {
            #expect(error as? WorkerExecutor.Refusal == .queueFull(limit: limit))
            return true
          }
        }
      }
      for await wasRefused in tasks {
        if wasRefused { refused += 1 }
        gate.unlock()
      }
    }
    try await running.value
    #expect(refused == 1)
    await workers.shutDown()
  }

  @Test("work whose caller was cancelled while it waited isn't done")
  func cancelledWorkIsNotDone() async throws {
    let workers = try WorkerExecutor(threads: 1, queueLimit: 1)
    let gate = Gate()
    let done = Atomic<Bool>(false)
    let running = Task { try await workers.run { gate.pass() } }
    while gate.count == 0 { await Task.yield() }
    let waiting = Task { try await workers.run { done.store(true, ordering: .relaxed) } }
    waiting.cancel()
    gate.unlock()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    try await running.value
    let wasDone = done.load(ordering: .relaxed)
    #expect(!wasDone)
    await workers.shutDown()
  }

  @Test("a shut-down executor finishes what waits and refuses what comes")
  func shutDown() async throws {
    let workers = try WorkerExecutor(threads: 1, queueLimit: 8)
    let first = Task { try await workers.run { 1 } }
    let one = try await first.value
    #expect(one == 1)
    await workers.shutDown()
    await workers.shutDown()
    await #expect(throws: WorkerExecutor.Refusal.shutDown) { try await workers.run {} }
  }
}
