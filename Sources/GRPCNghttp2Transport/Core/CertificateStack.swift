internal import CLibSSL

/// Certificates that may stand between a peer's own and a root; owns them.
///
/// Confined to whoever made it.
final class CertificateStack {
  let pointer: OpaquePointer

  /// None.
  ///
  /// - Returns: Nil for want of memory.
  init?() {
    guard let pointer = OPENSSL_sk_new_null() else { return nil }
    self.pointer = pointer
  }

  /// Those of concatenated DER, as far as they can be read.
  convenience init?(der: UnsafeRawBufferPointer) {
    self.init()
    var position = der.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let end = position.map { $0 + der.count }
    while let start = position, let end, start < end,
      let certificate = d2i_X509(nil, &position, end - start)
    {
      append(owning: certificate)
    }
    ERR_clear_error()
  }

  /// Those of a connection's chain, which stays its owner too.
  ///
  /// - Parameter chain: OpenSSL's stack; nil for none.
  convenience init?(sharing chain: OpaquePointer?) {
    self.init()
    for index in 0..<max(0, OPENSSL_sk_num(chain)) {
      guard let value = OPENSSL_sk_value(chain, index) else { continue }
      let certificate = OpaquePointer(value)
      if X509_up_ref(certificate) == 1 { append(owning: certificate) }
    }
  }

  deinit {
    while let certificate = OPENSSL_sk_pop(pointer) { X509_free(OpaquePointer(certificate)) }
    OPENSSL_sk_free(pointer)
  }

  private func append(owning certificate: OpaquePointer) {
    if OPENSSL_sk_push(pointer, UnsafeRawPointer(certificate)) <= 0 { X509_free(certificate) }
  }

  /// The DER of a chain's certificates one after the other; nothing if it is longer than a limit.
  static func der(of chain: OpaquePointer?, atMost limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in 0..<max(0, OPENSSL_sk_num(chain)) {
      guard let value = OPENSSL_sk_value(chain, index) else { continue }
      guard let der = PeerCertificate.encoded({ i2d_X509(OpaquePointer(value), $0) }),
        bytes.count + der.count <= limit
      else {
        ERR_clear_error()
        return []
      }
      bytes += der
    }
    return bytes
  }
}
