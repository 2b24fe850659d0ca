internal import EventLoops
internal import Foundation
internal import Rendering
internal import Testing

@Suite("Printing a document")
struct DocumentTests {
  /// A document with one of each block.
  static func application(rows: Int = 3, scope: String = "软件开发") -> PrintedDocument {
    PrintedDocument(
      title: "公司登记（备案）申请书",
      number: "（辽沈）登记内设字〔2017〕第1号",
      addressee: "沈阳市市场监督管理局：",
      sections: [
        .init(
          "一、基本信息",
          [
            .fields([
              .init("企业名称", "沈阳测试㛃软件有限公司"), .init("法定代表人", "尤·测试·壬"),
              .init("联系电话", ""), .init("经营范围", scope),
            ])
          ]
        ),
        .init(
          "二、出资情况",
          [
            .table(
              .init(
                columns: [
                  .init("股东姓名"), .init("出资额（万元）", weight: 2, alignment: .trailing),
                ],
                rows: (0..<rows).map { ["测试股东\($0)", "\($0)0.00"] }
              )
            )
          ]
        ),
        .init("三、决议", [.paragraph("全体股东一致同意。"), .list(["修改章程", "变更住所"], ordered: true)]),
        .init(nil, [.list(["营业执照复印件"], ordered: false)]),
      ],
      declaration: "申请人对材料的真实性负责。",
      signatureBlocks: [.init(role: "股东", name: "测试子"), .init(role: "董事", name: "测试丑")],
      issuer: .init(authority: "沈阳市和平区市场监督管理局", date: "2017年10月9日"),
      footer: "文件编号 D1"
    )
  }

