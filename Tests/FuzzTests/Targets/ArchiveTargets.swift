internal import Foundation

@testable internal import Archives

extension FuzzTarget {
  /// Files of archives: what is checked before it is believed.
  static let archives = [
    FuzzTarget(name: "pdfs", limit: 16_384, read: ArchiveTargets.pdfs),
    FuzzTarget(name: "tars", limit: 32_768, read: ArchiveTargets.tars),
    FuzzTarget(name: "manifests", limit: 8_192, read: ArchiveTargets.manifests),
  ]
}

enum ArchiveTargets {
  static func pdfs(_ bytes: [UInt8]) throws {
    let inspection = PDFInspection(bytes)
    let again = PDFInspection(bytes + [10])
    try demand(inspection.isEncrypted == again.isEncrypted, "a line feed changes what a PDF is")
  }

  /// However a file is cut, the same entries come out, and they make the same file.
  static func tars(_ bytes: [UInt8]) throws {
    let time = Date(timeIntervalSince1970: 1_795_395_600)
    let whole = entries(bytes, step: max(1, bytes.count), time)
    try demand(whole == entries(bytes, step: 511, time), "the cuts change what is read")
    guard whole.isComplete else { return }
    try demand(
      whole.entries.isEmpty || bytes.starts(with: TarFile.bytes(of: whole.entries, time: time)),
      "entries make another file"
    )
  }

  private struct Outcome: Equatable {
    var entries: [TarEntry] = []
    var fault: TarFault?
    var isComplete = false
  }

  private static func entries(_ bytes: [UInt8], step: Int, _ time: Date) -> Outcome {
    var outcome = Outcome()
    var reader = TarReader(time: time, entryLimit: 16_384)
    do throws(TarFault) {
      for start in stride(from: 0, to: bytes.count, by: step) {
        outcome.entries += try reader.read(Array(bytes[start..<min(bytes.count, start + step)]))
      }
      try reader.finish()
      outcome.isComplete = true
    } catch {
      outcome.fault = error
      // Entries before the fault may come with it or not.
      outcome.entries = []
    }
    return outcome
  }

  static func manifests(_ bytes: [UInt8]) throws {
    _ = ArchiveJSON.isReadable(bytes)
    _ = ArchiveJSON.value(ManifestSignature.self, in: bytes)
    guard let manifest = ArchiveJSON.value(VolumeManifest.self, in: bytes) else { return }
    let written = try ArchiveJSON.bytes(of: manifest)
    try demand(
      ArchiveJSON.value(VolumeManifest.self, in: written) != nil,
      "a manifest can't be read again"
    )
    for item in manifest.items { _ = TarFile.isSafe(item.path) }
  }
}
