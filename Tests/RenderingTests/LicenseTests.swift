internal import Rendering
internal import Testing

@Suite("Printing a licence")
struct LicenseTests {
  static func license(
    _ layout: LicensePrint.Layout,
    _ edition: LicensePrint.Edition,
    scope: String = "软件开发；技术服务",
    qrText: String? = "licenses/91210100XX0000019C"
  ) -> LicensePrint {
    LicensePrint(
      layout: layout,
      edition: edition,
      creditCode: "91210100XX0000019C",
      enterpriseName: "沈阳测试㛃软件有限公司",
      type: "有限责任公司",
      responsiblePerson: "尤·测试·壬",
      composition: layout == .individualBusiness ? "个人经营" : nil,
      capital: layout == .individualBusiness || layout == .branch ? nil : "壹佰万元整",
      place: "辽宁省沈阳市和平区测试路1号",
      businessScope: scope,
      establishDate: "2017年10月09日",
      term: "长期",
      authority: "沈阳市市场监督管理局",
      issueDate: "2017年10月10日",
      serialNumber: "210100000000001",
      qrText: qrText
    )
  }

  @Test("each layout shows its labels and every face item", arguments: LicensePrint.Layout.allCases)
  func faceItems(layout: LicensePrint.Layout) async throws {
    try await withRenderer { renderer in
      let license = Self.license(layout, .copy(number: "2-1"))
      let reading = try PDFReading(try await renderer.pdf(license, createTime: morning))
      var texts = [
        "营业执照", "（副本）", "2-1", "91210100XX0000019C", "沈阳测试㛃软件有限公司", "有限责任公司",
        layout.responsiblePersonLabel, "尤·测试·壬", layout.placeLabel, "辽宁省沈阳市和平区测试路1号",
        "软件开发；技术服务", "2017年10月09日", "长期", "沈阳市市场监督管理局", "2017年10月10日",
        "210100000000001",
      ]
      texts += license.capital == nil ? [] : [layout.capitalLabel, "壹佰万元整"]
      texts += license.composition == nil ? [] : ["组成形式", "个人经营"]
      for text in texts { #expect(reading.run.contains(text), "\(text)") }
      #expect(reading.information("Pages") == "1")
    }
  }

  @Test(
    "the original is landscape A3, a copy landscape A4",
    arguments: [
      (LicensePrint.Edition.original, "1190.55 x 841.89 pts (A3)"),
      (.copy(number: "1-1"), "841.846 x 595.306 pts (A4)"),
    ]
  )
  func pageSize(edition: LicensePrint.Edition, size: String) async throws {
    try await withRenderer { renderer in
      let bytes = try await renderer.pdf(Self.license(.company, edition), createTime: morning)
      #expect(try PDFReading(bytes).information("Page size") == size)
    }
  }

  @Test("a scope that doesn't fit goes to an annex whole", arguments: [300, 1_000, 10_000])
  func annex(count: Int) async throws {
    let scope = String(repeating: "销售机械设备、", count: count / 7)
    try await withRenderer { renderer in
      let license = Self.license(.company, .original, scope: scope)
      let reading = try PDFReading(try await renderer.pdf(license, createTime: morning))
      let isOnAnnex = reading.run.contains("（见附页）")
      #expect(isOnAnnex == (reading.pages.count > 1))
      #expect(isOnAnnex == reading.run.contains("营业执照附页"))
      #expect(isOnAnnex || count < 10_000)
      #expect(!isOnAnnex || count > 300)
      #expect(reading.run.count { $0 == "销" } == count / 7)
    }
  }

  @Test("the longest items allowed stay on the sheet and lose no character")
  func longestItems() async throws {
    var license = Self.license(.partnership, .copy(number: "1-1"))
    license.enterpriseName = String(repeating: "甲", count: 600)
    license.type = String(repeating: "乙", count: 600)
    license.responsiblePerson = String(repeating: "丙", count: 600)
    license.capital = String(repeating: "丁", count: 600)
    license.place = String(repeating: "戊", count: 600)
    license.authority = String(repeating: "己", count: 60)
    let fixed = license
    try await withRenderer { renderer in
      let reading = try PDFReading(try await renderer.pdf(fixed, createTime: morning))
      for character in "甲乙丙丁戊" {
        #expect(reading.run.count { $0 == character } == 600, "\(character)")
      }
      let face = reading.boxes.filter { $0.page == 1 }
      #expect(face.allSatisfy { $0.xMin > 43 && $0.xMax < 799 && $0.yMin > 43 && $0.yMax < 552 })
    }
  }

  @Test("a face item has at most 600 characters")
  func tooLongItem() async throws {
    var license = Self.license(.company, .original)
    license.place = String(repeating: "住", count: 601)
    let refused = license
    try await withRenderer { renderer in
      await #expect(
        throws: RenderingError.tooManyCharacters(field: "place", count: 601, limit: 600)
      ) { try await renderer.pdf(refused, createTime: morning) }
    }
  }

  @Test("a QR code holds at most 2,300 bytes", arguments: [(2_300, true), (2_301, false)])
  func qrLimit(bytes: Int, isAllowed: Bool) async throws {
    let license = Self.license(
      .company,
      .original,
      qrText: String(repeating: "q", count: bytes)
    )
    try await withRenderer { renderer in
      if isAllowed {
        _ = try await renderer.pdf(license, createTime: morning)
      } else {
        await #expect(throws: RenderingError.qrTextTooLong(bytes: 2_301, limit: 2_300)) {
          try await renderer.pdf(license, createTime: morning)
        }
      }
    }
  }
}
