internal import Foundation
internal import Glibc
internal import Postgres

/// A private PostgreSQL server that a test may kill as a crash of its every process would, and start again.
///
/// Durable against that, not against a crash of the machine. Everything here blocks.
package struct MortalCluster: Sendable {
  /// How a test reaches the server directly, as its superuser.
  package let connectionString: String
  /// The path of the server's socket.
  package let socket: String
  private let configuration: PrivateCluster.Configuration

  /// Starts a server in a temporary folder, removed when this process has ended.
  ///
  /// - Throws: `PrivateCluster.Failure`, or an error of the system.
  /// - Returns: The server, ready for connections.
  package static func start() throws -> MortalCluster {
    // What is committed must outlive the server's death.
    let settings = TemporaryCluster.fast(["synchronous_commit": "on"])
    return try MortalCluster(TemporaryCluster.start(settings: settings), settings)
  }

  private init(_ cluster: PrivateCluster, _ settings: [String: String]) throws {
    connectionString = cluster.connectionString
    guard let folder = connectionString.firstMatch(of: /host='([^']*)'/)?.1 else {
      throw POSIXError(.EINVAL)
    }
    socket = folder + "/.s.PGSQL.5432"
    var configuration = PrivateCluster.Configuration(folder: cluster.folder)
    configuration.settings = settings
    self.configuration = configuration
  }

  /// Kills the server's processes, all of them, and waits until they are gone.
  ///
  /// - Throws: An error if the server doesn't run.
  package func kill() throws {
    let file = configuration.folder + "/data/postmaster.pid"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    guard let postmaster = text.split(separator: "\n").first.flatMap({ pid_t($0) }),
      Glibc.kill(postmaster, SIGSTOP) == 0
    else { throw POSIXError(.ESRCH) }
    // A stopped parent makes no more children, and doesn't tell those it has to end in order.
    let family = try Self.children(of: postmaster) + [postmaster]
    for process in family { _ = Glibc.kill(process, SIGKILL) }
    for process in family {
      // A zombie is no server, but a new one takes it for one.
      while Glibc.kill(process, 0) == 0 { _ = poll(nil, 0, 1) }
    }
  }

  /// Starts the server again, which recovers what was committed.
  ///
  /// - Throws: `PrivateCluster.Failure`.
  package func restart() throws {
    _ = try PrivateCluster.start(configuration)
  }

  private static func children(of parent: pid_t) throws -> [pid_t] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
      .filter { self.parent(of: $0) == parent }
  }

  /// A process's parent; nil if it is gone.
  private static func parent(of process: pid_t) -> pid_t? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      // The command's name may hold anything, and ends with the last parenthesis.
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? pid_t(fields[1]) : nil
  }
}
