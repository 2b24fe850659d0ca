internal import CLibSSL
internal import Synchronization

/// What a server writes into a ticket beside the session: when the peer showed its certificate, and
/// by which others that leads to a root.
///
/// The peer's own certificate is part of OpenSSL's session; the others are not, and without them a
/// resumed session could not be verified again.
private struct TicketNote {
  /// On the clock of the ticket keys.
  let second: UInt64
  /// Concatenated DER.
  let intermediates: ArraySlice<UInt8>

  /// Longer chains are left out; such sessions cannot be resumed unless the roots do without.
  static let longestChain = 8_192

  /// Nil if the session has none.
  init?(of session: OpaquePointer) {
    var data: UnsafeMutableRawPointer?
    var length = 0
    guard SSL_SESSION_get0_ticket_appdata(session, &data, &length) == 1, length >= 8 else {
      return nil
    }
    let bytes = [UInt8](UnsafeRawBufferPointer(start: data, count: length))
    second = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    intermediates = bytes[8...]
  }

  /// Writes one into a session.
  static func write(second: UInt64, intermediates: [UInt8], to session: OpaquePointer) -> Bool {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: second >> (56 - 8 * $0)) }
    bytes += intermediates
    return SSL_SESSION_set1_ticket_appdata(session, bytes, bytes.count) == 1
  }
}

extension TLSContext {
  /// Gives each client one ticket a connection, sealed with given keys.
  ///
  /// Early data stays off: it could be replayed.
  func issueTickets(_ keys: TicketKeys) throws(TLSError) {
    let name = Array("GRPCNghttp2Transport".utf8)
    guard SSL_CTX_set_num_tickets(pointer, 1) == 1,
      SSL_CTX_set_max_early_data(pointer, 0) == 1,
      SSL_CTX_set_recv_max_early_data(pointer, 0) == 1,
      SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count)) == 1,
      SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer, readyTicketKey) == 1,
      SSL_CTX_set_session_ticket_cb(pointer, fillTicket, judgeTicket, nil) == 1
    else { throw .setting(TLSError.drainedReasons()) }
    _ = SSL_CTX_set_timeout(pointer, Int(keys.lifetime.components.seconds))
  }

  /// Keeps what servers allow to resume.
  func keepSessions() {
    clibssl_tell_client_sessions(pointer)
    SSL_CTX_sess_set_new_cb(pointer, keepSession)
  }

  /// The settings behind a connection.
  ///
  /// Its engine keeps them alive.
  fileprivate static func of(_ ssl: OpaquePointer?) -> TLSContext? {
    guard let ssl, let data = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) else { return nil }
    return Unmanaged<TLSContext>.fromOpaque(data).takeUnretainedValue()
  }

  /// Whether a session may be resumed: it isn't too old, and its certificate would be accepted if it
  /// were shown now.
  fileprivate func accepts(_ session: OpaquePointer, on ssl: OpaquePointer) -> Bool {
    guard let keys = ticketKeys, let note = TicketNote(of: session),
      keys.second - min(note.second, keys.second) < keys.lifetime.components.seconds
    else { return false }
    let certificate = SSL_SESSION_get0_peer(session)
    switch clientCertificates {
    case .none: return certificate == nil
    case .optional: if certificate == nil { return true }
    case .required: if certificate == nil { return false }
    }
    guard let certificate else { return false }
    let intermediates = note.intermediates.withUnsafeBytes { CertificateStack(der: $0) }
    return verdict(on: certificate, with: intermediates, of: ssl) == X509_V_OK
  }

  /// Writes into a session when it began; what was resumed stays as old as it was.
  fileprivate func fill(_ session: OpaquePointer, on ssl: OpaquePointer) -> Bool {
    guard let keys = ticketKeys else { return false }
    let now = keys.second
    let began = TicketNote(of: session)?.second
    if began == nil {
      let chain = CertificateStack.der(
        of: SSL_get_peer_cert_chain(ssl),
        atMost: TicketNote.longestChain
      )
      guard TicketNote.write(second: now, intermediates: chain, to: session) else { return false }
    }
    let age = Int(now - min(began ?? now, now))
    let left = max(0, Int(keys.lifetime.components.seconds) - age)
    return SSL_SESSION_set_timeout(session, left) == 1
  }

  /// The certificates that a connection's peer showed beside its own.
  ///
  /// After a resumption a server has them from the ticket.
  static func intermediates(of ssl: OpaquePointer) -> CertificateStack? {
    if let chain = SSL_get_peer_cert_chain(ssl), OPENSSL_sk_num(chain) > 0 {
      return CertificateStack(sharing: chain)
    }
    guard let session = SSL_get_session(ssl), let note = TicketNote(of: session) else { return nil }
    return note.intermediates.withUnsafeBytes { CertificateStack(der: $0) }
  }
}

