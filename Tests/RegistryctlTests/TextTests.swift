internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing

@testable internal import registryctl

@Suite("Text has the width that a terminal gives it")
struct WidthTests {
  @Test(
    "texts by hand",
    arguments: [
      ("", 0), ("abc", 3), ("沈阳", 4), ("张三 A", 6), ("（字号）", 8), ("尤·测试·壬", 10), ("㛃", 2),
      ("e\u{301}", 1), ("字\u{3099}", 2), ("\u{200B}", 0), ("ｶﾅ", 2), ("カナ", 4), ("Ａ", 2),
      ("𠮷", 2), ("👨‍👩‍👧", 2), ("⚠\u{FE0F}", 2), ("“引”", 4), ("한", 2), ("\u{1112}\u{1161}", 2),
    ]
  )
  func byHand(text: String, width: Int) {
    #expect(TextWidth.of(text) == width)
  }

  @Test("every wide character of Unicode's table takes two columns, its neighbors one")
  func table() throws {
    let table = try String(
      contentsOfFile: "/usr/share/unicode/EastAsianWidth.txt",
      encoding: .utf8
    )
    var wide = Set<UInt32>()
    for line in table.split(separator: "\n") {
      let parts = line.prefix { $0 != "#" }.split(separator: ";")
      guard parts.count == 2 else { continue }
      let ends = parts[0].trimmingCharacters(in: .whitespaces).split(separator: ".")
        .compactMap { UInt32($0, radix: 16) }
      guard ["W", "F"].contains(parts[1].trimmingCharacters(in: .whitespaces)) else { continue }
      wide.formUnion(try #require(ends.first)...(try #require(ends.last)))
    }
    #expect(wide.count > 180_000)
    var wrong: [UInt32] = []
    for code in UInt32(0x20)...0x3FFFF {
      guard let scalar = Unicode.Scalar(code) else { continue }
      let expected: Int
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .control: continue
      case .format: expected = code == 0xAD ? 1 : 0
      default: expected = wide.contains(code) ? 2 : 1
      }
      if TextWidth.of(scalar) != expected { wrong.append(code) }
    }
    #expect(wrong.isEmpty)
  }

  @Test("columns stand under each other, wide or narrow, and long cells are cut where they must")
  func columns() {
    let table = Table(
      headings: ["NAME", "STATE"],
      rows: [["沈阳青禾", "draft"], ["ab", "x"], [String(repeating: "长", count: 40), "y"]]
    )
    let lines = table.lines(width: 60).lines
    #expect(lines[1] == "沈阳青禾" + String(repeating: " ", count: 41) + "draft")
    #expect(lines[2] == "ab" + String(repeating: " ", count: 47) + "x")
    // 48 columns hold 23 wide characters and the ellipsis; a 24th would leave it no room.
    #expect(lines[3] == String(repeating: "长", count: 23) + "…  y")
    let whole = String(repeating: "长", count: 40) + "  y"
    #expect(table.lines().lines[3] == whole)
    #expect(table.lines(width: 87).lines[3] == whole)
    #expect(table.lines(width: 86).lines[3] != whole)
  }

  @Test("columns without room are left out and named")
  func narrow() {
    let table = Table(headings: ["甲", "乙", "丙"], rows: [["1", "2", "3"]])
    #expect(table.lines(width: 10).leftOut.isEmpty)
    #expect(table.lines(width: 9).leftOut == ["丙"])
    #expect(table.lines(width: 1).leftOut == ["乙", "丙"])
    #expect(table.lines(width: 9).lines == ["甲  乙", "1   2"])
  }
}

@Suite("JSON keeps what it is given")
struct JSONTests {
  @Test(
    "values are read and written as they were",
    arguments: [
      "{}", "[]", "null", "true", #""""#,
      #"{"b":1,"a":[1.50e+3,-0,9007199254740993],"c":{"d":"字"}}"#,
      #"["\"\\\n\r\t\u0001"]"#,
    ]
  )
  func same(text: String) throws {
    #expect(try JSONReader.value(of: text).encoded == text)
  }

  @Test("escapes and spaces are understood")
  func escapes() throws {
    let value = try JSONReader.value(of: " { \"\\u5b57\" : [ \"\\ud842\\udfb7\\/\" , 2 ] }\n")
    #expect(value == .object([.init(name: "字", value: .list([.text("𠮷/"), .number("2")]))]))
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", "{", "[1,]", #"{"a" 1}"#, #"{a:1}"#, "nul", "1 2", #""\ud842""#, #""\x""#, "\"\u{1}\"",
      "-",
      "1.", String(repeating: "[", count: 200),
    ]
  )
  func refused(text: String) {
    #expect(throws: JSONReader.Flaw.self) { try JSONReader.value(of: text) }
  }
}

