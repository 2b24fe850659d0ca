internal import CLinux
internal import Glibc
internal import Synchronization

/// One epoll loop on one thread, on which tasks that prefer it run.
///
/// A turn: wait for readiness, call the readiness handlers, fire due timers, run jobs and calls (at
/// most 2,048 jobs), then the end-of-turn calls. Get loops from an `EventLoopGroup`. `isCurrent`,
/// `enqueue`, `execute` and `run` may be used on any thread; everything else on the loop's own
/// thread only, or the process stops.
///
/// Run a task here with `Task(executorPreference: loop)`; what it awaits, default actors and `async
/// let` included, stays here.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
  // Unchecked: all mutable state but the mailbox is confined to the loop's thread.

  /// The loop's place in its group, from 0.
  public let index: Int

  private let epoll: Int32
  private let wakeUp: Int32
  private let epoch: UInt64
  private let mailbox = Mailbox()
  private let ring = JobRing()
  private var mail = Mailbox.Mail()
  private var calls: [() -> Void] = []
  private var endOfTurnCalls: [() -> Void] = []
  private var wheel = TimerWheel()
  private var dueTimers: [LoopTimer] = []
  private var registrations: [ObjectIdentifier: Registration] = [:]
  private var retired: [Registration] = []

  private static let jobsPerTurn = 2048
  private static let eventsPerTurn = 256

  init(index: Int) throws(EventLoopError) {
    self.index = index
    epoch = Self.monotonicNanoseconds()
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw .system(call: "epoll_create1", code: errno) }
    wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard wakeUp >= 0 else {
      let code = errno
      close(epoll)
      throw .system(call: "eventfd", code: code)
    }
    // The wake-up is told from registrations by its null pointer.
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(ptr: nil))
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeUp, &event) == 0 else {
      let code = errno
      close(epoll)
      close(wakeUp)
      throw .system(call: "epoll_ctl", code: code)
    }
  }

  deinit {
    close(epoll)
    close(wakeUp)
  }

  /// Starts the loop's thread, which keeps the loop until it ends.
  func start(name: String) throws(EventLoopError) {
    try Thread.start(name: name) { self.turnUntilStopped() }
  }
}

// MARK: Any thread

extension EventLoop {
  /// Whether the caller is on this loop's thread.
  public var isCurrent: Bool {
    pthread_getspecific(currentLoopKey) == Unmanaged.passUnretained(self).toOpaque()
  }

  /// The loop on whose thread the caller is, if any.
  public static var current: EventLoop? {
    guard let pointer = pthread_getspecific(currentLoopKey) else { return nil }
    return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Queues a job of Swift's runtime; for the runtime only.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isCurrent {
      ring.push(job)
      return
    }
    switch mailbox.post(job: job) {
    case .taken: break
    case .loopSleeps: wake()
    case .loopEnded: globalConcurrentExecutor.enqueue(job)
    }
  }

  /// Calls a closure on the loop, in this turn or the next, in the order of the calls from one
  /// thread.
  ///
  /// After the loop has ended, closures run elsewhere, still one at a time and with `isCurrent`
  /// true, so that what waits for them isn't left hanging.
  public func execute(_ work: @escaping @Sendable () -> Void) {
    if isCurrent {
      calls.append(work)
      return
    }
    switch mailbox.post(call: work) {
    case .taken: break
    case .loopSleeps: wake()
    case .loopEnded: Task.detached { self.runAfterEnd(work) }
    }
  }

  /// Calls a closure on the loop and waits for its result; at once if already there.
  ///
  /// - Throws: What the closure throws.
  /// - Returns: What the closure returns.
  public func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    if isCurrent { return try work() }
    return try await withUnsafeThrowingContinuation { continuation in
      execute { continuation.resume(with: Result(catching: work)) }
    }
  }

  private func wake() {
    var one: UInt64 = 1
    _ = write(wakeUp, &one, 8)
  }

  private func runAfterEnd(_ work: () -> Void) {
    endedLoopsLock.withLock { _ in
      pthread_setspecific(currentLoopKey, Unmanaged.passUnretained(self).toOpaque())
      work()
      runCalls()
      runEndOfTurnCalls()
      // Jobs queued meanwhile must not stay in the ring of a loop that turns no more.
      pthread_setspecific(currentLoopKey, nil)
      while let job = ring.pop() { globalConcurrentExecutor.enqueue(job) }
      retired.removeAll()
    }
  }

  /// Asks the loop to end once its queues are empty.
  func stop(whenEnded: @escaping @Sendable () -> Void) {
    switch mailbox.postStop(whenEnded: whenEnded) {
    case .taken: break
    case .loopSleeps: wake()
    case .loopEnded: whenEnded()
    }
  }
}

