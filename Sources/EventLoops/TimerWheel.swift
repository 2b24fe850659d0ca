/// Timers by deadline, in a hierarchy of wheels: 11 levels of 64 slots, each level 64 times coarser
/// than the one before.
///
/// A timer stands on the level of the highest base-64 digit in which its deadline differs from the
/// present, in the slot of that digit. So the lowest occupied level holds the earliest timers, and
/// a timer moves down at most once a level.
struct TimerWheel: ~Copyable {
  private static let levels = 11

  /// The present, in ticks; every timer on a wheel is due later.
  private(set) var present: UInt64 = 0
  private var occupied: [UInt64]
  private var heads: [LoopTimer?]
  private(set) var count = 0

  init() {
    occupied = Array(repeating: 0, count: Self.levels)
    heads = Array(repeating: nil, count: Self.levels * 64)
  }

  /// Puts in a timer whose `deadline` is set and which isn't on the wheel.
  mutating func insert(_ timer: LoopTimer) {
    if timer.deadline <= present { timer.deadline = present + 1 }
    let level = (63 - (timer.deadline ^ present).leadingZeroBitCount) / 6
    let index = Int((timer.deadline >> UInt64(6 * level)) & 63)
    let head = heads[level * 64 + index]
    timer.next = head
    timer.previous = nil
    head?.previous = timer
    heads[level * 64 + index] = timer
    occupied[level] |= 1 << UInt64(index)
    timer.place = .slot(level: level, index: index)
    count += 1
  }

  /// Takes out a timer, if it is on the wheel.
  mutating func remove(_ timer: LoopTimer) {
    guard case .slot(let level, let index) = timer.place else { return }
    let next = timer.next
    next?.previous = timer.previous
    if let previous = timer.previous {
      previous.next = next
    } else {
      heads[level * 64 + index] = next
      if next == nil { occupied[level] &= ~(1 << UInt64(index)) }
    }
    timer.next = nil
    timer.previous = nil
    timer.place = .idle
    count -= 1
  }

  /// The tick at which the wheel must next be advanced: not after the earliest deadline.
  var nextTick: UInt64? {
    nextSlot()?.start
  }

  private func nextSlot() -> (level: Int, index: Int, start: UInt64)? {
    guard count > 0, let level = occupied.firstIndex(where: { $0 != 0 }) else { return nil }
    let index = occupied[level].trailingZeroBitCount
    let shift = UInt64(6 * level)
    let above = level == Self.levels - 1 ? 0 : (present >> (shift + 6)) << (shift + 6)
    return (level, index, above | UInt64(index) << shift)
  }

  /// Moves the present and hands over the timers due by then, earliest first, their place set to
  /// `due`.
  mutating func advance(to tick: UInt64, due: inout [LoopTimer]) {
    while let (level, index, start) = nextSlot(), start <= tick {
      present = start
      while let timer = heads[level * 64 + index] {
        remove(timer)
        if timer.deadline <= present {
          timer.place = .due
          due.append(timer)
        } else {
          insert(timer)
        }
      }
    }
    present = max(present, tick)
  }

  /// Empties the wheel.
  mutating func removeAll() {
    for slot in heads.indices {
      while let timer = heads[slot] { remove(timer) }
    }
  }
}
