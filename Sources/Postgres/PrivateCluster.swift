internal import CLibPQ
internal import Foundation
internal import Glibc

/// A PostgreSQL server of this program's own: no TCP, one socket in a folder that only its user (and root) may enter.
///
/// For development, and for tests: whoever has a database server gives its connection string instead. The server outlives a
/// crash of the program; the next start adopts it. Everything here blocks, so use it before serving or on a worker.
package struct PrivateCluster: Sendable {
  /// Where the server is and how it is set.
  package struct Configuration: Sendable {
    /// An absolute path; the server's files are in `data`, its messages in `server.log`.
    ///
    /// Under root the server runs as user `postgres`, who must be able to search every parent.
    package var folder: String
    /// Settings of `postgresql.conf` beside our own; written anew at each start.
    package var settings: [String: String] = [:]
    /// Where `initdb` and `pg_ctl` are; nil to look in Debian's folders, then in `PATH`.
    package var programFolder: String?

    /// A server with PostgreSQL's own settings, durable.
    package init(folder: String) {
      self.folder = folder
    }
  }

  /// How the server was found at the start.
  package enum Origin: Sendable {
    case created
    case started
    /// It was still running.
    case adopted
  }

  /// Why there is no server; the text quotes the failed program's messages.
  package struct Failure: Error, CustomStringConvertible, Sendable {
    /// What failed, and how.
    package let description: String
  }

  /// Where to connect, as the server's superuser.
  package let connectionString: String
  /// How the server was found.
  package let origin: Origin

  /// Where its files are.
  package let folder: String

  private let programs: ServerPrograms
  private var data: String { folder + "/data" }

  private init(_ address: String, _ origin: Origin, _ programs: ServerPrograms, folder: String) {
    connectionString = address
    self.origin = origin
    self.programs = programs
    self.folder = folder
  }

  /// How a server ends.
  package enum StopMode: String, Sendable {
    /// Ends the sessions, then writes everything out.
    case fast
    /// As a crash does; the next start recovers.
    case immediate
  }

  /// Starts the server, after making its files if there are none, or adopts it if it runs.
  ///
  /// - Throws: `PrivateCluster.Failure`.
  /// - Returns: The server, ready for connections.
  package static func start(_ configuration: Configuration) throws(Failure) -> PrivateCluster {
    let data = configuration.folder + "/data"
    let programs = try ServerPrograms(configuration, data: data)
    try programs.makeFolder(configuration.folder)
    return try programs.withLock(configuration.folder + "/lock") { () throws(Failure) in
      let socket = try programs.socketFolder(for: configuration.folder)
      let address = "host='\(socket.quoted)' user=registry dbname=postgres"
      func cluster(_ origin: Origin) -> PrivateCluster {
        PrivateCluster(address, origin, programs, folder: configuration.folder)
      }
      if try isReady(address, data) { return cluster(.adopted) }
      let isNew = !FileManager.default.fileExists(atPath: data + "/PG_VERSION")
      if isNew { try programs.create(data) }
      try programs.writeSettings(configuration.settings, socket: socket, data: data)
      let log = configuration.folder + "/server.log"
      try programs.control(["start", "-D", data, "-w", "-t", "60", "-s", "-l", log], log: log)
      return cluster(isNew ? .created : .started)
    }
  }

  /// Stops the server.
  ///
  /// - Throws: `PrivateCluster.Failure` if it doesn't end within a minute.
  package func stop(_ mode: StopMode = .fast) throws(Failure) {
    try programs.control(["stop", "-D", data, "-w", "-t", "60", "-s", "-m", mode.rawValue])
  }

  /// Leaves a shell behind that stops the server and removes its folder as soon as this program has ended, by whatever death.
  ///
  /// For tests and benchmarks.
  ///
  /// - Throws: `PrivateCluster.Failure` if the shell can't be started.
  package func removeWhenProcessEnds() throws(Failure) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0, fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0,
      fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0
    else {
      throw Failure(description: "pipe: \(String(cString: strerror(errno)))")
    }
    // The shell reads until the other end is closed, which stays open for as long as this process lives.
    defer { close(ends[0]) }
    let stop = programs.command("pg_ctl", ["stop", "-D", data, "-w", "-s", "-m", "immediate"])
    let script =
      "trap '' INT TERM HUP; read _; folder=$1; socket=$2; shift 2; \"$@\"; rm -rf \"$folder\" \"$socket\""
    let socket = try programs.socketFolder(for: folder)
    _ = try Child(["/bin/sh", "-c", script, "sh", folder, socket] + stop, input: ends[0])
  }

  /// Whether a server takes connections.
  ///
  /// One that is starting up is waited for: by whom this process was before it was killed, or after a crash. So is one that
  /// is being buried, because a new one would take its pid file for that of a living one.
  private static func isReady(_ address: String, _ data: String) throws(Failure) -> Bool {
    for _ in 0..<1_200 {
      switch PQping(address) {
      case PQPING_OK: return true
      case PQPING_REJECT: usleep(50_000)
      default:
        guard isAlive(data) else { return false }
        usleep(50_000)
      }
    }
    throw Failure(description: "the server has been starting up for a minute")
  }
  /// Whether there is a process that the data's pid file names.
  private static func isAlive(_ data: String) -> Bool {
    let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
    guard let process = text?.split(separator: "\n").first.flatMap({ pid_t($0) }), process > 0
    else { return false }
    return kill(process, 0) == 0 || errno == EPERM
  }
}

extension String {
  /// For a value within single quotes in a connection string or a settings file.
  var quoted: String {
    replacing("\\", with: "\\\\").replacing("'", with: "\\'")
  }
}
