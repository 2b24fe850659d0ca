internal import Testing

internal import EventLoops

@Suite("Measuring for how many there is room")
struct CapacityTests {
  private let start = ContinuousClock.now

  /// Runs windows of 20 ms in each of which so many of the load are answered.
  private func measured(
    _ windows: [(load: Int, answers: Int)],
    _ capacity: inout Capacity,
    after pause: Duration = .zero
  ) {
    var now = start + pause
    for window in windows {
      capacity.measure(at: now, load: window.load)
      for _ in 0..<window.answers { capacity.countAnswer() }
      now += .milliseconds(20)
      capacity.measure(at: now, load: window.load)
    }
  }

  private func capacity() -> Capacity {
    Capacity(wantedWait: .milliseconds(100), floor: 10, ceiling: 1_000)
  }

  @Test("before anything is measured there is room up to the ceiling")
  func beginning() {
    #expect(capacity().room() == 1_000)
    #expect(Capacity(wantedWait: .zero, floor: 0, ceiling: 0).room() == 1)
    #expect(Capacity(wantedWait: .seconds(1), floor: 9, ceiling: 3).room() == 3)
  }

  @Test("under a load that waits too long, the room becomes rate times wanted wait")
  func overload() {
    var capacity = capacity()
    // 2,000 a second.
    measured(Array(repeating: (load: 900, answers: 40), count: 12), &capacity)
    #expect((195...215).contains(capacity.room()), "\(capacity.room())")
    // It stays about there when the load is what the room allows.
    measured(Array(repeating: (load: 205, answers: 40), count: 50), &capacity)
    #expect((195...215).contains(capacity.room()), "\(capacity.room())")
  }

  @Test("a server that answers nothing leaves the least room, and gets it back when it answers")
  func standstill() {
    var capacity = capacity()
    var now = start
    capacity.measure(at: now, load: 500)
    for _ in 0..<20 {
      now += .milliseconds(200)
      capacity.measure(at: now, load: 500)
    }
    #expect(capacity.room() == 10)
    measured([(load: 12, answers: 160)], &capacity, after: .seconds(4))
    #expect(capacity.room() == 800)
  }

  @Test("a load that is answered in time says nothing against more")
  func lightLoad() {
    var capacity = capacity()
    measured(Array(repeating: (load: 4, answers: 20), count: 100), &capacity)
    #expect(capacity.room() == 1_000)
    // 5 for 100 ms and more, but fewer than there is always room for.
    measured(Array(repeating: (load: 5, answers: 16), count: 100), &capacity)
    #expect(capacity.room() == 1_000)
  }

  @Test(
    "a window is as long as it takes to see 16 answers, a fifth of the wait at least, twice the wait at most"
  )
  func windows() {
    var capacity = capacity()
    capacity.measure(at: start, load: 900)
    for _ in 0..<15 { capacity.countAnswer() }
    capacity.measure(at: start + .milliseconds(199), load: 900)
    #expect(capacity.room() == 1_000)
    capacity.countAnswer()
    capacity.measure(at: start + .milliseconds(199), load: 900)
    #expect(capacity.room() < 1_000)
    var early = self.capacity()
    early.measure(at: start, load: 900)
    for _ in 0..<16 { early.countAnswer() }
    early.measure(at: start + .milliseconds(19), load: 900)
    #expect(early.room() == 1_000)
  }

  @Test("who has little time finds room for what is answered in half of it")
  func deadlines() {
    let capacity = capacity()
    #expect(capacity.room(within: .milliseconds(200)) == 1_000)
    #expect(capacity.room(within: .milliseconds(100)) == 500)
    #expect(capacity.room(within: .milliseconds(20)) == 100)
    #expect(capacity.room(within: .zero) == 10)
    #expect(capacity.room(within: .seconds(-1)) == 10)
  }

  @Test("the refused come back when the others are served, not all at once")
  func comingBack() {
    let delays = (0..<100).map { _ in Capacity.retryDelay(load: 3_000, rate: 1_000) }
    #expect(delays.allSatisfy { (.seconds(3) ... .seconds(6)).contains($0) })
    #expect(Set(delays).count > 50)
    #expect(Capacity.retryDelay(load: 1, rate: 100_000) >= .milliseconds(200))
    #expect(Capacity.retryDelay(load: 1_000, rate: 0) == .seconds(10))
  }
}
