internal import Foundation
internal import RoomsTestKit
internal import Testing

@testable internal import Archives

@Suite("The tar form of a package")
struct TarFileTests {
  private let time = nineOClock
  private let entries = [
    TarEntry(path: "manifest.json", content: Array("{}".utf8)),
    TarEntry(path: "01-application/D1.pdf", content: (0..<1_500).map { UInt8($0 % 251) }),
    TarEntry(path: "empty", content: []),
    TarEntry(path: "full", content: [UInt8](repeating: 7, count: 1_024)),
  ]

  @Test("what was packed is read, in pieces of any size", arguments: [1, 511, 512, 513, 100_000])
  func roundTrip(pieceSize: Int) throws {
    let bytes = TarFile.bytes(of: entries, time: time)
    var reader = TarReader(time: time, entryLimit: 1_500)
    var read: [TarEntry] = []
    for start in stride(from: 0, to: bytes.count, by: pieceSize) {
      read += try reader.read(Array(bytes[start..<min(start + pieceSize, bytes.count)]))
    }
    try reader.finish()
    #expect(read == entries)
  }

  @Test("the same files give the same bytes, of the size foretold, in whole records")
  func deterministic() {
    let bytes = TarFile.bytes(of: entries, time: time)
    #expect(bytes == TarFile.bytes(of: entries, time: time))
    #expect(bytes.count == TarFile.size(of: entries.map(\.content.count)))
    #expect(bytes.count.isMultiple(of: 10_240))
    #expect(bytes != TarFile.bytes(of: entries, time: time.addingTimeInterval(1)))
  }

  @Test("GNU tar lists and unpacks it")
  func gnuTar() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(TarFile.bytes(of: entries, time: time)).write(to: folder.appending(path: "a.tar"))
    let listed = try runTar(["-tf", "a.tar"], in: folder)
    #expect(listed == "manifest.json\n01-application/D1.pdf\nempty\nfull\n")
    #expect(try runTar(["-tvf", "a.tar"], in: folder).contains("-rw-r--r-- 0/0"))
    #expect(try runTar(["-xf", "a.tar"], in: folder).isEmpty)
    for entry in entries {
      #expect(try Data(contentsOf: folder.appending(path: entry.path)) == Data(entry.content))
    }
  }

  @Test("any altered bit of a header is refused")
  func alteredHeader() {
    let bytes = TarFile.bytes(of: entries, time: time)
    for place in 0..<512 {
      for bit in 0..<8 {
        var altered = bytes
        altered[place] ^= 1 << UInt8(bit)
        var reader = TarReader(time: time, entryLimit: 1 << 20)
        #expect(throws: TarFault.headerMalformed(offset: 0)) { try reader.read(altered) }
      }
    }
  }

  @Test("another time, a missing end, added bytes and dirty padding are refused")
  func otherFaults() throws {
    let bytes = TarFile.bytes(of: entries, time: time)
    var later = TarReader(time: time.addingTimeInterval(1), entryLimit: 1_500)
    #expect(throws: TarFault.headerMalformed(offset: 0)) { try later.read(bytes) }
    var short = TarReader(time: time, entryLimit: 1_500)
    _ = try short.read(Array(bytes.dropLast(512)))
    #expect(throws: TarFault.endMissing) { try short.finish() }
    var cut = TarReader(time: time, entryLimit: 1_500)
    _ = try cut.read(Array(bytes.prefix(1_024)))
    #expect(throws: TarFault.endMissing) { try cut.finish() }
    var long = TarReader(time: time, entryLimit: 1_500)
    #expect(throws: TarFault.trailingBytes) { try long.read(bytes + [1]) }
    var dirty = bytes
    dirty[512 + 2] = 1
    var reader = TarReader(time: time, entryLimit: 1_500)
    #expect(throws: TarFault.trailingBytes) { try reader.read(dirty) }
  }

  @Test("an entry may be as large as the limit and no larger")
  func entryLimit() throws {
    let bytes = TarFile.bytes(of: entries, time: time)
    var wide = TarReader(time: time, entryLimit: 1_500)
    #expect(try wide.read(bytes).count == 4)
    var narrow = TarReader(time: time, entryLimit: 1_499)
    #expect(throws: TarFault.entryTooLarge(path: "01-application/D1.pdf")) {
      try narrow.read(bytes)
    }
  }

  @Test(
    "a path goes down from where it is unpacked",
    arguments: [
      ("a", true), ("01-application/D1.pdf", true), (String(repeating: "a", count: 100), true),
      (String(repeating: "a", count: 101), false), ("", false), ("/a", false), ("a/", false),
      ("a//b", false), ("../a", false), ("a/../b", false), ("./a", false), ("a b", false),
      ("a\\b", false), ("档", false), ("a\0", false), ("C:a", false),
    ]
  )
  func safePaths(path: String, isSafe: Bool) {
    #expect(TarFile.isSafe(path) == isSafe)
  }
}

/// Runs the system's tar and gives what it prints, errors too.
func runTar(_ arguments: [String], in folder: URL) throws -> String {
  let tar = Process()
  tar.executableURL = URL(filePath: "/usr/bin/env")
  tar.arguments = ["tar"] + arguments
  tar.currentDirectoryURL = folder
  let output = Pipe()
  tar.standardOutput = output
  tar.standardError = output
  try tar.run()
  let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
  tar.waitUntilExit()
  #expect(tar.terminationStatus == 0)
  return String(decoding: bytes, as: UTF8.self)
}
