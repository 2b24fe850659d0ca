internal import CLibCrypto
internal import FoundationEssentials

/// Owns one `X509`.
///
/// Unchecked, because a certificate is not changed once it is wrapped, and what libcrypto caches
/// in it lazily is under libcrypto's own lock.
final class X509Owner: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    X509_free(pointer)
  }

  /// The certificate's DER.
  func der() throws(ShangMiError) -> [UInt8] {
    try encodedDER("write a certificate") { i2d_X509(pointer, $0) }
  }

  /// Sets the default distinguishing id on a certificate that SM2 signed.
  ///
  /// libcrypto needs it on every certificate of a chain, and tries to use it, vainly, where the
  /// signature is not SM2's.
  func setDistinguishingID() throws(ShangMiError) {
    guard X509_get_signature_nid(pointer) == NID_SM2_with_SM3 else { return }
    X509_set0_distinguishing_id(pointer, try distinguishingID())
  }
}

/// The default distinguishing id as libcrypto wants it; whoever it is given to owns it.
func distinguishingID() throws(ShangMiError) -> UnsafeMutablePointer<ASN1_OCTET_STRING> {
  guard
    let text = ASN1_OCTET_STRING_new(),
    ASN1_OCTET_STRING_set(text, SM2.defaultID, Int32(SM2.defaultID.count)) == 1
  else { throw .drained("set the distinguishing id") }
  return text
}

/// Calls one of libcrypto's `i2d` functions, once for the length and once for the bytes.
func encodedDER(
  _ operation: String,
  _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(ShangMiError) -> [UInt8] {
  let length = encode(nil)
  guard length > 0 else { throw .drained(operation) }
  var written: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
    var cursor = buffer.baseAddress
    written = encode(&cursor)
    count = written == length ? Int(length) : 0
  }
  guard written == length else { throw .drained(operation) }
  return bytes
}

/// An instant of a certificate as a date, whole seconds.
func date(of time: UnsafePointer<ASN1_TIME>?) throws(ShangMiError) -> Date {
  guard let epoch = ASN1_TIME_set(nil, 0) else { throw .drained("read a time") }
  defer { ASN1_TIME_free(epoch) }
  var days: Int32 = 0
  var seconds: Int32 = 0
  guard let time, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
    throw .drained("read a time")
  }
  return Date(timeIntervalSince1970: Double(days) * 86_400 + Double(seconds))
}

/// A distinguished name as one line, most specific part first (RFC 4514).
func line(_ name: OpaquePointer?) throws(ShangMiError) -> String {
  let output = try MemoryBIO()
  let flags = UInt(CLIBCRYPTO_NAME_FLAGS)
  guard name != nil, X509_NAME_print_ex(output.pointer, name, 0, flags) >= 0 else {
    throw .drained("read a distinguished name")
  }
  return BIO_ctrl(output.pointer, BIO_CTRL_PENDING, 0, nil) == 0 ? "" : try output.text()
}

/// The first common name in a distinguished name; `nil` if there is none, or it holds a NUL.
func commonName(_ name: OpaquePointer?) -> String? {
  guard let name, case let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1), index >= 0,
    let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))
  else { return nil }
  var buffer: UnsafeMutablePointer<UInt8>?
  let length = ASN1_STRING_to_UTF8(&buffer, value)
  guard length >= 0, let buffer else {
    ShangMiError.drainedReasons()
    return nil
  }
  defer { CRYPTO_free(buffer, #file, #line) }
  let bytes = UnsafeBufferPointer(start: buffer, count: Int(length))
  return bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
}

/// Sets a distinguished name's common name, 1 to 64 characters, and its organization, if any.
func setName(
  _ name: OpaquePointer?,
  commonName: String,
  organization: String?
) throws(ShangMiError) {
  let parts = [(NID_organizationName, organization), (NID_commonName, commonName)]
  for case (let identifier, let text?) in parts {
    guard (1...64).contains(text.unicodeScalars.count), !text.utf8.contains(0) else {
      throw .malformed(what: "distinguished name", reason: "a part has 1 to 64 characters, no NUL")
    }
    let bytes = Array(text.utf8)
    guard
      X509_NAME_add_entry_by_NID(
        name,
        identifier,
        MBSTRING_FLAG,
        bytes,
        Int32(bytes.count),
        -1,
        0
      ) == 1
    else { throw .drained("set a distinguished name") }
  }
}
