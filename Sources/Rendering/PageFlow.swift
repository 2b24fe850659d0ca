/// The measures of a page, in points.
struct PageGeometry: Sendable, Hashable {
  var width: Double
  var height: Double
  var left: Double
  var right: Double
  var top: Double
  var bottom: Double

  var contentWidth: Double { width - left - right }
  var contentHeight: Double { height - top - bottom }

  /// A4 portrait, 210 × 297 mm, with margins of 25 mm.
  static let a4 = PageGeometry(
    width: 595.28,
    height: 841.89,
    left: 71,
    right: 71,
    top: 76,
    bottom: 68
  )
}

/// One thing drawn on a page, from its top left corner, in points.
enum Mark {
  case text(TextBlock, line: Int, x: Double, baseline: Double)
  case rule(x1: Double, y1: Double, x2: Double, y2: Double, weight: Double)
  case fill(x: Double, y: Double, width: Double, height: Double, gray: Double)

  /// The same mark, higher up on the page.
  func raised(by height: Double) -> Mark {
    switch self {
    case .text(let block, let line, let x, let baseline):
      .text(block, line: line, x: x, baseline: baseline - height)
    case .rule(let x1, let y1, let x2, let y2, let weight):
      .rule(x1: x1, y1: y1 - height, x2: x2, y2: y2 - height, weight: weight)
    case .fill(let x, let y, let width, let high, let gray):
      .fill(x: x, y: y - height, width: width, height: high, gray: gray)
    }
  }
}

/// Places blocks and rows one below the other and breaks pages; nothing is drawn yet, so that the
/// number of pages is known before the first page is.
struct PageFlow {
  let geometry: PageGeometry
  let pageLimit: Int
  private(set) var pages: [[Mark]] = [[]]
  private var cursor: Double
  /// A heading with nothing below it yet: its first mark and its top.
  private var openHeading: (firstMark: Int, top: Double)?

  init(geometry: PageGeometry, pageLimit: Int) {
    self.geometry = geometry
    self.pageLimit = pageLimit
    cursor = geometry.top
  }

  /// What is left of this page, in points.
  var remaining: Double { geometry.height - geometry.bottom - cursor }
  /// Nothing but perhaps a heading stands above.
  private var isAtTop: Bool { cursor <= geometry.top || openHeading?.top == geometry.top }

  /// Leaves space, except at the top of a page.
  mutating func space(_ height: Double) {
    if cursor > geometry.top { cursor += height }
  }

  /// Starts a new page unless `height` is left on this one.
  mutating func reserve(_ height: Double) throws(RenderingError) {
    if remaining < height, !isAtTop { try breakPage() }
  }

  /// Places a heading; if what follows opens a new page, the heading goes there with it.
  mutating func add(heading block: TextBlock, spaceBelow: Double) throws(RenderingError) {
    try reserve(block.height + spaceBelow)
    let start = (firstMark: pages[pages.count - 1].count, top: cursor)
    try add(block)
    cursor += spaceBelow
    // One of several pages stays where it is.
    if pages[pages.count - 1].count - start.firstMark == block.lines.count { openHeading = start }
  }

  /// Places a block's lines, with no single line of a paragraph alone on a page.
  ///
  /// - Parameters:
  ///   - block: What to place.
  ///   - x: Where the block's left edge stands, from the left margin.
  ///   - marker: A one-line block beside the first line, such as a list's number.
  /// - Throws: `tooManyPages`.
  mutating func add(
    _ block: TextBlock,
    x: Double = 0,
    marker: (block: TextBlock, x: Double)? = nil
  ) throws(RenderingError) {
    let height = block.style.lineHeight
    let count = block.lines.count
    for index in 0..<count {
      // First two lines together, last two lines together.
      let together = (index == 0 && count > 1) || index == count - 2 ? 2 : 1
      try reserve(Double(together) * height - 0.01)
      let baseline = cursor + block.style.baseline
      if index == 0, let marker {
        append(.text(marker.block, line: 0, x: geometry.left + marker.x, baseline: baseline))
      }
      append(.text(block, line: index, x: geometry.left + x, baseline: baseline))
      cursor += height
    }
  }

