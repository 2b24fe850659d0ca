internal import EventLoops
internal import Foundation
internal import Testing

/// The corpus that fuzzing has left, read again by every target.
@Suite("Reading what fuzzing has found")
struct CorpusTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Corpus")

  @Test("every input of the corpus is read without a find", arguments: FuzzTarget.all.map(\.name))
  func corpus(name: String) async throws {
    let target = try #require(FuzzTarget.named(name))
    let folder = Self.folder.appendingPathComponent(name)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    try #require(!files.isEmpty, "\(name) has no corpus")
    // Targets block their thread, as the fuzzer lets them.
    let worker = try WorkerExecutor(threads: 1, queueLimit: 1)
    for file in files {
      let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
      #expect(bytes.count <= target.limit, "\(name)/\(file) is too long")
      await #expect(throws: Never.self, "\(name)/\(file)") {
        try await worker.run { try target.read(bytes) }
      }
    }
    await worker.shutDown()
  }

  @Test("every folder of the corpus belongs to a target")
  func folders() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}
