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

  /// What it is built on: its faults may be used beside the trap.
  package let faults: FaultProxy
  private let trap: SharedTrap

  /// Starts to listen.
  ///
  /// - Parameter socket: The path of the server's Unix socket; nobody needs to listen there yet.
  /// - Throws: An error of the system.
  package init(to socket: String) throws {
    let trap = SharedTrap()
    faults = try FaultProxy(to: .unix(path: socket), inspector: { PostgresInspector(trap) })
    self.trap = trap
    guard case .tcp(let host, let port) = faults.address else { preconditionFailure("not TCP") }
    address = "host=\(host) port=\(port) sslmode=disable gssencmode=disable"
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
    await faults.close()
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
