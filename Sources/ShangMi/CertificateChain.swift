internal import CLibCrypto
package import FoundationEssentials

extension Certificate {
  /// Checks that the certificate leads to a trusted root, at an instant and for a purpose.
  ///
  /// Judged by RFC 5280: signatures, validity, authority, path length, key usage, at most 8
  /// certificates between. Revocation is not looked up here.
  ///
  /// - Parameters:
  ///   - roots: The authorities trusted without question.
  ///   - intermediates: Certificates that may stand between, in any order.
  ///   - instant: When the chain must be valid.
  ///   - purpose: What the certificate is to be used for.
  /// - Throws: `untrusted` with libcrypto's reason, `libcrypto`.
  package func verify(
    roots: [Certificate],
    intermediates: [Certificate] = [],
    at instant: Date,
    purpose: CertificatePurpose = .any
  ) throws(ShangMiError) {
    let store = X509_STORE_new()
    defer { X509_STORE_free(store) }
    let stack = OPENSSL_sk_new_null()
    defer { OPENSSL_sk_free(stack) }
    let context = X509_STORE_CTX_new()
    defer { X509_STORE_CTX_free(context) }
    guard let store, let stack, let context else { throw .drained("prepare a chain") }
    for root in roots {
      guard X509_STORE_add_cert(store, root.owner.pointer) == 1 else {
        throw .drained("trust a root")
      }
    }
    for intermediate in intermediates {
      guard OPENSSL_sk_push(stack, UnsafeRawPointer(intermediate.owner.pointer)) > 0 else {
        throw .drained("offer an intermediate")
      }
    }
    guard X509_STORE_CTX_init(context, store, owner.pointer, stack) == 1 else {
      throw .drained("prepare a chain")
    }
    let parameters = X509_STORE_CTX_get0_param(context)
    X509_VERIFY_PARAM_set_time(parameters, time_t(instant.timeIntervalSince1970.rounded(.down)))
    X509_VERIFY_PARAM_set_depth(parameters, 8)
    guard X509_VERIFY_PARAM_set_purpose(parameters, purpose.identifier) == 1 else {
      throw .drained("set a purpose")
    }
    let verdict = withExtendedLifetime((roots, intermediates)) { X509_verify_cert(context) }
    guard verdict == 1 else {
      ShangMiError.drainedReasons()
      let reason = X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context)))
      throw .untrusted(
        reason: reason.map { String(cString: $0) } ?? "no reason given",
        depth: Int(X509_STORE_CTX_get_error_depth(context))
      )
    }
  }
}

extension CertificatePurpose {
  fileprivate var identifier: Int32 {
    switch self {
    case .any: X509_PURPOSE_ANY
    case .tlsClient: X509_PURPOSE_SSL_CLIENT
    case .tlsServer: X509_PURPOSE_SSL_SERVER
    }
  }
}
