/// Why a document could not be rendered.
///
/// No value of the document is repeated here.
package enum RenderingError: Error, Sendable, Hashable {
  /// A text, or all texts together (`document`), have more characters than allowed.
  case tooManyCharacters(field: String, count: Int, limit: Int)
  /// The document needs more pages than allowed.
  case tooManyPages(limit: Int)
  /// A table has no column or more than 12, a weight out of range, a row of another length, or there
  /// are more cells, fields or list items than allowed.
  case malformedTable(String)
  /// A text holds a control character, or one that turns the direction of writing and so could make
  /// the paper say another thing than the data; or a line feed where a line is needed.
  case forbiddenCharacter(field: String, scalar: Unicode.Scalar)
  /// The text of the QR code has more bytes than allowed.
  case qrTextTooLong(bytes: Int, limit: Int)
  /// No installed font draws Chinese text; README.md names the packages that do.
  case fontsMissing
  /// Cairo or Pango failed, in its own words.
  case drawingFailed(String)
}

/// The bounds of what is rendered.
///
/// Checked before and during layout, never by cutting text off.
package enum RenderingLimits {
  /// Characters (Unicode scalars) of one document or licence, all texts together.
  package static let characters = 200_000
  /// Characters of a title, heading, number, addressee or footer.
  package static let titleCharacters = 200
  /// Characters of a face item of a licence other than the business scope.
  package static let faceItemCharacters = 600
  /// Pages of one PDF.
  package static let pages = 400
  /// Table cells, fields and list items of one document.
  package static let cells = 20_000
  /// Columns of a table.
  package static let columns = 12
  /// Bytes of the text in a licence's QR code.
  package static let qrBytes = 2_300
}

extension RenderingLimits {
  /// Checks length and characters of the texts of one document.
  ///
  /// Where `isOneLine` says so of a field, line feeds are refused too.
  ///
  /// - Throws: `tooManyCharacters` or `forbiddenCharacter`.
  static func check(
    _ texts: [(field: String, text: String, limit: Int)],
    isOneLine: (String) -> Bool
  ) throws(RenderingError) {
    var total = 0
    for (field, text, limit) in texts {
      let count = text.unicodeScalars.count
      guard count <= limit else {
        throw .tooManyCharacters(field: field, count: count, limit: limit)
      }
      total += count
      let isOneLine = isOneLine(field)
      for scalar in text.unicodeScalars
      where isForbidden(scalar) || (isOneLine && scalar == "\n") {
        throw .forbiddenCharacter(field: field, scalar: scalar)
      }
    }
    guard total <= characters else {
      throw .tooManyCharacters(field: "document", count: total, limit: characters)
    }
  }

  /// Controls other than tab and line feed, bidirectional controls, and noncharacters.
  ///
  /// Source: Unicode Standard 15.0, chapter 23.2 (layout controls), UAX #9 section 2.
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    case 0xFEFF, 0xFFF9...0xFFFB: true
    default: scalar.properties.isNoncharacterCodePoint
    }
  }
}

extension PrintedDocument {
  /// Checks the shape of the tables and the number of cells.
  ///
  /// - Throws: `malformedTable`.
  func checkTables() throws(RenderingError) {
    var cells = signatureBlocks.count
    for block in sections.flatMap(\.blocks) {
      switch block {
      case .paragraph: cells += 1
      case .list(let items, _): cells += items.count
      case .fields(let fields): cells += fields.count
      case .table(let table):
        try table.checkShape()
        cells += table.rows.count * table.columns.count
      }
    }
    guard cells <= RenderingLimits.cells else {
      throw .malformedTable("\(cells) cells, at most \(RenderingLimits.cells)")
    }
  }
}

extension PrintedDocument.Table {
  /// Checks the number of columns, their weights, and the length of each row.
  fileprivate func checkShape() throws(RenderingError) {
    guard (1...RenderingLimits.columns).contains(columns.count) else {
      throw .malformedTable("\(columns.count) columns, 1 to \(RenderingLimits.columns)")
    }
    for column in columns where !(0.2...20).contains(column.weight) {
      throw .malformedTable("a column of weight \(column.weight), 0.2 to 20")
    }
    for (index, row) in rows.enumerated() where row.count != columns.count {
      throw .malformedTable("row \(index + 1) has \(row.count) cells, not \(columns.count)")
    }
  }
}
