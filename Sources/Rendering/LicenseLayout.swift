internal import CPango

/// Lays a licence's face out on a landscape sheet and draws it.
///
/// All measures are those of the original, 420 × 297 mm, in points; a copy is the same face at 1/√2.
struct LicenseLayout {
  private static let width = 1190.55
  private static let height = 841.89
  private static let margin = 104.0
  private static let fieldsTop = 300.0
  private static let fieldsBottom = 740.0
  /// The size of labels, and of values that have room.
  private static let faceSize = 18.0

  private let license: LicensePrint
  private let code: QRCode?
  private let typesetter: Typesetter

  init(_ license: LicensePrint, code: QRCode?, typesetter: Typesetter) {
    self.license = license
    self.code = code
    self.typesetter = typesetter
  }

  /// Draws face and annex.
  ///
  /// - Throws: `tooManyPages`, `drawingFailed`.
  func pdf(_ metadata: PDFMetadata) throws(RenderingError) -> [UInt8] {
    let scale =
      switch license.edition {
      case .original: 1.0
      case .copy: 0.5.squareRoot()
      }
    let canvas = try PDFCanvas(
      width: Self.width * scale,
      height: Self.height * scale,
      metadata: metadata
    )
    cairo_save(canvas.cairo)
    cairo_scale(canvas.cairo, scale, scale)
    LicenseFrame(width: Self.width, height: Self.height).draw(on: canvas)
    cairo_set_source_rgb(canvas.cairo, 0, 0, 0)
    drawHead(on: canvas)
    let authority = drawAuthority(on: canvas)
    let annex = drawFields(above: authority, on: canvas)
    cairo_restore(canvas.cairo)
    if annex.isEmpty {
      canvas.endPage()
    } else {
      canvas.endPage(nextWidth: PageGeometry.a4.width, nextHeight: PageGeometry.a4.height)
      try drawAnnex(annex, on: canvas)
    }
    return try canvas.finish()
  }

  // MARK: Head and foot

  private func title(in style: TextStyle) -> TextBlock {
    typesetter.block("营业执照", style: style, width: Self.width, alignment: .center)
  }

  private func drawHead(on canvas: PDFCanvas) {
    let style = TextStyle(typeface: .fineSong, isBold: true, size: 66, lineHeight: 90, spacing: 22)
    canvas.drawOutlines(title(in: style), hiding: title(in: style.embeddable), x: 0, y: 128)
    if case .copy(let number) = license.edition {
      let copy = typesetter.block(
        "（副本）　\(number)",
        style: TextStyle(size: 25, lineHeight: 34),
        width: Self.width,
        alignment: .center
      )
      canvas.draw(copy, x: 0, y: 222)
    }
    let label = TextStyle(typeface: .hei, size: 15, lineHeight: 24)
    let value = TextStyle(typeface: .hei, size: 20, lineHeight: 30)
    let note = TextStyle(size: 12, lineHeight: 20)
    canvas.draw(
      typesetter.block("统一社会信用代码", style: label, width: nil),
      x: Self.margin,
      y: 92
    )
    let creditCode = typesetter.block(license.creditCode, style: value, width: 260)
    canvas.draw(creditCode, x: Self.margin, y: 116)
    if let serial = license.serialNumber {
      canvas.draw(
        typesetter.block("编号　\(serial)", style: note, width: 260),
        x: Self.margin,
        y: 122 + creditCode.height
      )
    }
    drawCode(on: canvas)
    let duty = typesetter.block(
      "市场主体应当于每年1月1日至6月30日通过国家企业信用信息公示系统报送公示年度报告",
      style: note,
      width: Self.width,
      alignment: .center
    )
    canvas.draw(duty, x: 0, y: Self.height - 86)
  }

  /// Draws the QR code at the upper right, larger the more modules it has.
  private func drawCode(on canvas: PDFCanvas) {
    guard let code else { return }
    let side = min(max(Double(code.size) * 1.05, 104), 176)
    let module = side / Double(code.size)
    let left = Self.width - Self.margin - side
    let top = 90.0
    cairo_set_source_rgb(canvas.cairo, 1, 1, 1)
    cairo_rectangle(
      canvas.cairo,
      left - 4 * module,
      top - 4 * module,
      side + 8 * module,
      side + 8 * module
    )
    cairo_fill(canvas.cairo)
    cairo_set_source_rgb(canvas.cairo, 0, 0, 0)
    for y in 0..<code.size {
      var x = 0
      while x < code.size {
        let start = x
        while x < code.size, code.modules[y * code.size + x] { x += 1 }
        if x > start {
          cairo_rectangle(
            canvas.cairo,
            left + Double(start) * module,
            top + Double(y) * module,
            Double(x - start) * module,
            module
          )
        }
        x += 1
      }
    }
    cairo_fill(canvas.cairo)
    let caption = typesetter.block(
      "扫描二维码核验本执照",
      style: TextStyle(size: 10.5, lineHeight: 16),
      width: side + 40,
      alignment: .center
    )
    canvas.draw(caption, x: left - 20, y: top + side + 4 * module + 1)
  }

  /// Draws who issued the licence, and when, at the lower right.
  ///
  /// - Returns: Where it begins, in points from the top.
  private func drawAuthority(on canvas: PDFCanvas) -> Double {
    let width = 400.0
    let x = Self.width - Self.margin - width
    let label = TextStyle(typeface: .hei, size: 18, lineHeight: 32, spacing: 6)
    let value = TextStyle(size: 18, lineHeight: 30)
    let lines = [
      typesetter.block("登记机关", style: label, width: width, alignment: .center),
      typesetter.block(license.authority, style: value, width: width, alignment: .center),
      typesetter.block(license.issueDate, style: value, width: width, alignment: .center),
    ]
    let top = Self.fieldsBottom - lines.map(\.height).reduce(0, +)
    var y = top
    for line in lines {
      canvas.draw(line, x: x, y: y)
      y += line.height
    }
    return top
  }