// MARK: The loop's thread

extension EventLoop {
  /// Watches a descriptor, level-triggered.
  ///
  /// - Parameters:
  ///   - descriptor: A non-blocking descriptor; not owned, one registration a descriptor.
  ///   - interest: What the handler is called for at first; may be empty.
  ///   - handler: Called on the loop, at most once a turn.
  /// - Throws: `EventLoopError.system`.
  /// - Returns: The registration; cancel it before closing the descriptor.
  public func register(
    _ descriptor: Int32,
    for interest: Readiness,
    handler: @escaping (Readiness) -> Void
  ) throws(EventLoopError) -> Registration {
    assertCurrent()
    let registration = Registration(
      loop: self,
      descriptor: descriptor,
      interest: interest,
      handler: handler
    )
    try control(EPOLL_CTL_ADD, registration, events: interest.events)
    registrations[ObjectIdentifier(registration)] = registration
    return registration
  }

  /// Makes a timer that isn't armed yet; it can be armed again and again.
  public func makeTimer(_ action: @escaping () -> Void) -> LoopTimer {
    LoopTimer(loop: self, action: action)
  }

  /// Calls a closure once, after a time.
  ///
  /// - Returns: The armed timer, to cancel it with.
  @discardableResult
  public func schedule(after delay: Duration, _ action: @escaping () -> Void) -> LoopTimer {
    let timer = LoopTimer(loop: self, action: action)
    arm(timer, after: delay)
    return timer
  }

  /// Calls a closure when this turn's handlers, timers and jobs are done: the place to flush what
  /// they wrote.
  ///
  /// What is added during the end-of-turn calls runs at the end of the next turn, which follows
  /// without waiting.
  public func atEndOfTurn(_ work: @escaping () -> Void) {
    assertCurrent()
    endOfTurnCalls.append(work)
  }

  func arm(_ timer: LoopTimer, after delay: Duration) {
    assertCurrent()
    disarm(timer)
    let (seconds, attoseconds) = delay.components
    // Ten thousand days are as good as for ever, and can't overflow.
    let whole = UInt64(min(max(0, seconds), 864_000_000)) * 1_000_000_000
    let nanoseconds = whole + UInt64(max(0, attoseconds / 1_000_000_000))
    timer.deadline = (Self.monotonicNanoseconds() - epoch + nanoseconds + 999_999) / 1_000_000
    wheel.insert(timer)
  }

  func disarm(_ timer: LoopTimer) {
    assertCurrent()
    wheel.remove(timer)
    timer.place = .idle
  }

  func control(
    _ operation: Int32,
    _ registration: Registration,
    events: UInt32
  ) throws(EventLoopError) {
    assertCurrent()
    let pointer = Unmanaged.passUnretained(registration).toOpaque()
    var event = epoll_event(events: events, data: epoll_data(ptr: pointer))
    guard epoll_ctl(epoll, operation, registration.descriptor, &event) == 0 else {
      throw .system(call: "epoll_ctl", code: errno)
    }
  }

