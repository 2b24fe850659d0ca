/// Lays a document out in pages, top to bottom.
struct DocumentLayout {
  private let typesetter: Typesetter
  private let document: PrintedDocument
  private let footer: TextBlock?
  private var flow: PageFlow
  private var width: Double { flow.geometry.contentWidth }

  init(_ document: PrintedDocument, typesetter: Typesetter) {
    self.document = document
    self.typesetter = typesetter
    var geometry = PageGeometry.a4
    if document.footer.isEmpty {
      footer = nil
    } else {
      let block = typesetter.block(
        document.footer,
        style: .note,
        width: geometry.contentWidth,
        alignment: .center
      )
      geometry.bottom += block.height
      footer = block
    }
    flow = PageFlow(geometry: geometry, pageLimit: RenderingLimits.pages)
  }

  /// The finished pages, with running headers and page numbers.
  ///
  /// - Throws: `tooManyPages`.
  mutating func pages() throws(RenderingError) -> [[Mark]] {
    try addTitle()
    for section in document.sections { try add(section) }
    try addDeclaration()
    try addSignatures()
    try addIssuer()
    stampPages()
    return flow.pages
  }

  private mutating func addTitle() throws(RenderingError) {
    try flow.add(
      typesetter.block(document.title, style: .title, width: width, alignment: .center)
    )
    if let number = document.number {
      flow.space(6)
      try flow.add(typesetter.block(number, style: .cell, width: width, alignment: .center))
    }
    flow.space(16)
    if let addressee = document.addressee {
      try flow.add(typesetter.block(addressee, style: .body, width: width))
    }
  }

  private mutating func add(_ section: PrintedDocument.Section) throws(RenderingError) {
    if let heading = section.heading {
      let block = typesetter.block(heading, style: .heading, width: width)
      flow.space(10)
      try flow.add(heading: block, spaceBelow: 4)
    }
    for block in section.blocks {
      switch block {
      case .paragraph(let text): try add(paragraph: text)
      case .list(let items, let ordered): try add(list: items, ordered: ordered)
      case .fields(let fields): try add(fields: fields)
      case .table(let table): try add(table)
      }
    }
  }

  private mutating func add(paragraph text: String) throws(RenderingError) {
    try flow.add(
      typesetter.block(
        text,
        style: .body,
        width: width,
        isJustified: true,
        indent: 2 * TextStyle.body.size
      )
    )
  }

  private mutating func add(list items: [String], ordered: Bool) throws(RenderingError) {
    let indent = 2 * TextStyle.body.size
    for (index, item) in items.enumerated() {
      let marker = typesetter.block(
        ordered ? "\(index + 1)．" : "·",
        style: .body,
        width: nil
      )
      let hang = indent + max(marker.width, TextStyle.body.size) + 2
      let block = typesetter.block(item, style: .body, width: width - hang, isJustified: true)
      try flow.add(block, x: hang, marker: (marker, indent))
    }
  }

  private mutating func add(_ table: PrintedDocument.Table) throws(RenderingError) {
    flow.space(4)
    let total = table.columns.map(\.weight).reduce(0, +)
    let widths = table.columns.map { $0.weight / total * width }
    let header = Row(
      cells: zip(table.columns, widths).map { column, width in
        cell(column.title, style: .cellLabel, width: width, alignment: .center, isShaded: true)
      }
    )
    guard header.height <= flow.geometry.contentHeight / 2 else {
      throw .malformedTable("column titles taller than half a page")
    }
    let alignments = table.columns.map(\.alignment)
    for (index, texts) in table.rows.enumerated() {
      let row = Row(
        cells: texts.indices.map { index in
          cell(texts[index], style: .cell, width: widths[index], alignment: alignments[index])
        }
      )
      if index == 0 {
        try flow.reserve(header.height + row.leadingHeight)
        try flow.add(header)
      }
      try flow.add(row, header: header)
    }
    if table.rows.isEmpty { try flow.add(header) }
    flow.space(8)
  }

  private mutating func addDeclaration() throws(RenderingError) {
    guard let declaration = document.declaration else { return }
    flow.space(14)
    let block = typesetter.block(
      declaration,
      style: .cell,
      width: width - 2 * Row.horizontalPadding,
      isJustified: true,
      indent: 2 * TextStyle.cell.size
    )
    try flow.add(Row(cells: [Row.Cell(block: block, width: width)]))
  }

