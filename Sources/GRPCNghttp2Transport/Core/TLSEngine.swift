internal import CLibSSL

/// One side of one TLS connection, without a socket: ciphertext goes in by `feed`, comes out in the
/// loop's buffers.
///
/// Confined to its loop. The owner feeds what it received, then calls `handshake` or `read` until
/// they want input, then sends `buffers.takeCiphertext()`.
final class TLSEngine {
  /// What reading gave.
  enum ReadResult {
    /// This many bytes of plaintext.
    case bytes(Int)
    /// Nothing before more ciphertext is fed.
    case wantsInput
    /// The peer has ended its side properly.
    case ended
  }

  private let ssl: OpaquePointer
  /// OpenSSL's callbacks look for it.
  private let context: TLSContext
  private let buffers: LoopBuffers
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Messages of TLS that came since the handshake and that nobody was told of.
  private var messages = 0
  /// Records written with the present key.
  private var recordsWritten = 0
  /// How many there may be.
  var recordsPerKey = 1 << 24

  /// A connection that hasn't shaken hands.
  ///
  /// - Parameters:
  ///   - context: Its settings decide the side.
  ///   - serverName: For a client, the DNS name or IP address that the certificate must bear; a DNS
  ///     name is also sent (SNI).
  ///   - buffers: Where ciphertext is left.
  /// - Throws: `TLSError.setting`.
  init(_ context: TLSContext, serverName: String?, buffers: LoopBuffers) throws(TLSError) {
    ERR_clear_error()
    guard let ssl = SSL_new(context.pointer), let method = bufferMethod, let bio = BIO_new(method)
    else { throw .setting(TLSError.drainedReasons()) }
    self.ssl = ssl
    self.context = context
    self.buffers = buffers
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
    SSL_set_bio(ssl, bio, bio)
    if context.isServer {
      SSL_set_accept_state(ssl)
    } else {
      SSL_set_connect_state(ssl)
      guard let serverName else { throw .setting("a client needs the server's name") }
      try expect(serverName)
      context.resume(on: ssl)
    }
  }

  deinit {
    // Else a connection that was lost, and not ended, would take its session with it.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    SSL_free(ssl)
  }

