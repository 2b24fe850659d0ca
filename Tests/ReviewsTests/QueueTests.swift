internal import APIConventions
internal import Foundation
internal import Identity
internal import Postgres
internal import RegistryAPI
internal import RegistryTestKit
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing

@testable internal import Filings
@testable internal import Reviews

@Suite("The queue of an authority", .database(reviewsMigrations))
struct QueueTests {
  @Test("it lists what waits, oldest submission first, page by page, by state")
  func list() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let citizens = try await [
      hall.citizen(Person.sample(1, born: 1963)), hall.citizen(Person.sample(2, born: 1963)),
    ]
    var filings: [FilingMessage] = []
    for number in 0..<6 {
      hall.moveClock(by: 1.5)
      let citizen = citizens[number % 2]
      filings.append(try await hall.submitted(.company([citizen.person]), by: citizen))
    }
    let accepted = try await hall.accept(filings[0])
    let examined = try await hall.examine(try await hall.accept(filings[1]))
    _ = try await hall.withdraw(filings[5], by: citizens[1])
    _ = try await hall.returned(filings[4])

    var listed: [Liaoning_Registry_V1_ReviewItem] = []
    var token = ""
    repeat {
      let reply = try await hall.queue(pageSize: 2, token: token)
      #expect(reply.items.count <= 2)
      listed += reply.items
      token = reply.nextPageToken
    } while !token.isEmpty
    #expect(listed.map(\.filing) == filings.prefix(4).map(\.name))
    #expect(listed.map(\.state) == [.accepted, .examined, .submitted, .submitted])
    #expect(listed[0].etag == accepted.etag)
    #expect(listed[1].etag == examined.etag)
    #expect(listed[2].number == filings[2].number)
    #expect(listed[2].enterpriseName == filings[2].enterpriseName)
    #expect(listed[2].entityType == "1151")
    #expect(listed[2].submitTime == filings[2].submitTime)
    #expect(listed[2].dueDate == "2026-11-26")
    let waiting = try await hall.queue(state: .submitted)
    #expect(waiting.items.map(\.filing) == filings[2...3].map(\.name))
    #expect(waiting.nextPageToken.isEmpty)
    #expect(try await hall.queue(state: .accepted).items.map(\.filing) == [filings[0].name])
    #expect(try await hall.queue(state: .examined).items.map(\.filing) == [filings[1].name])
  }

  @Test("tokens of other lists, spoilt ones and states that never wait are refused")
  func refusals() async throws {
    let hall = try await Hall(on: TestDatabase.ofSuite())
    let id = UUID().uuidString
    let tokens = [
      "x", PageToken(list: "filings", keys: ["1", id]).text,
      PageToken(list: "reviewItems", keys: ["x", id]).text,
      PageToken(list: "reviewItems", keys: ["1", "x"]).text,
      PageToken(list: "reviewItems", keys: [String(Int64.max), id]).text,
      PageToken(list: "reviewItems", keys: [String(Int64.min), id]).text,
    ]
    for token in tokens {
      await expectReason("PAGE_TOKEN_INVALID") { try await hall.queue(token: token) }
    }
    await expectReason("PAGE_SIZE_INVALID") { try await hall.queue(pageSize: -1) }
    for state in [FilingMessage.State.draft, .returned, .completed, .UNRECOGNIZED(99)] {
      await expectReason("REVIEW_REQUEST_INVALID") { try await hall.queue(state: state) }
    }
  }
}