  /// Forgets a registration, keeping the object until the turn ends: events of this turn may still
  /// point at it.
  func retire(_ registration: Registration) {
    assertCurrent()
    _ = epoll_ctl(epoll, EPOLL_CTL_DEL, registration.descriptor, nil)
    if let retiring = registrations.removeValue(forKey: ObjectIdentifier(registration)) {
      retired.append(retiring)
    }
  }

  private func assertCurrent() {
    precondition(isCurrent, "used off its event loop's thread")
  }

  private func turnUntilStopped() {
    pthread_setspecific(currentLoopKey, Unmanaged.passUnretained(self).toOpaque())
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Self.eventsPerTurn)
    defer { events.deallocate() }
    while true {
      if let whenEnded = whenEnded() {
        wheel.removeAll()
        for registration in registrations.values { registration.clear() }
        registrations.removeAll()
        pthread_setspecific(currentLoopKey, nil)
        for call in whenEnded { call() }
        return
      }
      turn(events)
    }
  }

  private func whenEnded() -> [@Sendable () -> Void]? {
    guard ring.isEmpty, calls.isEmpty, endOfTurnCalls.isEmpty else { return nil }
    return mailbox.endIfStopped()
  }

  private func turn(_ events: UnsafeMutablePointer<epoll_event>) {
    let ready = epoll_wait(epoll, events, Int32(Self.eventsPerTurn), timeout())
    takeMail()
    if ready > 0 {
      for position in 0..<Int(ready) { dispatch(events[position]) }
    }
    fireTimers()
    runCalls()
    var jobs = 0
    while jobs < Self.jobsPerTurn, let job = ring.pop() {
      job.runSynchronously(on: asUnownedTaskExecutor())
      jobs += 1
    }
    runEndOfTurnCalls()
    if !retired.isEmpty {
      for registration in retired { registration.clear() }
      retired.removeAll(keepingCapacity: true)
    }
  }

  private func dispatch(_ event: epoll_event) {
    guard let pointer = event.data.ptr else {
      var count: UInt64 = 0
      _ = read(wakeUp, &count, 8)
      return
    }
    Unmanaged<Registration>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
      $0.ready(event.events)
    }
  }

  /// How long to wait for readiness, in milliseconds; -1 without end.
  private func timeout() -> Int32 {
    guard ring.isEmpty, calls.isEmpty, endOfTurnCalls.isEmpty, mailbox.mayGoToSleep() else {
      return 0
    }
    guard let tick = wheel.nextTick else { return -1 }
    let now = Self.monotonicNanoseconds() - epoch
    let (due, overflow) = tick.multipliedReportingOverflow(by: 1_000_000)
    if overflow { return -1 }
    return due <= now ? 0 : Int32(min((due - now + 999_999) / 1_000_000, 3_600_000))
  }

  private func takeMail() {
    mailbox.swap(&mail)
    for job in mail.jobs { ring.push(job) }
    for call in mail.calls { calls.append(call) }
    mail.jobs.removeAll(keepingCapacity: true)
    mail.calls.removeAll(keepingCapacity: true)
  }

  private func fireTimers() {
    guard wheel.count > 0 else { return }
    let tick = (Self.monotonicNanoseconds() - epoch) / 1_000_000
    wheel.advance(to: tick, due: &dueTimers)
    guard !dueTimers.isEmpty else { return }
    // Actions arm and cancel timers, so the list is taken out first and each timer asked again.
    let due = dueTimers
    dueTimers.removeAll(keepingCapacity: true)
    for timer in due {
      guard case .due = timer.place else { continue }
      timer.place = .idle
      timer.fire()
    }
  }

  private func runCalls() {
    guard !calls.isEmpty else { return }
    let due = calls
    calls = []
    for call in due { call() }
  }

  private func runEndOfTurnCalls() {
    guard !endOfTurnCalls.isEmpty else { return }
    let due = endOfTurnCalls
    endOfTurnCalls = []
    for call in due { call() }
  }

  private static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