/// Readies OpenSSL's contexts for a ticket.
///
/// Returns 1 done, 2 done and a new ticket is due, 0 the key isn't known, -1 failed.
private func readyTicketKey(
  _ ssl: OpaquePointer?,
  _ name: UnsafeMutablePointer<UInt8>?,
  _ vector: UnsafeMutablePointer<UInt8>?,
  _ cipher: OpaquePointer?,
  _ mac: OpaquePointer?,
  _ isSealing: Int32
) -> Int32 {
  guard let keys = TLSContext.of(ssl)?.ticketKeys, let name, let vector, let cipher, let mac else {
    return -1
  }
  if isSealing == 1 {
    guard let key = keys.sealing() else { return -1 }
    return key.seal(name: name, vector: vector, cipher: cipher, mac: mac) ? 1 : -1
  }
  guard let key = keys.opening(named: UnsafeRawBufferPointer(start: name, count: 16)) else {
    return 0
  }
  return key.open(vector: vector, cipher: cipher, mac: mac) ? 2 : -1
}

/// Called before a ticket is sealed; 0 would fail the connection.
private func fillTicket(_ ssl: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
  guard let context = TLSContext.of(ssl), let ssl, let session = SSL_get_session(ssl) else {
    return 0
  }
  return context.fill(session, on: ssl) ? 1 : 0
}

/// Called after a ticket was opened, or could not be.
///
/// What is refused here leads to a full handshake, which tells the client what is wrong.
private func judgeTicket(
  _ ssl: OpaquePointer?,
  _ session: OpaquePointer?,
  _ name: UnsafePointer<UInt8>?,
  _ nameLength: Int,
  _ status: Int32,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW,
    let context = TLSContext.of(ssl), let ssl, let session, context.accepts(session, on: ssl)
  else { return SSL_TICKET_RETURN_IGNORE_RENEW }
  return SSL_TICKET_RETURN_USE_RENEW
}

// MARK: Client

/// A session that a client may resume once.
final class KeptSession: @unchecked Sendable {
  // Unchecked: not changed after init; OpenSSL counts its references atomically.

  let session: OpaquePointer
  private let chain: CertificateStack?

  init(owning session: OpaquePointer, chain: CertificateStack?) {
    self.session = session
    self.chain = chain
  }

  deinit {
    SSL_SESSION_free(session)
  }

  /// Whether its server's certificate would be accepted if it were shown now.
  func isGood(under context: TLSContext, for ssl: OpaquePointer) -> Bool {
    guard SSL_SESSION_is_resumable(session) == 1, let peer = SSL_SESSION_get0_peer(session) else {
      return false
    }
    return context.verdict(on: peer, with: chain, of: ssl) == X509_V_OK
  }
}

/// The sessions of one target, the newest last; any thread.
final class SessionShelf: Sendable {
  /// More are not kept: one connection gives one or two tickets and takes one.
  static let places = 4

  private let kept = Mutex<[KeptSession]>([])

  func put(_ session: KeptSession) {
    kept.withLock { kept in
      if kept.count == Self.places { kept.removeFirst() }
      kept.append(session)
    }
  }

  /// Hands over the newest; nobody gets it again, so that an onlooker can't link two connections
  /// (RFC 8446, C.4).
  func take() -> KeptSession? {
    kept.withLock { $0.popLast() }
  }
}

extension TLSContext {
  /// Lets a client's connection resume a kept session, if there is one.
  func resume(on ssl: OpaquePointer) {
    while let kept = sessions?.take() {
      guard kept.isGood(under: self, for: ssl) else { continue }
      if SSL_set_session(ssl, kept.session) == 1 { return }
      ERR_clear_error()
    }
  }
}

/// Called when a server allows to resume; 1 keeps the session.
private func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
  guard let shelf = TLSContext.of(ssl)?.sessions, let ssl, let session else { return 0 }
  let chain = CertificateStack(sharing: SSL_get_peer_cert_chain(ssl))
  shelf.put(KeptSession(owning: session, chain: chain))
  return 1
}
