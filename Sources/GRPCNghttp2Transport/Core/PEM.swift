internal import CLibSSL

/// Reads PEM with OpenSSL.
///
/// Every pointer handed over is freed here, after the closure.
enum PEM {
  /// Calls a closure with each certificate.
  ///
  /// - Throws: `failure` with the reason, if there is none or one can't be read; or what the
  ///   closure throws.
  static func forEachCertificate(
    _ pem: [UInt8],
    failure: (String) -> TLSError,
    _ body: (OpaquePointer) throws(TLSError) -> Void
  ) throws(TLSError) {
    let count = try forEach(
      pem,
      read: { PEM_read_bio_X509($0, nil, refuseToPrompt, nil) },
      free: X509_free,
      failure: failure,
      body
    )
    if count == 0 { throw failure("no certificate found") }
  }

  /// Calls a closure with each revocation list, of PEM or of DER.
  ///
  /// - Throws: `TLSError.revocationLists`, if bytes hold none or one can't be read; or what the
  ///   closure throws.
  static func forEachRevocationList(
    _ bytes: [UInt8],
    _ body: (OpaquePointer) throws(TLSError) -> Void
  ) throws(TLSError) {
    if bytes.isEmpty { return }
    // DER begins with a SEQUENCE, which is the digit 0 and so begins no PEM.
    if bytes.first == 0x30 { return try forEachList(der: bytes, body) }
    let count = try forEach(
      bytes,
      read: { PEM_read_bio_X509_CRL($0, nil, refuseToPrompt, nil) },
      free: X509_CRL_free,
      failure: TLSError.revocationLists,
      body
    )
    if count == 0 { throw .revocationLists("no revocation list found") }
  }

  private static func forEachList(
    der: [UInt8],
    _ body: (OpaquePointer) throws(TLSError) -> Void
  ) throws(TLSError) {
    var rest = der[...]
    while !rest.isEmpty {
      let (list, length) = rest.withUnsafeBufferPointer { buffer in
        var position = buffer.baseAddress
        let list = d2i_X509_CRL(nil, &position, buffer.count)
        return (list, position.flatMap { end in buffer.baseAddress.map { end - $0 } } ?? 0)
      }
      guard let list else { throw .revocationLists(TLSError.drainedReasons()) }
      defer { X509_CRL_free(list) }
      try body(list)
      rest = rest.dropFirst(length)
    }
  }

  /// Calls a closure with the private key.
  static func withPrivateKey(
    _ pem: [UInt8],
    _ body: (OpaquePointer) throws(TLSError) -> Void
  ) throws(TLSError) {
    guard let bio = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else {
      throw .privateKey(TLSError.drainedReasons())
    }
    defer { BIO_free(bio) }
    guard let key = PEM_read_bio_PrivateKey(bio, nil, refuseToPrompt, nil) else {
      throw .privateKey(TLSError.drainedReasons())
    }
    defer { EVP_PKEY_free(key) }
    try body(key)
  }

  private static func forEach(
    _ pem: [UInt8],
    read: (OpaquePointer) -> OpaquePointer?,
    free: (OpaquePointer?) -> Void,
    failure: (String) -> TLSError,
    _ body: (OpaquePointer) throws(TLSError) -> Void
  ) throws(TLSError) -> Int {
    // OpenSSL reads in place, so the bytes need an address of their own for as long.
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, pem.count))
    defer { bytes.deallocate() }
    _ = bytes.initialize(from: pem)
    guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: pem.count)) else {
      throw failure(TLSError.drainedReasons())
    }
    defer { BIO_free(bio) }
    var count = 0
    while let item = read(bio) {
      defer { free(item) }
      try body(item)
      count += 1
    }
    // The end of the text is told as an error too.
    guard clibssl_pem_ended(ERR_peek_last_error()) == 1 else {
      throw failure(TLSError.drainedReasons())
    }
    ERR_clear_error()
    return count
  }
}

/// A passphrase callback that has none, so that OpenSSL never asks at a terminal.
private func refuseToPrompt(
  _ buffer: UnsafeMutablePointer<CChar>?,
  _ size: Int32,
  _ isWriting: Int32,
  _ argument: UnsafeMutableRawPointer?
) -> Int32 {
  -1
}
