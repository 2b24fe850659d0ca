internal import CLibCrypto
package import FoundationEssentials

/// The certificates that an authority has taken back before their time (RFC 5280, 5).
package struct RevocationList: Hashable, Sendable {
  /// One certificate taken back.
  package struct Entry: Hashable, Sendable {
    /// Its serial number, in lower-case hexadecimal digits, as `Certificate.serial`.
    package let serial: String
    /// Since when.
    package let revokeTime: Date

    /// A certificate taken back at an instant.
    package init(serial: String, revokeTime: Date) {
      self.serial = serial
      self.revokeTime = revokeTime
    }
  }

  /// The DER.
  package let der: [UInt8]
  /// The issuer in one line, most specific part first (RFC 4514).
  package let issuer: String
  /// When it was made.
  package let updateTime: Date
  /// By when the next one is due, and this one proves nothing any more; `nil` if it does not say.
  package let nextUpdateTime: Date?
  /// Its number among its issuer's lists (RFC 5280, 5.2.3); 0 if it does not say.
  package let number: Int
  /// What it takes back.
  package let entries: [Entry]
  private let signedPart: [UInt8]
  private let signature: [UInt8]

  /// Reads a list.
  ///
  /// - Parameter der: The DER, nothing after it.
  /// - Throws: `malformed`, `libcrypto`.
  package init(der: [UInt8]) throws(ShangMiError) {
    let (parsed, consumed) = der.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      let list = d2i_X509_CRL(nil, &cursor, buffer.count)
      return (list, cursor == buffer.baseAddress.map { $0 + buffer.count })
    }
    guard let parsed else { throw .drained("read a revocation list") }
    defer { X509_CRL_free(parsed) }
    guard consumed else { throw .malformed(what: "revocation list", reason: "bytes follow it") }
    try self.init(parsed)
  }

  /// Reads every list of a file, in order.
  ///
  /// - Parameter contents: One DER, or PEM of at most 1 MiB.
  /// - Returns: The lists; one or more.
  /// - Throws: `malformed`, `libcrypto`.
  package static func lists(in contents: [UInt8]) throws(ShangMiError) -> [RevocationList] {
    if contents.first == 0x30 { return [try RevocationList(der: contents)] }
    let text = String(decoding: contents, as: UTF8.self)
    let input = try MemoryBIO(reading: text, what: "revocation list")
    var lists: [RevocationList] = []
    while let parsed = PEM_read_bio_X509_CRL(input.pointer, nil, nil, nil) {
      defer { X509_CRL_free(parsed) }
      lists.append(try RevocationList(parsed))
    }
    // Reading on at the end says "no start line"; anything else is damage.
    guard ERR_peek_last_error() & 0x7F_FFFF == UInt(PEM_R_NO_START_LINE) else {
      throw .drained("read a revocation list in PEM")
    }
    ShangMiError.drainedReasons()
    guard !lists.isEmpty else {
      throw .malformed(what: "revocation list", reason: "there is no X509 CRL block")
    }
    return lists
  }

  fileprivate init(_ pointer: OpaquePointer) throws(ShangMiError) {
    der = try encodedDER("write a revocation list") { i2d_X509_CRL(pointer, $0) }
    issuer = try line(X509_CRL_get_issuer(pointer))
    updateTime = try date(of: X509_CRL_get0_lastUpdate(pointer))
    nextUpdateTime = try X509_CRL_get0_nextUpdate(pointer).map {
      time throws(ShangMiError) in try date(of: time)
    }
    number = Self.number(of: pointer)
    entries = try Self.entries(of: pointer)
    signedPart = try encodedDER("read a revocation list") { i2d_re_X509_CRL_tbs(pointer, $0) }
    var bits: UnsafePointer<ASN1_BIT_STRING>?
    X509_CRL_get0_signature(pointer, &bits, nil)
    guard let bits, let start = ASN1_STRING_get0_data(bits) else {
      throw .malformed(what: "revocation list", reason: "it is not signed")
    }
    signature = Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(bits))))
  }

  private static func number(of pointer: OpaquePointer) -> Int {
    guard let found = X509_CRL_get_ext_d2i(pointer, NID_crl_number, nil, nil) else { return 0 }
    let integer = found.assumingMemoryBound(to: ASN1_INTEGER.self)
    defer { ASN1_INTEGER_free(integer) }
    return max(0, ASN1_INTEGER_get(integer))
  }

  private static func entries(of pointer: OpaquePointer) throws(ShangMiError) -> [Entry] {
    let stack = X509_CRL_get_REVOKED(pointer)
    var entries: [Entry] = []
    for index in 0..<max(0, OPENSSL_sk_num(stack)) {
      guard let value = OPENSSL_sk_value(stack, index) else { continue }
      let entry = OpaquePointer(value)
      let der = try encodedDER("read a serial number") {
        i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(entry), $0)
      }
      var decoder = DERDecoder(der[...], "serial number")
      let bytes = try decoder.integer()
      let leadsWithZero = bytes.count > 1 && bytes.first == 0
      entries.append(
        Entry(
          serial: hexadecimalText(leadsWithZero ? bytes.dropFirst() : bytes),
          revokeTime: try date(of: X509_REVOKED_get0_revocationDate(entry))
        )
      )
    }
    return entries
  }

  /// The list as an X509 CRL block.
  package var pem: String { PEM.text("X509 CRL", der) }

  /// Whether a key signed this list; says nothing of time.
  ///
  /// - Parameter key: The issuer's key.
  /// - Returns: Whether it did.
  package func isSigned(by key: VerifyingKey) -> Bool {
    key.isValidSignature(signature, over: signedPart)
  }

  /// Whether the list still proves something: it was made by then, and the next is not due.
  ///
  /// - Parameter instant: When.
  /// - Returns: Whether it does.
  package func isCurrent(at instant: Date) -> Bool {
    updateTime <= instant && nextUpdateTime.map { instant < $0 } ?? true
  }
}

