internal import CPango

/// A text laid out in lines: owner of one Pango layout.
final class TextBlock {
  /// One line: what Pango draws, and where it starts and how wide it is, in points.
  struct Line {
    let pointer: UnsafeMutablePointer<PangoLayoutLine>
    let x: Double
    let width: Double
  }

  let style: TextStyle
  let lines: [Line]
  /// The code points that no installed font draws.
  let missing: Set<UInt32>
  private let layout: OpaquePointer?

  /// The height of all lines, in points.
  var height: Double { Double(lines.count) * style.lineHeight }
  /// The width of the widest line, in points.
  var width: Double { lines.map(\.width).max() ?? 0 }

  init(
    _ text: String,
    style: TextStyle,
    width: Double?,
    alignment: PrintedDocument.Alignment = .leading,
    isJustified: Bool = false,
    indent: Double = 0,
    isEllipsized: Bool = false,
    context: OpaquePointer
  ) {
    self.style = style
    layout = pango_layout_new(context)
    let description = pango_font_description_from_string(style.typeface.families)
    pango_font_description_set_absolute_size(description, style.size * scale)
    pango_font_description_set_weight(
      description,
      style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL
    )
    pango_layout_set_font_description(layout, description)
    pango_font_description_free(description)
    pango_layout_set_auto_dir(layout, 0)
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
    pango_layout_set_indent(layout, Int32(indent * scale))
    pango_layout_set_justify(layout, isJustified ? 1 : 0)
    if let width { pango_layout_set_width(layout, Int32(max(width, 1) * scale)) }
    if isEllipsized { pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END) }
    switch alignment {
    case .leading: pango_layout_set_alignment(layout, PANGO_ALIGN_LEFT)
    case .center: pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER)
    case .trailing: pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT)
    }
    if style.spacing != 0 {
      let attributes = pango_attr_list_new()
      pango_attr_list_insert(
        attributes,
        pango_attr_letter_spacing_new(Int32(style.spacing * scale))
      )
      pango_layout_set_attributes(layout, attributes)
      pango_attr_list_unref(attributes)
    }
    pango_layout_set_text(layout, text, Int32(text.utf8.count))
    missing =
      pango_layout_get_unknown_glyphs_count(layout) > 0 ? TextBlock.missing(in: layout) : []
    lines = TextBlock.lines(of: layout)
  }

  deinit {
    if let layout { g_object_unref(UnsafeMutableRawPointer(layout)) }
  }

  /// Draws one line with its baseline at (`x`, `baseline`).
  func draw(line index: Int, x: Double, baseline: Double, on cairo: OpaquePointer) {
    cairo_move_to(cairo, x + lines[index].x, baseline)
    pango_cairo_show_layout_line(cairo, lines[index].pointer)
  }

  /// Makes the outlines of one line, with its baseline at (`x`, `baseline`), the path to fill.
  func trace(line index: Int, x: Double, baseline: Double, on cairo: OpaquePointer) {
    cairo_move_to(cairo, x + lines[index].x, baseline)
    pango_cairo_layout_line_path(cairo, lines[index].pointer)
  }

  /// The lines, which live as long as the layout.
  private static func lines(of layout: OpaquePointer?) -> [Line] {
    guard let iterator = pango_layout_get_iter(layout) else { return [] }
    defer { pango_layout_iter_free(iterator) }
    var lines: [Line] = []
    repeat {
      var logical = PangoRectangle()
      pango_layout_iter_get_line_extents(iterator, nil, &logical)
      if let line = pango_layout_iter_get_line_readonly(iterator) {
        lines.append(
          Line(pointer: line, x: Double(logical.x) / scale, width: Double(logical.width) / scale)
        )
      }
    } while pango_layout_iter_next_line(iterator) != 0
    return lines
  }

  /// The code points of the glyphs that Pango would draw as a box.
  private static func missing(in layout: OpaquePointer?) -> Set<UInt32> {
    var missing: Set<UInt32> = []
    guard let iterator = pango_layout_get_iter(layout) else { return missing }
    defer { pango_layout_iter_free(iterator) }
    repeat {
      guard let run = pango_layout_iter_get_run_readonly(iterator),
        let glyphs = run.pointee.glyphs
      else { continue }
      for index in 0..<Int(glyphs.pointee.num_glyphs) {
        let glyph = glyphs.pointee.glyphs[index].glyph
        if glyph & unknownGlyph != 0 { missing.insert(glyph & ~unknownGlyph) }
      }
    } while pango_layout_iter_next_run(iterator) != 0
    return missing
  }
}

/// Pango's units in a point.
private let scale = 1024.0
/// The bit that marks a glyph as missing; the others are the code point (`PANGO_GLYPH_UNKNOWN_FLAG`).
private let unknownGlyph: UInt32 = 0x1000_0000
