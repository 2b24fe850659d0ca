/// Reads one session's messages and springs the trap.
///
/// Used on the proxy's loop only.
final class PostgresInspector: ProxyInspector {
  private let traps: SharedTrap
  private var requests = FrameReader(beginsWithStartup: true)
  private var answers = FrameReader(beginsWithStartup: false)
  private var transcript = Transcript()
  /// The COMMIT whose answer is to be held.
  private var awaited: Trap?
  private var isHeld = false

  init(_ traps: SharedTrap) {
    self.traps = traps
  }

  func inspect(
    _ bytes: [UInt8],
    _ direction: FaultProxy.Direction,
    on connection: ProxiedConnection
  ) -> [UInt8] {
    var passed: [UInt8] = []
    switch direction {
    case .toServer:
      requests.append(bytes)
      while !isHeld, let frame = requests.next() { passed += request(frame, on: connection) }
    case .toClient:
      answers.append(bytes)
      while !isHeld, let frame = answers.next() { passed += answer(frame) }
    }
    return passed
  }

  func ended(_ direction: FaultProxy.Direction, on connection: ProxiedConnection) {
    // Who waits behind the trap is told as soon as the other is gone.
    if isHeld { connection.end() }
  }

  private func request(_ frame: Frame, on connection: ProxiedConnection) -> [UInt8] {
    if frame.asksForEncryption {
      connection.send([UInt8(ascii: "N")], .toClient)
      return []
    }
    if let statements = transcript.commit(in: frame), let trap = traps.take(statements) {
      switch trap.moment {
      case .beforeCommit:
        hold(trap)
        return []
      case .afterCommit: awaited = trap
      }
    }
    return frame.bytes
  }

  private func answer(_ frame: Frame) -> [UInt8] {
    if let trap = awaited {
      if frame.completedCommand == "COMMIT" {
        hold(trap)
        return []
      }
      // The server refused to commit: the trap waits for the next one.
      if frame.kind == UInt8(ascii: "E") || frame.completedCommand == "ROLLBACK" {
        awaited = nil
        traps.set(trap)
      }
    }
    return frame.bytes
  }

  private func hold(_ trap: Trap) {
    isHeld = true
    trap.sprung.yield()
    trap.sprung.finish()
  }
}
