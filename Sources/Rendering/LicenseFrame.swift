internal import CPango
internal import Glibc

/// The ornament of a licence's face: a band of interlaced waves, and a pale rosette behind the text.
struct LicenseFrame {
  let width: Double
  let height: Double

  /// Draws both on the canvas.
  func draw(on canvas: PDFCanvas) {
    let cairo = canvas.cairo
    cairo_save(cairo)
    drawRosette(cairo)
    drawBand(cairo)
    cairo_restore(cairo)
  }

  /// Thirty-six ellipses turned about the center.
  private func drawRosette(_ cairo: OpaquePointer) {
    cairo_set_source_rgb(cairo, 0.97, 0.945, 0.895)
    cairo_set_line_width(cairo, 0.7)
    for index in 0..<36 {
      cairo_save(cairo)
      cairo_translate(cairo, width / 2, height / 2 + 40)
      cairo_rotate(cairo, Double(index) * .pi / 36)
      cairo_scale(cairo, 1, 0.38)
      cairo_arc(cairo, 0, 0, 235, 0, 2 * .pi)
      cairo_restore(cairo)
      cairo_stroke(cairo)
    }
  }

  /// Two frames, and between them waves that cross, on each of the four sides.
  private func drawBand(_ cairo: OpaquePointer) {
    let outer = 30.0
    let band = 26.0
    cairo_set_source_rgb(cairo, 0.72, 0.53, 0.2)
    for (inset, weight) in [(outer, 2.4), (outer + band, 1.2), (outer + band + 4, 0.5)] {
      cairo_set_line_width(cairo, weight)
      cairo_rectangle(cairo, inset, inset, width - 2 * inset, height - 2 * inset)
      cairo_stroke(cairo)
    }
    cairo_set_line_width(cairo, 0.55)
    let middle = outer + band / 2
    for phase in 0..<4 {
      for side in 0..<4 {
        let isHorizontal = side < 2
        let length = (isHorizontal ? width : height) - 2 * (outer + band)
        cairo_save(cairo)
        if isHorizontal {
          cairo_translate(cairo, outer + band, side == 0 ? middle : height - middle)
        } else {
          cairo_translate(cairo, side == 2 ? middle : width - middle, outer + band)
          cairo_rotate(cairo, .pi / 2)
        }
        drawWave(cairo, length: length, amplitude: band / 2 - 3, phase: Double(phase) * .pi / 4)
        cairo_restore(cairo)
        cairo_stroke(cairo)
      }
    }
    for x in [outer, width - outer - band] {
      for y in [outer, height - outer - band] { drawCorner(cairo, x: x, y: y, side: band) }
    }
  }

  /// A sine wave along the x axis, its period fitted to the length.
  private func drawWave(
    _ cairo: OpaquePointer,
    length: Double,
    amplitude: Double,
    phase: Double
  ) {
    let periods = (length / 26).rounded()
    let steps = Int(periods) * 10
    for step in 0...steps {
      let part = Double(step) / Double(steps)
      let y = amplitude * sin(2 * .pi * periods * part + phase)
      step == 0
        ? cairo_move_to(cairo, 0, y) : cairo_line_to(cairo, part * length, y)
    }
  }

  /// A square with a flower of four circles.
  private func drawCorner(_ cairo: OpaquePointer, x: Double, y: Double, side: Double) {
    cairo_set_line_width(cairo, 1)
    cairo_rectangle(cairo, x, y, side, side)
    cairo_stroke(cairo)
    cairo_set_line_width(cairo, 0.6)
    for (dx, dy) in [(-1.0, 0.0), (1, 0), (0, -1), (0, 1)] {
      cairo_new_sub_path(cairo)
      cairo_arc(
        cairo,
        x + side / 2 + dx * side / 5,
        y + side / 2 + dy * side / 5,
        side / 4.2,
        0,
        2 * .pi
      )
      cairo_stroke(cairo)
    }
  }
}
