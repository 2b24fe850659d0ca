internal import EventLoops
internal import GRPCCore

/// One call of a client: sends the request, reads the response into `inbound`, and finds its
/// status.
///
/// Confined to its connection's loop, but for what is marked.
final class ClientCall: HTTP2Stream, @unchecked Sendable {
  // Unchecked: as HTTP2Stream.

  private enum Progress {
    /// Nothing is sent.
    case prepared
    /// The request's headers are queued.
    case opened
    /// The response's headers came.
    case answered
    /// The response is complete, or the call has failed.
    case ended
  }

  private let descriptor: MethodDescriptor
  private let carrier: ClientConnection
  private let timeout: Duration?
  private let maxRequestBytes: Int
  private var progress = Progress.prepared
  private var isRequestEnded = false
  private var isReleased = false
  /// A `grpc-encoding` that wasn't offered; it matters only if a message makes use of it.
  private var foreignEncoding: String?
  private var trailers: (status: Status?, metadata: Metadata)?
  /// What writing throws once the call is over.
  private var outcome: RPCError?

  /// The response's parts, for the caller.
  private(set) lazy var inbound = InboundQueue<RPCResponsePart<[UInt8]>>(stream: self)

  /// A call on a connection that has been reserved for it; any thread.
  init(descriptor: MethodDescriptor, options: CallOptions, carrier: ClientConnection) {
    self.descriptor = descriptor
    self.carrier = carrier
    timeout = options.timeout
    maxRequestBytes = options.maxRequestMessageBytes ?? .max
    super.init(
      loop: carrier.loop,
      maxMessageBytes: options.maxResponseMessageBytes ?? carrier.responseMessageBytes
    )
    let compression = carrier.compression
    outgoing = (
      compression.encoding(options.compression ?? compression.algorithm), compression.minimumBytes
    )
    // Made before the call is shared.
    _ = inbound
  }

  // MARK: The request

  /// Begins the call; what prevents it ends the response.
  func open(_ metadata: Metadata) {
    guard progress == .prepared else { return }
    var list = carrier.requestHeaders(descriptor)
    if outgoing.encoding != .identity { list.append("grpc-encoding", outgoing.encoding.name) }
    if let text = timeoutText(metadata) { list.append("grpc-timeout", text) }
    if let name = list.append(metadata) {
      let message = "HTTP/2 can't carry the metadata '\(name)'."
      return fail(RPCError(code: .internalError, message: message))
    }
    guard carrier.open(self, headers: list) else {
      carrier.retire()
      let message = "The connection takes no more calls; the server hasn't seen this one."
      return fail(RPCError(code: .unavailable, message: message))
    }
    progress = .opened
  }

  /// GRPCCore puts what is left of the timeout into the metadata; a call made otherwise has only
  /// its options.
  private func timeoutText(_ metadata: Metadata) -> String? {
    for text in metadata[stringValues: "grpc-timeout"]
    where GRPCTimeout.parse(text.utf8) != nil { return text }
    return timeout.map { GRPCTimeout.format($0) }
  }

  /// Queues a message.
  ///
  /// - Throws: An `RPCError` if the call is over, not begun, or the message is too large.
  func write(_ message: [UInt8]) throws {
    if let outcome { throw outcome }
    guard progress != .prepared, !isRequestEnded else {
      throw RPCError(code: .internalError, message: "The request's parts are out of order.")
    }
    guard message.count <= maxRequestBytes else {
      let words =
        "The request message has \(message.count) bytes; at most \(maxRequestBytes) are allowed."
      let error = RPCError(code: .resourceExhausted, message: words)
      fail(error, code: 8)
      throw error
    }
    send(message: message)
  }

  /// Ends the request; the response goes on.
  func endRequest() {
    guard outcome == nil, progress != .prepared, !isRequestEnded else { return }
    isRequestEnded = true
    sendEnd(.end)
  }

  // MARK: The response

  override var hasMessagesWaiting: Bool { !inbound.isEmpty }

