internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing

@testable internal import Ledger

/// A filing of each of two applicants, with what staff did to it.
private struct Story {
  let trail: Trail
  let applicant: Caller
  let other: Caller
  let filing: String
  let event: String
  let staff: Caller

  init() async throws {
    trail = try Trail()
    let accounts = [trail.id(), trail.id()]
    let filings = [trail.id(), trail.id()]
    applicant = .account(AccountCaller(id: accounts[0], session: []))
    other = .account(AccountCaller(id: accounts[1], session: []))
    staff = .staff(
      StaffCaller(number: "S0001", authority: trail.region, roles: [.clerk], identityNumber: "")
    )
    filing = filings[0].name(in: "filings")
    var events: [String] = []
    for (account, id) in zip(accounts, filings) {
      let (name, actor) = (id.name(in: "filings"), account.name(in: "accounts"))
      let steps = [(actor, 0), ("staff/S0001", 60), ("system", 60)]
      for (version, (by, seconds)) in steps.enumerated() {
        let time = Trail.noon.addingTimeInterval(TimeInterval(seconds))
        let trail = trail
        let event = try await trail.database.withTransaction {
          try await trail.append(
            in: $0,
            of: id,
            named: name,
            version: Int64(version + 1),
            filing: name,
            by: by,
            at: time,
            details: ["step": "\(version)"]
          )
        }
        events.append(event.name(in: "events"))
      }
    }
    event = events[1]
  }

  func events(
    as caller: Caller,
    _ change: (inout Liaoning_Registry_V1_ListEventsRequest) -> Void = { _ in }
  ) async throws -> Liaoning_Registry_V1_ListEventsResponse {
    var request = Liaoning_Registry_V1_ListEventsRequest()
    change(&request)
    return try await trail.call(as: caller) { [request] in
      try await $0.listEvents(request: request, context: $1)
    }
  }
}

