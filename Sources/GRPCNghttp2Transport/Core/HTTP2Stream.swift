internal import CNghttp2
internal import EventLoops
internal import GRPCCore

/// One stream of an HTTP/2 connection that carries gRPC messages; the base of a server's and a
/// client's call.
///
/// Confined to its connection's loop. Subclasses override what is marked as a hook; everything else
/// is done here: cutting messages, giving the peer its window back as the application takes them,
/// and queueing what is sent (HTTP2Stream+Sending).
///
/// Life: the connection keeps the stream from `attach` (client) or `makeStream` (server) until
/// `closed`, which is called exactly once, also when the connection fails. After it `connection` is
/// nil and nothing reaches the wire.
class HTTP2Stream: @unchecked Sendable {
  // Unchecked: used on the connection's loop only; other threads go through `loop.execute`.

  /// The connection's loop.
  final let loop: EventLoop
  /// The connection, until the stream is closed.
  final private(set) var connection: HTTP2Connection?
  /// The stream's number; 0 until a client's request is submitted.
  final private(set) var id: Int32 = 0
  /// Messages in, cut from DATA frames.
  final private var deframer: MessageDeframer
  /// Bytes received whose window hasn't been given back.
  final private var withheld = 0
  /// Bytes received that the application hasn't taken; counted against the connection's budget.
  final private var held = 0
  /// Set to take no more messages: what still comes is dropped.
  final private(set) var discardsInput = false
  /// Set to give the window back at once, for a request that must be complete before anything looks
  /// at it.
  final var takesInputAtOnce = false
  /// Bytes of the body that came or went: how one sees that a peer is at work.
  final private(set) var bytesMoved = 0
  /// Whether this side has ended the stream by RST_STREAM.
  final private(set) var isReset = false
  /// What is queued to be sent.
  final var outbox = Outbox()
  /// How messages sent from now on are compressed, if they have so many bytes.
  final var outgoing = (encoding: MessageEncoding.identity, minimumBytes: 0)
  /// How messages are compressed that say they are; set before the first data come.
  final var incomingEncoding = MessageEncoding.identity {
    didSet { deframer.acceptsCompressed = incomingEncoding != .identity }
  }
  /// What each message that waits to be taken had on the wire; only where some may be compressed.
  final private var arrivals = FIFO<(bytes: Int, isCompressed: Bool)>()

  init(loop: EventLoop, maxMessageBytes: Int) {
    self.loop = loop
    deframer = MessageDeframer(limit: maxMessageBytes)
  }

  /// Binds the stream to its connection and number.
  ///
  /// Called by the connection.
  final func attached(to connection: HTTP2Connection, id: Int32) {
    self.connection = connection
    self.id = id
  }

  /// Whether the peer owes the rest of a message, or room for what is queued: it is up to the peer
  /// that the stream goes on.
  final var waitsForPeer: Bool {
    outbox.isBlocked
      || (deframer.isWithinMessage && !discardsInput && !hasMessagesWaiting)
  }

  /// The most bytes of a message received; may be changed until the first data come.
  final var maxMessageBytes: Int {
    get { deframer.limit }
    set { deframer.limit = newValue }
  }

  // MARK: Hooks

  /// Headers or trailers came.
  ///
  /// They are valid during the call.
  func received(headers: HeaderBlock, endsStream: Bool) {}

  /// A whole message came.
  ///
  /// Its window is given back by `took(bytes:)`.
  func received(message: [UInt8]) {}

  /// Whether messages handed over wait to be taken; while they do, an incomplete one gets no more
  /// window.
  var hasMessagesWaiting: Bool { false }

  /// The peer ended its side, on a message's boundary unless `isWithinMessage`.
  func receivedEnd(isWithinMessage: Bool) {}

  /// A message was taken that came compressed, or didn't; only called where some may be.
  func tookMessage(wasCompressed: Bool) {}

  /// The peer's messages can't be read on: too large, or wrongly compressed.
  ///
  /// Input is dropped from now on.
  func failedToDeframe(_ failure: MessageDeframer.Failure) {}

  /// This stream's input would exceed what the connection may hold for its streams.
  ///
  /// Input is dropped from now on.
  func exceededInputBudget() {}

