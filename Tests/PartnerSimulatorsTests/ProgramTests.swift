internal import Accounts
internal import Foundation
internal import GRPCNghttp2Transport
internal import Testing
internal import Vocabulary

@testable internal import PartnerSimulators
@testable internal import RegistryServer

@Suite("The program", .timeLimit(.minutes(1)))
struct ProgramTests {
  @Test("it says where it listens, answers, reads its script again, and ends on SIGTERM")
  func life() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let script = folder.path("script.tsv")
    try Data("person\t210101190001010018\t赵测试一\t04\n".utf8).write(to: URL(fileURLWithPath: script))
    let program = try SimulatorProcess(in: folder, script: script)
    let line = try #require(program.nextLine())
    let port = try #require(line.wholeMatch(of: /listening on 127\.0\.0\.1:(\d+)/)?.1)
    try await PartnerBed.withGateways(to: .local(try #require(Int(port)))) { gateways, _ in
      let number = try #require(ResidentIdentityNumber("210101190001010018"))
      let compare = gateways.libraries.comparePerson
      #expect(try await compare("赵测试一", number, UUID()) == .deceasedOrCancelled)
      try Data("person\t210101190001010018\t赵测试一\t00\n".utf8)
        .write(to: URL(fileURLWithPath: script))
      program.signal(SIGHUP)
      #expect(program.nextLine() == "script read")
      #expect(try await compare("赵测试一", number, UUID()) == .match)
    }
    program.signal(SIGTERM)
    #expect(program.exitStatus() == 0)
  }

  @Test("it does not start with a broken script")
  func brokenScript() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let script = folder.path("script.tsv")
    try Data("nobody\n".utf8).write(to: URL(fileURLWithPath: script))
    let program = try SimulatorProcess(in: folder, script: script)
    #expect(program.nextLine() == nil)
    #expect(program.exitStatus() != 0)
  }
}

/// The built program, running.
private struct SimulatorProcess {
  private let process = Process()
  private let output = Pipe()

  init(in folder: TemporaryFolder, script: String) throws {
    let identity = try PartnerCertificates.identity("gateways")
    let files = [
      ("gateways.pem", identity.certificateChain), ("gateways.key", identity.privateKey),
      ("ca.pem", try PartnerCertificates.roots),
    ]
    for (name, bytes) in files {
      try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name)))
    }
    let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    process.executableURL = built.appendingPathComponent("PartnerSimulators")
    process.arguments = [
      "--listen", "127.0.0.1:0", "--certificate", folder.path("gateways.pem"),
      "--key", folder.path("gateways.key"), "--trust", folder.path("ca.pem"), "--script", script,
    ]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  /// What it prints next; nothing if it ends without a word.
  func nextLine() -> String? {
    var line = Data()
    while let byte = output.fileHandleForReading.readData(ofLength: 1).first {
      guard byte != UInt8(ascii: "\n") else { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return nil
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  func exitStatus() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }
}
