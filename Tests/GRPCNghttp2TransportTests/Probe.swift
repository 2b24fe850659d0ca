internal import CLinux
internal import EventLoops
internal import Glibc
internal import GRPCCore

@testable internal import GRPCNghttp2Transport

/// A client that speaks HTTP/2 by hand, so that tests can say what a proper client wouldn't.
final class Probe: HTTP2Connection, @unchecked Sendable {
  // Unchecked: as HTTP2Connection.

  /// Ends with the connection, after "settings", "goaway <last> <code> <reason>", "pong",
  /// "closed: <why>".
  let events: AsyncStream<String>
  private let feed: AsyncStream<String>.Continuation

  private init(
    descriptor: Int32,
    loop: EventLoop,
    context: TLSContext,
    serverName: String
  ) throws(TransportFailure) {
    (events, feed) = AsyncStream.makeStream(of: String.self)
    var settings = HTTP2Settings()
    settings.maxHeaderListSize = 1 << 20
    try super.init(
      descriptor: descriptor,
      loop: loop,
      buffers: LoopBuffers(),
      context: context,
      serverName: serverName,
      settings: settings
    )
  }

  /// Connects a socket; blocking is fine on the machine's own addresses.
  static func socket(to address: SocketAddress) throws -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = Glibc.socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0)
    let code = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
    guard code == 0 else {
      Glibc.close(descriptor)
      throw ConnectionClosed(why: "no connection")
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
  }

  /// Connects, shakes hands, and waits for the server's settings.
  ///
  /// - Throws: If the connection closes before.
  static func connect(
    to address: SocketAddress,
    _ options: ClientTLSOptions,
    on loop: EventLoop
  ) async throws -> Probe {
    try await connect(
      socket(to: address),
      TLSContext(client: options),
      serverName: options.serverName ?? address.host,
      on: loop
    )
  }

  /// Shakes hands over a connected socket; settings that were used before resume a session.
  static func connect(
    _ descriptor: Int32,
    _ context: TLSContext,
    serverName name: String = "localhost",
    on loop: EventLoop
  ) async throws -> Probe {
    let probe = try await loop.run {
      let probe = try Probe(descriptor: descriptor, loop: loop, context: context, serverName: name)
      probe.start()
      return probe
    }
    for await event in probe.events {
      if event == "settings" { return probe }
      if event.hasPrefix("closed") { throw ConnectionClosed(why: event) }
    }
    throw ConnectionClosed(why: "ended")
  }

  struct ConnectionClosed: Error {
    let why: String
  }

  override func receivedSettings() { feed.yield("settings") }

  override func receivedGoAway(
    lastStreamID: Int32,
    code: UInt32,
    reason: UnsafeRawBufferPointer
  ) {
    feed.yield("goaway \(lastStreamID) \(code) \(String(decoding: reason, as: UTF8.self))")
  }

  override func receivedPingAcknowledgement(_ payload: UInt64) { feed.yield("pong \(payload)") }

  override func closed(_ failure: TransportFailure) {
    feed.yield("closed: \(failure)")
    feed.finish()
  }

  /// Waits for an event that begins so.
  func saw(_ prefix: String) async -> Bool {
    for await event in events where event.hasPrefix(prefix) { return true }
    return false
  }

  /// Closes the socket without a word.
  func hangUp() async throws {
    try await loop.run { self.close(.closedHere) }
  }

  /// Begins a call; `path` is a method of `test.Bytes` unless it begins with a slash.
  func open(
    _ path: String,
    headers extra: [(String, String)] = [],
    replacing: [String: String] = [:],
    autoTake: Bool = true,
    rawBody: [UInt8]? = nil
  ) async throws -> ProbeCall {
    var list = HeaderList()
    let standard = [
      (":method", "POST"), (":scheme", "https"),
      (":path", path.hasPrefix("/") ? path : "/test.Bytes/\(path)"), (":authority", "tests"),
      ("te", "trailers"), ("content-type", "application/grpc"),
    ]
    for (name, value) in standard { list.append(name, replacing[name] ?? value) }
    for (name, value) in extra { list.append(name, value) }
    let headers = list
    return try await loop.run {
      let call = ProbeCall(loop: self.loop, autoTake: autoTake, rawBody: rawBody)
      guard self.open(call, headers: headers) else {
        throw ConnectionClosed(why: "no more calls")
      }
      return call
    }
  }

  /// Makes a whole call.
  func call(
    _ path: String,
    _ messages: [[UInt8]] = [[]],
    headers: [(String, String)] = [],
    replacing: [String: String] = [:]
  ) async throws -> ProbeCall.Reply {
    let call = try await open(path, headers: headers, replacing: replacing)
    for message in messages { try await call.say(message) }
    try await call.end()
    return await call.reply()
  }
}

