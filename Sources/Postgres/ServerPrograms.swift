internal import Foundation
internal import Glibc

/// `initdb` and `pg_ctl`, run as the user whom the server is to have.
struct ServerPrograms: Sendable {
  typealias Failure = PrivateCluster.Failure

  private let folder: String
  /// Where the programs' messages go: into a file, for the server would keep a pipe open.
  private let messages: String
  /// Under root: PostgreSQL refuses to run as root.
  private let drops: Bool
  private let user: uid_t
  private let group: gid_t

  /// Finds the programs, of the version of the data if there are any, else of the newest.
  init(_ configuration: PrivateCluster.Configuration, data: String) throws(Failure) {
    let version = (try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8))?
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let candidates =
      if let given = configuration.programFolder { [given] } else { Self.folders(version) }
    guard
      let found = candidates.first(where: {
        FileManager.default.isExecutableFile(atPath: $0 + "/initdb")
          && FileManager.default.isExecutableFile(atPath: $0 + "/pg_ctl")
      })
    else {
      let wanted = version.map { " \($0)" } ?? ""
      throw Failure(description: "no PostgreSQL\(wanted) server is installed: initdb not found")
    }
    folder = found
    messages = configuration.folder + "/programs.log"
    drops = getuid() == 0
    guard drops else {
      user = getuid()
      group = getgid()
      return
    }
    guard let postgres = Self.account(named: "postgres") else {
      throw Failure(description: "PostgreSQL refuses root, and there is no user postgres")
    }
    (user, group) = postgres
  }

  /// A user's numbers; not `getpwnam`, whose answer all threads share.
  private static func account(named name: String) -> (uid_t, gid_t)? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let base = buffer.baseAddress else { return nil }
      getpwnam_r(name, &entry, base, buffer.count, &found)
      return found == nil ? nil : (entry.pw_uid, entry.pw_gid)
    }
  }

  private static func folders(_ version: String?) -> [String] {
    let root = "/usr/lib/postgresql"
    if let version { return ["\(root)/\(version)/bin"] + searchPath }
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
      .compactMap(Int.init).filter { $0 >= 15 }
    return versions.sorted(by: >).map { "\(root)/\($0)/bin" } + searchPath
  }

  private static var searchPath: [String] {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
  }

  /// A program with its arguments, as the server's user.
  func command(_ program: String, _ arguments: [String]) -> [String] {
    // Our own working folder may be closed to the server's user.
    let words = ["/usr/bin/env", "--chdir=/", "\(folder)/\(program)"] + arguments
    guard drops else { return words }
    return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--init-groups"] + words
  }

  private func run(_ program: String, _ arguments: [String]) throws(Failure) {
    let file = open(messages, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw Failure(description: "\(messages) can't be written") }
    defer { close(file) }
    let code = try Child(command(program, arguments), messages: file).exitCode()
    guard code == 0 else {
      let text = (try? String(contentsOfFile: messages, encoding: .utf8)) ?? ""
      throw Failure(description: "\(program) ended with \(code): \(text)")
    }
  }

  /// Runs `pg_ctl`; a failure quotes the end of the server's log.
  func control(_ arguments: [String], log: String? = nil) throws(Failure) {
    do {
      try run("pg_ctl", arguments)
    } catch {
      let lines = log.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
      let end = lines.split(whereSeparator: \.isNewline).suffix(10).joined(separator: "\n")
      throw Failure(description: "\(error.description)\n\(end)")
    }
  }

  /// Makes the server's files: UTF-8, sorted by bytes, with checksums, open to whoever may enter the socket's folder.
  ///
  /// They are made elsewhere and moved when whole: who is killed meanwhile leaves a folder that nobody takes for the data,
  /// and an `initdb` that may still be at it.
  func create(_ data: String) throws(Failure) {
    let place = URL(fileURLWithPath: data)
    let parent = place.deletingLastPathComponent().path
    let prefix = place.lastPathComponent + ".new-"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    where name.hasPrefix(prefix) {
      try? FileManager.default.removeItem(atPath: parent + "/" + name)
    }
    var template = Array((parent + "/" + prefix + "XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(description: "\(parent): \(String(cString: strerror(errno)))")
    }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    try take(folder, mode: 0o700)
    try run(
      "initdb",
      [
        "-D", folder, "-U", "registry", "-E", "UTF8", "--locale=C.UTF-8", "--lc-collate=C",
        "--data-checksums", "--auth-local=trust", "--auth-host=reject", "--no-instructions",
      ]
    )
    guard rename(folder, data) == 0 else {
      throw Failure(description: "\(data) can't be made: \(String(cString: strerror(errno)))")
    }
  }

  /// Writes our settings beside PostgreSQL's own, which include them.
  func writeSettings(
    _ settings: [String: String],
    socket: String,
    data: String
  ) throws(Failure) {
    let fixed = [
      "listen_addresses": "", "unix_socket_directories": socket,
      "unix_socket_permissions": "0700", "port": "5432",
    ]
    // Plans that were made for empty tables read all of what fills them, until these are analyzed.
    let defaults = ["autovacuum_naptime": "5s"]
    let lines = defaults.merging(settings) { _, given in given }
      .merging(fixed) { _, fixed in fixed }
      .sorted { $0.key < $1.key }
      .map { "\($0.key) = '\($0.value.quoted)'\n" }
    let main = data + "/postgresql.conf"
    let inclusion = "include 'registry.conf'"
    do {
      try write(data + "/registry.conf", lines.joined())
      let text = try String(contentsOfFile: main, encoding: .utf8)
      if !text.contains(inclusion) { try write(main, "\(text)\n\(inclusion)\n") }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(description: "the server's settings can't be written: \(error)")
    }
  }

  /// Writes a file that the server may read.
  private func write(_ path: String, _ text: String) throws {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try take(path, mode: 0o600)
  }

  private func take(_ path: String, mode: mode_t) throws(Failure) {
    guard chown(path, user, group) == 0, chmod(path, mode) == 0 else {
      throw Failure(description: "\(path): \(String(cString: strerror(errno)))")
    }
  }
}

// MARK: Folders

extension ServerPrograms {
  /// Makes a folder that only the server's user may enter.
  func makeFolder(_ path: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: path,
        withIntermediateDirectories: true
      )
    } catch {
      throw Failure(description: "\(path) can't be made: \(error)")
    }
    try take(path, mode: 0o700)
  }

  /// Where the socket is: beside the data, or if that path is too long for a socket, in the system's temporary folder.
  func socketFolder(for folder: String) throws(Failure) -> String {
    // 107 bytes for the whole path of the socket file: sockaddr_un.
    let beside = folder + "/socket"
    let short = NSTemporaryDirectory() + "registry-" + String(Self.digest(folder), radix: 36)
    let path = (beside + "/.s.PGSQL.5432.lock").utf8.count <= 107 ? beside : short
    if mkdir(path, 0o700) == 0 {
      try take(path, mode: 0o700)
      return path
    }
    // Someone else may have made it first, to lure our connections.
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user,
      status.st_mode & 0o077 == 0
    else { throw Failure(description: "\(path) isn't a folder of the server's user alone") }
    return path
  }

  /// FNV-1a, 64 bits: the same folder has the same socket in every process.
  private static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Keeps other processes from starting the same server meanwhile.
  func withLock<Value>(
    _ path: String,
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let file = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0, flock(file, LOCK_EX) == 0 else {
      throw Failure(description: "\(path) can't be locked: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    return try body()
  }
}
