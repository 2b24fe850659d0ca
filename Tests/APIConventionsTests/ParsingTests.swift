internal import APIConventions
internal import Foundation
internal import Testing
internal import Vocabulary

private let uuid = "019a1b2c-3d4e-7f50-8a9b-0c1d2e3f4a5b"

@Suite("Parsing what clients carry")
struct ParsingTests {
  @Test("a regional id is exactly what it writes")
  func regionalID() throws {
    let id = try #require(RegionalID("210100-\(uuid)"))
    #expect(id.region.rawValue == 210_100)
    #expect(id.description == "210100-\(uuid)")
    #expect(RegionalID(id.description) == id)
    #expect(id.name(in: "filings") == "filings/210100-\(uuid)")
    #expect(RegionalID(resourceName: id.name(in: "filings"), collection: "filings") == id)
    #expect(RegionalID(resourceName: id.name(in: "filings"), collection: "archives") == nil)
  }

  @Test(
    "nothing else is a regional id",
    arguments: [
      "", "-", "210100", "210100-", "-\(uuid)", "210100\(uuid)", "210100-\(uuid) ",
      " 210100-\(uuid)", "210100-\(uuid.uppercased())", "210100-{\(uuid)}", "21010-\(uuid)",
      "2101000-\(uuid)", "+10100-\(uuid)", "-10100-\(uuid)", "２１０１００-\(uuid)",
      "210100-\(uuid.dropLast())", "210100-\(uuid)\0", "210100-\(uuid.dropLast())g",
      "210100--\(uuid.dropLast())", "000000-\(uuid)", "210100/\(uuid)",
    ]
  )
  func hostileRegionalID(text: String) {
    #expect(RegionalID(text) == nil)
  }

  @Test("a resource name has its collections, and ids of 1 to 200 bytes")
  func resourceName() {
    #expect(ResourceName.ids(in: "a/1/b/2", of: "a", "b")?.map(String.init) == ["1", "2"])
    let long = String(repeating: "x", count: 200)
    #expect(ResourceName.ids(in: "a/\(long)", of: "a") != nil)
    #expect(ResourceName.ids(in: "a/\(long)x", of: "a") == nil)
  }

  @Test(
    "any other shape is none",
    arguments: [
      "", "/", "a", "a/", "/1", "a/1/", "/a/1", "a//1", "a/1/b", "b/1", "A/1", "a/1/b/2", "a\\1",
      String(repeating: "a/", count: 5_000),
    ]
  )
  func hostileResourceName(name: String) {
    #expect(ResourceName.ids(in: name, of: "a") == nil)
  }

  @Test("an etag is exactly what it writes")
  func etag() {
    for version in [1, 2, 10, Int64.max] {
      #expect(ETag("\(ETag(version: version))")?.version == version)
    }
    for text in [
      "", "v", "1", "v0", "v-1", "v+1", "v01", "v1 ", " v1", "V1", "v9223372036854775808", "v１",
      "v1\0", "v1v1", "v" + String(repeating: "1", count: 100),
    ] {
      #expect(ETag(text) == nil, "\(text)")
    }
  }

  @Test("a page token serves its own list")
  func pageToken() throws {
    let token = PageToken(list: "filings", keys: ["1", "二/\"\\"])
    #expect(try PageToken(token.text, list: "filings", keyCount: 2) == token)
    #expect(try PageToken("", list: "filings", keyCount: 2) == nil)
    #expect(throws: PagingError.invalidToken) {
      try PageToken(token.text, list: "archives", keyCount: 2)
    }
    for count in [0, 1, 3] {
      #expect(throws: PagingError.invalidToken) {
        try PageToken(token.text, list: "filings", keyCount: count)
      }
    }
  }

  @Test(
    "forged and broken page tokens are refused",
    arguments: [
      " ", "x", "====", "bnVsbA==", "W10=", "e30=", "WzEsMl0=", "W251bGwsIjEiXQ==", "\0",
      "WyJmaWxpbmdzIiwi", String(repeating: "A", count: 1_001),
      String(repeating: "W", count: 1_000),
    ]
  )
  func hostilePageToken(text: String) {
    #expect(throws: PagingError.invalidToken) {
      try PageToken(text, list: "filings", keyCount: 1)
    }
  }

  @Test("a token by time and id says what was put in, down to milliseconds")
  func timedPageToken() throws {
    let id = try #require(UUID(uuidString: uuid))
    let token = PageToken(list: "filings", after: Date(timeIntervalSince1970: 1.234_5), id)
    let position = try #require(try PageToken.position(token.text, in: "filings"))
    #expect(position.time == Date(timeIntervalSince1970: 1.235) && position.id == id)
    #expect(try PageToken.position("", in: "filings") == nil)
    #expect(throws: PagingError.invalidToken) { try PageToken.position(token.text, in: "x") }
  }

  @Test(
    "a token of a time that the database has not is refused, and brings nobody down",
    arguments: [
      (String(Int64.min), uuid), (String(Int64.min + 1), uuid), ("-1", uuid),
      (String(1 << 48), uuid), (String(Int64.max), uuid), ("9223372036854775808", uuid),
      ("1e5", uuid), ("", uuid), ("0", "x"), ("0", ""),
    ]
  )
  func hostileTimedPageToken(time: String, id: String) {
    let token = PageToken(list: "filings", keys: [time, id])
    #expect(throws: PagingError.invalidToken) {
      try PageToken.position(token.text, in: "filings")
    }
  }

  @Test(
    "a page has 50 rows unless asked, and 200 at most",
    arguments: [(0, 50), (1, 1), (200, 200), (201, 200), (Int32.max, 200)]
  )
  func pageSize(requested: Int32, rows: Int) throws {
    #expect(try PageSize(requested).rows == rows)
  }

  @Test("a page of less than nothing is refused", arguments: [-1, Int32.min])
  func negativePageSize(requested: Int32) {
    #expect(throws: PagingError.negativeSize) { try PageSize(requested) }
  }

  @Test("text is printable if every character shows what it says")
  func printableText() {
    for text in ["", "沈阳", "a\u{301} é·𠮷", "\u{E000}"] { #expect(text.isPrintable(), "\(text)") }
    for text in [
      "\0", "a\u{202E}b", "\u{200B}", "\u{2028}", "\u{FFFFF}\u{FFFF}", "\u{1B}[0m", "\r",
    ] {
      #expect(!text.isPrintable(allowingLines: true), "\(text.debugDescription)")
    }
    #expect("a\n\tb".isPrintable(allowingLines: true) && !"a\nb".isPrintable())
  }

  @Test("a request id is a UUID")
  func requestID() throws {
    #expect(try RequestID(uuid).uuid == UUID(uuidString: uuid))
    for text in ["", "1", "\(uuid) ", "{\(uuid)}", String(uuid.dropLast()), "\(uuid.dropLast())g"] {
      #expect(throws: RequestLogError.malformedRequestID) { try RequestID(text) }
    }
  }
}
