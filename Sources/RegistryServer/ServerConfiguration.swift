internal import Accounts
internal import Foundation
internal import GRPCNghttp2Transport
internal import Vocabulary

/// What the operator asked for, as text: flags, and for what no flag says the environment.
package struct ServerSettings: Sendable {
  /// The settings, by flag without its dashes.
  package enum Name: String, CaseIterable, Sendable {
    /// The data folder.
    case data
    /// libpq's connection string.
    case database
    /// Where applicants, partners and the public connect.
    case outer
    /// Where staff connect.
    case inner
    /// Where the gateways to other departments are.
    case gateways
    /// Off, shadow or enforced.
    case identityVerification = "identity-verification"
    /// Current or 2017.
    case law
    /// The time at which the server's clock starts.
    case clock
    /// How many event loops.
    case loops
    /// The TLS certificate chain, PEM.
    case certificate
    /// The TLS private key, PEM.
    case key
    /// The roots of client and gateway certificates, PEM.
    case roots
    /// What these roots have taken back, PEM or DER.
    case revocationLists = "revocation-lists"
    /// The SM2 private key that signs licences, PEM.
    case signingKey = "signing-key"

    /// The environment variable that stands in for the flag, for instance `REGISTRYD_DATA`.
    package var variable: String {
      "REGISTRYD_" + rawValue.uppercased().replacing("-", with: "_")
    }
  }

  private var values: [Name: String] = [:]

  /// The settings of an environment; flags are put over them.
  package init(environment: [String: String] = [:]) {
    for name in Name.allCases { values[name] = environment[name.variable] }
  }

  /// A setting; nothing if neither flag nor environment gives one.
  package subscript(name: Name) -> String? {
    get { values[name] }
    set { values[name] = newValue ?? values[name] }
  }
}

/// How the server runs: made of the settings once, checked whole, never changed.
package struct ServerConfiguration: Sendable {
  /// Where the database is.
  enum DatabasePlace: Sendable, Equatable {
    /// A PostgreSQL server of our own, in the data folder.
    case own
    /// The operator's; the connection string may hold a password.
    case given(connectionString: String)
  }

  /// A host, by name or address, and a port.
  struct HostAndPort: Sendable, Equatable, CustomStringConvertible {
    let host: String
    let port: Int

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// Where certificates and keys come from.
  enum Credentials: Sendable, Equatable {
    /// The development CA mints them in the data folder.
    case development
    /// The operator's files.
    case files(TLSFiles, signingKey: String)
  }

  /// The data folder.
  package let folder: DataFolder
  let database: DatabasePlace
  let outer: SocketAddress
  let inner: SocketAddress
  let gateways: HostAndPort?
  let identityVerification: IdentityVerificationMode
  let law: LawProfile
  let clock: Date?
  let loops: Int
  let credentials: Credentials

  /// Reads and checks the settings.
  ///
  /// - Parameters:
  ///   - settings: As the operator gave them.
  ///   - isRoot: Whether the process runs as root.
  ///   - home: The operator's home folder.
  /// - Throws: `ConfigurationProblems` with everything that is wrong.
  package init(
    _ settings: ServerSettings,
    isRoot: Bool,
    home: String
  ) throws(ConfigurationProblems) {
    var reading = SettingsReader(settings)
    folder = reading.folder(isRoot: isRoot, home: home)
    database = reading.database()
    let outer = reading.address(.outer, otherwise: ("127.0.0.1", 7443))
    let inner = reading.address(.inner, otherwise: ("127.0.0.1", 7444))
    reading.check(outer, apartFrom: inner)
    gateways = reading.hostAndPort(.gateways)
    credentials = reading.credentials()
    identityVerification = reading.identityVerification(
      hasGateways: settings[.gateways] != nil,
      isDevelopment: credentials == .development
    )
    law = reading.law()
    clock = reading.clock(isDevelopment: credentials == .development)
    loops = reading.loops()
    if database == .own { reading.checkCluster(in: folder, isRoot: isRoot) }
    guard let outer, let inner, reading.problems.isEmpty else {
      throw ConfigurationProblems(reading.problems)
    }
    self.outer = outer
    self.inner = inner
  }
}

extension ServerConfiguration: CustomStringConvertible {
  /// A line a setting, without secrets: neither the connection string nor what is in a file.
  package var description: String {
    let lines = [
      "data: \(folder.path)",
      "database: \(database == .own ? "a private cluster in the data folder" : "given (hidden)")",
      "outer: \(HostAndPort(host: outer.host, port: outer.port))",
      "inner: \(HostAndPort(host: inner.host, port: inner.port))",
      "gateways: \(gateways?.description ?? "none")",
      "identity-verification: \(identityVerification.rawValue)",
      "law: \(law.flag)",
      "clock: \(clock.map { "starts at \($0.formatted(.iso8601))" } ?? "the system's")",
      "loops: \(loops)",
      "credentials: \(credentials == .development ? "development CA" : "files (hidden)")",
      "revocation-lists: \(revocationListsText)",
    ]
    return lines.joined(separator: "\n")
  }

  private var revocationListsText: String {
    switch credentials {
    case .development: "the development CA's"
    case .files(let files, signingKey: _): files.revocationLists ?? "none: nothing is looked up"
    }
  }
}

extension LawProfile {
  /// The profile's name on the command line.
  var flag: String {
    switch self {
    case .current: "current"
    case .law2017: "2017"
    }
  }
}

/// Everything that is wrong with the settings, a line a problem.
package struct ConfigurationProblems: Error, Equatable, CustomStringConvertible {
  /// The problems, each with its flag and how to mend it.
  package let problems: [String]

  /// Problems, in the order of the flags.
  package init(_ problems: [String]) {
    self.problems = problems
  }

  /// The problems, a line each.
  package var description: String { problems.joined(separator: "\n") }
}
