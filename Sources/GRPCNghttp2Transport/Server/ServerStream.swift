internal import EventLoops
internal import GRPCCore
internal import Synchronization

/// One call on the server: judges its headers, starts the handler's task, keeps the deadline, sends
/// the response.
///
/// Confined to its connection's loop. The handler gets its messages from `inbound` and answers
/// through a `ServerWriter`.
final class ServerStream: HTTP2Stream, @unchecked Sendable {
  // Unchecked: as HTTP2Stream.

  private enum Response {
    case none, begun
    /// Its status is queued.
    case ended
  }

  let worker: ServerWorker
  let peer: ConnectionPeer
  private var inbound: InboundQueue<RPCRequestPart<[UInt8]>>?
  private(set) var head: RequestHead?
  private(set) var method: MethodEntry?
  private(set) var deadline: ContinuousClock.Instant?
  private var timer: LoopTimer?
  /// By when the single request must be complete; nil once it is.
  private var requestDeadline: ContinuousClock.Instant?
  /// Since when the client has moved too little, and how much it had moved then.
  private var progressMark: ProgressMark?
  /// The connection, while the stream is closed and the handler still runs.
  private weak var abandonedBy: ServerConnection?
  private var response = Response.none
  private var hasRequestMessage = false
  /// The request of a method that is called directly.
  private var requestMessage: [UInt8] = []
  private var task: Task<Void, Never>?
  var cancellation: ServerContext.RPCCancellationHandle?
  /// What the response's next messages are to be compressed with; the handler may say so on any
  /// thread.
  private let wanted: Atomic<UInt8>
  private let lastWasCompressed = Atomic<Bool>(false)
  /// What `grpc-encoding` said of the response.
  var declaredEncoding = MessageEncoding.identity
  /// Whether the handler has answered, and not only that it can't now.
  private(set) var isServed = false
  /// What the handler's reads and writes throw once the call is over for it.
  private(set) var outcome: RPCError?

  init(worker: ServerWorker, peer: ConnectionPeer) {
    self.worker = worker
    self.peer = peer
    let compression = worker.shared.compression
    wanted = Atomic(compression.encoding(compression.algorithm).rawValue)
    super.init(loop: worker.loop, maxMessageBytes: worker.shared.limits.requestMessageBytes)
  }

  // MARK: The request

  override func received(headers: HeaderBlock, endsStream: Bool) {
    // A second block is the client's trailers, which mean nothing in gRPC.
    guard head == nil, let connection = connection as? ServerConnection else { return }
    let head = connection.head(of: headers)
    self.head = head
    switch head.verdict {
    case .refusedByHTTP(let code):
      worker.shared.refusals.count(.notGRPC)
      var list = HeaderList()
      list.append(":status", String(code))
      refuse(list)
    case .refused(let status, let refusal):
      worker.shared.refusals.count(refusal)
      refuse(trailersOnly(status, [:]))
    case .accepted(let method):
      accept(method, timeout: headers.timeout)
    }
  }

  private func refuse(_ list: HeaderList) {
    discardInput()
    response = .ended
    connection?.session.submitResponse(list, stream: self, hasBody: false)
    connection?.scheduleFlush()
  }

  private func accept(_ method: MethodEntry, timeout: [UInt8]) {
    if let refusal = worker.refusal(of: method) { return refuse(refusal) }
    self.method = method
    maxMessageBytes = method.messageBytes
    takesInputAtOnce = method.hasSingleRequest
    incomingEncoding = head?.encoding ?? .identity
    var patience = method.timeout
    if !timeout.isEmpty {
      guard let duration = GRPCTimeout.parse(timeout) else {
        worker.shared.refusals.count(.malformedTimeout)
        let status = Status(code: .internalError, message: "The grpc-timeout is malformed.")
        return refuse(trailersOnly(status, [:]))
      }
      patience = duration
    }
    if let patience {
      deadline = ContinuousClock.now + patience
      timer = loop.schedule(after: patience) { [unowned self] in deadlinePassed() }
    }
    if method.hasSingleRequest {
      requestDeadline = ContinuousClock.now + worker.shared.limits.requestTimeout
    }
    if method.unary != nil { return }
    let inbound = InboundQueue<RPCRequestPart<[UInt8]>>(stream: self)
    self.inbound = inbound
    inbound.push(.metadata(head?.metadata ?? [:]), bytes: nil)
    if !method.hasSingleRequest { start() }
  }

