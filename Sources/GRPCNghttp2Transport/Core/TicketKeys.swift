internal import CLibSSL
internal import Synchronization

/// The keys that seal a server's session tickets: the present one and the one before it.
///
/// A key seals for one session lifetime and opens for a second one, so that no ticket outlives its
/// key. Shared by a transport's loops and kept over changes of certificates; any thread.
final class TicketKeys: Sendable {
  /// How long after its full handshake a session can be resumed; whole seconds.
  let lifetime: Duration

  private struct State {
    var present: TicketKey
    var previous: TicketKey?
    /// When the present key began to seal.
    var since: ContinuousClock.Instant
  }

  private let origin: ContinuousClock.Instant
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: Mutex<State>

  /// Longest lifetime of a ticket: 7 days (RFC 8446, 4.6.1).
  static let longestLifetime = Duration.seconds(604_800)

  /// - Parameters:
  ///   - lifetime: From 1 s to `longestLifetime`; what is outside is brought inside.
  ///   - now: The clock; tests bring their own.
  /// - Throws: `TLSError.setting` without randomness.
  init(
    lifetime: Duration,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) throws(TLSError) {
    let seconds = min(max(lifetime, .seconds(1)), Self.longestLifetime).components.seconds
    self.lifetime = .seconds(seconds)
    self.now = now
    let instant = now()
    origin = instant
    state = Mutex(State(present: try TicketKey(), previous: nil, since: instant))
  }

  /// The time on these keys' clock, in whole seconds since they were made.
  var second: UInt64 { UInt64(max(0, (now() - origin).components.seconds)) }

  /// The key to seal with: the present one, or a new one if that has sealed for its time.
  ///
  /// - Returns: Nil without randomness.
  func sealing() -> TicketKey? {
    state.withLock { state in
      rotate(&state)
      return now() - state.since < lifetime ? state.present : nil
    }
  }

  /// The key of a name, if it still opens tickets.
  func opening(named name: UnsafeRawBufferPointer) -> TicketKey? {
    state.withLock { state in
      rotate(&state)
      if state.present.isNamed(name) { return state.present }
      return state.previous.flatMap { $0.isNamed(name) ? $0 : nil }
    }
  }

  private func rotate(_ state: inout State) {
    let age = now() - state.since
    guard age >= lifetime else { return }
    if age >= lifetime * 2 { state.previous = nil }
    guard let next = try? TicketKey() else { return }
    state.previous = age >= lifetime * 2 ? nil : state.present
    state.present = next
    state.since += lifetime * Int(age / lifetime)
  }
}

/// One key: what tickets call it, what enciphers them (AES-256-CBC), what authenticates them
/// (HMAC-SHA-256).
///
/// Wiped when nobody uses it any more.
final class TicketKey: @unchecked Sendable {
  // Unchecked: the bytes aren't changed after init.

  private static let nameLength = 16
  private static let secretLength = 32

  private let bytes: UnsafeMutableRawBufferPointer

  init() throws(TLSError) {
    let length = Self.nameLength + 2 * Self.secretLength
    bytes = .allocate(byteCount: length, alignment: 16)
    guard RAND_bytes(bytes.baseAddress, Int32(length)) == 1 else {
      throw .setting(TLSError.drainedReasons())
    }
  }

  deinit {
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    bytes.deallocate()
  }

  func isNamed(_ name: UnsafeRawBufferPointer) -> Bool {
    withName { $0.elementsEqual(name) }
  }

  /// Lends the 16 bytes by which tickets name the key.
  func withName<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    body(UnsafeRawBufferPointer(rebasing: bytes[..<Self.nameLength]))
  }

  /// Readies OpenSSL's contexts for sealing a ticket; writes the name and a new vector into it.
  func seal(
    name: UnsafeMutablePointer<UInt8>,
    vector: UnsafeMutablePointer<UInt8>,
    cipher: OpaquePointer,
    mac: OpaquePointer
  ) -> Bool {
    UnsafeMutableRawBufferPointer(start: name, count: Self.nameLength)
      .copyBytes(from: bytes[..<Self.nameLength])
    let method = EVP_aes_256_cbc()
    return RAND_bytes(vector, EVP_CIPHER_get_iv_length(method)) == 1
      && EVP_EncryptInit_ex(cipher, method, nil, secret(0), vector) == 1
      && clibssl_key_ticket_mac(mac, secret(1), Self.secretLength) == 1
  }

  /// Readies OpenSSL's contexts for opening a ticket.
  func open(
    vector: UnsafePointer<UInt8>,
    cipher: OpaquePointer,
    mac: OpaquePointer
  ) -> Bool {
    EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, secret(0), vector) == 1
      && clibssl_key_ticket_mac(mac, secret(1), Self.secretLength) == 1
  }

  private func secret(_ index: Int) -> UnsafePointer<UInt8>? {
    guard let start = bytes.baseAddress else { return nil }
    let secret = start + Self.nameLength + index * Self.secretLength
    return UnsafePointer(secret.assumingMemoryBound(to: UInt8.self))
  }
}
