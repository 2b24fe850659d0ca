internal import APIConventions
internal import Foundation
internal import Postgres
internal import Vocabulary

/// A challenge to log in with, good once.
struct LoginChallenge: Sendable {
  let id: RegionalID
  let account: RegionalID
  let nonce: [UInt8]
  let expireTime: Date

  /// `loginChallenges/{challenge}`.
  var name: String { id.name(in: "loginChallenges") }
}

/// The SQL of log-ins.
struct SessionStore: Sendable {
  private let transaction: Transaction

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Keeps a challenge, and clears away a few that have long expired, so that their number stays
  /// bounded by how many are asked for in an hour.
  func insert(_ challenge: LoginChallenge, at instant: Date) async throws {
    try await transaction.run([
      """
      INSERT INTO accounts.login_challenge (region_code, challenge_id, account_id, nonce,
        expire_time)
      VALUES (\(challenge.id.region.rawValue), \(challenge.id.uuid), \(challenge.account.uuid),
        \(challenge.nonce), \(challenge.expireTime))
      """,
      """
      DELETE FROM accounts.login_challenge
      WHERE (region_code, challenge_id) IN (
        SELECT region_code, challenge_id
        FROM accounts.login_challenge
        WHERE expire_time < \(instant.addingTimeInterval(-3_600))
        ORDER BY expire_time
        LIMIT 3
        FOR UPDATE SKIP LOCKED)
      """,
    ])
  }

  /// Uses a challenge up.
  ///
  /// - Returns: The challenge; nothing if it is unknown, used or expired.
  func use(_ id: RegionalID, at instant: Date) async throws -> LoginChallenge? {
    try await transaction.queryOne(
      """
      UPDATE accounts.login_challenge
      SET use_time = \(instant)
      WHERE region_code = \(id.region.rawValue) AND challenge_id = \(id.uuid)
        AND use_time IS NULL AND expire_time > \(instant)
      RETURNING account_id, nonce, expire_time
      """
    ).map { row in
      let (account, nonce, expireTime) = try row.decode(UUID.self, [UInt8].self, Date.self)
      return LoginChallenge(
        id: id,
        account: RegionalID(region: id.region, uuid: account),
        nonce: nonce,
        expireTime: expireTime
      )
    }
  }

  /// Keeps a session by its token's digest, and clears away a few that ended long ago.
  func insert(
    _ tokenSM3: [UInt8],
    of account: RegionalID,
    from instant: Date,
    until expireTime: Date
  ) async throws {
    try await transaction.run([
      """
      INSERT INTO accounts.session (token_sm3, region_code, account_id, create_time, expire_time)
      VALUES (\(tokenSM3), \(account.region.rawValue), \(account.uuid), \(instant), \(expireTime))
      """,
      """
      DELETE FROM accounts.session
      WHERE token_sm3 IN (
        SELECT token_sm3
        FROM accounts.session
        WHERE expire_time < \(instant.addingTimeInterval(-86_400))
        ORDER BY expire_time
        LIMIT 3
        FOR UPDATE SKIP LOCKED)
      """,
    ])
  }

  /// Ends a session.
  func end(_ tokenSM3: [UInt8], at instant: Date) async throws {
    try await transaction.execute(
      """
      UPDATE accounts.session
      SET end_time = \(instant)
      WHERE token_sm3 = \(tokenSM3) AND end_time IS NULL
      """
    )
  }

  /// Reads whose session a token's digest names, if it still runs.
  static func liveSession(_ tokenSM3: [UInt8], at instant: Date) -> SQL {
    """
    SELECT region_code, account_id
    FROM accounts.session
    WHERE token_sm3 = \(tokenSM3) AND end_time IS NULL AND expire_time > \(instant)
    """
  }
}
