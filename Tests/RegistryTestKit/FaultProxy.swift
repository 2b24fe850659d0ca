internal import EventLoops

/// Stands between clients and a server and disturbs what passes, as the network and dying machines do.
///
/// It knows no protocol. Both sides may be TCP or Unix sockets. Connections are numbered in the order of their arrival, from 0;
/// what is set for no connection in particular is set for all, those to come included. A half-close passes as a half-close,
/// a reset as a reset, both in their turn behind the bytes before them. What is held, delayed or trickled is bounded:
/// beyond 1 MiB a direction the sender is no longer read. The proxy has a loop of its own, so that it can't stall, nor be stalled
/// by, what is tested.
package final class FaultProxy: Sendable {
  /// Where somebody listens.
  package enum Address: Sendable, Hashable {
    /// A Unix socket; its path has at most 107 bytes.
    case unix(path: String)
    /// An IPv4 address and a port; 0 lets the system choose.
    case tcp(host: String, port: Int)
  }

  /// Which way bytes go.
  package enum Direction: Sendable, CaseIterable {
    case toServer
    case toClient
  }

  /// What happens to the bytes of one direction of a connection.
  package enum Course: Sendable {
    /// They go on at once.
    case pass
    /// Each piece, as it was received, waits for a time drawn from a range.
    ///
    /// Within a connection their order stays, between connections it doesn't: a wide range reorders.
    case delay(ClosedRange<Duration>)
    /// At most so many bytes, 1 or more, go on in each interval.
    case trickle(bytes: Int, every: Duration)
    /// They are kept, and the end of the direction too, until another course is set.
    ///
    /// Held connections released one by one answer in the order of the test's choice.
    case hold
    /// They are lost, and the end of the direction too: a black hole.
    case discard
    /// So many more go on, 0 or more; with the next one the connection ends on both sides.
    case cut(after: Int)
  }

  /// What happens to those who come.
  package enum Door: Sendable {
    /// They are connected to the server; if that is away, they see their connection end.
    case open
    /// Nobody listens: they are refused.
    case refusing
    /// The system takes their connection, and nobody ever reads or answers; opened again, the door lets them in.
    case silent
  }

  /// A connection as it is now.
  package struct Census: Sendable, Hashable {
    /// Its place in the order of arrival, from 0.
    package let number: Int
    /// How many bytes have come, by direction.
    package var received: [Direction: Int]
    /// How many bytes have gone on, by direction.
    package var passed: [Direction: Int]
    /// How many bytes are kept, by direction.
    package var kept: [Direction: Int]
    /// In which directions no more comes.
    package var ended: Set<Direction>
  }

  /// Where clients connect.
  package let address: Address

  private let loops: EventLoopGroup
  private let loop: EventLoop
  private let traffic: ProxyTraffic

  /// Starts to listen; the door is open, everything passes.
  ///
  /// - Parameters:
  ///   - server: Where connections go; nobody needs to listen there yet.
  ///   - address: Where to listen; a file that is at a Unix path is replaced.
  /// - Throws: An error of the system.
  package convenience init(
    to server: Address,
    listeningAt address: Address = .tcp(host: "127.0.0.1", port: 0)
  ) throws {
    try self.init(to: server, listeningAt: address, inspector: nil)
  }

  /// A proxy whose connections are each read by an inspector, made on the proxy's loop.
  init(
    to server: Address,
    listeningAt address: Address = .tcp(host: "127.0.0.1", port: 0),
    inspector: (@Sendable () -> any ProxyInspector)?
  ) throws {
    let listener = try ProxyListener(at: address)
    self.address = listener.address
    loops = try EventLoopGroup(count: 1, name: "proxy")
    loop = loops.next()
    traffic = ProxyTraffic(loop: loop, listener, to: server, inspector)
    loop.execute { [traffic] in traffic.start() }
  }

  /// Ends all connections and stops listening.
  ///
  /// Idempotent.
  package func close() async {
    try? await loop.run { [traffic] in traffic.stop() }
    await loops.shutDown()
  }
}

// MARK: Faults

extension FaultProxy {
  /// Sets what happens to bytes from now on, those that are kept included.
  ///
  /// - Parameters:
  ///   - course: What happens.
  ///   - directions: Which bytes; both if none is named.
  ///   - connection: Of which connection; nil for all, those to come included.
  package func set(
    _ course: Course,
    _ directions: Direction...,
    of connection: Int? = nil
  ) async {
    let directions = directions.isEmpty ? Direction.allCases : directions
    await onLoop { $0.set(course, directions, of: connection) }
  }

  /// Opens or shuts the door; connections that are there go on.
  ///
  /// - Throws: An error of the system, if the place can't be listened at any more.
  package func set(_ door: Door) async throws {
    try await loop.run { [traffic] in try traffic.set(door) }
  }

  /// Ends connections as a dying machine or a firewall does: by reset, what is kept is lost.
  ///
  /// A Unix socket knows no reset: it ends.
  package func cut(_ connection: Int? = nil) async {
    await onLoop { $0.end(connection, byReset: true) }
  }

  /// Ends one direction towards its receiver, who may still send; what comes for it later is lost, and what is kept.
  package func halfClose(_ direction: Direction, of connection: Int? = nil) async {
    await onLoop { $0.halfClose(direction, of: connection) }
  }

  private func onLoop(_ work: @escaping @Sendable (ProxyTraffic) -> Void) async {
    try? await loop.run { [traffic] in work(traffic) }
  }
}

// MARK: Looking

extension FaultProxy {
  /// The connections that there are, in the order of their arrival.
  package func census() async -> [Census] {
    (try? await loop.run { [traffic] in traffic.census }) ?? []
  }

  /// Waits until the connections are as wanted; asked whenever anything happens.
  ///
  /// Returns too when the proxy is closed.
  package func until(_ condition: @escaping @Sendable ([Census]) -> Bool) async {
    await withCheckedContinuation { continuation in
      loop.execute { [traffic] in
        traffic.wait(ProxyTraffic.Waiter(condition: condition, continuation: continuation))
      }
    }
  }

  /// Waits until so many bytes of a direction, of all connections together, are kept.
  package func untilKept(_ bytes: Int, _ direction: Direction) async {
    await until { $0.reduce(0) { $0 + ($1.kept[direction] ?? 0) } >= bytes }
  }
}
