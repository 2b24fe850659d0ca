internal import Foundation
internal import Glibc
internal import RegistryClient
internal import RegistryTestKit
internal import Testing

@Suite("Dying while starting")
struct StartTests {
  /// How far a first start has come, in their order.
  enum Stage: String, CaseIterable {
    case makingFiles = "the database's files are being made"
    case filesHalfMade = "they look like a database's"
    case filesMade = "they are whole"
    case serverStarts = "the database server is starting"
    case serverListens = "it takes connections"

    /// Whether a data folder shows that the start has come so far.
    func isReached(in folder: String) -> Bool {
      let cluster = folder + "/postgres"
      let halves = ((try? FileManager.default.contentsOfDirectory(atPath: cluster)) ?? [])
        .filter { $0.hasPrefix("data.new-") }.map { "\(cluster)/\($0)" }
      let exists = { FileManager.default.fileExists(atPath: $0) }
      return switch self {
      case .makingFiles: !halves.isEmpty
      case .filesHalfMade: halves.contains { exists($0 + "/PG_VERSION") }
      case .filesMade: exists(cluster + "/data/PG_VERSION")
      case .serverStarts: exists(cluster + "/data/postmaster.pid")
      case .serverListens: exists(cluster + "/socket/.s.PGSQL.5432")
      }
    }
  }

  @Test(
    "killed at every stage of its first start, it starts the next time",
    .timeLimit(.minutes(2))
  )
  func firstStartIsRepeated() async throws {
    let folder = try TemporaryFolder.make()
    let arguments = ["--data", folder, "--outer", "127.0.0.1:0", "--inner", "127.0.0.1:0"]
    let messages = folder + "/registryd.log"
    for stage in Stage.allCases {
      let process = try ChildProcess("registryd", arguments, messages: messages)
      let patience = ContinuousClock.now + .seconds(30)
      while !stage.isReached(in: folder), ContinuousClock.now < patience { _ = poll(nil, 0, 1) }
      #expect(stage.isReached(in: folder), "\(stage.rawValue): \(process.messagesSoFar)")
      process.send(SIGKILL)
      #expect(try await process.exitCode() == 128 + SIGKILL, "\(stage.rawValue)")
    }
    let process = try ChildProcess("registryd", arguments, messages: messages)
    let line = try await process.nextLine()
    let endpoints = try JSONDecoder().decode(
      RunningRegistry.Endpoints.self,
      from: Data(line.utf8)
    )
    let endpoint = try RegistryEndpoint(
      host: "127.0.0.1",
      port: endpoints.outerPort,
      trustRootsFile: folder + "/ca/ca.pem"
    )
    #expect(try await withRegistryClient(to: endpoint) { try await $0.isServing() })
    process.send(SIGTERM)
    #expect(try await process.exitCode() == 0)
    try FileManager.default.removeItem(atPath: folder)
  }
}
