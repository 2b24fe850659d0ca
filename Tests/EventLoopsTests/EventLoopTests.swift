internal import Glibc
internal import Synchronization
internal import Testing

@testable internal import EventLoops

/// Runs a body with a group of loops that ends with it.
func withLoops(
  _ count: Int = 1,
  _ body: (EventLoopGroup) async throws -> Void
) async throws {
  let group = try EventLoopGroup(count: count, name: "test")
  do {
    try await body(group)
  } catch {
    await group.shutDown()
    throw error
  }
  await group.shutDown()
}

@Suite("Running tasks on a loop")
struct EventLoopTests {
  @Test("a task that prefers the loop runs on its thread, before and after suspension")
  func taskStaysOnItsLoop() async throws {
    try await withLoops(2) { group in
      for loop in group.loops {
        let stayed = await Task(executorPreference: loop) {
          var stayed = loop.isCurrent
          for _ in 0..<100 {
            await Task.yield()
            stayed = stayed && loop.isCurrent && EventLoop.current === loop
          }
          await Task.detached {}.value
          return stayed && loop.isCurrent
        }.value
        #expect(stayed)
        #expect(!loop.isCurrent)
      }
    }
  }

  @Test("a loop runs more jobs than a turn may take and a ring first holds")
  func manyJobs() async throws {
    try await withLoops { group in
      let loop = group.next()
      let sum = await withTaskGroup(of: Int.self) { tasks in
        for number in 1...10_000 {
          tasks.addTask(executorPreference: loop) {
            await Task.yield()
            return number
          }
        }
        return await tasks.reduce(0, +)
      }
      #expect(sum == 50_005_000)
    }
  }

  @Test("calls from one thread keep their order")
  func callsKeepTheirOrder() async throws {
    try await withLoops { group in
      let loop = group.next()
      let seen = Mutex<[Int]>([])
      for number in 0..<1000 { loop.execute { seen.withLock { $0.append(number) } } }
      try await loop.run {}
      #expect(seen.withLock { $0 } == Array(0..<1000))
    }
  }

  @Test("run gives the value or the error of its closure")
  func runGivesTheOutcome() async throws {
    try await withLoops { group in
      let loop = group.next()
      let isThere = try await loop.run { loop.isCurrent }
      #expect(isThere)
      await #expect(throws: CancellationError.self) {
        try await loop.run { throw CancellationError() }
      }
    }
  }

  @Test("end-of-turn calls follow the turn's jobs")
  func endOfTurnFollowsJobs() async throws {
    try await withLoops { group in
      let loop = group.next()
      let seen = Mutex<[String]>([])
      await Task(executorPreference: loop) {
        loop.atEndOfTurn { seen.withLock { $0.append("end of turn") } }
        seen.withLock { $0.append("first job") }
        await Task.yield()
        seen.withLock { $0.append("second job") }
      }.value
      try await loop.run {}
      #expect(seen.withLock { $0 } == ["first job", "second job", "end of turn"])
    }
  }

  @Test("next takes the loops in turn")
  func nextTakesTurns() async throws {
    try await withLoops(3) { group in
      let taken = (0..<6).map { _ in group.next().index }
      #expect(taken == [0, 1, 2, 0, 1, 2])
    }
  }

  @Test("an ended loop leaves nothing that is queued hanging")
  func endedLoopStillAnswers() async throws {
    let group = try EventLoopGroup(count: 1)
    let loop = group.next()
    await group.shutDown()
    await group.shutDown()
    let isThere = try await loop.run { loop.isCurrent }
    #expect(isThere)
    let value = await Task(executorPreference: loop) {
      await Task.yield()
      return 7
    }.value
    #expect(value == 7)
  }

  @Test("a shut-down from a task on the loop itself returns")
  func shutDownFromTheLoop() async throws {
    let group = try EventLoopGroup(count: 1)
    await Task(executorPreference: group.next()) { await group.shutDown() }.value
  }
}

@Suite("Watching descriptors")
struct RegistrationTests {
  /// Two connected sockets, non-blocking.
  static func socketPair() throws -> (Int32, Int32) {
    var pair: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
    try #require(socketpair(AF_UNIX, type, 0, &pair) == 0)
    return (pair[0], pair[1])
  }

  @Test("readable is told when bytes come, and hang-up when the peer goes")
  func readableAndHangUp() async throws {
    try await withLoops { group in
      let loop = group.next()
      let (near, far) = try Self.socketPair()
      let (stream, feed) = AsyncStream.makeStream(of: Readiness.self)
      let registration = try await loop.run {
        try loop.register(near, for: .readable) { readiness in
          var byte: UInt8 = 0
          _ = recv(near, &byte, 1, 0)
          feed.yield(readiness)
        }
      }
      var events = stream.makeAsyncIterator()
      _ = write(far, "x", 1)
      #expect(await events.next() == .readable)
      // A process that another test spawns may hold a copy: closing alone would not hang up.
      shutdown(far, Int32(SHUT_RDWR))
      close(far)
      let last = await events.next()
      #expect(last?.contains([.readable, .hangUp]) == true)
      try await loop.run {
        registration.cancel()
        registration.cancel()
        #expect(!registration.isActive)
      }
      close(near)
    }
  }

  @Test("a changed interest is heeded")
  func interestChanges() async throws {
    try await withLoops { group in
      let loop = group.next()
      let (near, far) = try Self.socketPair()
      let (stream, feed) = AsyncStream.makeStream(of: Readiness.self)
      let registration = try await loop.run {
        try loop.register(near, for: []) { feed.yield($0) }
      }
      try await loop.run { try registration.update(.writable) }
      var events = stream.makeAsyncIterator()
      #expect(await events.next() == .writable)
      try await loop.run { registration.cancel() }
      close(near)
      close(far)
    }
  }

  @Test("a handler cancelled by an earlier one of the same turn isn't called")
  func cancelledInTheSameTurn() async throws {
    try await withLoops { group in
      let loop = group.next()
      let (first, firstPeer) = try Self.socketPair()
      let (second, secondPeer) = try Self.socketPair()
      let calls = Mutex(0)
      let both = Mutex<[Registration]>([])
      try await loop.run {
        for descriptor in [first, second] {
          let registration = try loop.register(descriptor, for: .readable) { _ in
            calls.withLock { $0 += 1 }
            for other in both.withLock({ $0 }) { other.cancel() }
          }
          both.withLock { $0.append(registration) }
        }
        _ = write(firstPeer, "x", 1)
        _ = write(secondPeer, "x", 1)
      }
      while calls.withLock({ $0 }) == 0 { await Task.yield() }
      try await loop.run {}
      #expect(calls.withLock { $0 } == 1)
      for descriptor in [first, firstPeer, second, secondPeer] { close(descriptor) }
    }
  }

  @Test("a descriptor that isn't open is refused")
  func closedDescriptor() async throws {
    try await withLoops { group in
      let loop = group.next()
      await #expect(throws: EventLoopError.system(call: "epoll_ctl", code: EBADF)) {
        _ = try await loop.run { try loop.register(1 << 20, for: .readable) { _ in } }
      }
    }
  }
}
