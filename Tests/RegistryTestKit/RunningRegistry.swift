internal import Foundation
internal import Glibc
package import Postgres
internal import Synchronization

/// A `registryd` of this build as a process of its own, on ports of the system's choice, in a
/// temporary data folder; with partners to call, if wanted.
///
/// `remove()` it in the end; should the test process die before, a shell ends and removes everything.
/// Calls to one registry are made one after another.
package final class RunningRegistry: Sendable {
  /// Where its data is.
  package enum DatabasePlace: Sendable {
    /// A PostgreSQL server of its own in its data folder, durable.
    case own
    /// A database of its own on the test process's server: faster to start, not durable.
    case shared
  }

  /// How it is started.
  package struct Options: Sendable {
    /// Where its data is.
    package var database: DatabasePlace
    /// Whether `PartnerSimulators` are started for it, and it is given `--gateways`.
    package var hasPartners: Bool
    /// Flags beside addresses, data folder, database and gateways.
    package var flags: [String]

    /// A registry with its own database server and without partners.
    package init(
      database: DatabasePlace = .own,
      hasPartners: Bool = false,
      flags: [String] = []
    ) {
      self.database = database
      self.hasPartners = hasPartners
      self.flags = flags
    }
  }

  /// Where it listens.
  package struct Endpoints: Decodable, Sendable {
    /// For applicants, partners and the public, `HOST:PORT`.
    package let outer: String
    /// For staff, `HOST:PORT`.
    package let inner: String
    /// Its process.
    package let processID: Int32

    private enum CodingKeys: String, CodingKey {
      case outer
      case inner
      case processID = "process_id"
    }

    /// The outer port.
    package var outerPort: Int { Self.port(of: outer) }
    /// The inner port.
    package var innerPort: Int { Self.port(of: inner) }

    private static func port(of address: String) -> Int {
      address.split(separator: ":").last.flatMap { Int($0) } ?? 0
    }
  }

  private struct Life: Sendable {
    var process: ChildProcess
    var endpoints: Endpoints
  }

  /// The data folder.
  package let folder: String
  /// The partners, if it has any.
  package let partners: RunningPartners?
  private let options: Options
  private let testDatabase: TestDatabase?
  private let life: Mutex<Life>

  private init(
    folder: String,
    options: Options,
    database: TestDatabase?,
    partners: RunningPartners?,
    life: Life
  ) {
    self.folder = folder
    self.options = options
    self.testDatabase = database
    self.partners = partners
    self.life = Mutex(life)
  }

  /// Starts a registry, and waits until it can be called.
  ///
  /// - Throws: `ChildProcess.Failure`, which quotes its messages; an error of the system.
  /// - Returns: The registry.
  package static func start(_ options: Options = Options()) async throws -> RunningRegistry {
    let folder = try TemporaryFolder.make()
    let database: TestDatabase? =
      switch options.database {
      case .own: nil
      case .shared: try await TestDatabase.create()
      }
    let partners = options.hasPartners ? try await RunningPartners.start(in: folder) : nil
    let life = try await begin(options, in: folder, database, partners, flags: options.flags)
    return RunningRegistry(
      folder: folder,
      options: options,
      database: database,
      partners: partners,
      life: life
    )
  }

  private static func begin(
    _ options: Options,
    in folder: String,
    _ database: TestDatabase?,
    _ partners: RunningPartners?,
    flags: [String]
  ) async throws -> Life {
    var arguments = ["--data", folder, "--outer", "127.0.0.1:0", "--inner", "127.0.0.1:0"]
    if let database {
      let server = try await TestCluster.shared.connectionString()
      arguments += ["--database", "\(server) dbname=\(database.name)"]
    }
    if let partners { arguments += ["--gateways", partners.address] }
    let process = try ChildProcess(
      "registryd",
      arguments + flags,
      messages: folder + "/registryd.log"
    )
    let line = try await process.nextLine()
    let endpoints = try JSONDecoder().decode(Endpoints.self, from: Data(line.utf8))
    return Life(process: process, endpoints: endpoints)
  }

  /// Where it listens; other ports after each restart.
  package var endpoints: Endpoints { life.withLock { $0.endpoints } }
  /// Its process; another one after each restart.
  package var process: ChildProcess { life.withLock { $0.process } }

  /// Its database, if that is on the test process's server.
  package var database: Database? { testDatabase?.database }

  /// The root that every certificate leads to, PEM file.
  package var authorityCertificate: String { folder + "/ca/ca.pem" }
  /// The public key that licences are signed with, PEM file.
  package var signingPublicKey: String { folder + "/ca/registry-sm2.pub" }

  /// The certificate, PEM file, of `registry`, `gateways`, `staff-S21010001`, `partner-icbc-shenyang`.
  package func certificate(of name: String) -> String { "\(folder)/tls/\(name).pem" }
  /// The private key, PEM file.
  package func key(of name: String) -> String { "\(folder)/tls/\(name).key" }

  /// Kills it, and waits for its end; its database server runs on.
  package func kill() async throws {
    process.send(SIGKILL)
    _ = try await process.exitCode()
    // The number may be given to another process.
    try? FileManager.default.removeItem(atPath: folder + "/registryd.pid")
  }

  /// Asks it to drain, and waits for its end.
  ///
  /// - Returns: What it exited with.
  package func drain() async throws -> Int32 {
    process.send(SIGTERM)
    return try await process.exitCode()
  }

  /// Starts it again after its end, with what it kept.
  ///
  /// - Parameter flags: Other flags than at the first start, if given.
  /// - Throws: `ChildProcess.Failure`.
  package func startAgain(flags: [String]? = nil) async throws {
    let next = try await Self.begin(
      options,
      in: folder,
      testDatabase,
      partners,
      flags: flags ?? options.flags
    )
    life.withLock { $0 = next }
  }

  /// Ends it, its partners and its database, and removes its folder.
  package func remove() async {
    _ = try? await drain()
    await partners?.end()
    await testDatabase?.drop()
    // A registry that was killed left its database server behind.
    let postmaster = try? String(
      contentsOfFile: folder + "/postgres/data/postmaster.pid",
      encoding: .utf8
    )
    if let id = postmaster?.split(separator: "\n").first.flatMap({ Int32($0) }) {
      Glibc.kill(id, SIGQUIT)
    }
    try? FileManager.default.removeItem(atPath: folder)
  }
}