  override var hasMessagesWaiting: Bool { inbound.map { !$0.isEmpty } ?? false }

  override func received(message: [UInt8]) {
    guard response != .ended else { return }
    if takesInputAtOnce, hasRequestMessage {
      return end(
        early: .init(code: .unimplemented, message: "The method takes one request message.")
      )
    }
    hasRequestMessage = true
    if method?.unary != nil {
      requestMessage = message
      return
    }
    inbound?.push(.message(message), bytes: message.count)
  }

  override func receivedEnd(isWithinMessage: Bool) {
    if isWithinMessage {
      return end(early: .init(code: .internalError, message: "The request ends within a message."))
    }
    if takesInputAtOnce, !hasRequestMessage {
      return end(
        early: .init(code: .unimplemented, message: "The method takes one request message.")
      )
    }
    inbound?.finish()
    guard takesInputAtOnce, response != .ended else { return }
    if method?.unary == nil { start() } else { startDirectly() }
  }

  override func tookMessage(wasCompressed: Bool) {
    lastWasCompressed.store(wasCompressed, ordering: .relaxed)
  }

  /// Whether the message taken last was compressed; any thread.
  var isRequestMessageCompressed: Bool { lastWasCompressed.load(ordering: .relaxed) }

  /// What the handler wants the response's messages compressed with; any thread.
  var wantedEncoding: MessageEncoding {
    get { MessageEncoding(rawValue: wanted.load(ordering: .relaxed)) ?? .identity }
    set { wanted.store(newValue.rawValue, ordering: .relaxed) }
  }

  override func failedToDeframe(_ failure: MessageDeframer.Failure) {
    end(early: failure.asError(of: "request"))
  }

  override func exceededInputBudget() {
    let message =
      "The connection's calls hold more than \(worker.shared.limits.heldRequestBytes) bytes."
    end(early: .init(code: .resourceExhausted, message: message))
  }

  // MARK: The handler

  private func start() {
    guard task == nil, let method, let inbound else { return }
    requestDeadline = nil
    worker.callStarted(self)
    let stream = RPCStream(
      descriptor: method.descriptor,
      inbound: RPCAsyncSequence<RPCRequestPart<[UInt8]>, any Error>(
        wrapping: RequestParts(queue: inbound)
      ),
      outbound: RPCWriter<RPCResponsePart<[UInt8]>>.Closable(wrapping: ServerWriter(stream: self))
    )
    task = Task(executorPreference: loop) { await self.run(stream) }
  }

  private func run(
    _ stream: RPCStream<Nghttp2ServerTransport.Inbound, Nghttp2ServerTransport.Outbound>
  ) async {
    await withServerContextRPCCancellationHandle { handle in
      if outcome != nil { handle.cancel() }
      cancellation = handle
      var context = ServerContext(
        descriptor: stream.descriptor,
        remotePeer: peer.remotePeer,
        localPeer: peer.localPeer,
        cancellation: handle
      )
      context.transportSpecific = Nghttp2ServerTransport.Context(call: self)
      await worker.shared.handle(stream, context)
    }
    if loop.isCurrent {
      handlerReturned()
    } else {
      loop.execute { self.handlerReturned() }
    }
  }

  private func startDirectly() {
    guard task == nil else { return }
    requestDeadline = nil
    worker.callStarted(self)
    took(bytes: requestMessage.count)
    task = Task(executorPreference: loop) { await self.runDirectly() }
  }

  /// The request of a method that is called directly; once.
  func takeRequestMessage() -> [UInt8] {
    defer { requestMessage = [] }
    return requestMessage
  }

  func handlerReturned() {
    end(early: .init(code: .unknown, message: "The call's handler gave no status."))
    task = nil
    cancellation = nil
    abandonedBy?.abandonedCalls(changeBy: -1)
    abandonedBy = nil
    worker.callEnded(self)
  }

