/// The jobs that wait on a loop, in order; used on the loop's thread only, so without a lock.
///
/// Its state lies behind a pointer, which spares the exclusivity checks of class properties on a
/// path taken for every hop of every task.
struct JobRing: ~Copyable {
  private struct State {
    var slots: UnsafeMutablePointer<UnownedJob>
    var mask: Int
    var head = 0
    var count = 0
  }

  private let state: UnsafeMutablePointer<State>

  init() {
    let capacity = 256
    state = .allocate(capacity: 1)
    state.initialize(to: State(slots: .allocate(capacity: capacity), mask: capacity - 1))
  }

  deinit {
    state.pointee.slots.deallocate()
    state.deallocate()
  }

  var count: Int { state.pointee.count }

  var isEmpty: Bool { state.pointee.count == 0 }

  func push(_ job: UnownedJob) {
    if state.pointee.count > state.pointee.mask { grow() }
    let index = (state.pointee.head &+ state.pointee.count) & state.pointee.mask
    (state.pointee.slots + index).initialize(to: job)
    state.pointee.count &+= 1
  }

  func pop() -> UnownedJob? {
    guard state.pointee.count > 0 else { return nil }
    let job = state.pointee.slots[state.pointee.head]
    state.pointee.head = (state.pointee.head &+ 1) & state.pointee.mask
    state.pointee.count &-= 1
    return job
  }

  private func grow() {
    let old = state.pointee
    let capacity = (old.mask + 1) * 2
    let slots = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity)
    for offset in 0..<old.count {
      (slots + offset).initialize(to: old.slots[(old.head &+ offset) & old.mask])
    }
    old.slots.deallocate()
    state.pointee = State(slots: slots, mask: capacity - 1, head: 0, count: old.count)
  }
}
