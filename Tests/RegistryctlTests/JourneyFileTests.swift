internal import Foundation
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf
internal import Testing

@testable internal import registryctl

@Suite("Reading what a journey is made of")
struct JourneyFileTests {
  private static let smallest = """
    {
      "title": "t",
      "people": {"zhao": {"full_name": "赵测试一", "identity_number": "210101190001010018"}},
      "organizations": {"org": {"enterprise_name": "甲", "credit_code": "91210100XX0000019C"}},
      "applicant": "zhao",
      "name": {"trade_name": "星漪{fresh}"},
      "content": {"domicile_region_code": "210102", "liaison": "@zhao"}
    }
    """

  private func scenario(_ text: String = smallest) throws -> Scenario {
    try ScenarioReader.scenario(JSONReader.value(of: text))
  }

  @Test("a scenario without steps goes the whole way, with the bank of development")
  func defaults() throws {
    let scenario = try scenario()
    #expect(scenario.steps.map(\.deed) == Deed.wholeWay)
    #expect(scenario.partner == "icbc-shenyang" && scenario.purpose == "ACCOUNT_OPENING")
    #expect(scenario.people["zhao"]?.hasNoAccount == false)
  }

  @Test("the whole way passes the nine steps in their order")
  func order() {
    let numbers = Deed.wholeWay.map(\.number)
    #expect(numbers == numbers.sorted())
    #expect(Set(numbers) == Set(1...9))
  }

  @Test(
    "what is wrong is named with its place",
    arguments: [
      (#""applicant": "zhao""#, #""applicant": "wang""#, "applicant"),
      (#""title": "t""#, #""title": "t", "stpes": []"#, "stpes"),
      (#""title": "t""#, #""title": "t", "steps": ["fly"]"#, "steps[0].do"),
      (#""title": "t""#, #""title": "t", "steps": [{"do": "edit"}]"#, "steps[0].do"),
      (#""title": "t""#, #""title": "t", "steps": [{"do": "sign", "by": ["x"]}]"#, "steps.by"),
      (#""title": "t""#, #""title": "t", "title": "u""#, ""),
      (#""org": {"#, #""zhao": {"#, "organizations.zhao"),
      (#""full_name": "赵测试一", "#, "", "people.zhao.full_name"),
    ]
  )
  func flaws(old: String, new: String, place: String) {
    #expect {
      try scenario(Self.smallest.replacing(old, with: new))
    } throws: {
      ($0 as? MemberReader.Flaw)?.place == place
    }
  }

  /// 2028-02-29 23:30 UTC, which is 1 March in Shenyang.
  private let leapNight = Date(timeIntervalSince1970: 1_835_479_800)

  @Test("placeholders stand for people, fresh characters and civil dates of Shenyang")
  func placeholders() throws {
    let filled = Placeholders(try scenario(), fresh: "璟瑭", today: leapNight)
    #expect(filled.filled("沈阳{fresh}公司") == "沈阳璟瑭公司")
    #expect(filled.filled("{today+4y} {today+1d}") == "2032-03-01 2028-03-02")
    #expect(filled.filled("{today+0y}{") == "2028-03-01{")
    let person = try filled.filled(.list([.text("@zhao")])).encoded
    #expect(person == #"[{"full_name":"赵测试一","identity_number":"210101190001010018"}]"#)
    #expect(throws: MemberReader.Flaw.self) { try filled.filled(.text("@wang")) }
  }

  @Test("fresh characters come in pairs and are many")
  func drawing() {
    var generator = SystemRandomNumberGenerator()
    let draws = (0..<200).map { _ in Placeholders.drawn(by: &generator) }
    #expect(draws.allSatisfy { $0.count == 2 })
    #expect(Set(draws).count > 150)
  }

  @Test("a handwriting is the same for one name, another for others, and within the limits")
  func handwriting() {
    let strokes = Handwriting.strokes(of: "赵测试一")
    #expect(strokes == Handwriting.strokes(of: "赵测试一"))
    #expect(strokes != Handwriting.strokes(of: "钱测试二"))
    for name in ["赵", String(repeating: "赵", count: 50)] {
      let strokes = Handwriting.strokes(of: name)
      let points = strokes.flatMap(\.points)
      #expect((1...200).contains(strokes.count) && points.count <= 10_000)
      #expect(points.map(\.offsetMs) == points.map(\.offsetMs).sorted())
      #expect(points.allSatisfy { (0...10_000).contains($0.x) && (0...10_000).contains($0.y) })
      #expect(points.allSatisfy { (0...1_000).contains($0.pressure) })
    }
  }

  @Test("a line of the name library is an entry, with its date reckoned from today")
  func libraryLine() throws {
    let line = "L24\t沈阳澄岭贸易有限公司\t沈阳\t澄岭\t-\t有限公司\t5199\t1130\t210100\tcancelled\t-200"
    let entry = try #require(NameLibrary.entry(line[...], today: leapNight))
    #expect(entry.standing == .cancelled && entry.standingDate == "2027-08-14")
    #expect(entry.industryWords.isEmpty && entry.tradeName == "澄岭")
    #expect(NameLibrary.entry(line.dropLast(5), today: leapNight) == nil)
    #expect(
      NameLibrary.entry(line.replacing("cancelled", with: "gone")[...], today: leapNight) == nil
    )
  }

  @Test("a key ring keeps key and account, and an interrupted registration is repeated as it was")
  func keyRing() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let ring = KeyRing(folder: folder)
    let key = try ring.key(of: "X1")
    #expect(try ring.key(of: "X1").fingerprint == key.fingerprint)
    #expect(try ring.key(of: "X2").fingerprint != key.fingerprint)
    #expect(try ring.account(of: "X1") == nil)
    let new = { try Liaoning_Registry_V1_CreateAccountRequest.signed(.init(), key: key) }
    let first = try ring.registration(of: "X1", new)
    #expect(try ring.registration(of: "X1", new) == first)
    ring.abandonRegistration(of: "X1")
    let second = try ring.registration(of: "X1", new)
    #expect(second.requestID != first.requestID)
    try ring.keep(account: "accounts/1", of: "X1")
    #expect(try ring.account(of: "X1") == "accounts/1")
    #expect(try ring.registration(of: "X1", new) != second)
  }

  @Test("a place is read from the running server's data folder, unless both addresses are given")
  func place() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: JourneyError.self) { try Place(data: folder.path, outer: "a:1", inner: nil) }
    #expect(try Place(data: folder.path, outer: "a:1", inner: "b:2").inner == "b:2")
    try #"{"data":"d","inner":"127.0.0.1:2","outer":"127.0.0.1:1","process_id":3}"#
      .write(to: folder.appending(path: "endpoints.json"), atomically: true, encoding: .utf8)
    let place = try Place(data: folder.path, outer: nil, inner: "b:2")
    #expect(place.outer == "127.0.0.1:1" && place.inner == "b:2")
  }
}
