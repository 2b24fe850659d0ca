internal import EventLoops
internal import Foundation
internal import Glibc
internal import Synchronization

/// Stands between a program and a PostgreSQL server's socket, and can stop a transaction's COMMIT on its way, so that a
/// test may kill either of them at exactly that moment.
///
/// It listens on a port of 127.0.0.1 that the system chooses, without TLS, and passes on every message of PostgreSQL's
/// protocol (version 3) as it is. A trap holds one session for good: what either side still sends is thrown away, and its
/// other end is closed as soon as one of the two is gone. All other sessions go on.
package final class PostgresProxy: Sendable {
  /// Where a COMMIT is stopped.
  package enum Moment: Sendable, CaseIterable {
    /// The program has sent it, the server doesn't get it.
    case beforeCommit
    /// The server has committed, the program doesn't hear of it.
    case afterCommit
  }

  /// Where it listens, for a connection string: `host=127.0.0.1 port=… sslmode=disable gssencmode=disable`.
  package let address: String

  private let loops: EventLoopGroup
  private let loop: EventLoop
  private let listener: Listener
  private let trap = SharedTrap()

  /// Starts to listen.
  ///
  /// - Parameter socket: The path of the server's Unix socket; nobody needs to listen there yet.
  /// - Throws: An error of the system.
  package init(to socket: String) throws {
    let (descriptor, port) = try Sockets.listen()
    address = "host=127.0.0.1 port=\(port) sslmode=disable gssencmode=disable"
    loops = try EventLoopGroup(count: 1, name: "proxy")
    loop = loops.next()
    listener = Listener(descriptor, to: socket, trap)
    loop.execute { [listener, loop] in listener.start(on: loop) }
  }

  /// Sets the trap for the next COMMIT of a transaction that `matches`; it springs once.
  ///
  /// A trap that was set before and hasn't sprung is taken away.
  ///
  /// - Parameters:
  ///   - moment: Where the COMMIT is stopped.
  ///   - matches: Whether it is meant, by the texts of its transaction's statements.
  /// - Returns: What gives a value as soon as the COMMIT is held, and ends without one if the trap is taken away.
  package func arm(
    _ moment: Moment,
    on matches: @escaping @Sendable ([String]) -> Bool
  ) -> AsyncStream<Void> {
    let (sprung, continuation) = AsyncStream<Void>.makeStream()
    trap.set(Trap(moment: moment, matches: matches, sprung: continuation))
    return sprung
  }

  /// Takes the trap away, if it hasn't sprung.
  package func disarm() { trap.set(nil) }

  /// Ends all sessions and stops listening.
  package func close() async {
    disarm()
    try? await loop.run { [listener] in listener.stop() }
    await loops.shutDown()
  }
}

/// A COMMIT to be stopped.
struct Trap: Sendable {
  let moment: PostgresProxy.Moment
  let matches: @Sendable ([String]) -> Bool
  let sprung: AsyncStream<Void>.Continuation
}

/// The trap, set by a test and taken by the session that is caught.
final class SharedTrap: Sendable {
  private let trap = Mutex<Trap?>(nil)

  func set(_ new: Trap?) {
    trap.withLock { old in
      old?.sprung.finish()
      old = new
    }
  }

  /// The trap, if it is meant for a transaction; then nobody else gets it.
  func take(_ statements: [String]) -> Trap? {
    trap.withLock { trap in
      guard let found = trap, found.matches(statements) else { return nil }
      trap = nil
      return found
    }
  }
}

/// Accepts the sessions and keeps them.
private final class Listener: @unchecked Sendable {
  // Unchecked: used on the loop's thread only, once made.
  private let descriptor: Int32
  private let path: String
  private let trap: SharedTrap
  private var registration: Registration?
  private var sessions: [ObjectIdentifier: ProxiedSession] = [:]

  init(_ descriptor: Int32, to path: String, _ trap: SharedTrap) {
    self.descriptor = descriptor
    self.path = path
    self.trap = trap
  }

  func start(on loop: EventLoop) {
    registration = try? loop.register(descriptor, for: .readable) { [self] _ in
      accept(on: loop)
    }
  }

  func stop() {
    for session in sessions.values { session.end() }
    registration?.cancel()
    close(descriptor)
  }

  private func accept(on loop: EventLoop) {
    guard let program = Sockets.accept(descriptor) else { return }
    // A server that is down refuses; the program sees its connection closed.
    guard let server = Sockets.connect(path) else {
      close(program)
      return
    }
    let session = ProxiedSession(program: program, server: server, trap) { [self] in
      sessions[ObjectIdentifier($0)] = nil
    }
    sessions[ObjectIdentifier(session)] = session
    session.start(on: loop)
  }
}

/// The few calls of the system, without blocking from then on.
private enum Sockets {
  static func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    prepare(descriptor)
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  static func accept(_ listener: Int32) -> Int32? {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return nil }
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
    prepare(descriptor)
    return descriptor
  }

  static func connect(_ path: String) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else {
      close(descriptor)
      return nil
    }
    prepare(descriptor)
    return descriptor
  }

  private static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }
}
