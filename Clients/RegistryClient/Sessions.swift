public import RegistryAPI
internal import SwiftProtobuf
internal import Synchronization

extension RegistryClient {
  /// Logs in by signing a challenge; every later call carries the session's token.
  ///
  /// When the session has expired, the client logs in again by itself, once a call.
  ///
  /// - Parameters:
  ///   - account: `accounts/{account}`.
  ///   - key: A key of the account.
  /// - Returns: The session.
  /// - Throws: `LOGIN_REFUSED` if the account is unknown or the key is not its own.
  @discardableResult
  public func logIn(
    as account: String,
    key: AccountKey
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Session {
    let session = try await newSession(as: account, key: key)
    sessions.begin(session, Credentials(account: account, key: key))
    return session
  }

  /// Goes on with a session that was made before, for instance by another process.
  ///
  /// - Parameters:
  ///   - token: The session's token.
  ///   - account: `accounts/{account}`.
  ///   - key: A key of the account, to log in again with when the session has expired; nil to fail
  ///     with `CALLER_UNAUTHENTICATED` then.
  public func resume(token: String, account: String, key: AccountKey? = nil) {
    sessions.begin(
      .with {
        $0.token = token
        $0.account = account
      },
      key.map { Credentials(account: account, key: $0) }
    )
  }

  /// The session that calls carry now; nil if none.
  public var session: Liaoning_Registry_V1_Session? { sessions.session }

  /// Ends the session on the server and forgets it with its key.
  ///
  /// - Throws: `RegistryFailure`; the session is forgotten nevertheless.
  public func logOut() async throws(RegistryFailure) {
    guard sessions.token != nil else { return }
    sessions.forgetCredentials()
    defer { sessions.end() }
    _ = try await accounts.deleteSession(.init())
  }

  private func newSession(
    as account: String,
    key: AccountKey
  ) async throws(RegistryFailure) -> Liaoning_Registry_V1_Session {
    // Without a token: one that has expired would have these calls refused.
    let challenge: Liaoning_Registry_V1_LoginChallenge = try await unary(
      Liaoning_Registry_V1_CreateLoginChallengeRequest.with { $0.account = account },
      Liaoning_Registry_V1_AccountService.Method.CreateLoginChallenge.descriptor,
      authorized: false
    )
    return try await unary(
      Liaoning_Registry_V1_CreateSessionRequest.signed(challenge, account: account, key: key),
      Liaoning_Registry_V1_AccountService.Method.CreateSession.descriptor,
      authorized: false
    )
  }

  /// Logs in again, unless another call has done so since `token` was read.
  func renewSession(insteadOf token: String) async throws(RegistryFailure) {
    let renewal = sessions.renewal(insteadOf: token) { [self] credentials in
      Task {
        do throws(RegistryFailure) {
          let session = try await newSession(as: credentials.account, key: credentials.key)
          sessions.renewed(session)
          return .success(session.token)
        } catch {
          sessions.renewalFailed()
          return .failure(error)
        }
      }
    }
    if let renewal { _ = try await renewal.value.get() }
  }
}

/// An account and the key that it logs in with.
struct Credentials: Sendable {
  let account: String
  let key: AccountKey
}

/// Keeps the session of a client, and lets one of many calls renew it.
final class SessionKeeper: Sendable {
  typealias Renewal = Task<Result<String, RegistryFailure>, Never>

  private struct State {
    var session: Liaoning_Registry_V1_Session?
    var credentials: Credentials?
    var renewal: Renewal?
  }

  private let state = Mutex(State())

  var session: Liaoning_Registry_V1_Session? { state.withLock { $0.session } }
  var token: String? { state.withLock { $0.session?.token } }
  var canRenew: Bool { state.withLock { $0.credentials != nil } }

  func begin(_ session: Liaoning_Registry_V1_Session, _ credentials: Credentials?) {
    state.withLock {
      $0.session = session
      $0.credentials = credentials
    }
  }

  func end() { state.withLock { $0 = State() } }
  func forgetCredentials() { state.withLock { $0.credentials = nil } }

  func renewed(_ session: Liaoning_Registry_V1_Session) {
    state.withLock {
      // Somebody may have logged out, or in as somebody else, meanwhile.
      if $0.credentials?.account == session.account { $0.session = session }
      $0.renewal = nil
    }
  }

  func renewalFailed() { state.withLock { $0.renewal = nil } }

  /// The renewal that runs, or a new one; nil if the session is another by now.
  func renewal(
    insteadOf token: String,
    start: (Credentials) -> Renewal
  ) -> Renewal? {
    state.withLock {
      guard let credentials = $0.credentials, $0.session?.token == token else { return nil }
      if let renewal = $0.renewal { return renewal }
      let renewal = start(credentials)
      $0.renewal = renewal
      return renewal
    }
  }
}
