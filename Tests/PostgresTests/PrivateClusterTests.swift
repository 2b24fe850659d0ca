internal import EventLoops
internal import Foundation
internal import Postgres
internal import RegistryTestKit
internal import Testing

@Suite("Keeping a private server")
struct PrivateClusterTests {
  private func temporaryFolder(_ name: String) -> String {
    NSTemporaryDirectory() + "registry-private-\(UUID().uuidString.prefix(8))-\(name)"
  }

  /// On a thread that may block.
  private func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value)
    async throws -> Value
  {
    let worker = try WorkerExecutor(threads: 1, queueLimit: 1)
    do {
      let value = try await worker.run(work)
      await worker.shutDown()
      return value
    } catch {
      await worker.shutDown()
      throw error
    }
  }

  @Test(
    "a server is created, adopted while it runs, and started again after a crash, whatever its folder is called",
    arguments: ["data", "it's a 登记 \\ folder", String(repeating: "long-", count: 30)]
  )
  func serverIsKept(name: String) async throws {
    let folder = temporaryFolder(name)
    try await blocking {
      let configuration = PrivateCluster.Configuration(folder: folder)
      let created = try PrivateCluster.start(configuration)
      #expect(created.origin == .created)
      try created.removeWhenProcessEnds()
      let adopted = try PrivateCluster.start(configuration)
      #expect(adopted.origin == .adopted)
      #expect(adopted.connectionString == created.connectionString)
      let pid = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8)
        .split(separator: "\n").first.flatMap { pid_t($0) }
      kill(try #require(pid), SIGKILL)
      while kill(try #require(pid), 0) == 0 { sched_yield() }
      let started = try PrivateCluster.start(configuration)
      #expect(started.origin == .started)
      try started.stop()
    }
  }

  @Test("what a start that was killed left behind is neither taken for data nor kept")
  func leftoversAreRemoved() async throws {
    let folder = temporaryFolder("data")
    let half = folder + "/data.new-killed/base"
    try FileManager.default.createDirectory(atPath: half, withIntermediateDirectories: true)
    try "15\n".write(
      toFile: folder + "/data.new-killed/PG_VERSION",
      atomically: true,
      encoding: .utf8
    )
    try await blocking {
      let cluster = try PrivateCluster.start(PrivateCluster.Configuration(folder: folder))
      #expect(cluster.origin == .created)
      try cluster.removeWhenProcessEnds()
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.filter { $0.hasPrefix("data") } == ["data"])
      try cluster.stop(.immediate)
    }
  }

  @Test("what it keeps is durable, checked, sorted by bytes, and reached by no network")
  func settingsAreOurs() async throws {
    let folder = temporaryFolder("data")
    let cluster = try await blocking {
      var configuration = PrivateCluster.Configuration(folder: folder)
      configuration.settings = [
        "work_mem": "5MB", "listen_addresses": "*", "max_connections": "20",
      ]
      let cluster = try PrivateCluster.start(configuration)
      try cluster.removeWhenProcessEnds()
      return cluster
    }
    let database = Database(
      configuration: DatabaseConfiguration(connectionString: cluster.connectionString),
      loops: try TestCluster.loops.get()
    )
    try await database.start()
    for (name, value) in [
      ("fsync", "on"), ("data_checksums", "on"), ("listen_addresses", ""), ("work_mem", "5MB"),
      ("server_encoding", "UTF8"), ("lc_collate", "C"), ("lc_ctype", "C.UTF-8"),
      ("max_connections", "20"),
      ("unix_socket_permissions", "0700"),
    ] {
      let row = try await database.queryOne("SELECT current_setting(\(name))")
      #expect(try row?.decode(String.self) == value, "\(name)")
    }
    database.close()
    try await blocking { try cluster.stop(.immediate) }
  }

  @Test("two that start the same server at once get the same one")
  func startsAreSerialized() async throws {
    let folder = temporaryFolder("data")
    let origins = try await withThrowingTaskGroup(of: PrivateCluster.Origin.self) { group in
      for _ in 0..<3 {
        group.addTask {
          try await blocking {
            let cluster = try PrivateCluster.start(PrivateCluster.Configuration(folder: folder))
            if cluster.origin == .created { try cluster.removeWhenProcessEnds() }
            return cluster.origin
          }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(origins.filter { $0 == .created }.count == 1)
    #expect(origins.filter { $0 == .adopted }.count == 2)
  }

  @Test("without the programs, or without a place, it says so")
  func failuresAreTold() async throws {
    try await blocking {
      var configuration = PrivateCluster.Configuration(folder: temporaryFolder("data"))
      configuration.programFolder = "/nonexistent"
      let missing = #expect(throws: PrivateCluster.Failure.self) {
        try PrivateCluster.start(configuration)
      }
      #expect(missing?.description.contains("initdb not found") == true)
      let nowhere = #expect(throws: PrivateCluster.Failure.self) {
        try PrivateCluster.start(PrivateCluster.Configuration(folder: "/proc/registry"))
      }
      #expect(nowhere?.description.contains("/proc/registry") == true)
    }
  }
}
