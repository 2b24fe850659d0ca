internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Testing

@testable internal import RegistryClient

@Suite("Keeping a session")
struct SessionTests {
  private static let key = AccountKey()
  private static let account = "accounts/1"

  /// A server that gives the tokens `t1`, `t2`, … and takes only those that `isGood` says.
  private static func script(
    _ script: inout Script,
    refuses reason: String = "CALLER_UNAUTHENTICATED",
    isGood: @escaping @Sendable (_ token: String?, _ call: Int) -> Bool
  ) {
    script.on(Accounts.CreateLoginChallenge.descriptor) {
      (request: Liaoning_Registry_V1_CreateLoginChallengeRequest, call)
        -> Liaoning_Registry_V1_LoginChallenge in
      .with {
        $0.name = "loginChallenges/\(call.number)"
        $0.nonce = Data(repeating: UInt8(call.number), count: 32)
      }
    }
    script.on(Accounts.CreateSession.descriptor) {
      (request: Liaoning_Registry_V1_CreateSessionRequest, call) -> Liaoning_Registry_V1_Session in
      let statement = try Liaoning_Registry_V1_LoginStatement(serializedBytes: request.statement)
      let message = Array("liaoning.registry.v1.LoginStatement".utf8) + [0] + request.statement
      let publicKey = try VerifyingKey(der: Array(key.publicKey))
      guard statement.account == account,
        statement.nonce == Data(repeating: UInt8(call.number), count: 32),
        publicKey.isValidSignature(Array(request.signature.value), over: message)
      else { throw refusal(.unauthenticated, "LOGIN_REFUSED") }
      return .with {
        $0.token = "t\(call.number)"
        $0.account = account
      }
    }
    script.on(Names.ReserveName.descriptor) {
      (_: Liaoning_Registry_V1_ReserveNameRequest, call) -> Liaoning_Registry_V1_Reservation in
      guard isGood(call.token, call.number) else { throw refusal(.unauthenticated, reason) }
      return .with { $0.name = "reservations/\(call.token ?? "-")" }
    }
    script.on(Accounts.DeleteSession.descriptor) {
      (_: Liaoning_Registry_V1_DeleteSessionRequest, _) -> Google_Protobuf_Empty in .init()
    }
  }

  @Test("a log-in answers the challenge, and later calls carry the token")
  func tokenIsAttached() async throws {
    try await withRegistry {
      Self.script(&$0) { token, _ in token == "t1" }
    } _: { bed in
      let session = try await bed.client.logIn(as: Self.account, key: Self.key)
      #expect(session.token == "t1" && bed.client.session == session)
      let reservation = try await bed.client.names.reserveName(.init())
      #expect(reservation.name == "reservations/t1")
      #expect(bed.server.seen.map(\.token) == [nil, nil, "t1"])
    }
  }

  @Test("a key that is not the account's is refused, and no session is kept")
  func wrongKey() async throws {
    try await withRegistry {
      Self.script(&$0) { _, _ in true }
    } _: { bed in
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.logIn(as: Self.account, key: AccountKey())
      }
      #expect(failure?.reason == "LOGIN_REFUSED")
      #expect(bed.client.session == nil)
    }
  }

  @Test("an expired session is renewed once, and the same request goes out again")
  func renewal() async throws {
    try await withRegistry {
      Self.script(&$0) { token, _ in token == "t2" }
    } _: { bed in
      try await bed.client.logIn(as: Self.account, key: Self.key)
      let reservation = try await bed.client.names.reserveName(.init())
      #expect(reservation.name == "reservations/t2")
      let writes = bed.server.seen.filter { $0.method == "ReserveName" }
      #expect(writes.map(\.token) == ["t1", "t2"])
      #expect(writes[0].request == writes[1].request)
      // The log-ins themselves carry no token.
      #expect(bed.server.seen.filter { $0.method != "ReserveName" }.allSatisfy { $0.token == nil })
    }
  }

  @Test("a session that is refused again after its renewal is not renewed a second time")
  func onlyOnce() async throws {
    try await withRegistry {
      Self.script(&$0) { _, _ in false }
    } _: { bed in
      try await bed.client.logIn(as: Self.account, key: Self.key)
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.reserveName(.init())
      }
      #expect(failure?.reason == "CALLER_UNAUTHENTICATED")
      #expect(bed.server.seen.filter { $0.method == "CreateSession" }.count == 2)
    }
  }

  @Test("UNAUTHENTICATED for another reason renews nothing")
  func otherReason() async throws {
    try await withRegistry {
      Self.script(&$0, refuses: "OTHER") { _, _ in false }
    } _: { bed in
      try await bed.client.logIn(as: Self.account, key: Self.key)
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.reserveName(.init())
      }
      #expect(failure?.reason == "OTHER")
      #expect(bed.server.seen.filter { $0.method == "CreateSession" }.count == 1)
    }
  }

  @Test("without a key an expired session is the caller's to renew")
  func resumedWithoutKey() async throws {
    try await withRegistry {
      Self.script(&$0) { token, _ in token == "t1" }
    } _: { bed in
      bed.client.resume(token: "t0", account: Self.account)
      let failure = await failure { () async throws(RegistryFailure) in
        try await bed.client.names.reserveName(.init())
      }
      #expect(failure?.reason == "CALLER_UNAUTHENTICATED")
      #expect(bed.server.seen.count == 1)
      bed.client.resume(token: "t0", account: Self.account, key: Self.key)
      let reservation = try await bed.client.names.reserveName(.init())
      #expect(reservation.name == "reservations/t1")
    }
  }

  @Test("many calls that find the session expired renew it once")
  func oneRenewal() async throws {
    try await withRegistry {
      Self.script(&$0) { token, _ in token == "t2" }
    } _: { bed in
      try await bed.client.logIn(as: Self.account, key: Self.key)
      try await withThrowingTaskGroup(of: String.self) { tasks in
        for _ in 0..<20 {
          tasks.addTask { try await bed.client.names.reserveName(.init()).name }
        }
        for try await name in tasks { #expect(name == "reservations/t2") }
      }
      #expect(bed.server.seen.filter { $0.method == "CreateSession" }.count == 2)
    }
  }

  @Test("logging out ends the session on the server and forgets it")
  func logOut() async throws {
    try await withRegistry {
      Self.script(&$0) { _, _ in true }
    } _: { bed in
      try await bed.client.logIn(as: Self.account, key: Self.key)
      try await bed.client.logOut()
      #expect(bed.client.session == nil)
      #expect(bed.server.seen.last?.method == "DeleteSession")
      #expect(bed.server.seen.last?.token == "t1")
      _ = try await bed.client.names.reserveName(.init())
      #expect(bed.server.seen.last?.token == nil)
    }
  }
}
