internal import CLibSSL

/// The settings from which TLS connections are made: version, certificates, trust, ALPN.
///
/// Immutable once made; any thread.
final class TLSContext: @unchecked Sendable {
  // Unchecked: the context isn't changed after init, and OpenSSL counts its references atomically.

  let pointer: OpaquePointer
  let isServer: Bool
  /// Whether a server's clients show certificates.
  let clientCertificates: ServerTLSOptions.ClientCertificates
  /// What seals a server's tickets, if it gives any.
  let ticketKeys: TicketKeys?
  /// What a client may resume, if it does.
  let sessions: SessionShelf?

  /// The settings of a server; `tickets` are the keys of its session tickets, nil for none.
  init(server options: ServerTLSOptions, tickets: TicketKeys? = nil) throws(TLSError) {
    pointer = try Self.newContext(TLS_server_method())
    isServer = true
    clientCertificates = options.clientCertificates
    ticketKeys = tickets
    sessions = nil
    attach()
    try use(options.identity)
    SSL_CTX_set_alpn_select_cb(pointer, selectHTTP2, nil)
    if let tickets {
      try issueTickets(tickets)
    } else {
      _ = SSL_CTX_set_num_tickets(pointer, 0)
      clibssl_refuse_tickets(pointer)
    }
    switch options.clientCertificates {
    case .none:
      SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
    case .optional:
      try trust(options.clientTrustRoots, revoking: options.clientRevocationLists)
      SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    case .required:
      try trust(options.clientTrustRoots, revoking: options.clientRevocationLists)
      SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }
  }

  /// The settings of a client.
  init(client options: ClientTLSOptions) throws(TLSError) {
    pointer = try Self.newContext(TLS_client_method())
    isServer = false
    clientCertificates = .none
    ticketKeys = nil
    sessions = options.resumesSessions ? SessionShelf() : nil
    attach()
    if options.resumesSessions { keepSessions() }
    if let identity = options.identity { try use(identity) }
    switch options.trustRoots {
    case .system:
      guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
        throw .trustRoots(TLSError.drainedReasons())
      }
    case .pem(let roots):
      try trust(roots, revoking: [])
    }
    SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    let protocols: [UInt8] = [2, UInt8(ascii: "h"), UInt8(ascii: "2")]
    guard SSL_CTX_set_alpn_protos(pointer, protocols, 3) == 0 else {
      throw .setting(TLSError.drainedReasons())
    }
  }

  deinit {
    SSL_CTX_free(pointer)
  }

  /// Lets callbacks find this object; whoever makes connections of it keeps it as long as they live.
  private func attach() {
    _ = SSL_CTX_set_ex_data(pointer, 0, Unmanaged.passUnretained(self).toOpaque())
  }

  private static func newContext(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
    ERR_clear_error()
    guard let context = SSL_CTX_new(method) else { throw .setting(TLSError.drainedReasons()) }
    // The groups are those of Mozilla's "modern" configuration.
    guard clibssl_require_tls13(context) == 1,
      clibssl_set_groups(context, "X25519:P-256:P-384") == 1
    else {
      SSL_CTX_free(context)
      throw .setting(TLSError.drainedReasons())
    }
    clibssl_release_idle_buffers(context)
    clibssl_disable_session_cache(context)
    return context
  }

  private func use(_ identity: TLSIdentity) throws(TLSError) {
    let context = pointer
    var isLeaf = true
    try PEM.forEachCertificate(identity.certificateChain, failure: TLSError.certificateChain) {
      certificate throws(TLSError) in
      let taken =
        isLeaf
        ? SSL_CTX_use_certificate(context, certificate)
        : clibssl_add_chain_certificate(context, certificate)
      guard taken == 1 else { throw .certificateChain(TLSError.drainedReasons()) }
      isLeaf = false
    }
    try PEM.withPrivateKey(identity.privateKey) { key throws(TLSError) in
      guard SSL_CTX_use_PrivateKey(context, key) == 1, SSL_CTX_check_private_key(context) == 1
      else {
        ERR_clear_error()
        throw .keyDoesNotMatchCertificate
      }
    }
  }

  private func trust(_ roots: [UInt8], revoking lists: [UInt8]) throws(TLSError) {
    let context = pointer
    guard let store = SSL_CTX_get_cert_store(context) else {
      throw .setting(TLSError.drainedReasons())
    }
    try PEM.forEachCertificate(roots, failure: TLSError.trustRoots) { root throws(TLSError) in
      guard X509_STORE_add_cert(store, root) == 1 else {
        throw .trustRoots(TLSError.drainedReasons())
      }
      if isServer { _ = SSL_CTX_add_client_CA(context, root) }
    }
    if lists.isEmpty { return }
    try PEM.forEachRevocationList(lists) { list throws(TLSError) in
      try Self.requireSignature(of: list, in: store)
      guard X509_STORE_add_crl(store, list) == 1 else {
        throw .revocationLists(TLSError.drainedReasons())
      }
    }
    Self.checkRevocation(in: store)
  }

  /// Refuses a list that says it is a root's, and isn't.
  ///
  /// Whether one is that names no root can be known only when a client shows its issuer.
  private static func requireSignature(
    of list: OpaquePointer,
    in store: OpaquePointer
  ) throws(TLSError) {
    guard let context = X509_STORE_CTX_new() else { throw .setting(TLSError.drainedReasons()) }
    defer { X509_STORE_CTX_free(context) }
    guard X509_STORE_CTX_init(context, store, nil, nil) == 1 else {
      throw .setting(TLSError.drainedReasons())
    }
    let found = X509_STORE_CTX_get_obj_by_subject(context, X509_LU_X509, X509_CRL_get_issuer(list))
    defer { X509_OBJECT_free(found) }
    guard let issuer = found.flatMap({ X509_OBJECT_get0_X509($0) }) else { return }
    guard X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1 else {
      throw .revocationLists("a list is not signed by its issuer: \(TLSError.drainedReasons())")
    }
  }
}

/// Chooses `h2` among what the client offers by ALPN, or ends the handshake.
private func selectHTTP2(
  _ ssl: OpaquePointer?,
  _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
  _ selectedLength: UnsafeMutablePointer<UInt8>?,
  _ offered: UnsafePointer<UInt8>?,
  _ offeredLength: UInt32,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  guard let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
  let end = Int(offeredLength)
  var position = 0
  while position < end {
    let length = Int(offered[position])
    let name = position + 1
    guard name + length <= end else { break }
    if length == 2, offered[name] == UInt8(ascii: "h"), offered[name + 1] == UInt8(ascii: "2") {
      selected?.pointee = offered + name
      selectedLength?.pointee = 2
      return SSL_TLSEXT_ERR_OK
    }
    position = name + length
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL
}
