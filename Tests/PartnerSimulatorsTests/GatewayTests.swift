internal import Accounts
internal import Foundation
internal import GRPCNghttp2Transport
internal import Testing
internal import Vocabulary

@testable internal import PartnerSimulators
@testable internal import RegistryServer

@Suite("Asking the libraries", .timeLimit(.minutes(1)))
struct GatewayTests {
  /// A person of the test data whose result the rows under test replace.
  private static let number = "210101190001010018"

  private static func id() -> UUID { UUID() }

  private static func compare(
    _ bed: PartnerBed,
    _ name: String = "赵测试一",
    _ number: String = number,
    request: UUID = id()
  ) async throws -> PersonComparison {
    let number = try #require(ResidentIdentityNumber(number))
    return try await bed.gateways.libraries.comparePerson(name, number, request)
  }

  private static func lookUp(
    _ bed: PartnerBed,
    _ code: String,
    request: UUID = id()
  ) async throws -> EntityLookUp {
    let code = try #require(UnifiedSocialCreditCode(code))
    return try await bed.gateways.libraries.lookUpEntity(code, request)
  }

  @Test("every result of a comparison arrives as what it is", arguments: PersonComparison.allCases)
  func comparison(result: PersonComparison) async throws {
    try await PartnerBed.with(script: "person\t\(Self.number)\t赵测试一\t\(result.rawValue)\n") {
      (bed) async throws in
      #expect(try await Self.compare(bed) == result)
    }
  }

  @Test(
    "who is unknown has no record; who gives another name mismatches; a source out of order says so"
  )
  func names() async throws {
    try await PartnerBed.with { (bed) async throws in
      #expect(try await Self.compare(bed, "无此人", "210101190001010042") == .noRecord)
      #expect(try await Self.compare(bed, "赵测试二") == .nameMismatch)
      #expect(try await Self.compare(bed, "别人", "211201190001140142") == .sourceUnavailable)
      #expect(try await Self.compare(bed, "㛃测试子", "210101190001210212") == .match)
    }
  }

  @Test(
    "an interpunct is one, however it was typed",
    arguments: ["·", "\u{2022}", "\u{30FB}", "\u{FF0E}"]
  )
  func interpunct(typed: String) async throws {
    try await PartnerBed.with { (bed) async throws in
      let name = ["尤", "测试", "壬"].joined(separator: typed)
      #expect(try await Self.compare(bed, name, "210101190402290196") == .match)
    }
  }

  @Test("a repeat of a comparison gets the first result, another comparison the next")
  func repeated() async throws {
    try await PartnerBed.with { (bed) async throws in
      let (first, second) = (UUID(), UUID())
      for _ in 1...2 {
        let result = try await Self.compare(bed, "沈测试丁", "211201190001140142", request: first)
        #expect(result == .sourceUnavailable)
      }
      for request in [second, second, UUID()] {
        let result = try await Self.compare(bed, "沈测试丁", "211201190001140142", request: request)
        #expect(result == .match)
      }
    }
  }

  @Test(
    "every result of a look-up arrives as what it is",
    arguments: [
      EntityLookUp.Outcome.found, .notFound, .notActive, .sourceUnavailable, .timeout, .quota,
    ]
  )
  func lookUp(result: EntityLookUp.Outcome) async throws {
    let code = "91210200XX0000027C"
    let row = "entity\t\(code)\t大连明澈咨询有限公司\t1151\t-\t-\t\(result.rawValue)\n"
    try await PartnerBed.with(script: row) { (bed) async throws in
      let answer = try await Self.lookUp(bed, code)
      #expect(answer.outcome == result)
      #expect(answer.enterpriseName.isEmpty != [.found, .notActive].contains(result))
      #expect(answer.legalRepresentative == nil)
    }
  }

