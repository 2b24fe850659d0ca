internal import CNghttp2

// nghttp2's callbacks, each handed on to the connection or stream it concerns. User data are
// unretained: a connection outlives its session, and a stream stays in its connection's table until
// `on_stream_close`.

private func withConnection<Result>(
  _ user: UnsafeMutableRawPointer?,
  _ body: (HTTP2Connection) -> Result
) -> Result? {
  guard let user else { return nil }
  return Unmanaged<HTTP2Connection>.fromOpaque(user)._withUnsafeGuaranteedRef(body)
}

private func stream(_ session: OpaquePointer?, _ id: Int32) -> HTTP2Stream? {
  guard let user = nghttp2_session_get_stream_user_data(session, id) else { return nil }
  return Unmanaged<HTTP2Stream>.fromOpaque(user).takeUnretainedValue()
}

/// The callbacks of every session.
nonisolated(unsafe) let sessionCallbacks: OpaquePointer? = {
  var made: OpaquePointer?
  guard nghttp2_session_callbacks_new(&made) == 0, let callbacks = made else { return nil }
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
    guard let frame else { return 0 }
    let (id, isRequest) = (
      frame.pointee.hd.stream_id, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
    )
    return withConnection(user) {
      $0.beginHeaders(id: id, isRequest: isRequest)
      return $0.verdictOnInput
    } ?? 0
  }
  nghttp2_session_callbacks_set_on_header_callback(callbacks) {
    _,
    _,
    name,
    nameCount,
    value,
    valueCount,
    _,
    user in
    return withConnection(user) {
      $0.headers.append(
        name: UnsafeBufferPointer(start: name, count: nameCount),
        value: UnsafeBufferPointer(start: value, count: valueCount)
      )
      if $0.headers.isHuge { $0.condemn(.sendsHugeHeaders) }
      return $0.verdictOnInput
    } ?? 0
  }
  nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { _, _, _, _, _, _, _, _ in
    // By itself nghttp2 drops such a field; RFC 9113, 8.2.1 calls the whole request malformed.
    NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
  }
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, user in
    guard let frame else { return 0 }
    frameReceived(session, frame, user)
    return withConnection(user) { $0.verdictOnInput } ?? 0
  }
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, frame, _, user in
    guard let id = frame?.pointee.hd.stream_id else { return 0 }
    return withConnection(user) {
      $0.receivedInvalidFrame(id: id)
      return $0.verdictOnInput
    } ?? 0
  }
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
    session,
    _,
    id,
    data,
    count,
    user in
    let bytes = UnsafeRawBufferPointer(start: data, count: count)
    let receiver = stream(session, id)
    withConnection(user) { $0.received(data: bytes, id: id, stream: receiver) }
    return 0
  }
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, user in
    // Also called while output is made, where an error would end the session without a word.
    withConnection(user) { $0.streamClosed(id: id, code: code) }
    return 0
  }
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { session, frame, user in
    guard let header = frame?.pointee.hd else { return 0 }
    let isBody = header.type == NGHTTP2_DATA.rawValue || header.type == NGHTTP2_HEADERS.rawValue
    if isBody { withConnection(user) { $0.hasSentBody = true } }
    if isBody, header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
      stream(session, header.stream_id)?.sentEnd()
    }
    return 0
  }
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) {
    session,
    frame,
    reason,
    user in
    // A header list larger than nghttp2 sends, for one: the stream would wait for ever.
    guard let frame = frame?.pointee, frame.hd.type == NGHTTP2_HEADERS.rawValue else { return 0 }
    // Of a stream that is being reset already, the end is on its way.
    if reason == NGHTTP2_ERR_STREAM_CLOSING.rawValue { return 0 }
    let id = frame.hd.stream_id
    let isRequest = frame.headers.cat == NGHTTP2_HCAT_REQUEST
    let unsent = stream(session, id)
    withConnection(user) { $0.headersNotSent(id: id, stream: unsent, isRequest: isRequest) }
    return 0
  }
  return callbacks
}()

private func frameReceived(
  _ session: OpaquePointer?,
  _ frame: UnsafePointer<nghttp2_frame>,
  _ user: UnsafeMutableRawPointer?
) {
  let header = frame.pointee.hd
  let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
  let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
  switch UInt32(header.type) {
  case NGHTTP2_HEADERS.rawValue:
    withConnection(user) { $0.endHeaders() }
    guard let receiver = stream(session, header.stream_id) else { return }
    withConnection(user) { receiver.received(headers: $0.headers, endsStream: endsStream) }
    if endsStream { receiver.receivedEnd() }
  case NGHTTP2_DATA.rawValue:
    if endsStream {
      stream(session, header.stream_id)?.receivedEnd()
    } else if header.length == frame.pointee.data.padlen {
      withConnection(user) { $0.receivedControlFrame() }
    }
  case NGHTTP2_RST_STREAM.rawValue:
    withConnection(user) { $0.receivedReset(id: header.stream_id) }
  case NGHTTP2_PRIORITY.rawValue:
    withConnection(user) { $0.receivedControlFrame() }
  case NGHTTP2_SETTINGS.rawValue:
    if !isAcknowledgement {
      withConnection(user) {
        $0.receivedControlFrame()
        $0.receivedSettings()
      }
    }
  case NGHTTP2_PING.rawValue:
    guard isAcknowledgement else {
      withConnection(user) {
        $0.receivedControlFrame()
        $0.receivedPing()
      }
      return
    }
    let payload = withUnsafeBytes(of: frame.pointee.ping.opaque_data) {
      UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self))
    }
    withConnection(user) { $0.receivedPingAcknowledgement(payload) }
  case NGHTTP2_GOAWAY.rawValue:
    let farewell = frame.pointee.goaway
    withConnection(user) {
      $0.receivedGoAway(
        lastStreamID: farewell.last_stream_id,
        code: farewell.error_code,
        reason: UnsafeRawBufferPointer(
          start: farewell.opaque_data,
          count: farewell.opaque_data_len
        )
      )
    }
  default:
    break
  }
}

/// Copies a stream's queued bytes into a DATA frame.
func readBody(
  _ session: OpaquePointer?,
  _ id: Int32,
  _ buffer: UnsafeMutablePointer<UInt8>?,
  _ capacity: Int,
  _ flags: UnsafeMutablePointer<UInt32>?,
  _ source: UnsafeMutablePointer<nghttp2_data_source>?,
  _ user: UnsafeMutableRawPointer?
) -> Int {
  guard let pointer = source?.pointee.ptr, let buffer, let flags else {
    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
  let room = UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
  return Unmanaged<HTTP2Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef { stream in
    switch stream.fill(room) {
    case .bytes(let count):
      return count
    case .later:
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .end(let count):
      flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      return count
    case .endBeforeTrailers(let count):
      flags.pointee |= UInt32(
        NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      )
      return count
    }
  }
}
