internal import APIConventions
internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import RoomsTestKit
internal import SwiftProtobuf
internal import Testing
internal import Vocabulary

@testable internal import Archives

@Suite("Names, numbers and codes")
struct NamingTests {
  private let code = "91210100XX0000019C"

  @Test("a volume is named by a code and three digits from 001", arguments: [1, 42, 999])
  func volumeName(number: Int) throws {
    let creditCode = try #require(UnifiedSocialCreditCode(code))
    let name = VolumeName(creditCode: creditCode, number: number)
    #expect(VolumeName(name.description) == name)
    #expect(name.digits.count == 3)
  }

  @Test(
    "anything else is no volume's name",
    arguments: [
      "", "archives/91210100XX0000019C", "archives/91210100XX0000019C/volumes/",
      "archives/91210100XX0000019C/volumes/000", "archives/91210100XX0000019C/volumes/1",
      "archives/91210100XX0000019C/volumes/1000", "archives/91210100XX0000019C/volumes/+01",
      "archives/91210100XX0000019C/volumes/-01", "archives/91210100XX0000019D/volumes/001",
      "archive/91210100XX0000019C/volumes/001", "archives/91210100XX0000019C/volumes/001/",
    ]
  )
  func noVolumeName(text: String) {
    #expect(VolumeName(text) == nil)
  }

  @Test(
    "the reference code tells fonds, category, class, entity, year, retention and volume",
    arguments: [
      ("210100", "1130", "L101-DJ·QY-91210100XX0000019C-2026-Y-001"),
      ("211100", "9100", "L111-DJ·NZ-91210100XX0000019C-2026-Y-001"),
      ("210200", "9500", "L102-DJ·GT-91210100XX0000019C-2026-Y-001"),
    ]
  )
  func referenceCode(region: String, type: String, text: String) throws {
    let reference = ReferenceCode(
      scheme: .permanent,
      authority: try #require(RegionCode(region)),
      entityType: try #require(EntityType(type)),
      volume: VolumeName(creditCode: try #require(UnifiedSocialCreditCode(code)), number: 1),
      year: 2026
    )
    #expect(reference.description == text)
  }

  @Test("a page token serves the list of its own archive only")
  func pageToken() throws {
    let creditCode = try #require(UnifiedSocialCreditCode(code))
    let token = VolumePage.token(after: VolumeName(creditCode: creditCode, number: 7))
    let request = Liaoning_Registry_V1_ListVolumesRequest.with { $0.pageToken = token }
    #expect(try VolumePage(request, of: creditCode).position == 7)
    #expect(try VolumePage(.init(), of: creditCode).position == 0)
    let other = try #require(UnifiedSocialCreditCode("91210200XX0000027C"))
    #expect(throws: PagingError.invalidToken) { try VolumePage(request, of: other) }
    for keys in [[code, "0"], [code, "1000"], [code, "x"]] {
      let forged = PageToken(list: "volumes", keys: keys).text
      #expect(throws: PagingError.invalidToken) {
        try VolumePage(.with { $0.pageToken = forged }, of: creditCode)
      }
    }
  }

  @Test("an instant is archived in UTC to the millisecond")
  func archivedInstant() {
    #expect(nineOClock.archived == "2026-11-23T01:00:00.000Z")
    let later = Date(timeIntervalSince1970: 1_795_395_600.007)
    #expect(later.archived == "2026-11-23T01:00:00.007Z")
    #expect(Date(timeIntervalSince1970: -0.001).archived == "1969-12-31T23:59:59.999Z")
  }

  @Test("every reason is told once, with a status and what to do")
  func errors() throws {
    let name = VolumeName(creditCode: try #require(UnifiedSocialCreditCode(code)), number: 1)
    let errors: [ArchiveError] = [
      .archiveNotFound("a"), .volumeNotFound("v"), .volumeExists(name), .sealed(name),
      .notSealed(name), .checkFailed(name, []), .stale(name), .tooLarge(2, limit: 1), .full,
      .numberTaken, .busy, .damaged(name),
    ]
    #expect(Set(errors.map(\.reason)).count == errors.count)
    #expect(ArchiveError.trailTooLong(limit: 1).reason == "VOLUME_TOO_LARGE")
    #expect(errors.allSatisfy { !$0.message.isEmpty })
    #expect(errors.filter { $0.retryDelay != nil }.map(\.code) == [.unavailable, .unavailable])
  }
}
