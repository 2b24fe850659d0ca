internal import CNghttp2

/// The settings with which a side opens its HTTP/2 session.
struct HTTP2Settings: Sendable {
  /// How many streams the peer may have open at once.
  var maxConcurrentStreams: UInt32 = 100
  /// The most bytes of a header list, as HTTP/2 counts them, that this side keeps; announced to the
  /// peer.
  var maxHeaderListSize: Int = 16_384
  /// Bytes of one stream that may be on their way here.
  var streamWindow: Int32 = 262_144
  /// Bytes of all streams together that may be on their way here.
  var connectionWindow: Int32 = 1_048_576
  /// Bytes of received messages that all streams together may hold.
  var inputBudget = 67_108_864
  /// How many acknowledgements of SETTINGS and PING may wait to be sent.
  ///
  /// A well-meant peer waits for one before it asks for the next.
  var queuedAcknowledgements = 100
  /// How many CONTINUATION frames may follow a HEADERS frame.
  var continuations = 8
  /// How many RST_STREAM frames nghttp2 itself takes at once, and each second.
  ///
  /// A second line: the server counts them too, with other resets.
  var resetsAtOnce = 2_000
  var resetsPerSecond = 400
}

/// One nghttp2 session; every method only queues, and what is queued leaves by `nextOutput`.
///
/// Confined to its loop. Its callbacks go to the `HTTP2Connection` given, which must outlive it.
final class HTTP2Session {
  private let pointer: OpaquePointer
  private let memory: SessionMemory