  /// Places a row of cells; a row too tall for what is left moves to the next page if it is short, and
  /// is continued on the next page if it is long.
  ///
  /// - Parameters:
  ///   - row: What to place.
  ///   - header: Repeated at the top of each page that the row opens.
  /// - Throws: `tooManyPages`.
  mutating func add(_ row: Row, header: Row? = nil) throws(RenderingError) {
    if row.height <= remaining {
      place(row, lines: 0..<row.lineCount, height: row.height)
      return
    }
    if row.isShort || row.linesFitting(remaining) < 3 {
      if !isAtTop { try openPage(with: header) }
      if row.height <= remaining {
        place(row, lines: 0..<row.lineCount, height: row.height)
        return
      }
    }
    var first = 0
    while first < row.lineCount {
      let fitting = max(row.linesFitting(remaining), 1)
      let last = min(first + fitting, row.lineCount)
      place(row, lines: first..<last, height: row.height(lines: last - first))
      first = last
      if first < row.lineCount { try openPage(with: header) }
    }
  }

  /// Starts a new page.
  mutating func breakPage() throws(RenderingError) {
    guard pages.count < pageLimit else { throw .tooManyPages(limit: pageLimit) }
    guard let heading = openHeading, heading.top > geometry.top else {
      pages.append([])
      cursor = geometry.top
      return
    }
    openHeading = nil
    let last = pages.count - 1
    let rise = heading.top - geometry.top
    pages.append(pages[last][heading.firstMark...].map { $0.raised(by: rise) })
    pages[last].removeSubrange(heading.firstMark...)
    cursor -= rise
  }

  /// Adds marks to a page that is already laid out, as running headers and page numbers are.
  mutating func stamp(_ marks: [Mark], onPage index: Int) {
    pages[index] += marks
  }

  private mutating func append(_ mark: Mark) {
    pages[pages.count - 1].append(mark)
    openHeading = nil
  }

  private mutating func openPage(with header: Row?) throws(RenderingError) {
    try breakPage()
    if let header { place(header, lines: 0..<header.lineCount, height: header.height) }
  }

  /// Draws the frame of a row and the given lines of its cells.
  private mutating func place(_ row: Row, lines: Range<Int>, height: Double) {
    let top = cursor
    let bottom = cursor + height
    var x = geometry.left
    for cell in row.cells {
      if cell.isShaded {
        append(.fill(x: x, y: top, width: cell.width, height: height, gray: 0.945))
      }
      // A label that fits stands on each page that its row reaches.
      let repeats = cell.isShaded && cell.block.lines.count <= lines.count
      let shown =
        repeats ? 0..<cell.block.lines.count : lines.clamped(to: 0..<cell.block.lines.count)
      let style = cell.block.style
      let isWhole = shown.count == cell.block.lines.count
      let slack = height - Double(shown.count) * style.lineHeight
      var y = top + (isWhole ? slack / 2 : Row.verticalPadding)
      for line in shown {
        append(
          .text(cell.block, line: line, x: x + Row.horizontalPadding, baseline: y + style.baseline)
        )
        y += style.lineHeight
      }
      append(.rule(x1: x, y1: top, x2: x, y2: bottom, weight: 0.5))
      x += cell.width
    }
    append(.rule(x1: x, y1: top, x2: x, y2: bottom, weight: 0.5))
    append(.rule(x1: geometry.left, y1: top, x2: x, y2: top, weight: 0.5))
    append(.rule(x1: geometry.left, y1: bottom, x2: x, y2: bottom, weight: 0.5))
    cursor = bottom
  }
}

/// A framed row of cells.
struct Row {
  /// A cell and its outer width, in points.
  struct Cell {
    let block: TextBlock
    let width: Double
    var isShaded = false
  }

  static let horizontalPadding = 5.0
  static let verticalPadding = 4.0

  let cells: [Cell]
  var minimumHeight = 0.0

  /// The lines of the longest cell.
  var lineCount: Int { cells.map(\.block.lines.count).max() ?? 0 }
  var height: Double { height(lines: lineCount) }
  /// Whether the row is moved to the next page rather than broken.
  var isShort: Bool { lineCount <= 8 }
  /// What must be left of a page for the row to begin there.
  var leadingHeight: Double { isShort ? height : height(lines: 3) }
  private var lineHeight: Double { cells.map(\.block.style.lineHeight).max() ?? 0 }

  func height(lines: Int) -> Double {
    max(Double(lines) * lineHeight + 2 * Row.verticalPadding, minimumHeight)
  }

  func linesFitting(_ height: Double) -> Int {
    guard height >= minimumHeight else { return 0 }
    return max(Int((height - 2 * Row.verticalPadding) / lineHeight), 0)
  }
}
