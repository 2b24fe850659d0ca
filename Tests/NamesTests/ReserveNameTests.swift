internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("Reserving a name", .database(namesMigrations))
struct ReserveNameTests {
  private let desk: NameDesk

  init() throws {
    desk = NameDesk(on: try TestDatabase.ofSuite())
  }

  @Test("a free name becomes its declarant's, until two months later at the day's end")
  func free() async throws {
    let declarant = try await desk.declarant()
    let candidate = try Liaoning_Registry_V1_NameCandidate.sample("沈阳松蹊软件有限公司")
    let reservation = try await desk.reserve(candidate, as: declarant)
    #expect(reservation.state == .reserved)
    #expect(reservation.candidate == candidate)
    #expect(reservation.declarant == "accounts/\(declarant)")
    #expect(reservation.name.hasPrefix("reservations/210100-"))
    #expect(reservation.number.hasPrefix("N21010020261120"))
    #expect(reservation.number.count == 24)
    #expect(reservation.createTime.date == testDay)
    // 2027-01-20 24:00 in Shenyang.
    #expect(reservation.expireTime.date == CivilDate("2027-01-21")?.startInstant)
    #expect(reservation.etag == "v1")
    #expect(reservation.filing.isEmpty)
    #expect(try await desk.get(reservation.name, as: .account(declarant)) == reservation)
    #expect(try await desk.get(reservation.name, as: .administrator) == reservation)
    #expect(try await desk.events(of: reservation.name) == ["reservation.created"])
    let check = try await desk.check(candidate)
    #expect(check.hits.map(\.enterpriseName) == ["沈阳松蹊软件有限公司"])
  }

  @Test("what is reserved is taken, and the hit is told")
  func taken() async throws {
    let (first, second) = (try await desk.declarant(), try await desk.declarant())
    let reserved = try await desk.reserve(.sample("沈阳柏砚软件有限公司"), as: first)
    for name in ["沈阳柏砚软件有限公司", "柏砚（沈阳）软件有限公司", "沈阳柏砚软件有限责任公司"] {
      let error = await expectReason("NAME_TAKEN") {
        try await desk.reserve(.sample(name, trade: "柏砚"), as: second, confirmed: true)
      }
      #expect(error?.metadata["enterprise_name"] == "沈阳柏砚软件有限公司")
      #expect(error?.metadata["candidate"] == name)
      #expect(error?.metadata["library_id"].map { reserved.name.hasSuffix($0) } == true)
    }
  }

  @Test("what is similar needs the declarant's confirmation, and is kept with the reservation")
  func similar() async throws {
    let (first, second) = (try await desk.declarant(), try await desk.declarant())
    _ = try await desk.reserve(.sample("沈阳槐谷软件有限公司"), as: first)
    let near = try Liaoning_Registry_V1_NameCandidate.sample("沈阳新槐谷软件有限公司")
    let error = await expectReason("NAME_SIMILAR_UNCONFIRMED") {
      try await desk.reserve(near, as: second)
    }
    #expect(error?.metadata["rule"] == "S2")
    #expect(error?.metadata["hit_count"] == "1")
    let reservation = try await desk.reserve(near, as: second, confirmed: true)
    #expect(reservation.similarNames.map(\.rule) == ["S2"])
    #expect(try await desk.get(reservation.name, as: .account(second)).similarNames.count == 1)
  }