  private mutating func addSignatures() throws(RenderingError) {
    guard !document.signatureBlocks.isEmpty else { return }
    flow.space(14)
    let shares = [0.22, 0.28, 0.28, 0.22]
    let header = Row(
      cells: zip(["签署人身份", "姓名（名称）", "签名", "日期"], shares).map { title, share in
        cell(title, style: .cellLabel, width: share * width, alignment: .center, isShaded: true)
      }
    )
    let rows = document.signatureBlocks.map { block in
      Row(
        cells: zip([block.role, block.name, "", "年　　月　　日"], shares).map { text, share in
          cell(text, style: .cell, width: share * width, alignment: .center)
        },
        minimumHeight: 36
      )
    }
    try flow.reserve(header.height + (rows.first?.leadingHeight ?? 0))
    try flow.add(header)
    for row in rows { try flow.add(row, header: header) }
  }

  private mutating func addIssuer() throws(RenderingError) {
    guard let issuer = document.issuer else { return }
    flow.space(36)
    let width = width * 0.55
    let x = flow.geometry.contentWidth - width
    let authority = typesetter.block(
      issuer.authority,
      style: .body,
      width: width,
      alignment: .center
    )
    let date = typesetter.block(issuer.date, style: .body, width: width, alignment: .center)
    try flow.reserve(authority.height + date.height)
    try flow.add(authority, x: x)
    try flow.add(date, x: x)
  }

  private func cell(
    _ text: String,
    style: TextStyle,
    width: Double,
    alignment: PrintedDocument.Alignment = .leading,
    isShaded: Bool = false
  ) -> Row.Cell {
    let block = typesetter.block(
      text,
      style: style,
      width: width - 2 * Row.horizontalPadding,
      alignment: alignment
    )
    return Row.Cell(block: block, width: width, isShaded: isShaded)
  }
}

// MARK: Field tables

extension DocumentLayout {
  /// Labels take a fixed share of a line; two fields share a line when both values fit on one line
  /// of half the width.
  private mutating func add(fields: [PrintedDocument.Field]) throws(RenderingError) {
    flow.space(2)
    let label = width * 0.215
    let half = width / 2 - label
    var index = 0
    while index < fields.count {
      let field = fields[index]
      if index + 1 < fields.count, let left = short(field, label: label, value: half),
        let right = short(fields[index + 1], label: label, value: half)
      {
        try flow.add(Row(cells: left + right, minimumHeight: 27))
        index += 2
      } else {
        let cells = [
          cell(field.label, style: .cellLabel, width: label, alignment: .center, isShaded: true),
          cell(field.value, style: .cell, width: width - label),
        ]
        try flow.add(Row(cells: cells, minimumHeight: 27))
        index += 1
      }
    }
    flow.space(8)
  }

  /// The two cells of a field in half a line, or nil if the value needs more.
  private func short(
    _ field: PrintedDocument.Field,
    label: Double,
    value: Double
  ) -> [Row.Cell]? {
    // No value of more than this many characters fits; laying it out only to see so would be waste.
    guard field.value.utf8.count <= 120 else { return nil }
    let valueCell = cell(field.value, style: .cell, width: value)
    guard valueCell.block.lines.count == 1 else { return nil }
    return [
      cell(field.label, style: .cellLabel, width: label, alignment: .center, isShaded: true),
      valueCell,
    ]
  }
}

// MARK: Running headers and page numbers

extension DocumentLayout {
  private mutating func stampPages() {
    let geometry = flow.geometry
    let width = geometry.contentWidth
    let count = flow.pages.count
    for index in 0..<count {
      var marks: [Mark] = []
      if index > 0 {
        let number = typesetter.block(
          (document.number ?? "").replacing("\n", with: " "),
          style: .note,
          width: width * 0.7,
          alignment: .trailing,
          isEllipsized: true
        )
        let title = typesetter.block(
          document.title.replacing("\n", with: " "),
          style: .note,
          width: width - number.width - 12,
          isEllipsized: true
        )
        marks += [
          .text(title, line: 0, x: geometry.left, baseline: 52),
          .text(number, line: 0, x: geometry.left + width * 0.3, baseline: 52),
          .rule(x1: geometry.left, y1: 58, x2: geometry.left + width, y2: 58, weight: 0.4),
        ]
      }
      var y = geometry.height - geometry.bottom + 20
      if let footer {
        for line in footer.lines.indices {
          marks.append(
            .text(footer, line: line, x: geometry.left, baseline: y + TextStyle.note.baseline)
          )
          y += TextStyle.note.lineHeight
        }
      }
      let number = typesetter.block(
        "第 \(index + 1) 页　共 \(count) 页",
        style: .note,
        width: width,
        alignment: .center
      )
      marks.append(
        .text(number, line: 0, x: geometry.left, baseline: y + TextStyle.note.baseline)
      )
      flow.stamp(marks, onPage: index)
    }
  }
}
