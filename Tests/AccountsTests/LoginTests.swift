internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import ShangMi
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@Suite("Logging in", .database(accountsMigrations))
struct LoginTests {
  private func challenge(
    _ account: String,
    at office: Office
  ) async throws -> Liaoning_Registry_V1_LoginChallenge {
    try await office.call {
      try await office.service.createLoginChallenge(
        request: .with { $0.account = account },
        context: $0
      )
    }
  }

  private func session(
    _ request: Liaoning_Registry_V1_CreateSessionRequest,
    at office: Office
  ) async throws -> Liaoning_Registry_V1_Session {
    try await office.call {
      try await office.service.createSession(request: request, context: $0)
    }
  }

  @Test("a signed challenge opens a session of 12 hours, by whose token the caller is known")
  func login() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let challenge = try await challenge(account.name, at: office)
    #expect(challenge.nonce.count == 32)
    #expect(challenge.expireTime == office.timestamp(120))
    let session = try await session(
      try applicant.login(challenge, for: account.name),
      at: office
    )
    #expect(session.account == account.name)
    #expect(session.token.utf8.count == 43)
    #expect(session.expireTime == office.timestamp(43_200))

    let authenticator = Authenticator(office.surroundings)
    let caller = try #require(try await authenticator.caller(sessionToken: session.token))
    #expect(caller.name == account.name)
    office.moveClock(by: 43_199.999)
    #expect(try await authenticator.caller(sessionToken: session.token) == caller)
    office.moveClock(by: 0.001)
    #expect(try await authenticator.caller(sessionToken: session.token) == nil)
  }

  @Test("a token is refused from the moment its session was ended, and kept nowhere")
  func logout() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let token = try await session(
      try applicant.login(try await challenge(account.name, at: office), for: account.name),
      at: office
    ).token
    let authenticator = Authenticator(office.surroundings)
    let caller = try #require(try await authenticator.caller(sessionToken: token))
    let kept = try await office.database.queryOne(
      "SELECT token_sm3 FROM accounts.session WHERE token_sm3 = \(SM3.digest(token).bytes)"
    )
    #expect(kept != nil)
    _ = try await office.call(as: caller) {
      try await office.service.deleteSession(request: .init(), context: $0)
    }
    #expect(try await authenticator.caller(sessionToken: token) == nil)
    await expectReason("CALLER_UNAUTHENTICATED") {
      try await office.call {
        try await office.service.deleteSession(request: .init(), context: $0)
      }
    }
  }

  @Test(
    "what is no token is nobody's",
    arguments: ["", "a", String(repeating: "a", count: 43), String(repeating: "+", count: 43)]
  )
  func noToken(token: String) async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    #expect(try await Authenticator(office.surroundings).caller(sessionToken: token) == nil)
  }

  @Test("a challenge is good for 2 minutes", arguments: [(119.999, true), (120, false)])
  func expiry(seconds: TimeInterval, isGood: Bool) async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let request = try applicant.login(
      try await challenge(account.name, at: office),
      for: account.name
    )
    office.moveClock(by: seconds)
    if isGood {
      #expect(try await session(request, at: office).account == account.name)
    } else {
      await expectReason("LOGIN_REFUSED") { try await session(request, at: office) }
    }
  }

  @Test("a challenge is good once: of answers at once exactly one opens a session")
  func once() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let request = try applicant.login(
      try await challenge(account.name, at: office),
      for: account.name
    )
    let opened = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { (try? await session(request, at: office)) != nil }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(opened == 1)
    await expectReason("LOGIN_REFUSED") { try await session(request, at: office) }
  }

  @Test("a wrong answer uses the challenge up")
  func wrongAnswer() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let challenge = try await challenge(account.name, at: office)
    let stranger = Applicant(try Sample.person())
    let forged = try stranger.login(challenge, for: account.name)
    await expectReason("LOGIN_REFUSED") { try await session(forged, at: office) }
    let right = try applicant.login(challenge, for: account.name)
    await expectReason("LOGIN_REFUSED") { try await session(right, at: office) }
  }

  @Test("another nonce, another's challenge or no statement is refused")
  func otherAnswers() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let account = try await applicant.register(at: office)
    let other = Applicant(try Sample.person())
    let otherAccount = try await other.register(at: office)
    var nonce = try await challenge(account.name, at: office)
    nonce.nonce[0] ^= 1
    let requests = [
      try applicant.login(nonce, for: account.name),
      try other.login(try await challenge(account.name, at: office), for: otherAccount.name),
      try applicant.login(.with { $0.name = "loginChallenges/1" }, for: account.name),
      try applicant.login(
        .with {
          $0.name = RegionalID(region: .liaoning, uuid: UUID()).name(in: "loginChallenges")
        },
        for: account.name
      ),
      Liaoning_Registry_V1_CreateSessionRequest(),
    ]
    for request in requests {
      await expectReason("LOGIN_REFUSED") { try await session(request, at: office) }
    }
  }

  @Test("an account that does not exist gets a challenge of the same form, and no session")
  func noOracle() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let applicant = Applicant(try Sample.person())
    let name = RegionalID(region: .liaoning, uuid: UUID()).name(in: "accounts")
    let challenge = try await challenge(name, at: office)
    #expect(challenge.nonce.count == 32)
    #expect(challenge.expireTime == office.timestamp(120))
    #expect(challenge.name.hasPrefix("loginChallenges/210000-"))
    let request = try applicant.login(challenge, for: name)
    await expectReason("LOGIN_REFUSED") { try await session(request, at: office) }
    await expectReason("ACCOUNT_NAME_MALFORMED") {
      try await self.challenge("accounts/1", at: office)
    }
  }
}

@Suite("Clearing challenges away", .database(accountsMigrations))
struct ChallengeClearanceTests {
  @Test("challenges that expired an hour ago go as new ones come")
  func clearance() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let name = RegionalID(region: .liaoning, uuid: UUID()).name(in: "accounts")
    func ask() async throws {
      _ = try await office.call {
        try await office.service.createLoginChallenge(
          request: .with { $0.account = name },
          context: $0
        )
      }
    }
    func count() async throws -> Int64? {
      try await office.database.queryOne("SELECT count(*) FROM accounts.login_challenge")?
        .decode(Int64.self, at: 0)
    }
    for _ in 0..<5 { try await ask() }
    office.moveClock(by: 3_720)
    try await ask()
    #expect(try await count() == 6)
    office.moveClock(by: 1)
    try await ask()
    #expect(try await count() == 4)
    try await ask()
    #expect(try await count() == 3)
  }
}
