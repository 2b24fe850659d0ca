internal import EventLoops

/// One connection of a client, with the one to the server that belongs to it.
///
/// Used on the proxy's loop only, which keeps it until both are gone.
final class ProxiedConnection {
  typealias Direction = FaultProxy.Direction

  let number: Int
  /// Called after anything has happened.
  var whenChanged: () -> Void = {}
  /// Called once, with the number.
  var whenEnded: (Int) -> Void = { _ in }

  private let client: ProxiedSocket
  private let server: ProxiedSocket
  private let flows: [Direction: ProxiedFlow]
  private let inspector: (any ProxyInspector)?
  private var hasEnded = false

  /// A connection of two sockets, which it owns from now on.
  init(
    number: Int,
    client: ProxiedSocket,
    server: ProxiedSocket,
    inspector: (any ProxyInspector)?
  ) {
    self.number = number
    self.client = client
    self.server = server
    self.inspector = inspector
    flows = [
      .toServer: ProxiedFlow(from: client, to: server),
      .toClient: ProxiedFlow(from: server, to: client),
    ]
  }

  func start(on loop: EventLoop) {
    for (direction, flow) in flows {
      flow.whenDone = { [weak self] byReset in self?.passEnd(direction, byReset: byReset) }
      flow.whenCut = { [weak self] in self?.end() }
      flow.start(on: loop)
    }
    client.start(on: loop) { [weak self] in self?.received($0, .toServer) }
    server.start(on: loop) { [weak self] in self?.received($0, .toClient) }
  }

  private func received(_ event: ProxiedSocket.Event, _ direction: Direction) {
    switch event {
    case .bytes(let bytes):
      let passed = inspector?.inspect(bytes, direction, on: self) ?? bytes
      flows[direction]?.receive(passed, counting: bytes.count)
    case .ended, .broken:
      inspector?.ended(direction, on: self)
      if case .broken = event {
        flows[direction]?.sourceBroke()
      } else {
        flows[direction]?.sourceEnded()
      }
      // With nobody left on either side, nothing that is kept has a reader.
      if flows.values.allSatisfy(\.hasSourceEnded) && flows.values.allSatisfy(\.isEmpty) { end() }
    }
    whenChanged()
  }

  private func passEnd(_ direction: Direction, byReset: Bool) {
    if byReset { return end(byReset: true) }
    (direction == .toServer ? server : client).finish()
    if flows.values.allSatisfy(\.isDone) { end() }
  }

  /// Sends something of the proxy's own, past all courses.
  func send(_ bytes: [UInt8], _ direction: Direction) {
    (direction == .toServer ? server : client).send(bytes)
  }

  func set(_ course: FaultProxy.Course, _ direction: Direction) {
    flows[direction]?.set(course)
  }

  func halfClose(_ direction: Direction) {
    guard !hasEnded else { return }
    flows[direction]?.set(.discard)
    (direction == .toServer ? server : client).finish()
  }

  /// Closes both sockets.
  func end(byReset: Bool = false) {
    guard !hasEnded else { return }
    hasEnded = true
    for flow in flows.values { flow.stop() }
    for socket in [client, server] { socket.close(byReset: byReset) }
    whenEnded(number)
    whenChanged()
    whenEnded = { _ in }
    whenChanged = {}
  }

  var census: FaultProxy.Census {
    FaultProxy.Census(
      number: number,
      received: flows.mapValues(\.received),
      passed: flows.mapValues(\.passed),
      kept: flows.mapValues(\.kept),
      ended: Set(flows.filter { $0.value.hasSourceEnded }.keys)
    )
  }
}

/// One direction of a connection.
final class ProxiedFlow {
  /// Called when the end of the direction goes on, and whether as a reset.
  var whenDone: (Bool) -> Void = { _ in }
  /// Called when the connection is to be cut.
  var whenCut: () -> Void = {}

  private(set) var received = 0
  private(set) var passed = 0
  /// How many bytes are kept.
  private(set) var kept = 0
  /// Whether the end has gone on.
  private(set) var isDone = false

  private enum End {
    case finished
    case broken
  }

  private struct Piece {
    var bytes: ArraySlice<UInt8>
    let due: ContinuousClock.Instant
  }

  private let source: ProxiedSocket
  private let sink: ProxiedSocket
  private var course = FaultProxy.Course.pass
  private var pieces: [Piece] = []
  private var end: End?
  private var timer: LoopTimer?
  /// How many bytes have gone on since the course was set.
  private var passedOnCourse = 0

  private static let limit = 1_048_576

  init(from source: ProxiedSocket, to sink: ProxiedSocket) {
    self.source = source
    self.sink = sink
  }

  var hasSourceEnded: Bool { end != nil }
  var isEmpty: Bool { kept == 0 }

  func start(on loop: EventLoop) {
    timer = loop.makeTimer { [weak self] in self?.timerFired() }
  }

  func stop() {
    timer?.cancel()
    timer = nil
    whenDone = { _ in }
    whenCut = {}
  }

  func set(_ new: FaultProxy.Course) {
    course = new
    passedOnCourse = 0
    timer?.cancel()
    pump()
  }

  func receive(_ bytes: [UInt8], counting count: Int) {
    received += count
    guard !bytes.isEmpty else { return }
    var due = ContinuousClock.now
    if case .delay(let range) = course {
      let chance = Double.random(in: 0...1)
      due += range.lowerBound + (range.upperBound - range.lowerBound) * chance
    }
    if let last = pieces.last { due = max(due, last.due) }
    pieces.append(Piece(bytes: bytes[...], due: due))
    kept += bytes.count
    pump()
  }

  func sourceEnded() {
    end = end ?? .finished
    pump()
  }

  func sourceBroke() {
    end = .broken
    pump()
  }
}

extension ProxiedFlow {
  private func timerFired() {
    if case .trickle(let bytes, _) = course { pass(bytes) }
    pump()
  }

  /// Lets on what may go on now.
  private func pump() {
    var passesEnd = kept == 0
    switch course {
    case .pass:
      pass(kept)
      passesEnd = true
    case .delay:
      let now = ContinuousClock.now
      while let piece = pieces.first, piece.due <= now { pass(piece.bytes.count) }
      if let next = pieces.first { timer?.arm(after: now.duration(to: next.due)) }
      passesEnd = kept == 0
    case .trickle(_, let interval):
      if kept > 0, timer?.isArmed == false { timer?.arm(after: interval) }
    case .hold:
      passesEnd = false
    case .discard:
      pieces = []
      kept = 0
      passesEnd = false
    case .cut(let limit):
      let isOver = kept > limit - passedOnCourse
      pass(min(kept, limit - passedOnCourse))
      if isOver { return sink.whenFlushed { [weak self] in self?.whenCut() } }
    }
    source.isReading = end == nil && kept < Self.limit
    if let end, passesEnd, kept == 0, !isDone {
      isDone = true
      whenDone(end == .broken)
    }
  }

  private func pass(_ count: Int) {
    var rest = count
    while rest > 0, !pieces.isEmpty {
      let taken = pieces[0].bytes.prefix(rest)
      sink.send(Array(taken))
      pieces[0].bytes.removeFirst(taken.count)
      if pieces[0].bytes.isEmpty { pieces.removeFirst() }
      rest -= taken.count
      kept -= taken.count
      passed += taken.count
      passedOnCourse += taken.count
    }
  }
}
