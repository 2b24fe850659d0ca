internal import CPango

/// Turns text into lines: owner of a Pango font map and context.
///
/// Positions are not rounded, hinting is off and language and resolution are set here, so that
/// neither locale nor screen settings of the machine move a line break.
///
/// Unchecked: Pango objects may pass from thread to thread but not be shared; `TypesetterPool` lends
/// each one to a single job at a time.
final class Typesetter: @unchecked Sendable {
  private let fontMap: UnsafeMutablePointer<PangoFontMap>
  private let context: OpaquePointer

  /// - Throws: `drawingFailed` without Pango, `fontsMissing` if nothing draws Chinese.
  init() throws(RenderingError) {
    guard let fontMap = pango_cairo_font_map_new() else {
      throw .drawingFailed("pango_cairo_font_map_new")
    }
    guard let context = pango_font_map_create_context(fontMap) else {
      g_object_unref(fontMap)
      throw .drawingFailed("pango_font_map_create_context")
    }
    self.fontMap = fontMap
    self.context = context
    pango_context_set_language(context, pango_language_from_string("zh-cn"))
    pango_context_set_base_dir(context, PANGO_DIRECTION_LTR)
    pango_context_set_round_glyph_positions(context, 0)
    pango_cairo_context_set_resolution(context, 72)
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    pango_cairo_context_set_font_options(context, options)
    cairo_font_options_destroy(options)
    // Without this a machine with no Chinese font would print code points all over a document.
    let probe = TextBlock("登记机关㛃·", style: .body, width: nil, context: context)
    guard probe.missing.isEmpty else { throw .fontsMissing }
  }

  deinit {
    g_object_unref(UnsafeMutableRawPointer(context))
    g_object_unref(fontMap)
  }

  /// Lays `text` out.
  ///
  /// Lines wrap at `width` points, or not at all if it is nil; the first line of each paragraph is moved
  /// in by `indent` points. A character that no font draws is written as its code point, and so is one for
  /// private use, which each font draws as it likes.
  func block(
    _ text: String,
    style: TextStyle,
    width: Double?,
    alignment: PrintedDocument.Alignment = .leading,
    isJustified: Bool = false,
    indent: Double = 0,
    isEllipsized: Bool = false
  ) -> TextBlock {
    let privateUse = text.unicodeScalars.filter { $0.properties.generalCategory == .privateUse }
    let text = spelledOut(text, missing: Set(privateUse.map(\.value)))
    var block = TextBlock(
      text,
      style: style,
      width: width,
      alignment: alignment,
      isJustified: isJustified,
      indent: indent,
      isEllipsized: isEllipsized,
      context: context
    )
    if !block.missing.isEmpty {
      block = TextBlock(
        spelledOut(text, missing: block.missing),
        style: style,
        width: width,
        alignment: alignment,
        isJustified: isJustified,
        indent: indent,
        isEllipsized: isEllipsized,
        context: context
      )
    }
    return block
  }

  /// Writes each missing character as its code point, `〔U+30EDE〕`: honest, and still there for whoever
  /// searches the PDF, where an empty box would be lost.
  private func spelledOut(_ text: String, missing: Set<UInt32>) -> String {
    guard !missing.isEmpty else { return text }
    var spelled = ""
    for scalar in text.unicodeScalars {
      if missing.contains(scalar.value) {
        spelled += "〔U+\(String(scalar.value, radix: 16, uppercase: true))〕"
      } else {
        spelled.unicodeScalars.append(scalar)
      }
    }
    return spelled
  }
}