/// One call of a probe.
final class ProbeCall: HTTP2Stream, @unchecked Sendable {
  // Unchecked: as HTTP2Stream.

  enum Event: Sendable {
    case headers(HeaderBlock)
    case message([UInt8])
    case closed(UInt32)
  }

  /// What came back.
  struct Reply: Sendable {
    var blocks: [HeaderBlock] = []
    var messages: [[UInt8]] = []
    var resetCode: UInt32 = 0

    /// The status in the last block, as text: "notFound: words".
    var status: Status? { blocks.last?.status() }
    var code: Status.Code? { status?.code }
    var metadata: Metadata { blocks.first?.metadata() ?? [:] }
    var trailers: Metadata { blocks.last?.metadata() ?? [:] }
    var httpStatus: String? { blocks.first?.text(of: ":status") }
  }

  let events: AsyncStream<Event>
  private let feed: AsyncStream<Event>.Continuation
  private let autoTake: Bool
  private var untaken = 0
  private var rawBody: [UInt8]?

  init(loop: EventLoop, autoTake: Bool, rawBody: [UInt8]?) {
    self.rawBody = rawBody
    (events, feed) = AsyncStream.makeStream(of: Event.self)
    self.autoTake = autoTake
    super.init(loop: loop, maxMessageBytes: 1 << 30)
  }

  override func received(headers: HeaderBlock, endsStream: Bool) {
    if let encoding = headers.bytes(of: "grpc-encoding").flatMap({ MessageEncoding(name: $0) }) {
      incomingEncoding = encoding
    }
    feed.yield(.headers(headers))
  }

  override var hasMessagesWaiting: Bool { untaken > 0 }

  override func received(message: [UInt8]) {
    feed.yield(.message(message))
    if autoTake {
      took(bytes: message.count)
    } else {
      untaken += 1
    }
  }

  override func closed(code: UInt32, error: (any Error)?) {
    feed.yield(.closed(error == nil ? code : .max))
    feed.finish()
  }

  /// Sends bytes that need not be whole messages, if there are such.
  override func fill(_ room: UnsafeMutableRawBufferPointer) -> Outbox.Filled {
    guard let rawBody else { return super.fill(room) }
    precondition(rawBody.count <= room.count, "raw bodies are short")
    room.copyBytes(from: rawBody)
    return .end(rawBody.count)
  }

  func say(_ message: [UInt8]) async throws {
    let hasRoom = try await loop.run {
      self.send(message: message)
      return self.outbox.hasRoom
    }
    if !hasRoom { await waitForRoom() }
  }

  func end() async throws {
    try await loop.run { self.sendEnd(.end) }
  }

  func cancel() async throws {
    try await loop.run { self.reset(code: 8) }
  }

  /// The next message, nil when the call is closed.
  func nextMessage() async -> [UInt8]? {
    for await event in events {
      if case .message(let message) = event { return message }
    }
    return nil
  }

  /// Everything until the call is closed.
  func reply() async -> Reply {
    var reply = Reply()
    for await event in events {
      switch event {
      case .headers(let block): reply.blocks.append(block)
      case .message(let message): reply.messages.append(message)
      case .closed(let code): reply.resetCode = code
      }
    }
    return reply
  }
}