  @Test("every text of the document can be read in the PDF, rare characters included")
  func textIsExtractable() async throws {
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(Self.application()))
      for text in [
        "公司登记（备案）申请书", "（辽沈）登记内设字〔2017〕第1号", "沈阳市市场监督管理局：", "一、基本信息",
        "企业名称", "沈阳测试㛃软件有限公司", "尤·测试·壬", "联系电话", "软件开发", "出资额（万元）", "测试股东2",
        "20.00", "全体股东一致同意。", "2．变更住所", "·营业执照复印件", "申请人对材料的真实性负责。", "签署人身份",
        "测试丑", "沈阳市和平区市场监督管理局", "2017年10月9日", "文件编号D1", "第2页共2页",
      ] {
        #expect(reading.run.contains(text), "\(text)")
      }
    }
  }

  @Test("the PDF names title, document and the date given, never the current time")
  func metadata() async throws {
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(Self.application()))
      #expect(reading.information("Title") == "公司登记（备案）申请书")
      #expect(reading.information("Subject") == "filings/1/documents/1")
      #expect(reading.information("CreationDate") == "Mon Oct  9 01:02:03 2017 UTC")
      #expect(reading.information("Page size") == "595.28 x 841.89 pts (A4)")
    }
  }

  @Test("a value of 10,000 characters runs over pages, and not one character is lost")
  func longValue() async throws {
    let scope = (0..<1_250).map { "测\(10_000 + $0)试、" }.joined()
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(Self.application(scope: scope)))
      let missing = (0..<1_250).filter { !reading.run.contains("\(10_000 + $0)") }
      #expect(scope.count == 10_000)
      #expect(missing.count < 120, "numbers broken by a page's header and footer aside")
      #expect(reading.run.count { $0 == "、" } >= 1_250)
      #expect(reading.pages.count > 5)
      #expect(reading.run.contains("第\(reading.pages.count)页共\(reading.pages.count)页"))
    }
  }

  @Test("a long table repeats its header on each page and keeps each row")
  func longTable() async throws {
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(Self.application(rows: 200)))
      let pages = reading.pages.filter { $0.contains("测试股东") }
      #expect(pages.count > 5)
      #expect(pages.allSatisfy { $0.contains("出资额（万元）") })
      #expect((0..<200).allSatisfy { reading.run.contains("测试股东\($0)\($0)0.00") })
    }
  }

  @Test(
    "nothing leaves the margins",
    arguments: [
      String(repeating: "长", count: 5_000), String(repeating: "W", count: 5_000),
      "行\n" + String(repeating: "\n", count: 200) + "末",
    ]
  )
  func nothingOverflows(scope: String) async throws {
    var document = Self.application(scope: scope)
    document.title = String(repeating: "申请书", count: 60)
    document.footer = String(repeating: "页脚", count: 90)
    document.sections.append(
      .init(
        String(repeating: "标题", count: 90),
        [
          .table(
            .init(
              columns: (1...12).map { .init("第\($0)列") },
              rows: [(1...12).map { String(repeating: "格\($0)", count: 40) }]
            )
          )
        ]
      )
    )
    document.signatureBlocks.append(
      .init(role: scope.filter { $0 != "\n" }, name: String(repeating: "名", count: 900))
    )
    let fixed = document
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(fixed))
      #expect(reading.boxes.count > 100)
      let outside = reading.boxes.filter {
        $0.xMin < 70 || $0.xMax > 525.5 || $0.yMin < 40 || $0.yMax > 830
      }
      #expect(outside.isEmpty, "\(outside.prefix(3))")
    }
  }

  @Test(
    "a heading never stands alone at the foot of a page",
    arguments: 0..<40
  )
  func headingStaysWithItsBlock(lines: Int) async throws {
    let filler = Array(repeating: PrintedDocument.Block.paragraph("充填"), count: lines)
    let table = PrintedDocument.Table(columns: [.init("列")], rows: [["甲\n乙\n丙"]])
    let document = PrintedDocument(
      title: "表",
      sections: [.init(nil, filler), .init("孤题", [.table(table)])]
    )
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(document))
      let page = try #require(reading.pages.first { $0.contains("孤题") })
      #expect(page.contains("列") && page.contains("甲"))
    }
  }

  @Test("a character that no font draws, or that is for private use, is printed as its code point")
  func unknownCharacter() async throws {
    let document = PrintedDocument(
      title: "申请书",
      sections: [.init(nil, [.paragraph("姓名：测\u{E863}试\u{10FFFD}\u{18B00}")])]
    )
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(document))
      #expect(reading.run.contains("测〔U+E863〕试〔U+10FFFD〕〔U+18B00〕"))
    }
  }

  @Test("an empty document is one page")
  func emptyDocument() async throws {
    try await withRenderer { renderer in
      let reading = try PDFReading(
        try await renderer.pdf(PrintedDocument(title: "", sections: []))
      )
      #expect(reading.pages.count == 1)
    }
  }

  @Test("fonts for Chinese text are installed")
  func fontsAreInstalled() async throws {
    try await withRenderer { renderer in
      await #expect(throws: Never.self) { try await renderer.checkFonts() }
    }
  }
}

@Suite("Rendering the same again")
struct DeterminismTests {
  @Test("same input, same bytes: again, from another renderer, and among others on many threads")
  func sameBytes() async throws {
    let license = LicenseTests.license(.company, .original)
    var expected: [[UInt8]] = []
    try await withRenderer { renderer in
      for rows in 0..<4 {
        expected.append(try await renderer.pdf(DocumentTests.application(rows: rows)))
      }
      expected.append(try await renderer.pdf(license, createTime: morning))
    }
    let first = expected
    #expect(Set(first).count == 5)
    let workers = try WorkerExecutor(threads: 4, queueLimit: 100)
    let renderer = PDFRenderer(workers: workers)
    try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for job in 0..<40 {
        group.addTask {
          let index = job * 7 % 5
          let bytes =
            index == 4
            ? try await renderer.pdf(license, createTime: morning)
            : try await renderer.pdf(DocumentTests.application(rows: index))
          return (index, bytes)
        }
      }
      for try await (index, bytes) in group { #expect(bytes == first[index]) }
    }
    await workers.shutDown()
  }

  @Test("another date or identifier gives other bytes")
  func otherInput() async throws {
    let document = DocumentTests.application()
    try await withRenderer { renderer in
      let bytes = try await renderer.pdf(document)
      let later = try await renderer.pdf(
        document,
        identifier: "filings/1/documents/1",
        createTime: morning + 1
      )
      let other = try await renderer.pdf(document, identifier: "b", createTime: morning)
      #expect(bytes != later)
      #expect(bytes != other)
    }
  }
}