@Suite("Replies as people read them")
struct PeopleTextTests {
  private func lines(_ message: some SwiftProtobuf.Message, width: Int? = nil) throws -> [String] {
    var text = PeopleText(try Schema(), width: width)
    return text.lines(try message.json(), type(of: message).protoMessageName)
  }

  @Test("a line a field: enums short, times in Shanghai, money in yuan, digests in hexadecimal")
  func fields() throws {
    let filing = Liaoning_Registry_V1_Filing.with {
      $0.name = "filings/1"
      $0.state = .awaitingSignatures
      $0.content.entityType = "1130"
      $0.content.company.registeredCapitalFen = 123_456_789
      $0.submitTime = .init(seconds: 1_772_413_200)
    }
    #expect(
      try lines(filing) == [
        "Name             filings/1", "Content", "  Entity type  1130", "  Company",
        "    Registered capital  1,234,567.89 yuan", "State            awaiting-signatures",
        "Signature count  0", "Signed count     0", "Submit time      2026-03-02 09:00:00",
      ]
    )
    let document = Liaoning_Registry_V1_Document.with {
      $0.title = "章程"
      $0.pdfSm3 = Data([0x0A, 0xFF])
      $0.pdf = Data(count: 100)
    }
    #expect(
      try lines(document) == [
        "Title       章程", "PDF SM3     0aff", "Size bytes  0", "PDF         100 bytes",
      ]
    )
  }

  @Test("a page of a list is a table, its rows' messages by their first field")
  func page() throws {
    let reply = Liaoning_Registry_V1_ListReservationsResponse.with { reply in
      reply.reservations = [("甲乙有限公司", 1), ("丙", 0)].map { name, hits in
        .with {
          $0.name = "reservations/\(hits)"
          $0.candidate.enterpriseName = name
          $0.state = .reserved
          $0.similarNames = Array(repeating: .init(), count: hits)
          $0.etag = "e"
        }
      }
      reply.nextPageToken = "t"
    }
    #expect(
      try lines(reply) == [
        "NAME            CANDIDATE     STATE     SIMILAR NAMES",
        "reservations/1  甲乙有限公司  reserved  1", "reservations/0  丙            reserved",
      ]
    )
    #expect(try lines(Liaoning_Registry_V1_ListReservationsResponse()) == ["No reservations."])
  }

  @Test("maps, lists of messages and yes or no have their lines")
  func others() throws {
    let event = Liaoning_Registry_V1_Event.with {
      $0.kind = "filing.submitted"
      $0.details = ["count": "2"]
      $0.chainIndex = -1
    }
    #expect(
      try lines(event) == [
        "Kind             filing.submitted", "Subject version  0", "Details", "  count  2",
        "Chain index      -1",
      ]
    )
    let report = Liaoning_Registry_V1_CheckReport.with {
      $0.passed = true
      $0.points = [
        .with {
          $0.property = .safety; $0.check = "A"; $0.passed = true
        }
      ]
    }
    #expect(
      try lines(report) == [
        "Passed  yes", "Points", "  PROPERTY  CHECK  PASSED", "  safety    A      yes",
      ]
    )
  }

  @Test("no and 0 are said, an amount that is left out is not")
  func defaults() throws {
    let reply = Liaoning_Registry_V1_VerifyLicenseResponse.with {
      $0.face.enterpriseName = "甲"
      $0.failure = "一"
    }
    #expect(
      try lines(reply) == [
        "Authentic        no", "Current version  no", "Face", "  Enterprise name  甲",
        "Version          0", "Failure          一",
      ]
    )
    #expect(try lines(Liaoning_Registry_V1_VerifyLicenseRequest()).isEmpty)
  }

  @Test("names are never cut, so that they can be copied")
  func names() throws {
    let name = "signatureTasks/210100-01a21fb9-fa36-71a0-9d7c-d6917633846e"
    let table = Table(headings: ["A"], rows: [[name], [String(repeating: "a b", count: 20)]])
    #expect(table.lines(width: 50).lines[1] == name)
    #expect(table.lines(width: 50).lines[2].hasSuffix("…"))
  }

  @Test("nothing that a server sends steers the terminal")
  func steering() throws {
    let agreement = Liaoning_Registry_V1_Agreement.with {
      $0.name = "a\u{1B}[2J\u{202E}b"
      $0.text = "一\n二"
    }
    #expect(
      try lines(agreement) == ["Name  a\u{FFFD}[2J\u{FFFD}b", "Text", "  一", "  二"]
    )
  }
}
