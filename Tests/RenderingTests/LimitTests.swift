internal import Rendering
internal import Testing

@Suite("Refusing what is too large or says something else than it shows")
struct LimitTests {
  static func document(_ text: String) -> PrintedDocument {
    PrintedDocument(title: "", sections: [.init(nil, [.paragraph(text)])])
  }

  static func table(columns: Int, rows: [[String]] = [], weight: Double = 1) -> PrintedDocument {
    let columns = (0..<columns).map { _ in PrintedDocument.Column("", weight: weight) }
    return PrintedDocument(
      title: "",
      sections: [.init(nil, [.table(.init(columns: columns, rows: rows))])]
    )
  }

  @Test("at most 200,000 characters in one document, all texts together")
  func characters() async throws {
    let half = String(repeating: "字", count: 100_000 - 21)
    try await withRenderer { renderer in
      let document = PrintedDocument(
        title: "",
        sections: [.init(nil, [.paragraph(half), .paragraph(half)])]
      )
      _ = try await renderer.pdf(document)
      var larger = document
      larger.title = String(repeating: "题", count: 22)
      let refused = larger
      await #expect(
        throws: RenderingError.tooManyCharacters(
          field: "document",
          count: 200_001,
          limit: 200_000
        )
      ) { try await renderer.pdf(refused) }
      await #expect(
        throws: RenderingError.tooManyCharacters(field: "sections", count: 200_001, limit: 200_000)
      ) { try await renderer.pdf(Self.document(String(repeating: "a", count: 200_001))) }
    }
  }

  @Test("at most 200 characters in a title", arguments: [(200, true), (201, false)])
  func title(count: Int, isAllowed: Bool) async throws {
    let document = PrintedDocument(title: String(repeating: "题", count: count), sections: [])
    try await withRenderer { renderer in
      if isAllowed {
        _ = try await renderer.pdf(document)
      } else {
        await #expect(
          throws: RenderingError.tooManyCharacters(field: "title", count: 201, limit: 200)
        ) { try await renderer.pdf(document) }
      }
    }
  }

  @Test("at most 400 pages")
  func pages() async throws {
    // 33 lines of 21 points fit in 697.89; the title's page loses 32 + 16.
    let lines = 30 + 399 * 33
    try await withRenderer { renderer in
      let largest = try PDFReading(
        try await renderer.pdf(Self.document(String(repeating: "\n", count: lines - 1)))
      )
      #expect(largest.information("Pages") == "400")
      await #expect(throws: RenderingError.tooManyPages(limit: 400)) {
        try await renderer.pdf(Self.document(String(repeating: "\n", count: lines)))
      }
    }
  }

  @Test("1 to 12 columns", arguments: [(0, false), (1, true), (12, true), (13, false)])
  func columns(count: Int, isAllowed: Bool) async throws {
    try await withRenderer { renderer in
      if isAllowed {
        _ = try await renderer.pdf(Self.table(columns: count))
      } else {
        await #expect(
          throws: RenderingError.malformedTable("\(count) columns, 1 to 12")
        ) { try await renderer.pdf(Self.table(columns: count)) }
      }
    }
  }

  @Test(
    "a column weighs from 0.2 to 20",
    arguments: [(0.2, true), (20, true), (0.19, false), (20.01, false), (.nan, false)]
  )
  func weight(weight: Double, isAllowed: Bool) async throws {
    try await withRenderer { renderer in
      if isAllowed {
        _ = try await renderer.pdf(Self.table(columns: 1, weight: weight))
      } else {
        await #expect(
          throws: RenderingError.malformedTable("a column of weight \(weight), 0.2 to 20")
        ) { try await renderer.pdf(Self.table(columns: 1, weight: weight)) }
      }
    }
  }

  @Test("a row has as many cells as there are columns", arguments: [1, 3])
  func rowLength(count: Int) async throws {
    let rows = [["", ""], Array(repeating: "", count: count)]
    try await withRenderer { renderer in
      await #expect(
        throws: RenderingError.malformedTable("row 2 has \(count) cells, not 2")
      ) { try await renderer.pdf(Self.table(columns: 2, rows: rows)) }
    }
  }

  @Test("at most 20,000 cells")
  func cells() async throws {
    let rows = Array(repeating: Array(repeating: "", count: 10), count: 2_001)
    try await withRenderer { renderer in
      await #expect(
        throws: RenderingError.malformedTable("20010 cells, at most 20000")
      ) { try await renderer.pdf(Self.table(columns: 10, rows: rows)) }
      let most = Self.table(columns: 10, rows: rows.dropLast())
      _ = try await renderer.pdf(most)
    }
  }

  @Test(
    "control characters and those that turn the direction of writing are refused",
    arguments: [
      "\u{0}", "\r", "\u{7F}", "\u{9B}", "\u{202E}", "\u{2066}", "\u{200F}", "\u{FEFF}", "\u{FFFE}",
    ]
  )
  func forbidden(text: String) async throws {
    let scalar = try #require(text.unicodeScalars.first)
    try await withRenderer { renderer in
      await #expect(
        throws: RenderingError.forbiddenCharacter(field: "sections", scalar: scalar)
      ) { try await renderer.pdf(Self.document("甲" + text)) }
      var license = LicenseTests.license(.company, .original)
      license.enterpriseName += text
      let refused = license
      await #expect(
        throws: RenderingError.forbiddenCharacter(field: "enterprise_name", scalar: scalar)
      ) { try await renderer.pdf(refused, createTime: morning) }
    }
  }

  @Test("column titles take at most half a page")
  func tallHeader() async throws {
    let title = String(repeating: "列", count: 2_000)
    let table = PrintedDocument.Table(columns: [.init(title), .init("列")], rows: [["", ""]])
    let document = PrintedDocument(title: "", sections: [.init(nil, [.table(table)])])
    try await withRenderer { renderer in
      await #expect(
        throws: RenderingError.malformedTable("column titles taller than half a page")
      ) { try await renderer.pdf(document) }
    }
  }

  @Test("footer and face items are of one line")
  func oneLine() async throws {
    try await withRenderer { renderer in
      await #expect(throws: RenderingError.forbiddenCharacter(field: "footer", scalar: "\n")) {
        try await renderer.pdf(PrintedDocument(title: "", sections: [], footer: "甲\n乙"))
      }
      var license = LicenseTests.license(.company, .original, scope: "甲\n乙")
      _ = try await renderer.pdf(license, createTime: morning)
      license.authority += "\n"
      let refused = license
      await #expect(throws: RenderingError.forbiddenCharacter(field: "authority", scalar: "\n")) {
        try await renderer.pdf(refused, createTime: morning)
      }
    }
  }

  @Test("tab and line feed are allowed")
  func whiteSpace() async throws {
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(Self.document("甲\t乙\n丙")))
      #expect(reading.run.contains("甲乙丙"))
    }
  }
}