  @Test("an unlawful name is refused with the violations of every candidate")
  func unlawful() async throws {
    let declarant = try await desk.declarant()
    let error = await expectReason("NAME_INVALID") {
      try await desk.reserve(
        .sample("沈阳海洛因餐饮有限公司", industry: "餐饮", industryClass: "6210"),
        .sample("沈阳漪软件股份有限公司"),
        as: declarant
      )
    }
    #expect(
      error?.violations.map { "\($0.field) \($0.rule)" } == [
        "candidates[0] V06d", "candidates[1] V03", "candidates[1] V05b",
      ]
    )
  }

  @Test("a word for the examiner is not decided here")
  func manual() async throws {
    let declarant = try await desk.declarant()
    let error = await expectReason("NAME_NEEDS_MANUAL_REVIEW") {
      try await desk.reserve(
        .sample("沈阳全国棠溪物流有限公司", industry: "物流", industryClass: "5821"),
        as: declarant
      )
    }
    #expect(error?.violations.map(\.rule) == ["V08"])
  }

  @Test("the first candidate that may be reserved is, and the others stay free")
  func candidates() async throws {
    let (first, second) = (try await desk.declarant(), try await desk.declarant())
    _ = try await desk.reserve(.sample("沈阳楠溪软件有限公司"), as: first)
    let free = try Liaoning_Registry_V1_NameCandidate.sample("沈阳樟屿软件有限公司")
    let reservation = try await desk.reserve(
      .sample("沈阳楠溪软件有限公司"),
      .sample("沈阳新楠溪软件有限公司"),
      free,
      as: second
    )
    #expect(reservation.candidate == free)
    let last = try await desk.reserve(
      .sample("沈阳楠溪软件有限公司"),
      .sample("沈阳新楠溪软件有限公司"),
      as: second,
      confirmed: true
    )
    #expect(last.candidate.tradeName == "新楠溪")
  }

  @Test("1 to 3 candidates, each whole")
  func malformed() async throws {
    let declarant = try await desk.declarant()
    let sample = try Liaoning_Registry_V1_NameCandidate.sample("沈阳桤木谷软件有限公司")
    for count in [0, 4] {
      await expectReason("NAME_REQUEST_INVALID") {
        try await desk.call(as: .account(declarant)) { context in
          try await desk.service.reserveName(
            request: .with {
              $0.candidates = Array(repeating: sample, count: count)
              $0.requestID = UUID().uuidString
            },
            context: context
          )
        }
      }
    }
    var broken = sample
    broken.tradeName = ""
    let error = await expectReason("NAME_REQUEST_INVALID") {
      try await desk.reserve(sample, broken, as: declarant)
    }
    #expect(error?.violations.map(\.field) == ["candidates[1].trade_name"])
    await expectReason("REQUEST_ID_MALFORMED") {
      try await desk.call(as: .account(declarant)) { context in
        try await desk.service.reserveName(
          request: .with { $0.candidates = [sample] },
          context: context
        )
      }
    }
  }

  @Test("a repeat finds the first reply; another request under the same id is refused")
  func repeated() async throws {
    let declarant = try await desk.declarant()
    let id = UUID()
    let sample = try Liaoning_Registry_V1_NameCandidate.sample("沈阳梧陂软件有限公司")
    let first = try await desk.reserve(sample, as: declarant, requestID: id)
    #expect(try await desk.reserve(sample, as: declarant, requestID: id) == first)
    await expectReason("REQUEST_ID_REUSED") {
      try await desk.reserve(
        .sample("沈阳椴陂软件有限公司"),
        as: declarant,
        requestID: id
      )
    }
  }

  @Test("5 live reservations a declarant; a released or expired one makes room")
  func hoarding() async throws {
    let declarant = try await desk.declarant()
    var reservations: [Liaoning_Registry_V1_Reservation] = []
    for trade in ["岚枫", "岚桦", "岚柘", "岚榆", "岚椿"] {
      reservations.append(
        try await desk.reserve(
          .sample("沈阳\(trade)软件有限公司"),
          as: declarant,
          confirmed: true
        )
      )
    }
    let sixth = try Liaoning_Registry_V1_NameCandidate.sample("沈阳岚楝软件有限公司")
    let error = await expectReason("NAME_HOARDING") {
      try await desk.reserve(sixth, as: declarant, confirmed: true)
    }
    #expect(error?.metadata["limit"] == "5")
    _ = try await desk.release(reservations[0], as: declarant)
    _ = try await desk.reserve(sixth, as: declarant, confirmed: true)
    await expectReason("NAME_HOARDING") {
      try await desk.reserve(.sample("沈阳岚桉软件有限公司"), as: declarant, confirmed: true)
    }
    desk.setClock(to: reservations[1].expireTime.date)
    _ = try await desk.reserve(.sample("沈阳岚桉软件有限公司"), as: declarant, confirmed: true)
  }

  @Test("who may not file may not reserve")
  func ineligible() async throws {
    await expectReason("CALLER_UNAUTHENTICATED") {
      try await desk.call { context in
        try await desk.service.reserveName(request: .init(), context: context)
      }
    }
    let stranger = RegionalID(region: .liaoning, uuid: UUID())
    await expectReason("ACCOUNT_NOT_FOUND") {
      try await desk.reserve(.sample("沈阳椤木谷软件有限公司"), as: stranger)
    }
  }

  @Test(
    "a reservation ends two months later; six under the law of 2017",
    arguments: [
      ("2026-07-31", "2026-09-30", LawProfile.current),
      ("2025-12-31", "2026-02-28", .current),
      ("2026-11-20", "2027-01-20", .current),
      ("2026-11-21", "2027-01-21", .current),
      ("2017-08-31", "2018-02-28", .law2017),
      ("2026-03-20", "2026-05-20", .current),
      // A Saturday ends on Monday.
      ("2026-09-28", "2026-11-30", .current),
      // A leap day, holidays, a weekend that is worked, a month without the 31st.
      ("2027-12-29", "2028-02-29", .current), ("2027-12-31", "2028-02-29", .current),
      ("2026-08-01", "2026-10-08", .current), ("2025-12-14", "2026-02-14", .current),
      ("2025-12-15", "2026-02-24", .current), ("2026-12-31", "2027-03-01", .current),
      ("2026-06-30", "2026-08-31", .current), ("2017-04-01", "2017-10-09", .law2017),
    ]
  )
  func period(start: String, last: String, law: LawProfile) throws {
    let day = try #require(CivilDate(start))
    let end = try #require(CivilDate(last)).adding(days: 1).startInstant
    for hours in [0.0, 10, 23.999] {
      #expect(law.reservationEnd(from: day.startInstant + hours * 3_600) == end)
    }
  }

  @Test("numbers count up within a scope and a day, and start again the next")
  func numbers() async throws {
    let declarant = try await desk.declarant()
    func sequence(_ trade: String) async throws -> Int {
      let reservation = try await desk.reserve(
        .sample("丹东\(trade)软件有限公司", region: "210600"),
        as: declarant,
        confirmed: true
      )
      #expect(reservation.number.hasPrefix("N210600"))
      return try #require(Int(reservation.number.dropFirst(17).prefix(6)))
    }
    #expect(try await sequence("鸭屿") == 1)
    #expect(try await sequence("凤屿") == 2)
    desk.moveClock(byDays: 1)
    #expect(try await sequence("鹤屿") == 1)
  }
}
