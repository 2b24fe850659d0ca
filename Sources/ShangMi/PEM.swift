internal import CLibCrypto

/// Owns one memory `BIO`.
final class MemoryBIO {
  let pointer: OpaquePointer

  /// An empty one to write to; what it held is wiped when it is freed.
  init() throws(ShangMiError) {
    guard let pointer = BIO_new(BIO_s_secmem()) else { throw .drained("get memory") }
    self.pointer = pointer
  }

  /// One to read a copy of the text from.
  convenience init(reading text: String, what: String) throws(ShangMiError) {
    let bytes = Array(text.utf8)
    guard (1...PEM.mostBytes).contains(bytes.count) else {
      throw .malformed(what: what, reason: "1 to \(PEM.mostBytes) bytes of PEM are expected")
    }
    try self.init()
    guard BIO_write(pointer, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
      throw .drained("copy a PEM text")
    }
  }

  deinit {
    BIO_free(pointer)
  }

  /// All that was written.
  func text() throws(ShangMiError) -> String {
    let length = BIO_ctrl(pointer, BIO_CTRL_PENDING, 0, nil)
    guard (1...PEM.mostBytes).contains(length) else { throw .drained("read memory") }
    var bytes = [UInt8](repeating: 0, count: length)
    guard BIO_read(pointer, &bytes, Int32(length)) == Int32(length) else {
      throw .drained("read memory")
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The textual form of keys and certificates (RFC 7468).
enum PEM {
  /// Longer texts are refused unread.
  static let mostBytes = 1 << 20

  /// DER as PEM with lines of 64 characters.
  static func text(_ label: String, _ der: [UInt8]) -> String {
    var encoded = [UInt8](repeating: 0, count: (der.count + 2) / 3 * 4 + 1)
    let length = Int(EVP_EncodeBlock(&encoded, der, Int32(der.count)))
    var text = "-----BEGIN \(label)-----\n"
    for start in stride(from: 0, to: length, by: 64) {
      text += String(decoding: encoded[start..<min(start + 64, length)], as: UTF8.self) + "\n"
    }
    return text + "-----END \(label)-----\n"
  }

  /// The first PUBLIC KEY of a PEM text.
  static func publicKey(
    _ text: String,
    expecting kind: KeyKind?
  ) throws(ShangMiError) -> PKey {
    let input = try MemoryBIO(reading: text, what: "public key")
    guard let key = PEM_read_bio_PUBKEY(input.pointer, nil, refusePassphrase, nil) else {
      throw .drained("read a public key in PEM")
    }
    let owned = try PKey(owning: key, expecting: kind)
    try owned.checkPoint()
    return owned
  }

  /// The first private key of a PEM text: PKCS#8, plain or encrypted, or SEC 1.
  static func privateKey(
    _ text: String,
    passphrase: String?,
    expecting kind: KeyKind?
  ) throws(ShangMiError) -> PKey {
    let input = try MemoryBIO(reading: text, what: "private key")
    let supply = PassphraseSupply(passphrase)
    let key = withExtendedLifetime(supply) {
      PEM_read_bio_PrivateKey(
        input.pointer,
        nil,
        supplyPassphrase,
        Unmanaged.passUnretained(supply).toOpaque()
      )
    }
    guard let key else {
      let error = ShangMiError.drained("read a private key in PEM")
      if supply.wasAsked { throw passphrase == nil ? .passphraseMissing : .passphraseWrong }
      throw error
    }
    let owned = try PKey(owning: key, expecting: kind)
    try owned.checkPoint()
    return owned
  }

  /// A private key as PKCS#8, not encrypted.
  static func text(of key: PKey) throws(ShangMiError) -> String {
    let output = try MemoryBIO()
    guard
      PEM_write_bio_PKCS8PrivateKey(output.pointer, key.pointer, nil, nil, 0, nil, nil) == 1
    else { throw .drained("write a private key") }
    return try output.text()
  }

  /// A private key as encrypted PKCS#8: PBES2, PBKDF2 with HMAC-SHA-256, 600,000 rounds, a salt
  /// of 16 random bytes; SM4-CBC for SM2 keys, AES-256-CBC for P-256 keys.
  static func text(of key: PKey, passphrase: String) throws(ShangMiError) -> String {
    let secret = Array(passphrase.utf8)
    guard PassphraseSupply.lawfulLengths.contains(secret.count) else {
      throw .passphraseLengthUnlawful(byteCount: secret.count)
    }
    let cipher = key.kind == .sm2 ? EVP_sm4_cbc() : EVP_aes_256_cbc()
    let info = EVP_PKEY2PKCS8(key.pointer)
    defer { PKCS8_PRIV_KEY_INFO_free(info) }
    let scheme = PKCS5_pbe2_set_iv(cipher, 600_000, nil, 16, nil, NID_hmacWithSHA256)
    guard info != nil, scheme != nil else {
      X509_ALGOR_free(scheme)
      throw .drained("prepare a private key's encryption")
    }
    let sealed = secret.withUnsafeBytes { bytes in
      PKCS8_set0_pbe(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(bytes.count),
        info,
        scheme
      )
    }
    guard let sealed else {
      X509_ALGOR_free(scheme)
      throw .drained("encrypt a private key")
    }
    defer { X509_SIG_free(sealed) }
    let output = try MemoryBIO()
    guard PEM_write_bio_PKCS8(output.pointer, sealed) == 1 else {
      throw .drained("write an encrypted private key")
    }
    return try output.text()
  }
}

/// What libcrypto may be told when it asks for a passphrase, and whether it has asked.
private final class PassphraseSupply {
  static let lawfulLengths = 8...1_024

  let secret: [UInt8]?
  var wasAsked = false

  init(_ passphrase: String?) {
    secret = passphrase.map { Array($0.utf8) }
  }
}

/// Answers libcrypto's question from a `PassphraseSupply`; never asks at the terminal.
private func supplyPassphrase(
  buffer: UnsafeMutablePointer<CChar>?,
  size: Int32,
  writing: Int32,
  supply: UnsafeMutableRawPointer?
) -> Int32 {
  guard let buffer, let supply else { return -1 }
  let passphrase = Unmanaged<PassphraseSupply>.fromOpaque(supply).takeUnretainedValue()
  passphrase.wasAsked = true
  guard let secret = passphrase.secret, secret.count <= Int(size) else { return -1 }
  for (index, byte) in secret.enumerated() { buffer[index] = CChar(bitPattern: byte) }
  return Int32(secret.count)
}

private func refusePassphrase(
  buffer: UnsafeMutablePointer<CChar>?,
  size: Int32,
  writing: Int32,
  supply: UnsafeMutableRawPointer?
) -> Int32 {
  -1
}
