internal import EventLoops
internal import Glibc

/// One connection of the program, with the one to the server that belongs to it.
///
/// Used on the loop's thread only. The loop keeps it until one of the two is gone, or `end`.
final class ProxiedSession {
  private let program: Peer
  private let server: Peer
  private let traps: SharedTrap
  private let whenEnded: (ProxiedSession) -> Void

  private var requests = FrameReader(beginsWithStartup: true)
  private var answers = FrameReader(beginsWithStartup: false)
  private var transcript = Transcript()
  /// The COMMIT whose answer is to be held.
  private var awaited: Trap?
  private var isHeld = false
  private var hasEnded = false

  /// A session of two connected sockets, which it owns from now on.
  init(
    program: Int32,
    server: Int32,
    _ traps: SharedTrap,
    whenEnded: @escaping (ProxiedSession) -> Void
  ) {
    self.program = Peer(program)
    self.server = Peer(server)
    self.traps = traps
    self.whenEnded = whenEnded
  }

  func start(on loop: EventLoop) {
    program.start(on: loop) { [self] in received($0, from: program) }
    server.start(on: loop) { [self] in received($0, from: server) }
  }

  /// Closes both sockets.
  func end() {
    guard !hasEnded else { return }
    hasEnded = true
    program.close()
    server.close()
    whenEnded(self)
  }

  private func received(_ bytes: [UInt8]?, from peer: Peer) {
    guard let bytes else { return end() }
    guard !isHeld else { return }
    if peer === program {
      requests.append(bytes)
      while !isHeld, let frame = requests.next() { request(frame) }
      server.flush()
    } else {
      answers.append(bytes)
      while !isHeld, let frame = answers.next() { answer(frame) }
    }
    program.flush()
  }

  private func request(_ frame: Frame) {
    if frame.asksForEncryption { return program.queue([UInt8(ascii: "N")]) }
    if let statements = transcript.commit(in: frame), let trap = traps.take(statements) {
      switch trap.moment {
      case .beforeCommit: return hold(trap)
      case .afterCommit: awaited = trap
      }
    }
    server.queue(frame.bytes)
  }

  private func answer(_ frame: Frame) {
    if let trap = awaited {
      if frame.completedCommand == "COMMIT" { return hold(trap) }
      // The server refused to commit: the trap waits for the next one.
      if frame.kind == UInt8(ascii: "E") || frame.completedCommand == "ROLLBACK" {
        awaited = nil
        traps.set(trap)
      }
    }
    program.queue(frame.bytes)
  }

  private func hold(_ trap: Trap) {
    isHeld = true
    trap.sprung.yield()
    trap.sprung.finish()
  }
}

/// One socket of a session.
private final class Peer {
  private let descriptor: Int32
  private var registration: Registration?
  private var unsent: [UInt8] = []
  private var isOpen = true

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Begins to watch: `received` gets what comes, and nil when nothing comes any more.
  func start(on loop: EventLoop, received: @escaping ([UInt8]?) -> Void) {
    registration = try? loop.register(descriptor, for: .readable) { [self] readiness in
      if readiness.contains(.writable) { flush() }
      if readiness.contains(.readable) || readiness.contains(.hangUp) { receive(received) }
    }
  }

  private func receive(_ received: ([UInt8]?) -> Void) {
    guard isOpen else { return }
    var mustWait = false
    let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      let size = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      mustWait = size < 0 && errno == EAGAIN
      count = max(0, size)
    }
    if !mustWait { received(bytes.isEmpty ? nil : bytes) }
  }

  func queue(_ bytes: [UInt8]) { unsent += bytes }

  /// Sends what is queued, as far as the socket takes it now.
  func flush() {
    while isOpen, !unsent.isEmpty {
      let count = unsent.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // An error is seen again on reading.
      guard count > 0 else { break }
      unsent.removeFirst(count)
    }
    try? registration?.update(unsent.isEmpty ? .readable : [.readable, .writable])
  }

  func close() {
    guard isOpen else { return }
    isOpen = false
    registration?.cancel()
    Glibc.close(descriptor)
  }
}
