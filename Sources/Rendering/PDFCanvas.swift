internal import CPango

/// What a PDF says about itself.
struct PDFMetadata: Sendable {
  var title: String
  var subject: String
  /// ISO 8601 in UTC, such as `2017-10-09T01:02:03Z`.
  var createTime: String
}

/// A PDF in memory: owner of one Cairo surface and context.
final class PDFCanvas {
  /// Where Cairo's stream callback writes.
  private final class Sink {
    var bytes: [UInt8] = []
  }

  private let surface: OpaquePointer
  let cairo: OpaquePointer
  private let sink: Sink

  /// Starts a PDF whose first page has this size, in points.
  ///
  /// - Throws: `drawingFailed`.
  init(width: Double, height: Double, metadata: PDFMetadata) throws(RenderingError) {
    let sink = Sink()
    let surface = cairo_pdf_surface_create_for_stream(
      { closure, data, length in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
          .bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
        return CAIRO_STATUS_SUCCESS
      },
      Unmanaged.passUnretained(sink).toOpaque(),
      width,
      height
    )
    guard let surface, cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else {
      cairo_surface_destroy(surface)
      throw .drawingFailed("cairo_pdf_surface_create_for_stream")
    }
    guard let cairo = cairo_create(surface) else {
      cairo_surface_destroy(surface)
      throw .drawingFailed("cairo_create")
    }
    self.sink = sink
    self.surface = surface
    self.cairo = cairo
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5)
    // Left unset, Cairo writes the current time and no two PDFs are equal.
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, metadata.createTime)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, metadata.createTime)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, metadata.title)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, metadata.subject)
  }

  deinit {
    // The surface writes to the sink until it is finished, at the latest here; the sink is freed
    // after this body.
    cairo_destroy(cairo)
    cairo_surface_finish(surface)
    cairo_surface_destroy(surface)
  }

  /// Ends the page and sets the size of the next, in points.
  func endPage(nextWidth: Double? = nil, nextHeight: Double? = nil) {
    cairo_show_page(cairo)
    if let nextWidth, let nextHeight {
      cairo_pdf_surface_set_size(surface, nextWidth, nextHeight)
    }
  }

  /// Draws what a layout placed, in black.
  func draw(_ marks: [Mark]) {
    for mark in marks {
      switch mark {
      case .text(let block, let line, let x, let baseline):
        cairo_set_source_rgb(cairo, 0, 0, 0)
        block.draw(line: line, x: x, baseline: baseline, on: cairo)
      case .rule(let x1, let y1, let x2, let y2, let weight):
        cairo_set_source_rgb(cairo, 0, 0, 0)
        cairo_set_line_width(cairo, weight)
        cairo_set_line_cap(cairo, CAIRO_LINE_CAP_SQUARE)
        cairo_move_to(cairo, x1, y1)
        cairo_line_to(cairo, x2, y2)
        cairo_stroke(cairo)
      case .fill(let x, let y, let width, let height, let gray):
        cairo_set_source_rgb(cairo, gray, gray, gray)
        cairo_rectangle(cairo, x, y, width, height)
        cairo_fill(cairo)
      }
    }
  }

  /// Draws every line of a block from its top left corner.
  func draw(_ block: TextBlock, x: Double, y: Double) {
    for line in block.lines.indices {
      let baseline = y + Double(line) * block.style.lineHeight + block.style.baseline
      block.draw(line: line, x: x, baseline: baseline, on: cairo)
    }
  }

  /// Draws the outlines of a block in black, so that its font need not be embedded, over the same text in
  /// white, by which whoever searches, copies or listens still finds it.
  func drawOutlines(_ block: TextBlock, hiding text: TextBlock, x: Double, y: Double) {
    cairo_set_source_rgb(cairo, 1, 1, 1)
    draw(text, x: x, y: y)
    cairo_set_source_rgb(cairo, 0, 0, 0)
    for line in block.lines.indices {
      let baseline = y + Double(line) * block.style.lineHeight + block.style.baseline
      block.trace(line: line, x: x, baseline: baseline, on: cairo)
      cairo_fill(cairo)
    }
  }

  /// Finishes the PDF.
  ///
  /// - Returns: Its bytes.
  /// - Throws: `drawingFailed` if any call on the way failed.
  func finish() throws(RenderingError) -> [UInt8] {
    try check(cairo_status(cairo))
    cairo_surface_finish(surface)
    try check(cairo_surface_status(surface))
    return sink.bytes
  }

  private func check(_ status: cairo_status_t) throws(RenderingError) {
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawingFailed(String(cString: cairo_status_to_string(status)))
    }
  }
}
