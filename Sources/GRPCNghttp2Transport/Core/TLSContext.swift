internal import CLibSSL

/// The settings from which TLS connections are made: version, certificates, trust, ALPN.
///
/// Immutable once made; any thread.
final class TLSContext: @unchecked Sendable {
  // Unchecked: the context isn't changed after init, and OpenSSL counts its references atomically.

  let pointer: OpaquePointer
  let isServer: Bool

  /// The settings of a server.
  init(server options: ServerTLSOptions) throws(TLSError) {
    pointer = try Self.newContext(TLS_server_method())
    isServer = true
    try use(options.identity)
    SSL_CTX_set_alpn_select_cb(pointer, selectHTTP2, nil)
    _ = SSL_CTX_set_num_tickets(pointer, 0)
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

  private static func newContext(_ method: OpaquePointer?) throws(TLSError) -> OpaquePointer {
    ERR_clear_error()
    guard let context = SSL_CTX_new(method) else { throw .setting(TLSError.drainedReasons()) }
    guard clibssl_require_tls13(context) == 1 else {
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
    var checks = false
    try PEM.forEachRevocationList(lists, failure: TLSError.trustRoots) { list throws(TLSError) in
      guard X509_STORE_add_crl(store, list) == 1 else {
        throw .trustRoots(TLSError.drainedReasons())
      }
      checks = true
    }
    if checks { X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK)) }
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
