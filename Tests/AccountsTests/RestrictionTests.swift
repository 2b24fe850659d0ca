internal import APIConventions
internal import Accounts
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@Suite("Restricting a person", .database(accountsMigrations))
struct RestrictionTests {
  private func lift(
    _ name: String,
    ground: String = "复议决定撤销",
    requestID: String = UUID().uuidString,
    at office: Office,
    as caller: Caller = Sample.staff()
  ) async throws -> Liaoning_Registry_V1_Restriction {
    let request = Liaoning_Registry_V1_LiftRestrictionRequest.with {
      $0.name = name
      $0.ground = ground
      $0.requestID = requestID
    }
    return try await office.call(as: caller) {
      try await office.service.liftRestriction(request: request, context: $0)
    }
  }

  @Test("it says whom, from what, why, from when, until when and by whom")
  func creation() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let restriction = try await office.restrict(person, .onlineFiling, until: 86_400)
    #expect(restriction.person.fullName == person.fullName)
    #expect(restriction.person.identityNumber == Mask.identityNumber(person.identityNumber))
    #expect(restriction.person.mobileNumber.isEmpty)
    #expect(restriction.scope == .onlineFiling)
    #expect(restriction.startTime == office.timestamp(0))
    #expect(restriction.endTime == office.timestamp(86_400))
    #expect(restriction.decidedBy == "staff/S0001")
    #expect(!restriction.hasLiftTime)
    let kinds = try await office.database.query(
      "SELECT kind, actor FROM ledger.event WHERE subject = \(restriction.name)"
    ).map { try $0.decode(String.self, String.self) }
    #expect(kinds.map(\.0) == ["restriction.created"])
    #expect(kinds.map(\.1) == ["staff/S0001"])
  }

  @Test("every violation is named")
  func violations() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let request = Liaoning_Registry_V1_CreateRestrictionRequest.with {
      $0.restriction.person.fullName = "赵测试"
      $0.restriction.startTime = office.timestamp(60)
      $0.restriction.endTime = office.timestamp(60)
      $0.requestID = UUID().uuidString
    }
    do {
      _ = try await office.call(as: Sample.staff()) {
        try await office.service.createRestriction(request: request, context: $0)
      }
      Issue.record("the restriction was made")
    } catch let error as AccountError {
      #expect(error.reason == "RESTRICTION_INVALID")
      #expect(
        error.violations.map(\.rule) == [
          "IDENTITY_NUMBER_INVALID", "SCOPE_MISSING", "GROUND_LENGTH_UNLAWFUL", "PERIOD_UNLAWFUL",
        ]
      )
    }
    var lawless = request
    lawless.restriction.endTime.nanos = -1
    let sent = lawless
    await expectReason("RESTRICTION_INVALID") {
      try await office.call(as: Sample.staff()) {
        try await office.service.createRestriction(request: sent, context: $0)
      }
    }
  }

  @Test("lifted, it bars no more; it is lifted once, and a repeat says the same")
  func lifting() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let person = try Sample.person()
    let restriction = try await office.restrict(person, .allRegistration)
    await expectReason("ACCOUNT_RESTRICTED") { try await Applicant(person).register(at: office) }
    let id = UUID().uuidString
    let lifted = try await lift(restriction.name, requestID: id, at: office)
    #expect(lifted.liftTime == office.timestamp(0))
    #expect(try await lift(restriction.name, requestID: id, at: office) == lifted)
    await expectReason("RESTRICTION_LIFTED") { try await lift(restriction.name, at: office) }
    #expect(try await Applicant(person).register(at: office).verification == .verified)
  }

  @Test("a lifting needs a ground and a restriction")
  func liftingRefused() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let restriction = try await office.restrict(try Sample.person(), .onlineFiling)
    for ground in ["", "1\0", "\u{202E}1"] {
      await expectReason("RESTRICTION_INVALID") {
        try await lift(restriction.name, ground: ground, at: office)
      }
    }
    let absent = RegionalID(region: .liaoning, uuid: UUID()).name(in: "restrictions")
    for name in [absent, "restrictions/1", "accounts/1"] {
      await expectReason("RESTRICTION_NOT_FOUND") { try await lift(name, at: office) }
    }
  }

  @Test("of liftings at once exactly one lifts")
  func liftingRace() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let restriction = try await office.restrict(try Sample.person(), .onlineFiling)
    let lifted = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
      for _ in 0..<6 {
        group.addTask { (try? await lift(restriction.name, at: office)) != nil }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(lifted == 1)
  }

  @Test("only staff restrict, list and lift")
  func onlyStaff() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    let restriction = try await office.restrict(try Sample.person(), .onlineFiling)
    let account = try await Applicant(try Sample.person()).register(at: office)
    for caller in [Caller.anonymous, try account.caller()] {
      await expectReason("CALLER_NOT_PERMITTED") {
        try await lift(restriction.name, at: office, as: caller)
      }
      await expectReason("CALLER_NOT_PERMITTED") {
        try await office.call(as: caller) {
          try await office.service.listRestrictions(request: .init(), context: $0)
        }
      }
      await expectReason("CALLER_NOT_PERMITTED") {
        try await office.call(as: caller) {
          try await office.service.createRestriction(request: .init(), context: $0)
        }
      }
    }
  }
}

@Suite("Listing restrictions", .database(accountsMigrations))
struct RestrictionListTests {
  @Test("newest first, page by page, each once, masked")
  func pages() async throws {
    let office = Office(on: try TestDatabase.ofSuite())
    func page(
      _ token: String,
      size: Int32 = 3
    ) async throws -> Liaoning_Registry_V1_ListRestrictionsResponse {
      try await office.call(as: Sample.staff(.auditor)) {
        try await office.service.listRestrictions(
          request: .with {
            $0.pageSize = size
            $0.pageToken = token
          },
          context: $0
        )
      }
    }
    #expect(try await page("").restrictions.isEmpty)
    var made: [Liaoning_Registry_V1_Restriction] = []
    for _ in 0..<7 {
      made.append(try await office.restrict(try Sample.person(), .onlineFiling))
      office.moveClock(by: 1)
    }
    var read: [Liaoning_Registry_V1_Restriction] = []
    var token = ""
    var sizes: [Int] = []
    repeat {
      let reply = try await page(token)
      read += reply.restrictions
      sizes.append(reply.restrictions.count)
      token = reply.nextPageToken
    } while !token.isEmpty
    #expect(sizes == [3, 3, 1])
    #expect(read == made.reversed())
    #expect(try await page("", size: 7).nextPageToken.isEmpty)
    await expectReason("PAGE_TOKEN_INVALID") { try await page("x") }
    let foreign = PageToken(list: "restrictions", keys: ["1"]).text
    await expectReason("PAGE_TOKEN_INVALID") { try await page(foreign) }
    await expectReason("PAGE_SIZE_INVALID") { try await page("", size: -1) }
  }
}
