internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import RegistryServer

/// The registry's server.
@main
struct Registryd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "registryd",
    abstract: "The server of electronic business registration.",
    discussion: """
      With no flags it is a registry for development: a certificate authority, a PostgreSQL \
      server, staff and partners of its own in the data folder. Each flag may also be given in \
      the environment, for instance --data as REGISTRYD_DATA.
      """,
    subcommands: [Serve.self, Mint.self, Revoke.self],
    defaultSubcommand: Serve.self
  )
}

/// Serves until SIGTERM or SIGINT, then drains; a second signal ends it at once.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve until SIGTERM or SIGINT, then drain. A second signal ends it at once.",
    discussion: """
      Once it can be called, one line of JSON is printed: outer, inner, data, process_id. \
      The same is in endpoints.json in the data folder while it runs. Messages go to standard \
      error. Certificate, key, roots and revocation lists are read anew on SIGHUP and within a \
      second of a change; files that cannot be used are refused, and the present ones stay.
      """
  )

  @Option(help: "The data folder.")
  var data: String?
  @Option(help: "libpq's connection string; none: a private PostgreSQL server in the data folder.")
  var database: String?
  @Option(help: "HOST:PORT for applicants, partners and the public; port 0 lets the system choose.")
  var outer: String?
  @Option(help: "HOST:PORT for staff; port 0 lets the system choose.")
  var inner: String?
  @Option(help: "HOST:PORT of the gateways to other departments.")
  var gateways: String?
  @Option(help: "off, shadow or enforced; enforced needs --gateways.")
  var identityVerification: String?
  @Option(help: "current or 2017.")
  var law: String?
  @Option(help: "The instant at which the clock starts; for the development CA only.")
  var clock: String?
  @Option(help: "How many event loops; none: one a processor.")
  var loops: String?
  @Option(help: "The TLS certificate chain, PEM; with --key, --roots, --signing-key.")
  var certificate: String?
  @Option(help: "The TLS private key, PEM.")
  var key: String?
  @Option(help: "The roots of client and gateway certificates, PEM.")
  var roots: String?
  @Option(help: "What these roots have taken back, PEM or DER; none: nothing is looked up.")
  var revocationLists: String?
  @Option(help: "The SM2 private key that signs licences, PEM, mode 0600.")
  var signingKey: String?

  func run() async throws {
    let signals = TerminationSignals()
    let hangUp = HangUpSignal()
    let configuration = try Surface.reported {
      try ServerConfiguration(
        settings,
        isRoot: getuid() == 0,
        home: NSHomeDirectory()
      )
    }
    Surface.tell("\(configuration)")
    do {
      try await Registry(configuration).run(
        reload: hangUp.request,
        until: { await signals.first() },
        ready: { endpoints in
          print(try endpoints.line())
          fflush(nil)
        }
      )
    } catch {
      Surface.tell("registryd: \(error)")
      throw ExitCode.failure
    }
  }

  private var settings: ServerSettings {
    var settings = ServerSettings(environment: ProcessInfo.processInfo.environment)
    settings[.data] = data
    settings[.database] = database
    settings[.outer] = outer
    settings[.inner] = inner
    settings[.gateways] = gateways
    settings[.identityVerification] = identityVerification
    settings[.law] = law
    settings[.clock] = clock
    settings[.loops] = loops
    settings[.certificate] = certificate
    settings[.key] = key
    settings[.roots] = roots
    settings[.revocationLists] = revocationLists
    settings[.signingKey] = signingKey
    return settings
  }
}

/// Mints the development CA's certificates and keys without serving.
struct Mint: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mint what the development CA lacks, and print each certificate's file."
  )

  @Option(help: "The data folder.")
  var data: String

  func run() throws {
    let folder = DataFolder(path: data)
    try Surface.reported { try DevelopmentAuthority(folder).mint(at: Date()) }
    for file in DevelopmentAuthority.files(in: folder) { print(file) }
  }
}

/// Takes certificates of the development CA back.
struct Revoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take certificates of the development CA back for good.",
    discussion: """
      A running server refuses them within seconds, also on open connections. For instance: \
      registryd revoke --data FOLDER partner-icbc-shenyang
      """
  )

  @Option(help: "The data folder.")
  var data: String
  @Argument(help: "Whose: the names of files in the folder's tls, without .pem.")
  var names: [String]

  func run() throws {
    let folder = DataFolder(path: data)
    try Surface.reported { try DevelopmentAuthority(folder).revoke(names, at: Date()) }
    print(folder.revocationList)
  }
}

/// What the operator is told.
enum Surface {
  /// Writes lines to standard error.
  static func tell(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Does something, and tells what fails before the command does.
  @discardableResult
  static func reported<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      tell("registryd: \(error)")
      throw ExitCode.failure
    }
  }
}
