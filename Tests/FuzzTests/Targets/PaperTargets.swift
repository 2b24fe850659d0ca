internal import EventLoops
internal import Foundation
internal import Rendering

@testable internal import Archives

extension FuzzTarget {
  /// Texts of strangers on paper.
  static let papers = [FuzzTarget(name: "papers", limit: 2_048, read: PaperTargets.papers)]
}

enum PaperTargets {
  private static let renderer = Result {
    PDFRenderer(workers: try WorkerExecutor(threads: 1, queueLimit: 1))
  }

  /// Whatever a text holds, it is refused, or the paper is one that the archive takes.
  static func papers(_ bytes: [UInt8]) throws {
    var input = InputReader(bytes)
    let texts = input.texts() + ["", "", ""]
    let document = PrintedDocument(
      title: "公司登记（备案）申请书",
      sections: [
        .init(
          texts[1],
          [
            .paragraph(texts[0]), .fields([.init("住所", texts[2])]),
            .table(.init(columns: [.init("姓名"), .init("出资额")], rows: [[texts[0], texts[1]]])),
            .list([texts[2]], ordered: true),
          ]
        )
      ],
      footer: "D1"
    )
    let renderer = try renderer.get()
    let pdf = try? blocking {
      try await renderer.pdf(document, identifier: "D1", createTime: Date(timeIntervalSince1970: 0))
    }
    guard let pdf else { return }
    let inspection = PDFInspection(pdf)
    try demand(inspection.fault == nil, inspection.fault ?? "")
    try demand(!inspection.isEncrypted, "a text makes a paper look encrypted")
    try demand(inspection.activeNames.isEmpty, "a text makes a paper look like a program")
  }
}