  private func expect(_ serverName: String) throws(TLSError) {
    let parameters = SSL_get0_param(ssl)
    if X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName) == 1 { return }
    ERR_clear_error()
    X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard X509_VERIFY_PARAM_set1_host(parameters, serverName, serverName.utf8.count) == 1,
      clibssl_set_server_name(ssl, serverName) == 1
    else { throw .setting(TLSError.drainedReasons()) }
  }

  /// Lends the ciphertext that was just received; it must stay valid until reading wants input
  /// again.
  func feed(_ ciphertext: UnsafeRawBufferPointer) {
    input = ciphertext
  }

  /// Goes on with the handshake.
  ///
  /// - Throws: `TLSError.handshake` or `.noHTTP2`; an alert for the peer may then wait in the
  ///   buffers.
  /// - Returns: Whether it is complete.
  func handshake() throws(TLSError) -> Bool {
    let code = SSL_do_handshake(ssl)
    if code == 1 {
      guard hasAgreedOnHTTP2 else { throw .noHTTP2 }
      clibssl_tell_messages(ssl, tellOfMessage, Unmanaged.passUnretained(self).toOpaque())
      return true
    }
    let reason = SSL_get_error(ssl, code)
    if reason == SSL_ERROR_WANT_READ {
      ERR_clear_error()
      return false
    }
    let verification = SSL_get_verify_result(ssl)
    var words = TLSError.drainedReasons()
    if verification != X509_V_OK, let text = X509_verify_cert_error_string(verification) {
      words += " (\(String(cString: text)))"
    }
    throw .handshake(words)
  }

  private var hasAgreedOnHTTP2: Bool {
    var name: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &length)
    guard let name, length == 2 else { return false }
    return name[0] == UInt8(ascii: "h") && name[1] == UInt8(ascii: "2")
  }

  /// Decrypts into a buffer.
  ///
  /// - Throws: `TLSError.record`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> ReadResult {
    let count = SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
    if count > 0 { return .bytes(Int(count)) }
    switch SSL_get_error(ssl, count) {
    case SSL_ERROR_WANT_READ: return .wantsInput
    case SSL_ERROR_ZERO_RETURN: return .ended
    default: throw .record(TLSError.drainedReasons())
    }
  }

  /// Tells of each message of TLS itself (KeyUpdate, or for a client a ticket) that has come since
  /// it was last asked: it costs work and carries nothing.
  ///
  /// - Returns: Whether there was any.
  func takeMessages(_ each: () -> Void) -> Bool {
    guard messages > 0 else { return false }
    for _ in 0..<messages { each() }
    messages = 0
    return true
  }

  /// Encrypts bytes into the loop's buffers, all of them.
  ///
  /// A key serves for 2^24 records; the next one is announced by a KeyUpdate in front of the bytes.
  ///
  /// Source: RFC 8446, section 5.5.
  ///
  /// - Parameter plaintext: 1 byte to 16 KiB, so that it is one record.
  /// - Throws: `TLSError.record`.
  func write(_ plaintext: UnsafeRawBufferPointer) throws(TLSError) {
    if recordsWritten == recordsPerKey { try updateKey() }
    recordsWritten += 1
    let count = SSL_write(ssl, plaintext.baseAddress, Int32(clamping: plaintext.count))
    guard count == plaintext.count else { throw .record(TLSError.drainedReasons()) }
  }

  /// Encrypts with another key from now on, which a KeyUpdate in the buffers says.
  ///
  /// - Parameter asking: Whether the peer is to do the same.
  /// - Throws: `TLSError.record`.
  func updateKey(asking: Bool = false) throws(TLSError) {
    recordsWritten = 0
    let kind = asking ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED
    guard SSL_key_update(ssl, kind) == 1, SSL_do_handshake(ssl) == 1 else {
      throw .record(TLSError.drainedReasons())
    }
  }

  /// Leaves the notice in the buffers that this side sends no more.
  func end() {
    _ = SSL_shutdown(ssl)
    ERR_clear_error()
  }

  /// The certificate that the peer showed, and that verified; nil if it showed none.
  var peerCertificate: PeerCertificate? {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
    defer { X509_free(certificate) }
    return PeerCertificate(certificate, isVerified: SSL_get_verify_result(ssl) == X509_V_OK)
  }

  /// Whether an earlier session was resumed instead of showing certificates.
  var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// Judges the peer's certificate as if it were shown now.
  ///
  /// - Parameter context: The settings to judge by, of the same side.
  /// - Returns: What is wrong; nil if nothing is, or if the peer showed none.
  func objection(under context: TLSContext) -> String? {
    guard let certificate = SSL_get1_peer_certificate(ssl) else { return nil }
    defer { X509_free(certificate) }
    let intermediates = TLSContext.intermediates(of: ssl)
    let code = context.verdict(on: certificate, with: intermediates, of: ssl)
    if code == X509_V_OK { return nil }
    return X509_verify_cert_error_string(code).map { String(cString: $0) } ?? "error \(code)"
  }

  fileprivate func countMessage() {
    messages += 1
  }

  fileprivate func takeInput(_ target: UnsafeMutableRawPointer, _ limit: Int) -> Int {
    let count = min(limit, input.count)
    guard count > 0, let source = input.baseAddress else { return 0 }
    target.copyMemory(from: source, byteCount: count)
    input = UnsafeRawBufferPointer(rebasing: input[count...])
    return count
  }

  fileprivate func putOutput(_ bytes: UnsafeRawBufferPointer) {
    buffers.appendCiphertext(bytes)
  }
}

/// Tells an engine of a message that its peer sent.
private func tellOfMessage(
  _ isWritten: Int32,
  _ version: Int32,
  _ type: Int32,
  _ bytes: UnsafeRawPointer?,
  _ count: Int,
  _ ssl: OpaquePointer?,
  _ engine: UnsafeMutableRawPointer?
) {
  guard isWritten == 0, type == SSL3_RT_HANDSHAKE, let engine else { return }
  Unmanaged<TLSEngine>.fromOpaque(engine)._withUnsafeGuaranteedRef { $0.countMessage() }
}

/// A BIO over an engine's input and its loop's buffers.
///
/// It never blocks: reading may find nothing, writing always succeeds.
nonisolated(unsafe) private let bufferMethod: OpaquePointer? = {
  guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "loop buffers") else {
    return nil
  }
  BIO_meth_set_read(method) { bio, target, limit in
    guard let bio, let target, let data = BIO_get_data(bio), limit > 0 else { return -1 }
    clibssl_clear_retry(bio)
    let count = Unmanaged<TLSEngine>.fromOpaque(data)._withUnsafeGuaranteedRef {
      $0.takeInput(target, Int(limit))
    }
    if count == 0 {
      clibssl_set_retry_read(bio)
      return -1
    }
    return Int32(count)
  }
  BIO_meth_set_write(method) { bio, source, count in
    guard let bio, let source, let data = BIO_get_data(bio), count > 0 else { return -1 }
    clibssl_clear_retry(bio)
    Unmanaged<TLSEngine>.fromOpaque(data)._withUnsafeGuaranteedRef {
      $0.putOutput(UnsafeRawBufferPointer(start: source, count: Int(count)))
    }
    return count
  }
  BIO_meth_set_ctrl(method) { _, command, _, _ in
    command == BIO_CTRL_FLUSH ? 1 : 0
  }
  return method
}()