  /// This side's end has been handed to the socket.
  func sentEnd() {}

  /// Headers or trailers of this side couldn't be sent; the stream is being reset.
  func couldNotSendHeaders() {}

  /// The stream is closed, with HTTP/2's error code (0 if properly); or the connection failed with
  /// `error`.
  func closed(code: UInt32, error: (any Error)?) {}

  /// The session can send more of the body: fills a DATA frame from the outbox.
  func fill(_ room: UnsafeMutableRawBufferPointer) -> Outbox.Filled {
    let before = outbox.queuedBytes
    let filled = outbox.fill(room)
    bytesMoved += before - outbox.queuedBytes
    if case .endBeforeTrailers = filled, case .trailers(let trailers)? = outbox.ending {
      connection?.session.submitTrailers(trailers, id: id)
    }
    return filled
  }

  // MARK: Receiving

  final func received(data: UnsafeRawBufferPointer) {
    bytesMoved += data.count
    if discardsInput {
      connection?.session.consume(stream: id, bytes: data.count)
      return
    }
    withheld += data.count
    hold(data.count)
    if let connection, connection.heldInput > connection.inputBudget {
      discardInput()
      exceededInputBudget()
      return
    }
    let limit = deframer.limit
    do {
      try deframer.consume(data) { message, isCompressed throws(MessageDeframer.Failure) in
        if incomingEncoding == .identity {
          received(message: message)
        } else if !discardsInput {
          try received(message, isCompressed: isCompressed, limit: limit)
        }
      }
    } catch {
      discardInput()
      failedToDeframe(error)
    }
    giveBackIdleWindow()
  }

  /// Decompresses a message, which may neither exceed its limit nor what the connection may hold.
  private final func received(
    _ message: [UInt8],
    isCompressed: Bool,
    limit: Int
  ) throws(MessageDeframer.Failure) {
    var whole = message
    if isCompressed, let connection {
      let budget = max(0, connection.inputBudget - connection.heldInput + message.count)
      do {
        whole = try connection.buffers.codec.decompress(
          message,
          incomingEncoding,
          limit: min(limit, budget)
        )
      } catch .inflatesBeyond where budget < limit {
        discardInput()
        return exceededInputBudget()
      }
      hold(whole.count - message.count)
    }
    arrivals.append((bytes: message.count, isCompressed: isCompressed))
    received(message: whole)
  }

  final func receivedEnd() {
    if !discardsInput { receivedEnd(isWithinMessage: deframer.isWithinMessage) }
  }

  /// The application took a message of so many bytes.
  final func took(bytes: Int) {
    var arrived = bytes
    if let arrival = arrivals.popFirst() {
      arrived = arrival.bytes
      tookMessage(wasCompressed: arrival.isCompressed)
    }
    hold(-min(held, bytes + 5))
    giveBack(min(withheld, arrived + 5))
    giveBackIdleWindow()
  }

  /// The application took what isn't a message: perhaps the last that stood before an incomplete one.
  final func tookOther() {
    giveBackIdleWindow()
  }

  /// Drops what still comes, and lets the peer send it.
  final func discardInput() {
    discardsInput = true
    hold(-held)
    giveBack(withheld)
  }

  private final func hold(_ bytes: Int) {
    held += bytes
    connection?.heldInput += bytes
  }

  /// An incomplete message must be able to grow to its limit when nobody waits for anything before
  /// it.
  private final func giveBackIdleWindow() {
    if takesInputAtOnce || discardsInput || !hasMessagesWaiting { giveBack(withheld) }
  }

  private final func giveBack(_ bytes: Int) {
    guard bytes > 0 else { return }
    withheld -= bytes
    guard let connection else { return }
    connection.session.consume(stream: id, bytes: bytes)
    connection.scheduleFlush()
  }

  /// Ends the stream at once in both directions; `closed` follows.
  final func reset(code: UInt32) {
    guard let connection else { return }
    discardInput()
    isReset = true
    connection.session.reset(id: id, code: code)
    connection.scheduleFlush()
  }

  /// Called by the connection, once.
  final func close(code: UInt32, error: (any Error)?) {
    guard connection != nil else { return }
    hold(-held)
    connection = nil
    discardsInput = true
    outbox.close()
    closed(code: code, error: error)
  }
}