  override func received(headers: HeaderBlock, endsStream: Bool) {
    if headers.isTooLarge {
      let message = "The response's headers have more than \(headers.limit) bytes."
      return fail(RPCError(code: .resourceExhausted, message: message), code: 8)
    }
    switch progress {
    case .prepared, .ended:
      return
    case .answered:
      guard endsStream else {
        return fail(RPCError(code: .internalError, message: "Headers came twice."), code: 8)
      }
      trailers = (headers.status(), headers.metadata())
    case .opened:
      begin(headers, endsStream: endsStream)
    }
  }

  private func begin(_ headers: HeaderBlock, endsStream: Bool) {
    let httpStatus = headers.text(of: ":status") ?? ""
    if httpStatus.hasPrefix("1"), !endsStream { return }
    if endsStream, let status = headers.status() {
      trailers = (status, headers.metadata())
      return
    }
    let isGRPC = headers.text(of: "content-type")?.hasPrefix("application/grpc") ?? false
    guard httpStatus == "200", isGRPC else {
      let message = "The server answered with HTTP status \(httpStatus), not with gRPC."
      return fail(RPCError(code: .init(httpStatus: httpStatus), message: message), code: 8)
    }
    let encoding = headers.bytes(of: "grpc-encoding") ?? []
    if let known = carrier.compression.encoding(named: encoding) {
      incomingEncoding = known
    } else {
      foreignEncoding = String(decoding: encoding, as: UTF8.self)
    }
    progress = .answered
    inbound.push(.metadata(headers.metadata()), bytes: nil)
  }

  override func received(message: [UInt8]) {
    guard progress == .answered else { return }
    inbound.push(.message(message), bytes: message.count)
  }

  override func receivedEnd(isWithinMessage: Bool) {
    guard progress != .ended else { return }
    if isWithinMessage {
      return fail(.init(code: .internalError, message: "The response ends within a message."))
    }
    guard let trailers else {
      return fail(.init(code: .internalError, message: "The response ends without a status."))
    }
    guard let status = trailers.status else {
      return fail(.init(code: .unknown, message: "The response's trailers have no status."))
    }
    progress = .ended
    outcome = RPCError(code: .cancelled, message: "The server has ended the call.")
    inbound.push(.status(status, trailers.metadata), bytes: nil)
    inbound.finish()
    // Nobody reads the rest of the request. CANCEL.
    if !isRequestEnded { reset(code: 8) }
  }

  override func failedToDeframe(_ failure: MessageDeframer.Failure) {
    var error = failure.asError(of: "response")
    if failure == .compressed, let foreignEncoding {
      error.message =
        "The response is compressed with '\(foreignEncoding)', which is none of "
        + carrier.compression.acceptedNames + "."
    }
    fail(error, code: 8)
  }

  override func exceededInputBudget() {
    let message = "The connection's calls hold more than \(carrier.inputBudget) bytes unread."
    fail(.init(code: .resourceExhausted, message: message), code: 8)
  }

  // MARK: The end

  /// Ends the call for the caller, unless it has ended, and for the server if a code is given.
  func fail(_ error: RPCError, code: UInt32? = nil) {
    if progress != .ended {
      progress = .ended
      outcome = error
      inbound.finish(throwing: error, atOnce: false)
    }
    if let code { reset(code: code) }
  }

  /// The caller is done: what is incomplete is reset; any thread.
  func close() {
    loop.execute {
      guard !self.isReleased else { return }
      self.isReleased = true
      self.fail(RPCError(code: .cancelled, message: "The call was abandoned."), code: 8)
      self.inbound.abandon()
      self.carrier.release()
    }
  }

  override func couldNotSendHeaders() {
    let isRefused = !carrier.takesCalls
    fail(
      isRefused
        ? .init(code: .unavailable, message: "The connection ended before the call was sent.")
        : .init(code: .resourceExhausted, message: "The request's headers are too large to send.")
    )
  }

  override func closed(code: UInt32, error: (any Error)?) {
    if let error {
      fail(.init(code: .unavailable, message: "The connection was lost: \(error)."))
    } else {
      let message = "The server reset the call with HTTP/2 error code \(code)."
      fail(.init(code: .init(http2Code: code), message: message))
    }
  }
}
