internal import Synchronization
internal import Testing

@testable internal import EventLoops

@Suite("Firing timers")
struct TimerTests {
  @Test("timers fire in the order of their deadlines, and never early")
  func timersFireInOrder() async throws {
    try await withLoops { group in
      let loop = group.next()
      let (stream, feed) = AsyncStream.makeStream(of: (Int, Duration).self)
      let start = ContinuousClock.now
      try await loop.run {
        for delay in [70, 5, 0, 130, 64, 1] {
          loop.schedule(after: .milliseconds(delay)) {
            feed.yield((delay, ContinuousClock.now - start))
          }
        }
      }
      var fired: [Int] = []
      for await (delay, passed) in stream {
        #expect(passed >= .milliseconds(delay))
        fired.append(delay)
        if fired.count == 6 { break }
      }
      #expect(fired == [0, 1, 5, 64, 70, 130])
    }
  }

  @Test("a cancelled timer doesn't fire, even if it is due in the same turn")
  func cancelledTimer() async throws {
    try await withLoops { group in
      let loop = group.next()
      let fired = Mutex<[Int]>([])
      let timers = Mutex<[LoopTimer]>([])
      await withUnsafeContinuation { (done: UnsafeContinuation<Void, Never>) in
        loop.execute {
          for number in 0..<2 {
            let timer = loop.schedule(after: .milliseconds(2)) {
              fired.withLock { $0.append(number) }
              for timer in timers.withLock({ $0 }) { timer.cancel() }
            }
            timers.withLock { $0.append(timer) }
          }
          let cancelled = loop.schedule(after: .milliseconds(1)) { fired.withLock { $0.append(9) } }
          cancelled.cancel()
          #expect(!cancelled.isArmed)
          loop.schedule(after: .milliseconds(20)) { done.resume() }
        }
      }
      timers.withLock { $0 = [] }
      #expect(fired.withLock { $0 }.count == 1)
      #expect(fired.withLock { $0 }.contains(9) == false)
    }
  }

  @Test("a timer armed anew fires once, at the later time; and can be armed by its own action")
  func rearmedTimer() async throws {
    try await withLoops { group in
      let loop = group.next()
      let count = Mutex(0)
      let box = Mutex<LoopTimer?>(nil)
      await withUnsafeContinuation { (done: UnsafeContinuation<Void, Never>) in
        loop.execute {
          let timer = loop.makeTimer {
            let fired = count.withLock {
              $0 += 1
              return $0
            }
            if fired == 3 { done.resume() } else { box.withLock { $0 }?.arm(after: .zero) }
          }
          box.withLock { $0 = timer }
          timer.arm(after: .seconds(3600))
          timer.arm(after: .milliseconds(1))
        }
      }
      box.withLock { $0 = nil }
      #expect(count.withLock { $0 } == 3)
    }
  }

  @Test("the wheel hands over every timer at the first tick that is not before its deadline")
  func wheelAgainstAList() async throws {
    try await withLoops { group in
      let loop = group.next()
      var wheel = TimerWheel()
      var random = SplitMix(state: 20_261_120)
      var waiting: [LoopTimer] = []
      var tick: UInt64 = 0
      for _ in 0..<3000 {
        for _ in 0..<3 {
          let timer = LoopTimer(loop: loop) {}
          timer.deadline = tick + random.next() % (1 << (random.next() % 34))
          wheel.insert(timer)
          waiting.append(timer)
        }
        if let index = waiting.indices.randomElement(using: &random) {
          wheel.remove(waiting.remove(at: index))
        }
        tick += random.next() % (1 << (random.next() % 30))
        var due: [LoopTimer] = []
        wheel.advance(to: tick, due: &due)
        #expect(due.map(\.deadline) == due.map(\.deadline).sorted())
        #expect(
          Set(due.map(ObjectIdentifier.init))
            == Set(waiting.filter { $0.deadline <= tick }.map(ObjectIdentifier.init))
        )
        waiting.removeAll { $0.deadline <= tick }
        let (count, nextTick) = (wheel.count, wheel.nextTick)
        #expect(count == waiting.count)
        if let earliest = waiting.map(\.deadline).min() {
          let next = try #require(nextTick)
          #expect(next > tick && next <= earliest)
        } else {
          #expect(nextTick == nil)
        }
      }
      wheel.removeAll()
    }
  }
}

/// A generator with a fixed start, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