  /// A session with its first SETTINGS frame (and the connection window's update) queued.
  init?(
    isServer: Bool,
    settings: HTTP2Settings,
    memory: SessionMemory,
    connection: HTTP2Connection
  ) {
    var options: OpaquePointer?
    guard let callbacks = sessionCallbacks, nghttp2_option_new(&options) == 0 else { return nil }
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_auto_window_update(options, 1)
    // Else a closed stream stays in memory, as a place in a tree of priorities that nobody uses.
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, settings.queuedAcknowledgements)
    nghttp2_option_set_max_continuations(options, settings.continuations)
    nghttp2_option_set_stream_reset_rate_limit(
      options,
      UInt64(settings.resetsAtOnce),
      UInt64(settings.resetsPerSecond)
    )
    var made: OpaquePointer?
    let user = Unmanaged.passUnretained(connection).toOpaque()
    let code =
      isServer
      ? memory.makeSession {
        nghttp2_session_server_new3(&made, callbacks, user, options, $0)
      }
      : nghttp2_session_client_new2(&made, callbacks, user, options)
    guard code == 0, let made else { return nil }
    pointer = made
    self.memory = memory
    var entries = [
      Self.entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(settings.streamWindow)),
      Self.entry(
        NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
        UInt32(clamping: settings.maxHeaderListSize)
      ),
    ]
    if isServer {
      entries.append(
        Self.entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.maxConcurrentStreams)
      )
    } else {
      entries.append(Self.entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    nghttp2_submit_settings(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
    nghttp2_session_set_local_window_size(
      pointer,
      UInt8(NGHTTP2_FLAG_NONE.rawValue),
      0,
      settings.connectionWindow
    )
  }

  deinit {
    nghttp2_session_del(pointer)
  }

  private static func entry(
    _ id: nghttp2_settings_id,
    _ value: UInt32
  ) -> nghttp2_settings_entry {
    nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
  }

  // MARK: Bytes in and out

  /// Takes plaintext in; calls the connection back.
  ///
  /// - Returns: 0, or nghttp2's error code, after which only `nextOutput` makes sense.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    let count = nghttp2_session_mem_recv(
      pointer,
      bytes.bindMemory(to: UInt8.self).baseAddress,
      bytes.count
    )
    return min(0, count)
  }

  /// The next frame to be sent, valid until the next call; empty when there is none, nil on
  /// failure.
  func nextOutput() -> UnsafeRawBufferPointer? {
    var data: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(pointer, &data)
    return count < 0 ? nil : UnsafeRawBufferPointer(start: data, count: count)
  }

  /// How many frames are queued, bodies left aside.
  var queuedFrames: Int { nghttp2_session_get_outbound_queue_size(pointer) }

  /// Whether there is or may be something to send.
  var wantsToWrite: Bool { nghttp2_session_want_write(pointer) != 0 }

  /// Whether the session is over: a GOAWAY has ended it and its last stream is closed.
  var isOver: Bool {
    nghttp2_session_want_read(pointer) == 0 && nghttp2_session_want_write(pointer) == 0
  }

  // MARK: Streams

  /// Binds a stream object to its number; nil unbinds.
  ///
  /// The object isn't retained.
  func bind(_ stream: HTTP2Stream?, to id: Int32) {
    let user = stream.map { Unmanaged.passUnretained($0).toOpaque() }
    nghttp2_session_set_stream_user_data(pointer, id, user)
  }

  /// Queues a request whose body comes from the stream object; binds it.
  ///
  /// - Returns: The stream's number, or nghttp2's negative error code (no numbers left, or a GOAWAY
  ///   came).
  func submitRequest(_ headers: HeaderList, stream: HTTP2Stream) -> Int32 {
    var provider = Self.provider(stream)
    let user = Unmanaged.passUnretained(stream).toOpaque()
    return headers.withPairs { nghttp2_submit_request(pointer, nil, $0, $1, &provider, user) }
  }

  /// Queues response headers, with a body from the stream object if `hasBody`, else ending the
  /// stream.
  func submitResponse(_ headers: HeaderList, stream: HTTP2Stream, hasBody: Bool) {
    if hasBody {
      var provider = Self.provider(stream)
      _ = headers.withPairs { nghttp2_submit_response(pointer, stream.id, $0, $1, &provider) }
    } else {
      _ = headers.withPairs { nghttp2_submit_response(pointer, stream.id, $0, $1, nil) }
    }
  }

  /// Queues trailers; to be called from the stream's `fill` when its body ends.
  func submitTrailers(_ trailers: HeaderList, id: Int32) {
    _ = trailers.withPairs { nghttp2_submit_trailer(pointer, id, $0, $1) }
  }

  private static func provider(_ stream: HTTP2Stream) -> nghttp2_data_provider {
    nghttp2_data_provider(
      source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()),
      read_callback: readBody
    )
  }

  /// Asks a stream's `fill` again, after it had nothing.
  func resumeBody(id: Int32) {
    nghttp2_session_resume_data(pointer, id)
  }

  /// Queues RST_STREAM.
  ///
  /// It overtakes what the stream has queued.
  func reset(id: Int32, code: UInt32) {
    nghttp2_submit_rst_stream(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code)
  }

  /// Whether the peer has ended its side of a stream.
  func isRemoteEnded(id: Int32) -> Bool {
    nghttp2_session_get_stream_remote_close(pointer, id) != 0
  }

  // MARK: Flow control

  /// Gives the peer its window on a stream back.
  func consume(stream id: Int32, bytes: Int) {
    nghttp2_session_consume_stream(pointer, id, bytes)
  }

  /// Gives the peer its window on the connection back.
  func consumeConnection(bytes: Int) {
    nghttp2_session_consume_connection(pointer, bytes)
  }

  // MARK: Connection

  /// How many streams the peer allows at once.
  var remoteMaxConcurrentStreams: UInt32 {
    nghttp2_session_get_remote_settings(pointer, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
  }

  /// Queues a PING of 8 bytes.
  func ping(_ payload: UInt64) {
    withUnsafeBytes(of: payload.bigEndian) { bytes in
      _ = nghttp2_submit_ping(
        pointer,
        UInt8(NGHTTP2_FLAG_NONE.rawValue),
        bytes.bindMemory(to: UInt8.self).baseAddress
      )
    }
  }

  /// Queues the GOAWAY that only announces the end (server).
  func announceShutdown() {
    nghttp2_submit_shutdown_notice(pointer)
  }

  /// Queues the GOAWAY after which the peer opens no more streams; those accepted go on.
  ///
  /// `reason` is ASCII, for the peer's log.
  func goAway(code: UInt32, reason: StaticString = "") {
    nghttp2_submit_goaway(
      pointer,
      UInt8(NGHTTP2_FLAG_NONE.rawValue),
      nghttp2_session_get_last_proc_stream_id(pointer),
      code,
      reason.utf8Start,
      reason.utf8CodeUnitCount
    )
  }

  /// Queues the GOAWAY that ends the session at once, streams included.
  func terminate(code: UInt32) {
    nghttp2_session_terminate_session(pointer, code)
  }
}
