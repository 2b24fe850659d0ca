internal import EventLoops
internal import Foundation
internal import Rendering
internal import Testing

/// 2017-10-09 01:02:03 UTC.
let morning = Date(timeIntervalSince1970: 1_507_510_923)

/// Runs a test with a renderer on two worker threads.
func withRenderer(_ test: (PDFRenderer) async throws -> Void) async throws {
  let workers = try WorkerExecutor(threads: 2, queueLimit: 64)
  do {
    try await test(PDFRenderer(workers: workers))
  } catch {
    await workers.shutDown()
    throw error
  }
  await workers.shutDown()
}

extension PDFRenderer {
  /// Renders with a fixed identifier and time.
  func pdf(_ document: PrintedDocument) async throws -> [UInt8] {
    try await pdf(document, identifier: "filings/1/documents/1", createTime: morning)
  }
}

/// What poppler reads in a PDF (Debian: poppler-utils).
struct PDFReading {
  let text: String
  let information: String
  /// Each word's box and its page's size, in points.
  let boxes: [Box]

  struct Box {
    var page: Int
    var xMin: Double
    var yMin: Double
    var xMax: Double
    var yMax: Double
  }

  init(_ bytes: [UInt8]) throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("rendering-\(UUID().uuidString).pdf")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    text = try PDFReading.run("pdftotext", ["-raw", file.path, "-"])
    information = try PDFReading.run("pdfinfo", [file.path])
    boxes = PDFReading.boxes(in: try PDFReading.run("pdftotext", ["-bbox", file.path, "-"]))
  }

  /// The text without any white space, so that line breaks don't matter.
  var run: String { text.filter { !$0.isWhitespace } }
  var pages: [String] { text.split(separator: "\u{0C}").map(String.init) }

  /// A line of pdfinfo's answer.
  func information(_ key: String) -> String? {
    information.split(separator: "\n").first { $0.hasPrefix(key + ":") }
      .map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) }
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["TZ": "UTC"]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(program) of poppler-utils is needed")
    return String(decoding: data, as: UTF8.self)
  }

  private static func boxes(in markup: String) -> [Box] {
    var page = 0
    return markup.split(separator: "\n").compactMap { line in
      if line.contains("<page ") { page += 1 }
      guard line.contains("<word ") else { return nil }
      let values = line.split(separator: "\"").enumerated().filter { !$0.offset.isMultiple(of: 2) }
        .compactMap { Double($0.element) }
      guard values.count == 4 else { return nil }
      return Box(
        page: page,
        xMin: values[0],
        yMin: values[1],
        xMax: values[2],
        yMax: values[3]
      )
    }
  }
}