  @Test("an entity is found with its type and legal representative; an unknown one is not")
  func entity() async throws {
    try await PartnerBed.with { (bed) async throws in
      let answer = try await Self.lookUp(bed, "91210200XX0000027C")
      let number = try #require(ResidentIdentityNumber("210301190001050053"))
      #expect(
        answer
          == EntityLookUp(
            outcome: .found,
            enterpriseName: "大连明澈咨询有限公司",
            entityType: "1151",
            legalRepresentative: PersonRecord(fullName: "周测试五", identityNumber: number)
          )
      )
      #expect(try await Self.lookUp(bed, "91210103XX0000094G").outcome == .notFound)
    }
  }

  @Test("a representative with a number of another kind is not told, and the log hides it")
  func foreignRepresentative() async throws {
    let row = "entity\t91210200XX0000027C\t大连明澈咨询有限公司\t1151\t某外国人\tE12345678\t00\n"
    try await PartnerBed.with(script: row) { (bed) async throws in
      let answer = try await Self.lookUp(bed, "91210200XX0000027C")
      #expect(answer.outcome == .found)
      #expect(answer.legalRepresentative == nil)
      #expect(bed.log.all.count == 1)
      #expect(!bed.log.all.joined().contains("12345678"))
    }
  }

  @Test("a library that answers too late, or is down, is unavailable")
  func slowOrDown() async throws {
    let limits = GatewayLimits.quick.answering(within: .milliseconds(200))
    for row in [
      "delay\tpopulation\t60000\ndelay\tentities\t60000\n", "down\tpopulation\ndown\tentities\n",
    ] {
      try await PartnerBed.with(script: row, limits: limits) { (bed) async throws in
        let elapsed = await ContinuousClock().measure {
          await #expect(throws: AccountError.sourceUnavailable) { try await Self.compare(bed) }
          await #expect(throws: AccountError.sourceUnavailable) {
            try await Self.lookUp(bed, "91210200XX0000027C")
          }
        }
        #expect(elapsed < .seconds(20))
        // The script moves on, and so do the calls, on the same connection.
        bed.partners.follow(try .bundled())
        #expect(try await Self.compare(bed) == .match)
        #expect(!bed.log.all.isEmpty)
        #expect(!bed.log.all.joined().contains(Self.number))
      }
    }
  }

  @Test("whoever asks beyond the limit is refused at once, and those under way are answered")
  func concurrency() async throws {
    var limits = GatewayLimits.quick
    limits.concurrentQuestions = 2
    try await PartnerBed.with(script: "delay\tpopulation\t300\n", limits: limits) {
      (bed) async throws in
      let results = await withTaskGroup(of: PersonComparison?.self) { group in
        for _ in 1...5 {
          group.addTask {
            do { return try await Self.compare(bed) } catch { return nil }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.filter { $0 == .match }.count == 2)
      #expect(results.filter { $0 == nil }.count == 3)
      #expect(try await Self.compare(bed) == .match)
    }
  }

  @Test("a gateway that starts late or starts again is found again")
  func reconnection() async throws {
    let partners = try Partners(script: .bundled(), messagesPath: nil)
    let address = try await PartnerBed.server(of: partners).run { $0 }
    try await PartnerBed.withGateways(to: address) { gateways, log in
      let bed = PartnerBed(partners: partners, gateways: gateways, address: address, log: log)
      for _ in 1...2 {
        await #expect(throws: AccountError.sourceUnavailable) { try await Self.compare(bed) }
        try await PartnerBed.server(of: partners, port: address.port).run { _ in
          try await untilAnswered { try await Self.compare(bed) }
        }
      }
    }
  }

  @Test("a certificate of a stranger, and one of somebody else than the registry, are refused")
  func wrongCertificates() async throws {
    for identity in [
      try PartnerCertificates.identity("registry", fromStranger: true),
      try PartnerCertificates.identity("staff-S0001"),
    ] {
      try await PartnerBed.with(identity: identity) { (bed) async throws in
        await #expect(throws: AccountError.sourceUnavailable) { try await Self.compare(bed) }
        await #expect(throws: AccountError.sourceUnavailable) {
          try await Self.lookUp(bed, "91210200XX0000027C")
        }
      }
    }
  }

  @Test("a gateway whose certificate leads elsewhere gets no question")
  func wrongServer() async throws {
    let partners = try Partners(script: .bundled(), messagesPath: nil)
    let server = PartnerServer(
      address: try .local(0),
      identity: try PartnerCertificates.identity("gateways", fromStranger: true),
      trustRoots: try PartnerCertificates.roots,
      clientName: "registry",
      partners: partners
    )
    try await server.run { address in
      try await PartnerBed.withGateways(to: address) { gateways, log in
        let bed = PartnerBed(partners: partners, gateways: gateways, address: address, log: log)
        await #expect(throws: AccountError.sourceUnavailable) { try await Self.compare(bed) }
      }
    }
  }

  @Test("long numbers never stand in a failure's words")
  func masking() {
    #expect(
      GatewayFailure.masked("number 21070119000109009X of 13912345678.") == "number 210… of 139…."
    )
    #expect(GatewayFailure.masked("status 503, port 7443") == "status 503, port 7443")
    #expect(GatewayFailure.masked("123456 1234567") == "123456 123…")
  }
}

/// Asks until there is an answer: while the connection is being made anew there is none.
///
/// - Throws: If the task is cancelled, by the test's time limit.
func untilAnswered<Value>(_ ask: () async throws -> Value) async throws {
  while true {
    try Task.checkCancellation()
    do {
      _ = try await ask()
      return
    } catch {
      await Task.yield()
    }
  }
}
