internal import EventLoops

/// Reads what passes on one connection, for a proxy that knows a protocol.
///
/// Made and called on the proxy's loop.
protocol ProxyInspector: AnyObject {
  /// Says what goes on in the place of what has come.
  func inspect(
    _ bytes: [UInt8],
    _ direction: FaultProxy.Direction,
    on connection: ProxiedConnection
  ) -> [UInt8]

  /// Nothing more comes in a direction.
  func ended(_ direction: FaultProxy.Direction, on connection: ProxiedConnection)
}

/// A proxy's listener and connections, on its loop.
final class ProxyTraffic: @unchecked Sendable {
  // Unchecked: used on the loop's thread only, once made.

  /// Who waits until the connections are as wanted.
  struct Waiter: Sendable {
    let condition: @Sendable ([FaultProxy.Census]) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private let loop: EventLoop
  private let listener: ProxyListener
  private let server: FaultProxy.Address
  private let inspector: (@Sendable () -> any ProxyInspector)?
  private var registration: Registration?
  private var connections: [Int: ProxiedConnection] = [:]
  private var arrived = 0
  private var courses: [FaultProxy.Direction: FaultProxy.Course] = [:]
  private var waiters: [Waiter] = []
  private var isStopped = false

  init(
    loop: EventLoop,
    _ listener: ProxyListener,
    to server: FaultProxy.Address,
    _ inspector: (@Sendable () -> any ProxyInspector)?
  ) {
    self.loop = loop
    self.listener = listener
    self.server = server
    self.inspector = inspector
  }

  func start() {
    guard registration == nil, let descriptor = listener.descriptor else { return }
    registration = try? loop.register(descriptor, for: .readable) { [weak self] _ in
      self?.accept()
    }
  }

  func stop() {
    isStopped = true
    for connection in connections.values { connection.end() }
    registration?.cancel()
    listener.close()
    listener.leave()
    for waiter in waiters { waiter.continuation.resume() }
    waiters = []
  }

  private func accept() {
    while let descriptor = listener.accept() {
      // A server that is down refuses: its client sees the connection end.
      guard let other = ProxySystem.connect(to: server) else {
        ProxySystem.close(descriptor)
        continue
      }
      let connection = ProxiedConnection(
        number: arrived,
        client: ProxiedSocket(descriptor),
        server: ProxiedSocket(other),
        inspector: inspector?()
      )
      arrived += 1
      connections[connection.number] = connection
      connection.whenChanged = { [weak self] in self?.changed() }
      connection.whenEnded = { [weak self] in self?.connections[$0] = nil }
      for (direction, course) in courses { connection.set(course, direction) }
      connection.start(on: loop)
    }
    changed()
  }

  private func chosen(_ number: Int?) -> [ProxiedConnection] {
    guard let number else { return connections.values.sorted { $0.number < $1.number } }
    return connections[number].map { [$0] } ?? []
  }

  private func changed() {
    guard !waiters.isEmpty else { return }
    let census = census
    let done = waiters.filter { $0.condition(census) }
    guard !done.isEmpty else { return }
    waiters.removeAll { $0.condition(census) }
    for waiter in done { waiter.continuation.resume() }
  }
}

// MARK: What a test does

extension ProxyTraffic {
  var census: [FaultProxy.Census] { chosen(nil).map(\.census) }

  func wait(_ waiter: Waiter) {
    guard !isStopped, !waiter.condition(census) else { return waiter.continuation.resume() }
    waiters.append(waiter)
  }

  func set(
    _ course: FaultProxy.Course,
    _ directions: [FaultProxy.Direction],
    of number: Int?
  ) {
    for direction in directions {
      if number == nil { courses[direction] = course }
      for connection in chosen(number) { connection.set(course, direction) }
    }
    changed()
  }

  func set(_ door: FaultProxy.Door) throws {
    registration?.cancel()
    registration = nil
    switch door {
    case .open:
      try listener.open()
      start()
    case .refusing:
      listener.close()
    case .silent:
      try listener.open()
    }
  }

  func end(_ number: Int?, byReset: Bool) {
    for connection in chosen(number) { connection.end(byReset: byReset) }
    changed()
  }

  func halfClose(_ direction: FaultProxy.Direction, of number: Int?) {
    for connection in chosen(number) { connection.halfClose(direction) }
    changed()
  }
}
