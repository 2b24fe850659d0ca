internal import Testing

@testable internal import Archives

@Suite("Looking into a PDF")
struct PDFInspectionTests {
  /// A page without content, by hand.
  private static let sound = { () -> [UInt8] in
    let objects = [
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    var text = "%PDF-1.5\n"
    var offsets: [Int] = []
    for (place, object) in objects.enumerated() {
      offsets.append(text.utf8.count)
      text += "\(place + 1) 0 obj\n\(object)\nendobj\n"
    }
    let table = text.utf8.count
    text += "xref\n0 4\n0000000000 65535 f \n"
    for offset in offsets {
      text += String(String(10_000_000_000 + offset).dropFirst()) + " 00000 n \n"
    }
    return Array((text + "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n").utf8)
  }()

  @Test("a whole file opens")
  func sound() {
    let inspection = PDFInspection(Self.sound)
    #expect(inspection.fault == nil)
    #expect(!inspection.isEncrypted)
    #expect(inspection.activeNames.isEmpty)
  }

  @Test(
    "a broken structure does not",
    arguments: [
      ("%PDF-1", "%PFD-1", "不是PDF文件"), ("%%EOF", "%%EO", "文件尾不完整"),
      ("startxref", "startxfer", "文件尾不完整"), ("2 0 obj", "4 0 obj", "对象2不在其位置"),
      ("xref\n0 4", "xrex\n0 4", "交叉引用表位置有误"), ("/Root", "/Rot0", "没有文档目录"),
      ("0 4\n", "0 9\n", "交叉引用表不可读"), ("00000 n", "00000 x", "对象1不在其位置"),
    ]
  )
  func broken(old: String, new: String, fault: String) throws {
    var altered = String(decoding: Self.sound, as: UTF8.self)
    altered.replaceSubrange(try #require(altered.firstRange(of: old)), with: new)
    #expect(PDFInspection(Array(altered.utf8)).fault == fault)
  }

  @Test("no bytes at all, and any beginning, are no file", arguments: [0, 5, 9, 100, 300])
  func cut(length: Int) {
    #expect(PDFInspection(Array(Self.sound.prefix(length))).fault != nil)
  }
}
