internal import CNghttp2

// The streams of a connection, as nghttp2's callbacks tell of them.
extension HTTP2Connection {
  /// Submits a client's request and keeps the stream until it is closed.
  ///
  /// - Returns: False if the session takes no more requests; the stream isn't kept then.
  func open(_ stream: HTTP2Stream, headers: HeaderList) -> Bool {
    guard phase == .open else { return false }
    let id = session.submitRequest(headers, stream: stream)
    guard id > 0 else { return false }
    streams[id] = stream
    stream.attached(to: self, id: id)
    scheduleFlush()
    return true
  }

  func beginHeaders(id: Int32, isRequest: Bool) {
    headers.reset()
    headerBlocks += 1
    isWithinHeaderBlock = true
    guard isRequest else { return }
    guard let stream = makeStream(id: id) else {
      // REFUSED_STREAM: the peer may try again elsewhere.
      session.reset(id: id, code: 7)
      receivedReset()
      return
    }
    streams[id] = stream
    stream.attached(to: self, id: id)
    session.bind(stream, to: id)
  }

  func endHeaders() {
    isWithinHeaderBlock = false
  }

  func receivedReset(id: Int32) {
    streamBeingReset = id
    receivedReset()
  }

  /// nghttp2 answers a frame with an error of its own.
  func receivedInvalidFrame(id: Int32) {
    // A stream that is known is counted when it is closed; one that nghttp2 refused never was.
    if id > 0, streams[id] == nil { receivedReset() }
  }

  func received(data: UnsafeRawBufferPointer, id: Int32, stream: HTTP2Stream?) {
    session.consumeConnection(bytes: data.count)
    if let stream {
      stream.received(data: data)
    } else {
      session.consume(stream: id, bytes: data.count)
    }
  }

  func streamClosed(id: Int32, code: UInt32) {
    guard let stream = streams.removeValue(forKey: id) else { return }
    session.bind(nil, to: id)
    // nghttp2 reset it for a broken rule: as much work for nothing as if the peer had.
    if code != 0, !stream.isReset, streamBeingReset != id { receivedReset() }
    stream.close(code: code, error: nil)
    streamEnded(stream)
  }

  func headersNotSent(id: Int32, stream: HTTP2Stream?, isRequest: Bool) {
    // INTERNAL_ERROR. The peer has never heard of a request's stream, and nghttp2 closes it itself.
    if !isRequest { stream?.reset(code: 2) }
    stream?.couldNotSendHeaders()
    scheduleFlush()
  }
}

// Peers that break rules, or keep them in a way that no well-meant one would.
extension HTTP2Connection {
  /// Tells the peer by GOAWAY why it is thrown out, closes the streams at once, and the socket once
  /// the peer has closed its side or a second has passed.
  ///
  /// Not from within a callback of the session; there, `condemn`.
  func expel(_ misconduct: Misconduct) {
    // ENHANCE_YOUR_CALM; clients know the reason by gRFC A8.
    let reason: StaticString = misconduct == .pingsTooOften ? "too_many_pings" : ""
    fail(.misconduct(misconduct), code: 11, reason: reason)
  }

  /// The session can't go on after nghttp2's error code.
  func failedToReceive(_ code: Int) {
    guard phase == .open else { return }
    switch Int32(code) {
    case NGHTTP2_ERR_FLOODED.rawValue:
      expel(.leavesTooMuchUnread)
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue:
      expel(.sendsTooManyContinuations)
    default:
      if let misconduct { return expel(misconduct) }
      // PROTOCOL_ERROR
      fail(.http2(code), code: 1)
    }
  }

  private func fail(_ failure: TransportFailure, code: UInt32, reason: StaticString = "") {
    guard phase == .open else { return close(failure) }
    ending = failure
    if reason.utf8CodeUnitCount > 0 {
      session.goAway(code: code, reason: reason)
    } else {
      session.terminate(code: code)
    }
    flush()
    closeGently()
    // The session isn't asked any more, so nothing of it reaches a stream that is let go here.
    let open = streams.values
    streams = [:]
    for stream in open { stream.close(code: 0, error: failure) }
  }

  /// Has the connection end with a misconduct when the session's callbacks have returned.
  func condemn(_ misconduct: Misconduct) {
    if self.misconduct == nil { self.misconduct = misconduct }
  }

  /// What callbacks for input return: an error once the peer is condemned.
  var verdictOnInput: Int32 {
    misconduct == nil ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }
}
