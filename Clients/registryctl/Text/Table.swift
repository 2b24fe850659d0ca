/// Rows under headings, the columns as wide as their widest cell.
struct Table: Equatable {
  let headings: [String]
  let rows: [[String]]

  /// Where a terminal has no room, cells of prose are cut at this width; names and codes, which are
  /// copied, never.
  static let widestCell = 48
  private static let gap = 2

  /// The lines of the table, and the headings of the columns for which there was no room.
  ///
  /// - Parameter width: The columns of the terminal; nil if there is none.
  /// - Returns: The lines without trailing spaces, the heading first.
  func lines(width: Int? = nil) -> (lines: [String], leftOut: [String]) {
    var cells = [headings] + rows
    var widths = Self.widths(of: cells)
    var shown = headings.count
    if let width, Self.total(widths) > width {
      cells = cells.map { $0.map(Self.fitting) }
      widths = Self.widths(of: cells)
      while shown > 1, Self.total(widths[..<shown]) > width { shown -= 1 }
    }
    let lines = cells.map { row in
      let padded = (0..<shown).map { TextWidth.padded(row[$0], to: widths[$0]) }
      var line = padded.joined(separator: String(repeating: " ", count: Self.gap))
      while line.last == " " { line.removeLast() }
      return line
    }
    return (lines, Array(headings[shown...]))
  }

  /// The width of each column.
  private static func widths(of cells: [[String]]) -> [Int] {
    (cells.first ?? []).indices.map { column in
      cells.map { TextWidth.of($0[column]) }.max() ?? 0
    }
  }

  /// The width of a line.
  private static func total(_ widths: some Sequence<Int>) -> Int {
    widths.reduce(-gap) { $0 + $1 + gap }
  }

  private static func fitting(_ cell: String) -> String {
    let isCode = cell.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    return isCode ? cell : TextWidth.cut(cell, to: widestCell)
  }
}
