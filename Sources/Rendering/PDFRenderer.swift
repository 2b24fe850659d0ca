package import EventLoops
package import FoundationEssentials
internal import Synchronization

/// Renders documents and licences as PDF, on the worker threads.
///
/// Deterministic: the same input gives the same bytes, on one set of Pango, Cairo and fonts, whatever
/// was rendered before and on whichever thread, so that the SM3 of a document can be computed again.
package struct PDFRenderer: Sendable {
  private let workers: WorkerExecutor
  private let typesetters = TypesetterPool()

  /// A renderer that draws on `workers`; it holds one set of fonts for each job under way.
  package init(workers: WorkerExecutor) {
    self.workers = workers
  }

  /// Renders a document, A4 portrait.
  ///
  /// - Parameters:
  ///   - document: What stands on the paper.
  ///   - identifier: The document's resource name or digest, kept in the PDF as its subject.
  ///   - createTime: The PDF's creation date, to the second; never the time of the rendering.
  /// - Returns: The PDF's bytes, about 30 KB for a page of common characters.
  /// - Throws: `RenderingError`, `WorkerExecutor.Refusal` when the workers are busy, or
  ///   `CancellationError`.
  package func pdf(
    _ document: PrintedDocument,
    identifier: String,
    createTime: Date
  ) async throws -> [UInt8] {
    try RenderingLimits.check(
      document.texts + [("identifier", identifier, RenderingLimits.titleCharacters)],
      isOneLine: { $0 == "footer" || $0 == "identifier" }
    )
    try document.checkTables()
    let typesetters = typesetters
    return try await workers.run {
      try typesetters.lend { typesetter throws(RenderingError) in
        var layout = DocumentLayout(document, typesetter: typesetter)
        let pages = try layout.pages()
        let canvas = try PDFCanvas(
          width: PageGeometry.a4.width,
          height: PageGeometry.a4.height,
          metadata: PDFMetadata(document.title, identifier, createTime)
        )
        for page in pages {
          canvas.draw(page)
          canvas.endPage()
        }
        return try canvas.finish()
      }
    }
  }

  /// Renders a licence, landscape: the original 420 × 297 mm, a copy 297 × 210 mm; a scope that does
  /// not fit continues on A4 annex pages.
  ///
  /// - Parameters:
  ///   - license: The face items.
  ///   - createTime: The PDF's creation date, to the second; never the time of the rendering.
  /// - Returns: The PDF's bytes.
  /// - Throws: `RenderingError`, `WorkerExecutor.Refusal` when the workers are busy, or
  ///   `CancellationError`.
  package func pdf(_ license: LicensePrint, createTime: Date) async throws -> [UInt8] {
    try RenderingLimits.check(license.texts, isOneLine: { $0 != "business_scope" })
    let code = try license.qrText.map { text throws(RenderingError) in
      try QRCode(Array(text.utf8))
    }
    let typesetters = typesetters
    return try await workers.run {
      try typesetters.lend { typesetter throws(RenderingError) in
        try LicenseLayout(license, code: code, typesetter: typesetter)
          .pdf(PDFMetadata("营业执照", license.creditCode, createTime))
      }
    }
  }

  /// Shows at start-up that fonts for Chinese text are installed.
  ///
  /// - Throws: As `pdf(_:identifier:createTime:)`, `RenderingError.fontsMissing` above all.
  package func checkFonts() async throws {
    let typesetters = typesetters
    try await workers.run {
      try typesetters.lend { _ throws(RenderingError) in }
    }
  }
}

extension PDFMetadata {
  fileprivate init(_ title: String, _ subject: String, _ createTime: Date) {
    self.init(title: title, subject: subject, createTime: createTime.formatted(.iso8601))
  }
}

/// Typesetters at rest.
///
/// A font map costs milliseconds to make and keeps its fonts open, so that as many
/// are kept as jobs ever ran at once: at most one a worker thread.
private final class TypesetterPool: Sendable {
  private let idle = Mutex<[Typesetter]>([])

  /// Lends a typesetter to one job.
  func lend<Value>(
    _ job: (Typesetter) throws(RenderingError) -> Value
  ) throws(RenderingError) -> Value {
    let resting = idle.withLock { $0.popLast() }
    let typesetter: Typesetter
    if let resting { typesetter = resting } else { typesetter = try Typesetter() }
    defer { idle.withLock { $0.append(typesetter) } }
    return try job(typesetter)
  }
}