/// A folder that the database's user can pass, removed with what runs in it when this process ends.
package enum TemporaryFolder {
  /// Makes one.
  ///
  /// - Throws: An error of the system.
  /// - Returns: Its path.
  package static func make() throws -> String {
    var template = Array("/tmp/registryd-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    guard chmod(folder, 0o755) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    try guardWithShell(folder)
    return folder
  }

  /// Leaves a shell behind that waits for this process's end, by whatever death.
  private static func guardWithShell(_ folder: String) throws {
    let script = """
      trap '' INT TERM HUP
      while kill -0 "$2" 2>&-; do sleep 1; test -d "$1" || exit 0; done
      for file in registryd.pid partners.pid; do
        if test -s "$1/$file"; then kill -9 "$(head -n 1 "$1/$file")"; fi
      done
      if test -s "$1/postgres/data/postmaster.pid"; then
        kill -QUIT "$(head -n 1 "$1/postgres/data/postmaster.pid")"
      fi
      rm -rf "$1"
      """
    _ = try ChildProcess(
      command: "/bin/sh",
      ["-c", script, "sh", folder, "\(getpid())"],
      messages: "/dev/null"
    )
  }
}

/// The partners' systems of a registry: `PartnerSimulators` as a process.
package final class RunningPartners: Sendable {
  /// Where they listen, `HOST:PORT`.
  package let address: String
  /// The file of the messages that were sent, a JSON line each.
  package let messages: String
  /// Their process.
  package let process: ChildProcess

  private init(address: String, messages: String, process: ChildProcess) {
    self.address = address
    self.messages = messages
    self.process = process
  }

  /// Mints what a data folder lacks, and starts partners with its certificate for gateways.
  ///
  /// - Parameters:
  ///   - folder: The data folder.
  ///   - script: The file of a script; nil for the fictional persons of the test data.
  ///   - port: Where to listen; 0 lets the system choose.
  /// - Throws: `ChildProcess.Failure`.
  /// - Returns: The partners, ready to be called.
  package static func start(
    in folder: String,
    script: String? = nil,
    port: Int = 0
  ) async throws -> RunningPartners {
    let log = folder + "/partners.log"
    let mint = try ChildProcess("registryd", ["mint", "--data", folder], messages: log)
    guard try await mint.exitCode() == 0 else {
      throw ChildProcess.Failure(description: "nothing was minted: \(mint.messagesSoFar)")
    }
    let messages = folder + "/messages.jsonl"
    let process = try ChildProcess(
      "PartnerSimulators",
      [
        "--listen", "127.0.0.1:\(port)", "--certificate", folder + "/tls/gateways.pem", "--key",
        folder + "/tls/gateways.key", "--trust", folder + "/ca/ca.pem", "--messages", messages,
      ] + (script.map { ["--script", $0] } ?? []),
      messages: log
    )
    try "\(process.id)\n".write(
      toFile: folder + "/partners.pid",
      atomically: true,
      encoding: .utf8
    )
    let line = try await process.nextLine()
    guard let address = line.split(separator: " ").last else {
      throw ChildProcess.Failure(description: "the partners say \(line)")
    }
    return RunningPartners(address: String(address), messages: messages, process: process)
  }

  /// Ends them.
  package func end() async {
    process.send(SIGTERM)
    _ = try? await process.exitCode()
  }
}