extension CertificateAuthority {
  /// Signs a list of what this authority takes back.
  ///
  /// - Parameters:
  ///   - entries: All that is taken back, not only what is new.
  ///   - number: Higher than that of any list before.
  ///   - updateTime: When it is made.
  ///   - nextUpdateTime: By when the next is due.
  /// - Returns: The list.
  /// - Throws: `malformed`, `libcrypto`.
  package func revocationList(
    of entries: [RevocationList.Entry],
    number: Int,
    updateTime: Date,
    nextUpdateTime: Date
  ) throws(ShangMiError) -> RevocationList {
    guard let list = X509_CRL_new() else { throw .drained("make a revocation list") }
    defer { X509_CRL_free(list) }
    let (made, due) = (try ASN1Time(updateTime), try ASN1Time(nextUpdateTime))
    guard
      X509_CRL_set_version(list, 1) == 1,
      X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate.owner.pointer)) == 1,
      X509_CRL_set1_lastUpdate(list, made.pointer) == 1,
      X509_CRL_set1_nextUpdate(list, due.pointer) == 1
    else { throw .drained("fill in a revocation list") }
    for entry in entries { try add(entry, to: list) }
    try setNumber(number, on: list)
    guard X509_CRL_sort(list) == 1 else { throw .drained("sort a revocation list") }
    let context = try SignatureContext(signingKey.key, id: SM2.defaultID)
    try context.startSigning()
    guard X509_CRL_sign_ctx(list, context.pointer) > 0 else {
      throw .drained("sign a revocation list")
    }
    return try RevocationList(list)
  }

  private func add(
    _ entry: RevocationList.Entry,
    to list: OpaquePointer
  ) throws(ShangMiError) {
    var number: OpaquePointer?
    defer { BN_free(number) }
    guard BN_hex2bn(&number, entry.serial) == entry.serial.utf8.count, number != nil else {
      ShangMiError.drainedReasons()
      throw .malformed(what: "serial number", reason: "hexadecimal digits are expected")
    }
    let serial = BN_to_ASN1_INTEGER(number, nil)
    defer { ASN1_INTEGER_free(serial) }
    let instant = try ASN1Time(entry.revokeTime)
    guard serial != nil, let revoked = X509_REVOKED_new() else {
      throw .drained("make a revocation")
    }
    guard
      X509_REVOKED_set_serialNumber(revoked, serial) == 1,
      X509_REVOKED_set_revocationDate(revoked, instant.pointer) == 1,
      X509_CRL_add0_revoked(list, revoked) == 1
    else {
      X509_REVOKED_free(revoked)
      throw .drained("add a revocation")
    }
  }

  private func setNumber(_ number: Int, on list: OpaquePointer) throws(ShangMiError) {
    guard let value = ASN1_INTEGER_new() else { throw .drained("number a revocation list") }
    defer { ASN1_INTEGER_free(value) }
    guard
      ASN1_INTEGER_set_int64(value, Int64(number)) == 1,
      X509_CRL_add1_ext_i2d(list, NID_crl_number, value, 0, 0) == 1
    else { throw .drained("number a revocation list") }
  }
}

/// Owns one `ASN1_TIME`.
private final class ASN1Time {
  let pointer: UnsafeMutablePointer<ASN1_TIME>

  /// A whole second of the years 1970 to 9999.
  init(_ instant: Date) throws(ShangMiError) {
    let seconds = instant.timeIntervalSince1970.rounded(.down)
    guard (0...253_402_300_799).contains(seconds) else {
      throw .malformed(what: "time", reason: "it leaves the years 1970 to 9999")
    }
    guard let pointer = ASN1_TIME_set(nil, time_t(seconds)) else { throw .drained("make a time") }
    self.pointer = pointer
  }

  deinit {
    ASN1_TIME_free(pointer)
  }
}
