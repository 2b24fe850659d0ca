internal import APIConventions
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Names

@Suite("The life of a reservation", .database(namesMigrations))
struct ReservationLifeTests {
  private let desk: NameDesk
  private let filing = RegionalID(region: .liaoning, uuid: UUID())

  init() throws {
    desk = NameDesk(on: try TestDatabase.ofSuite())
  }

  private func reserved(
    _ name: String
  ) async throws -> (Liaoning_Registry_V1_Reservation, RegionalID, RegionalID) {
    let declarant = try await desk.declarant()
    let reservation = try await desk.reserve(.sample(name), as: declarant, confirmed: true)
    let id = try #require(
      RegionalID(resourceName: reservation.name, collection: "reservations")
    )
    return (reservation, id, declarant)
  }

  @Test("released: over, and the name is free at once")
  func release() async throws {
    let (reservation, _, declarant) = try await reserved("沈阳楸砚软件有限公司")
    let other = try await desk.declarant()
    await expectReason("RESERVATION_NOT_FOUND") {
      try await desk.release(reservation, as: other)
    }
    await expectReason("RESERVATION_STALE") {
      try await desk.release(reservation, as: declarant, etag: "v2")
    }
    await expectReason("RESERVATION_STALE") {
      try await desk.release(reservation, as: declarant, etag: "x")
    }
    let released = try await desk.release(reservation, as: declarant)
    #expect(released.state == .released)
    #expect(released.etag == "v2")
    await expectReason("RESERVATION_NOT_LIVE") {
      try await desk.release(released, as: declarant)
    }
    let next = try await desk.reserve(.sample("沈阳楸砚软件有限公司"), as: other)
    #expect(next.state == .reserved)
    #expect(
      try await desk.events(of: reservation.name) == [
        "reservation.created", "reservation.released",
      ]
    )
  }

  @Test("expired by time alone: read as such, and the name goes to who declares it next")
  func expiry() async throws {
    let (reservation, id, declarant) = try await reserved("沈阳楸岭软件有限公司")
    let other = try await desk.declarant()
    desk.setClock(to: reservation.expireTime.date.addingTimeInterval(-0.001))
    #expect(
      try await desk.get(reservation.name, as: .account(declarant)).state == .reserved
    )
    await expectReason("NAME_TAKEN") {
      try await desk.reserve(.sample("沈阳楸岭软件有限公司"), as: other)
    }
    desk.setClock(to: reservation.expireTime.date)
    #expect(try await desk.get(reservation.name, as: .account(declarant)).state == .expired)
    await expectReason("RESERVATION_NOT_LIVE") {
      try await desk.release(reservation, as: declarant)
    }
    await expectReason("RESERVATION_NOT_LIVE") {
      try await desk.atTheDoor {
        try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
      }
    }
    let next = try await desk.reserve(.sample("沈阳楸岭软件有限公司"), as: other)
    #expect(next.state == .reserved)
    let old = try await desk.get(reservation.name, as: .account(declarant))
    #expect(old.state == .expired)
    #expect(old.etag == "v2")
    #expect(
      try await desk.events(of: reservation.name) == ["reservation.created", "reservation.expired"]
    )
  }

  @Test("its reply and what is read later say the same, to the millisecond")
  func readsAsReplied() async throws {
    for (trade, offset) in [("桦澜", 0.403), ("榆漪", 0.403_9), ("枫舸", 0.001), ("槐笙", 0.999_9)] {
      desk.setClock(to: Date(timeIntervalSince1970: 1_795_827_548 + offset))
      let (reservation, _, declarant) = try await reserved("沈阳\(trade)软件有限公司")
      #expect(try await desk.get(reservation.name, as: .account(declarant)) == reservation)
      #expect(reservation.createTime.nanos % 1_000_000 == 0)
    }
  }

  @Test("only its declarant and staff may read it")
  func reading() async throws {
    let (reservation, _, declarant) = try await reserved("沈阳楸垣软件有限公司")
    let other = try await desk.declarant()
    for caller in [Caller.account(other), .anonymous] {
      await expectReason("RESERVATION_NOT_FOUND") {
        try await desk.get(reservation.name, as: caller)
      }
    }
    for name in ["reservations/x", "filings/1", "", reservation.name + "0"] {
      await expectReason("RESERVATION_NOT_FOUND") {
        try await desk.get(name, as: .account(declarant))
      }
    }
  }

  @Test("a filing holds it: no other filing may, and it cannot be released")
  func hold() async throws {
    let (reservation, id, declarant) = try await reserved("沈阳椒屿软件有限公司")
    let (other, stranger) = (
      RegionalID(region: .liaoning, uuid: UUID()), try await desk.declarant()
    )
    await expectReason("RESERVATION_NOT_FOUND") {
      try await desk.atTheDoor {
        try await $0.hold(id, for: filing, of: stranger, by: "test", at: desk.now)
      }
    }
    await expectReason("RESERVATION_HELD") {
      try await desk.atTheDoor { try await $0.requireLive(id, heldBy: filing, at: desk.now) }
    }
    for _ in 0..<2 {
      let held = try await desk.atTheDoor {
        try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
      }
      #expect(held.filing == filing)
      #expect(held.version == 2)
    }
    await expectReason("RESERVATION_HELD") {
      try await desk.atTheDoor {
        try await $0.hold(id, for: other, of: declarant, by: "test", at: desk.now)
      }
    }
    await expectReason("RESERVATION_HELD") {
      try await desk.release(reservation, as: declarant, etag: "v2")
    }
    let live = try await desk.atTheDoor {
      try await $0.requireLive(id, heldBy: filing, at: desk.now)
    }
    #expect(live.remainingSeconds(at: desk.now) == live.expireTime.timeIntervalSince(desk.now))
    await expectReason("RESERVATION_HELD") {
      try await desk.atTheDoor { try await $0.requireLive(id, heldBy: other, at: desk.now) }
    }
    let read = try await desk.get(reservation.name, as: .account(declarant))
    #expect(read.filing == "filings/\(filing)")
  }

  @Test("kept alive from submission, given back with the time that remained")
  func keepAlive() async throws {
    let (reservation, id, declarant) = try await reserved("沈阳椒岭软件有限公司")
    await expectReason("RESERVATION_HELD") {
      try await desk.atTheDoor { try await $0.keepAlive(id, by: "test", from: desk.now) }
    }
    _ = try await desk.atTheDoor {
      try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
    }
    desk.moveClock(byDays: 20)
    let submission = desk.now
    let remaining = reservation.expireTime.date.timeIntervalSince(submission)
    try await desk.atTheDoor { try await $0.keepAlive(id, by: "test", from: submission) }
    desk.moveClock(byDays: 100)
    #expect(try await desk.get(reservation.name, as: .account(declarant)).state == .reserved)
    let kept = try await desk.atTheDoor {
      try await $0.requireLive(id, heldBy: filing, at: desk.now)
    }
    #expect(kept.remainingSeconds(at: desk.now) == remaining)
    let other = try await desk.declarant()
    await expectReason("NAME_TAKEN") {
      try await desk.reserve(.sample("沈阳椒岭软件有限公司"), as: other)
    }
    try await desk.atTheDoor { try await $0.giveBack(id, by: "test", at: desk.now) }
    let free = try await desk.get(reservation.name, as: .account(declarant))
    #expect(free.state == .reserved)
    #expect(free.filing.isEmpty)
    #expect(free.expireTime.date == desk.now.addingTimeInterval(remaining))
    desk.setClock(to: free.expireTime.date)
    #expect(try await desk.get(reservation.name, as: .account(declarant)).state == .expired)
    _ = try await desk.reserve(.sample("沈阳椒岭软件有限公司"), as: other)
    #expect(
      try await desk.events(of: reservation.name) == [
        "reservation.created", "reservation.held", "reservation.kept", "reservation.given_back",
        "reservation.expired",
      ]
    )
  }

  @Test("a draft that holds it does not keep it alive, and gives it back as it is")
  func draft() async throws {
    let (reservation, id, declarant) = try await reserved("沈阳椒陂软件有限公司")
    _ = try await desk.atTheDoor {
      try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
    }
    try await desk.atTheDoor { try await $0.giveBack(id, by: "test", at: desk.now) }
    let free = try await desk.get(reservation.name, as: .account(declarant))
    #expect(free.expireTime == reservation.expireTime)
    _ = try await desk.atTheDoor {
      try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
    }
    desk.setClock(to: reservation.expireTime.date)
    await expectReason("RESERVATION_NOT_LIVE") {
      try await desk.atTheDoor { try await $0.keepAlive(id, by: "test", from: desk.now) }
    }
    let other = try await desk.declarant()
    _ = try await desk.reserve(.sample("沈阳椒陂软件有限公司"), as: other)
    // The draft is deleted afterwards: there is nothing to give back, and nothing is refused.
    try await desk.atTheDoor { try await $0.giveBack(id, by: "test", at: desk.now) }
    let over = try await desk.get(reservation.name, as: .account(declarant))
    #expect(over.state == .expired)
    #expect(over.filing.isEmpty)
  }

  @Test("consumed: used, and the name stands as the entity's")
  func consume() async throws {
    let (reservation, id, declarant) = try await reserved("沈阳椒砚软件有限公司")
    let code = try #require(UnifiedSocialCreditCode("91210100XX0000019C"))
    _ = try await desk.atTheDoor {
      try await $0.hold(id, for: filing, of: declarant, by: "test", at: desk.now)
    }
    try await desk.atTheDoor { try await $0.keepAlive(id, by: "test", from: desk.now) }
    try await desk.atTheDoor { try await $0.consume(id, for: code, by: "test", at: desk.now) }
    let used = try await desk.get(reservation.name, as: .account(declarant))
    #expect(used.state == .used)
    #expect(used.filing == "filings/\(filing)")
    await expectReason("RESERVATION_NOT_LIVE") {
      try await desk.atTheDoor { try await $0.consume(id, for: code, by: "test", at: desk.now) }
    }
    await expectReason("RESERVATION_NOT_LIVE") {
      try await desk.atTheDoor { try await $0.giveBack(id, by: "test", at: desk.now) }
    }
    desk.moveClock(byDays: 10_000)
    let other = try await desk.declarant()
    await expectReason("NAME_TAKEN") {
      try await desk.reserve(.sample("沈阳椒砚软件有限公司"), as: other)
    }
    let row = try await desk.database.queryOne(
      """
      SELECT standing::text, credit_code
      FROM names.library_name
      WHERE scope_code = 210100 AND enterprise_name = '沈阳椒砚软件有限公司'
      """
    )
    let (standing, holder) = try #require(try row?.decode(String.self, String.self))
    #expect(standing == "registered")
    #expect(holder == code.description)
  }

  @Test("a list shows one's own, newest first, page by page")
  func list() async throws {
    let declarant = try await desk.declarant()
    var names: [String] = []
    for trade in ["檀屿", "檀岭", "檀砚", "檀陂", "檀垣"] {
      let reservation = try await desk.reserve(
        .sample("沈阳\(trade)软件有限公司"),
        as: declarant,
        confirmed: true
      )
      names.insert(reservation.name, at: 0)
      desk.moveClock(byDays: 0.001)
    }
    func page(
      _ token: String,
      size: Int32 = 2
    ) async throws -> Liaoning_Registry_V1_ListReservationsResponse {
      try await desk.call(as: .account(declarant)) { context in
        try await desk.service.listReservations(
          request: .with {
            $0.pageSize = size
            $0.pageToken = token
          },
          context: context
        )
      }
    }
    var seen: [String] = []
    var token = ""
    repeat {
      let reply = try await page(token)
      seen += reply.reservations.map(\.name)
      token = reply.nextPageToken
    } while !token.isEmpty
    #expect(seen == names)
    #expect(try await page("", size: 5).nextPageToken.isEmpty)
    await expectReason("PAGE_TOKEN_INVALID") { try await page("x") }
    let foreign = PageToken(list: "filings", keys: ["1", UUID().uuidString]).text
    await expectReason("PAGE_TOKEN_INVALID") { try await page(foreign) }
    let bent = PageToken(
      list: "reservations",
      keys: [String(Int64.max), UUID().uuidString]
    ).text
    await expectReason("PAGE_TOKEN_INVALID") { try await page(bent) }
    await expectReason("PAGE_SIZE_INVALID") { try await page("", size: -1) }
    let other = try await desk.declarant()
    let reply = try await desk.call(as: .account(other)) { context in
      try await desk.service.listReservations(request: .init(), context: context)
    }
    #expect(reply.reservations.isEmpty)
  }

  @Test("a change without its event cannot commit")
  func governed() async throws {
    let (_, id, _) = try await reserved("沈阳檀溪软件有限公司")
    await #expect(throws: PostgresError.self) {
      try await desk.database.withTransaction { transaction in
        try await transaction.execute(
          """
          UPDATE names.reservation
          SET state = 'released', end_time = \(desk.now), version = version + 1
          WHERE region_code = \(id.region.rawValue) AND reservation_id = \(id.uuid)
          """
        )
      }
    }
  }
}
