package import APIConventions
internal import Foundation
package import Identity
internal import Postgres
internal import Synchronization
internal import Vocabulary

/// Finds out who calls, for the call policy.
package struct Authenticator: Sendable {
  private let surroundings: Surroundings
  private let uptime: @Sendable () -> ContinuousClock.Instant
  private let certificates = CertificateCache()

  /// For how long a certificate's owner is remembered: a revoked one is refused after at most this.
  package static let certificateMemory: Duration = .seconds(1)

  /// An authenticator.
  ///
  /// - Parameters:
  ///   - surroundings: Database and time.
  ///   - uptime: What the memory of certificates is measured by.
  package init(
    _ surroundings: Surroundings,
    uptime: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) {
    self.surroundings = surroundings
    self.uptime = uptime
  }

  /// Whose session a token is of: one read by the token's SM3, remembered nowhere, so that a session
  /// that was ended is refused from the next call on.
  ///
  /// - Parameter token: What the caller sent after `Bearer `.
  /// - Returns: Nothing for a token that is malformed, unknown, ended or expired.
  /// - Throws: `PostgresError`.
  package func caller(sessionToken token: String) async throws -> Caller? {
    guard let token = SessionToken(token) else { return nil }
    let digest = token.sm3
    let row = try await surroundings.database.queryOne(
      SessionStore.liveSession(digest, at: surroundings.now())
    )
    guard let row else { return nil }
    let (regionCode, account) = try row.decode(Int32.self, UUID.self)
    guard let region = RegionCode(rawValue: regionCode) else { throw UnreadableRow("session") }
    return .account(
      AccountCaller(id: RegionalID(region: region, uuid: account), session: digest)
    )
  }

  /// Whose certificate a connection showed: staff on the inner listener, a partner on the outer one.
  ///
  /// - Parameters:
  ///   - digest: SHA-256 of the certificate's SubjectPublicKeyInfo, 32 bytes.
  ///   - listener: Where the connection came in.
  /// - Returns: Nothing for a certificate that is unknown there or no longer good.
  /// - Throws: `PostgresError`.
  package func caller(
    certificateSPKISHA256 digest: [UInt8],
    on listener: Listener
  ) async throws -> Caller? {
    let moment = uptime()
    if let known = certificates.caller(digest, on: listener, at: moment) { return known }
    let caller: Caller? =
      switch listener {
      case .inner: try await staff(digest)
      case .outer: try await partner(digest)
      }
    if let caller { certificates.remember(caller, digest, on: listener, at: moment) }
    return caller
  }

  private func staff(_ digest: [UInt8]) async throws -> Caller? {
    try await surroundings.database.queryOne(
      StaffStore.staff(certificate: digest, at: surroundings.now())
    ).map { .staff(try StaffStore.staff($0)) }
  }

  private func partner(_ digest: [UInt8]) async throws -> Caller? {
    try await surroundings.database.queryOne(
      StaffStore.partner(certificate: digest, at: surroundings.now())
    ).map { .partner(try StaffStore.partner($0)) }
  }
}

/// Remembers the owners of certificates for a second; bounded.
private final class CertificateCache: Sendable {
  private static let limit = 1_024
  private let entries = Mutex<[Key: Entry]>([:])

  private struct Key: Hashable {
    let digest: [UInt8]
    let listener: Listener

    /// All bytes at once; by itself an array adds each alone, at every call.
    func hash(into hasher: inout Hasher) {
      digest.withUnsafeBytes { hasher.combine(bytes: $0) }
      hasher.combine(listener)
    }
  }

  private struct Entry {
    let caller: Caller
    let moment: ContinuousClock.Instant
  }

  func caller(
    _ digest: [UInt8],
    on listener: Listener,
    at moment: ContinuousClock.Instant
  ) -> Caller? {
    entries.withLock { entries in
      guard let entry = entries[Key(digest: digest, listener: listener)],
        moment - entry.moment < Authenticator.certificateMemory
      else { return nil }
      return entry.caller
    }
  }

  func remember(
    _ caller: Caller,
    _ digest: [UInt8],
    on listener: Listener,
    at moment: ContinuousClock.Instant
  ) {
    entries.withLock { entries in
      if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
      entries[Key(digest: digest, listener: listener)] = Entry(caller: caller, moment: moment)
    }
  }
}