  // MARK: Fields

  /// A labelled value on the face.
  private struct Item {
    let label: String
    let value: String
    /// What is printed as the value: itself, or that it stands on the annex.
    var printed: String
    var isOnAnnex: Bool { printed != value }

    init(_ label: String, _ value: String) {
      self.label = label
      self.value = value
      printed = value
    }
  }

  /// Draws the two columns, the right one above the issuing authority.
  ///
  /// - Returns: The items that did not fit and go to the annex.
  private func drawFields(above authority: Double, on canvas: PDFCanvas) -> [Item] {
    var left = [
      Item("名称", license.enterpriseName), Item("类型", license.type),
      Item(license.responsiblePersonLabel, license.responsiblePerson),
    ]
    if let composition = license.composition { left.append(Item("组成形式", composition)) }
    var right: [Item] = []
    if let capital = license.capital { right.append(Item(license.capitalLabel, capital)) }
    right.append(Item("成立日期", license.establishDate))
    if let term = license.term { right.append(Item("营业期限", term)) }
    right.append(Item(license.placeLabel, license.place))
    let height = Self.fieldsBottom - Self.fieldsTop
    var scope = [Item("经营范围", license.businessScope)]
    let upper = Column(x: Self.margin, width: 506, height: height * 0.6, labels: left)
    let used = draw(&left, in: upper, top: Self.fieldsTop, leastSize: 11, on: canvas)
    let lower = Column(x: upper.x, width: upper.width, height: height - used, labels: left)
    _ = draw(&scope, in: lower, top: Self.fieldsTop + used, leastSize: 9, on: canvas)
    let other = Column(
      x: Self.margin + 556,
      width: 426,
      height: authority - 20 - Self.fieldsTop,
      labels: right
    )
    _ = draw(&right, in: other, top: Self.fieldsTop, leastSize: 11, on: canvas)
    return (left + scope + right).filter(\.isOnAnnex)
  }

  /// Where a column of fields stands, in points.
  private struct Column {
    let x: Double
    let width: Double
    let height: Double
    /// How wide all its labels are spread.
    let labelWidth: Double

    init(x: Double, width: Double, height: Double, labels: [Item]) {
      self.x = x
      self.width = width
      self.height = height
      labelWidth = Double(max(labels.map(\.label.count).max() ?? 0, 5)) * LicenseLayout.faceSize
    }

    /// Where values start, from the column's left edge.
    var valueX: Double { labelWidth + 1.4 * LicenseLayout.faceSize }
  }

  /// Draws items at the largest size at which they fit; at the smallest, the longest values move to the
  /// annex until the rest fits.
  ///
  /// - Returns: The height used, in points.
  private func draw(
    _ items: inout [Item],
    in column: Column,
    top: Double,
    leastSize: Int,
    on canvas: PDFCanvas
  ) -> Double {
    while true {
      for size in stride(from: Int(Self.faceSize), through: leastSize, by: -1) {
        let size = Double(size)
        guard couldFit(items, in: column, size: size) else { continue }
        let rows = rows(items, in: column, size: size)
        let gap = size * 0.75
        let height = rows.map { $0.height + gap }.reduce(0, +)
        guard height <= column.height else { continue }
        var y = top
        for row in rows {
          canvas.draw(row.label, x: column.x, y: y)
          // On one baseline with the label, whatever the value's size.
          let drop = row.label.style.baseline - row.value.style.baseline
          canvas.draw(row.value, x: column.x + column.valueX, y: y + drop)
          y += row.height + gap
        }
        return height
      }
      let longest = items.indices.max {
        items[$0].printed.utf8.count < items[$1].printed.utf8.count
      }
      guard let longest, !items[longest].isOnAnnex else { return 0 }
      items[longest].printed = "（见附页）"
    }
  }

  /// Whether the characters' area alone leaves any chance; spares laying out what is far too long.
  private func couldFit(_ items: [Item], in column: Column, size: Double) -> Bool {
    let characters = items.map { $0.printed.unicodeScalars.count }.reduce(0, +)
    return Double(characters) * size * size * 0.3 <= column.width * column.height
  }

  /// A label and its value, laid out.
  private struct FaceRow {
    let label: TextBlock
    let value: TextBlock
    var height: Double { max(label.height, value.height) }
  }

  private func rows(_ items: [Item], in column: Column, size: Double) -> [FaceRow] {
    items.map { item in
      // Labels are spread to one width, as on every Chinese form.
      let count = Double(item.label.count)
      let spacing = count > 1 ? (column.labelWidth - count * Self.faceSize) / (count - 1) : 0
      let style = TextStyle(
        typeface: .hei,
        size: Self.faceSize,
        lineHeight: Self.faceSize * 1.6,
        spacing: spacing
      )
      return FaceRow(
        label: typesetter.block(item.label, style: style, width: nil),
        value: typesetter.block(
          item.printed,
          style: TextStyle(size: size, lineHeight: size * 1.6),
          width: column.width - column.valueX
        )
      )
    }
  }

  // MARK: Annex

  private func drawAnnex(_ items: [Item], on canvas: PDFCanvas) throws(RenderingError) {
    let document = PrintedDocument(
      title: "营业执照附页",
      number: "统一社会信用代码　\(license.creditCode)",
      sections: items.map { .init($0.label, [.paragraph($0.value)]) },
      issuer: .init(authority: license.authority, date: license.issueDate)
    )
    var layout = DocumentLayout(document, typesetter: typesetter)
    for page in try layout.pages() {
      canvas.draw(page)
      canvas.endPage()
    }
  }
}