  /// Takes a part of the response.
  ///
  /// - Throws: An `RPCError` if the call is over, or the part is out of order or can't be sent.
  func write(_ part: RPCResponsePart<[UInt8]>) throws(RPCError) {
    if let outcome { throw outcome }
    if case .status(let status, _) = part {
      isServed = status.code != .unavailable && status.code != .resourceExhausted
    }
    switch (part, response) {
    case (.metadata(let metadata), .none):
      try begin(metadata)
    case (.message(let message), .none):
      try begin([:])
      sendEncoded(message)
    case (.message(let message), .begun):
      sendEncoded(message)
    case (.status(let status, let metadata), .none):
      refuse(trailersOnly(status, metadata))
    case (.status(let status, let metadata), .begun):
      response = .ended
      sendEnd(.trailers(Self.trailers(status, metadata)))
    case (.metadata, .begun), (_, .ended):
      throw RPCError(code: .internalError, message: "The response's parts are out of order.")
    }
  }

  private func begin(_ metadata: Metadata) throws(RPCError) {
    var list = HeaderList.plainResponse
    if !metadata.isEmpty || !isPlain {
      list = Self.responseHeaders()
      declareEncodings(&list)
      if let name = list.append(metadata) {
        throw RPCError(code: .internalError, message: "HTTP/2 can't carry the metadata '\(name)'.")
      }
    }
    response = .begun
    connection?.session.submitResponse(list, stream: self, hasBody: true)
    connection?.scheduleFlush()
  }

  // MARK: The end

  /// Ends the call for the handler and the client, unless the handler has given its status.
  func end(early error: RPCError) {
    guard outcome == nil, response != .ended else { return }
    outcome = error
    inbound?.finish(throwing: error, atOnce: true)
    if outbox.isWithinMessage {
      // A client can't read trailers in the middle of a message. CANCEL.
      response = .ended
      reset(code: 8)
    } else {
      outbox.dropWaiting()
      let status = Status(code: Status.Code(error.code), message: error.message)
      if response == .none {
        refuse(trailersOnly(status, [:]))
      } else {
        discardInput()
        response = .ended
        sendEnd(.trailers(Self.trailers(status, [:])))
      }
    }
    cancellation?.cancel()
  }

  /// Ends the call at once, its task too.
  func abort(
    because reason: RPCError = .init(code: .unavailable, message: "The server is shutting down.")
  ) {
    end(early: reason)
    cancellation?.cancel()
    task?.cancel()
  }

  private func deadlinePassed() {
    if response == .ended {
      // The client takes neither the rest nor its deadline seriously. CANCEL.
      reset(code: 8)
    } else {
      end(early: .init(code: .deadlineExceeded, message: "The call's deadline has passed."))
    }
  }

  /// Ends the call if its request is still incomplete after the time allowed, or the client moves
  /// too little.
  func endIfLate(_ now: ContinuousClock.Instant) {
    if let requestDeadline, requestDeadline <= now {
      let message = "The request took too long to arrive."
      return end(early: .init(code: .deadlineExceeded, message: message))
    }
    let limits = worker.shared.limits
    let isStuck = ProgressMark.update(
      &progressMark,
      waits: waitsForPeer,
      moved: bytesMoved,
      atLeast: limits.progressBytes,
      in: limits.progressPeriod,
      now: now
    )
    guard isStuck else { return }
    let error = RPCError(code: .deadlineExceeded, message: "The client sends or takes too little.")
    if outbox.isBlocked {
      // A status would wait as long as the messages before it. CANCEL.
      outcome = outcome ?? error
      reset(code: 8)
    } else {
      end(early: error)
    }
  }

  override func sentEnd() {
    guard let connection, !connection.session.isRemoteEnded(id: id) else { return }
    // NO_ERROR: the response is complete, the rest of the request isn't wanted.
    connection.session.reset(id: id, code: 0)
  }

  override func couldNotSendHeaders() {
    outcome = outcome ?? .init(code: .internalError, message: "The headers can't be sent.")
  }

  override func closed(code: UInt32, error: (any Error)?) {
    timer?.cancel()
    timer = nil
    let wasAnswered = response == .ended && outcome == nil && code == 0 && error == nil
    if outcome == nil {
      outcome =
        error == nil
        ? .init(code: .cancelled, message: "The client cancelled the call.")
        : .init(code: .unavailable, message: "The client's connection was lost.")
    }
    if let outcome { inbound?.finish(throwing: outcome, atOnce: !wasAnswered) }
    inbound = nil
    if !wasAnswered { cancellation?.cancel() }
  }

  /// The stream is out of its connection's table; the handler may still run.
  func left(_ connection: ServerConnection) {
    guard task != nil else { return }
    abandonedBy = connection
    connection.abandonedCalls(changeBy: 1)
  }
}
