internal import APIConventions
internal import Foundation
package import GRPCCore
internal import Identity
internal import Postgres
package import RegistryAPI
internal import ShangMi
package import SwiftProtobuf

extension AccountService {
  /// Makes a challenge for an account's name, whether there is such an account or not.
  package func createLoginChallenge(
    request: Liaoning_Registry_V1_CreateLoginChallengeRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_LoginChallenge {
    guard let account = RegionalID(resourceName: request.account, collection: "accounts") else {
      throw AccountError.malformedName
    }
    let instant = instant
    let challenge = LoginChallenge(
      id: surroundings.newID(in: account.region),
      account: account,
      nonce: secureRandomBytes(32),
      expireTime: instant.addingTimeInterval(AccountRules.challengeLifetimeSeconds)
    )
    try await surroundings.database.withTransaction { transaction in
      try await SessionStore(transaction).insert(challenge, at: instant)
    }
    return Liaoning_Registry_V1_LoginChallenge(challenge)
  }

  /// Opens a session for whoever answers a challenge, which is used up whatever the answer.
  package func createSession(
    request: Liaoning_Registry_V1_CreateSessionRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Session {
    let answer = try LoginAnswer(request)
    let instant = instant
    let expireTime = instant.addingTimeInterval(AccountRules.sessionLifetimeSeconds)
    let token = SessionToken.random()
    let isOpened = try await surroundings.database.withTransaction { transaction in
      let store = SessionStore(transaction)
      let challenge = try await store.use(answer.challenge, at: instant)
      let account = try await AccountDirectory(transaction).account(answer.account)
      guard answer.answers(challenge, by: account) else { return false }
      try await store.insert(token.sm3, of: answer.account, from: instant, until: expireTime)
      return true
    }
    guard isOpened else { throw AccountError.loginRefused }
    return .with {
      $0.token = token.text
      $0.expireTime = expireTime.timestamp
      $0.account = answer.account.name(in: "accounts")
    }
  }

  /// Ends the caller's session.
  package func deleteSession(
    request: Liaoning_Registry_V1_DeleteSessionRequest,
    context: ServerContext
  ) async throws -> Google_Protobuf_Empty {
    let caller = try Caller(context).requireAccount()
    let instant = instant
    try await surroundings.database.withTransaction { transaction in
      try await SessionStore(transaction).end(caller.session, at: instant)
    }
    return Google_Protobuf_Empty()
  }
}

/// What a session's holder sends with every call: 32 random bytes as base64url, 43 characters.
struct SessionToken: Sendable {
  let text: String

  /// - Returns: Nothing unless the text has a token's form.
  init?(_ text: String) {
    guard
      text.utf8.count == 43,
      text.utf8.allSatisfy({ byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      })
    else { return nil }
    self.text = text
  }

  private init(bytes: [UInt8]) {
    text = Data(bytes).base64EncodedString()
      .replacing("+", with: "-")
      .replacing("/", with: "_")
      .replacing("=", with: "")
  }

  static func random() -> SessionToken {
    SessionToken(bytes: secureRandomBytes(32))
  }

  /// The digest by which the session is kept: whoever reads the table cannot make the token of it.
  var sm3: [UInt8] { SM3.digest(text).bytes }
}