@Suite("Reading the trace")
struct TraceServiceTests {
  @Test(
    "an account reads the events of its filings, staff read all, others none",
    .database(trailMigrations)
  )
  func getEvent() async throws {
    let story = try await Story()
    let request = Liaoning_Registry_V1_GetEventRequest.with { $0.name = story.event }
    for caller in [story.applicant, story.staff] {
      let event = try await story.trail.call(as: caller) {
        try await $0.getEvent(request: request, context: $1)
      }
      #expect(event.name == story.event)
      #expect(event.actor == "staff/S0001")
      #expect(event.filing == story.filing)
      #expect(event.subjectVersion == 2)
      #expect(event.details == ["step": "1"])
      #expect(event.eventTime.seconds == 1_790_000_060)
      #expect(event.stateSm3.count == 32)
      #expect(event.chainIndex == -1)
      #expect(event.chainSm3.isEmpty)
    }
    await #expect(throws: TraceError.eventNotFound(story.event)) {
      try await story.trail.call(as: story.other) {
        try await $0.getEvent(request: request, context: $1)
      }
    }
    await #expect(throws: IdentityError.unauthenticated) {
      try await story.trail.call(as: .anonymous) {
        try await $0.getEvent(request: request, context: $1)
      }
    }
    for name in ["", "events/", "events/1", "filings/\(story.event.dropFirst(7))"] {
      await #expect(throws: TraceError.eventNotFound(name)) {
        try await story.trail.call(as: story.staff) {
          try await $0.getEvent(request: .with { $0.name = name }, context: $1)
        }
      }
    }
  }

  @Test("an account lists its own, staff list all, in their order", .database(trailMigrations))
  func listEvents() async throws {
    let story = try await Story()
    let own = try await story.events(as: story.applicant).events
    #expect(own.map(\.actor).first == story.applicant.name)
    #expect(Set(own.map(\.filing)) == [story.filing])
    #expect(own.count == 3)
    #expect(try await story.events(as: story.staff).events.count == 6)
    let filtered = try await story.events(as: story.other) { $0.filing = story.filing }
    #expect(filtered.events.isEmpty)
    let byStaff = try await story.events(as: story.staff) { $0.actor = "staff/S0001" }
    #expect(byStaff.events.count == 2)
    let later = try await story.events(as: story.applicant) {
      $0.startTime = Google_Protobuf_Timestamp(date: Trail.noon.addingTimeInterval(60))
    }
    #expect(later.events.count == 2)
    let earlier = try await story.events(as: story.applicant) {
      $0.subject = story.filing
      $0.endTime = Google_Protobuf_Timestamp(date: Trail.noon.addingTimeInterval(60))
    }
    #expect(earlier.events.count == 1)
  }

  @Test("pages follow one another without gap or overlap", .database(trailMigrations))
  func paging() async throws {
    let story = try await Story()
    for caller in [story.applicant, story.staff] {
      let all = try await story.events(as: caller).events
      var paged: [Liaoning_Registry_V1_Event] = []
      var token = ""
      repeat {
        let page = try await story.events(as: caller) {
          $0.pageSize = 2
          $0.pageToken = token
        }
        #expect(page.events.count <= 2)
        paged += page.events
        token = page.nextPageToken
      } while !token.isEmpty
      #expect(paged == all)
    }
  }

  @Test("malformed filters and tokens are refused", .database(trailMigrations))
  func malformed() async throws {
    let story = try await Story()
    let filters: [(inout Liaoning_Registry_V1_ListEventsRequest) -> Void] = [
      { $0.filing = "filings/1" }, { $0.entity = "entities/9" }, { $0.actor = "nobody" },
      { $0.actor = "staff/\0" }, { $0.subject = "a//b" }, { $0.subject = "x" },
      { $0.startTime.seconds = .max }, { $0.endTime.nanos = -1 },
    ]
    for filter in filters {
      let error = await #expect(throws: TraceError.self) {
        try await story.events(as: story.staff, filter)
      }
      #expect(error?.reason == "TRACE_REQUEST_INVALID")
      #expect(error?.violations.count == 1)
    }
    let tokens = [
      "x", PageToken(list: "filings", keys: ["1", "2"]).text,
      PageToken(list: "events", keys: ["1"]).text,
      PageToken(list: "events", keys: ["1", "2"]).text,
      PageToken(list: "events", keys: ["-9999999999999999", UUID().uuidString]).text,
      PageToken(list: "events", keys: ["9223372036854775807", UUID().uuidString]).text,
    ]
    for token in tokens {
      await #expect(throws: PagingError.invalidToken) {
        try await story.events(as: story.staff) { $0.pageToken = token }
      }
    }
    await #expect(throws: PagingError.negativeSize) {
      try await story.events(as: story.staff) { $0.pageSize = -1 }
    }
  }

  @Test("head and verification tell of the chain, to staff", .database(trailMigrations))
  func chain() async throws {
    let story = try await Story()
    let empty = try await story.trail.call(as: story.applicant) {
      try await $0.getChainHead(request: .init(), context: $1)
    }
    #expect(empty.size == 0)
    #expect(empty.chainSm3 == Data(repeating: 0, count: 32))
    #expect(!empty.hasChainTime)
    try await story.trail.chain(upTo: 6)
    let verification = try await story.trail.call(as: story.staff) {
      try await $0.verifyChain(request: .with { $0.startIndex = 2 }, context: $1)
    }
    #expect(verification.intact)
    #expect(verification.checkedCount == 4)
    #expect(verification.firstBrokenIndex == -1)
    #expect(verification.head.size == 6)
    let last = try await story.events(as: story.staff).events.max { $0.chainIndex < $1.chainIndex }
    #expect(last?.chainIndex == 5)
    #expect(last?.chainSm3 == verification.head.chainSm3)
    try await story.trail.tamper("UPDATE ledger.event SET actor = 'x' WHERE subject_version = 1")
    let broken = try await story.trail.call(as: story.staff) {
      try await $0.verifyChain(request: .init(), context: $1)
    }
    #expect(!broken.intact)
    #expect(broken.firstBrokenIndex == 0)
    await #expect(throws: IdentityError.self) {
      try await story.trail.call(as: story.applicant) {
        try await $0.verifyChain(request: .init(), context: $1)
      }
    }
    await #expect(throws: TraceError.rangeInvalid(start: 7, count: 0, size: 6)) {
      try await story.trail.call(as: story.staff) {
        try await $0.verifyChain(request: .with { $0.startIndex = 7 }, context: $1)
      }
    }
  }
}
