internal import CLibSSL

extension TLSContext {
  /// Judges a peer's certificate by these settings' roots and revocation lists, now, as a handshake
  /// would.
  ///
  /// - Parameters:
  ///   - certificate: The peer's own.
  ///   - intermediates: What it showed beside it.
  ///   - ssl: The connection; a client's says which name is expected.
  /// - Returns: `X509_V_OK`, or OpenSSL's code for what is wrong.
  func verdict(
    on certificate: OpaquePointer,
    with intermediates: CertificateStack?,
    of ssl: OpaquePointer
  ) -> Int {
    ERR_clear_error()
    defer { ERR_clear_error() }
    guard let store = SSL_CTX_get_cert_store(pointer), let context = X509_STORE_CTX_new() else {
      return Int(X509_V_ERR_OUT_OF_MEM)
    }
    defer { X509_STORE_CTX_free(context) }
    return withExtendedLifetime(intermediates) {
      guard
        X509_STORE_CTX_init(context, store, certificate, intermediates?.pointer) == 1,
        X509_STORE_CTX_set_default(context, isServer ? "ssl_client" : "ssl_server") == 1,
        let parameters = X509_STORE_CTX_get0_param(context)
      else { return Int(X509_V_ERR_UNSPECIFIED) }
      X509_VERIFY_PARAM_set_auth_level(parameters, SSL_get_security_level(ssl))
      guard X509_VERIFY_PARAM_set1(parameters, SSL_get0_param(ssl)) == 1 else {
        return Int(X509_V_ERR_UNSPECIFIED)
      }
      if X509_verify_cert(context) == 1 { return Int(X509_V_OK) }
      let code = Int(X509_STORE_CTX_get_error(context))
      return code == X509_V_OK ? Int(X509_V_ERR_UNSPECIFIED) : code
    }
  }

  /// Has revocation looked up: of the peer's own certificate always, of those between it and the
  /// root where their issuer's list is at hand.
  static func checkRevocation(in store: OpaquePointer) {
    X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
    X509_STORE_set_verify_cb(store, excuseMissingLists)
  }
}

/// Lets a certificate pass whose revocation can't be looked up, unless it is the peer's own.
private func excuseMissingLists(_ isGood: Int32, _ context: OpaquePointer?) -> Int32 {
  guard isGood == 0, X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL,
    X509_STORE_CTX_get_error_depth(context) > 0
  else { return isGood }
  X509_STORE_CTX_set_error(context, X509_V_OK)
  return 1
}
