package import EventLoops
internal import Foundation
internal import Glibc
package import Postgres

/// The PostgreSQL server of this test process.
///
/// `LIAONING_TEST_POSTGRES`, a connection string of a user who may create databases, names one that runs; otherwise a private
/// one is started at the first use, fast and not durable, and removed when the process ends, by whatever death.
package actor TestCluster {
  /// The one of this process.
  package static let shared = TestCluster()

  /// Event loops for tests, two as on the machine that counts.
  package static let loops = Result { try EventLoopGroup(count: 2, name: "test") }

  private var administration: Task<Database, any Error>?

  /// A database in which to create databases.
  package func administrator() async throws -> Database {
    if let administration { return try await administration.value }
    let task = Task {
      var configuration = DatabaseConfiguration(connectionString: try await Self.address())
      // All suites ask for their databases in the first second.
      configuration.scriptConnections = 2
      configuration.scriptQueueLimit = 10_000
      configuration.waitLimit = .seconds(600)
      return Database(configuration: configuration, loops: try Self.loops.get())
    }
    administration = task
    return try await task.value
  }

  /// The server's connection string.
  private static func address() async throws -> String {
    if let given = ProcessInfo.processInfo.environment["LIAONING_TEST_POSTGRES"] { return given }
    let starter = try WorkerExecutor(threads: 1, queueLimit: 1, name: "cluster")
    let cluster = try await starter.run { try TemporaryCluster.start() }
    await starter.shutDown()
    return cluster.connectionString
  }

  /// The server's connection string, for tests that connect themselves.
  package func connectionString() async throws -> String {
    try await administrator().configuration.connectionString
  }
}

/// A private server in a temporary folder, removed when this process has ended.
package enum TemporaryCluster {
  /// Starts a server; blocks.
  ///
  /// - Parameter settings: Beside those that make it fast and not durable.
  /// - Throws: `PrivateCluster.Failure`, or an error of the system.
  /// - Returns: The server.
  package static func start(settings: [String: String] = [:]) throws -> PrivateCluster {
    var template = Array("/tmp/registry-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    var configuration = PrivateCluster.Configuration(folder: folder)
    configuration.settings = fast(settings)
    let cluster = try PrivateCluster.start(configuration)
    try cluster.removeWhenProcessEnds()
    return cluster
  }

  /// Settings that make a server fast and not durable, and others that win over them.
  static func fast(_ settings: [String: String]) -> [String: String] {
    [
      "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
      "max_connections": "300", "shared_buffers": "128MB", "autovacuum_naptime": "10s",
    ].merging(settings) { _, given in given }
  }
}
