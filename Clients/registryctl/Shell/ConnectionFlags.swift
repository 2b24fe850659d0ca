internal import ArgumentParser
internal import Foundation
internal import RegistryClient

/// The flags that say where to call and as whom.
///
/// A flag wins over the environment, the environment over the context.
struct ConnectionFlags: ParsableArguments {
  @Option(help: "The folder of contexts, keys and sessions (REGISTRYCTL_HOME).")
  var home: String?
  @Option(help: "The context to use (REGISTRYCTL_CONTEXT).")
  var context: String?
  @Option(help: .init("Where to call (REGISTRYCTL_ENDPOINT).", valueName: "host:port"))
  var endpoint: String?
  @Option(help: .init("PEM with the roots to trust (REGISTRYCTL_TRUST).", valueName: "path"))
  var trust: String?
  @Option(
    help: .init(
      "PEM with the certificate of staff or a partner (REGISTRYCTL_CERTIFICATE).",
      valueName: "path"
    )
  )
  var certificate: String?
  @Option(
    help: .init("PEM with the certificate's key (REGISTRYCTL_CLIENT_KEY).", valueName: "path")
  )
  var clientKey: String?
  @Option(help: "The name that the server's certificate bears, if not the host's.")
  var serverName: String?
  @Option(help: .init("The most time of a call.", valueName: "seconds"))
  var timeout: Double = 30

  /// Refuses a time that no call can have.
  mutating func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout is above 0 and at most 86400 seconds.")
    }
  }

  /// What the flags, the environment and the context come to.
  ///
  /// - Parameter environment: The process's environment.
  /// - Returns: Where to call and as whom.
  /// - Throws: `ShellError`.
  func settings(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ShellError) -> Settings {
    let home = Home(self.home, environment: environment)
    let variable = { (name: String) in
      environment["REGISTRYCTL_" + name].flatMap { $0.isEmpty ? nil : $0 }
    }
    let endpoint = self.endpoint ?? variable("ENDPOINT")
    let contexts = try Contexts(of: home)
    // The current context belongs to its own registry: another endpoint gets none of its secrets.
    let name = context ?? variable("CONTEXT") ?? (endpoint == nil ? contexts.current : nil)
    var used = Context(endpoint: "")
    if let name { used = try contexts.context(name) }
    let isElsewhere = endpoint != nil && endpoint != used.endpoint
    used.endpoint = endpoint ?? used.endpoint
    used.trust = trust ?? variable("TRUST") ?? used.trust
    used.certificate = certificate ?? variable("CERTIFICATE") ?? used.certificate
    used.clientKey = clientKey ?? variable("CLIENT_KEY") ?? used.clientKey
    used.serverName = serverName ?? used.serverName
    var token = variable("TOKEN")
    if token == nil, let name, !isElsewhere {
      let session = try StoredSession.read(of: name, in: home)
      if let session, session.endpoint == used.endpoint { token = session.token }
    }
    return Settings(
      home: home,
      contextName: name,
      context: used,
      token: token,
      timeout: .seconds(timeout)
    )
  }
}

/// Where to call and as whom.
struct Settings: Equatable, Sendable {
  let home: Home
  /// The name of the context; nil if flags or the environment say it all.
  let contextName: String?
  let context: Context
  /// The session's token.
  let token: String?
  let timeout: Duration

  /// The same without a session, for calls that need none.
  var withoutToken: Settings {
    Settings(
      home: home,
      contextName: contextName,
      context: context,
      token: nil,
      timeout: timeout
    )
  }

  /// Where to call.
  ///
  /// - Returns: The endpoint with its trust roots and the own certificate.
  /// - Throws: `noEndpoint`, `usage`, and what reading the files throws.
  func registryEndpoint() throws -> RegistryEndpoint {
    guard !context.endpoint.isEmpty else { throw ShellError.noEndpoint }
    let (host, port) = try Self.hostAndPort(context.endpoint)
    var endpoint: RegistryEndpoint
    if let trust = context.trust {
      endpoint = try RegistryEndpoint(
        host: host,
        port: port,
        trustRootsFile: trust,
        certificateFile: context.certificate,
        keyFile: context.clientKey
      )
    } else if context.certificate == nil, context.clientKey == nil {
      endpoint = RegistryEndpoint(host: host, port: port)
    } else {
      throw ShellError.usage("--certificate and --client-key need --trust.")
    }
    endpoint.serverName = context.serverName
    return endpoint
  }

  /// `localhost:8443` or `[::1]:8443` in its parts.
  ///
  /// - Parameter text: The endpoint.
  /// - Returns: The host without brackets, and the port.
  /// - Throws: `usage`.
  static func hostAndPort(_ text: String) throws(ShellError) -> (host: String, port: Int) {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
    else { throw .usage("\(text) is no endpoint: HOST:PORT, with a port from 1 to 65535.") }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw .usage("\(text) is no endpoint: the host is missing.") }
    return (String(host), port)
  }

  /// Connects, goes on with the session, lends the client to a closure, and disconnects.
  ///
  /// - Parameter body: Uses the client.
  /// - Returns: What the closure returns.
  /// - Throws: `ShellError`, `RegistryFailure`.
  func withClient<Result: Sendable>(
    _ body: (RegistryClient) async throws -> Result
  ) async throws -> Result {
    var policy = CallPolicy()
    policy.deadline = timeout
    return try await withRegistryClient(to: registryEndpoint(), policy: policy) { client in
      if let token { client.resume(token: token, account: context.account ?? "") }
      return try await body(client)
    }
  }

  /// The key that signs.
  ///
  /// - Parameters:
  ///   - given: By `--key`: a key's name, or a path with a slash.
  ///   - passphraseFile: The file with what opens it.
  /// - Returns: The key.
  /// - Throws: `noKey`, `unknownKey`, and what reading the file throws.
  func accountKey(_ given: String?, passphraseFile: String?) throws -> AccountKey {
    guard let name = given ?? context.key else { throw ShellError.noKey }
    let passphrase = try Self.passphrase(in: passphraseFile)
    if name.contains("/") { return try AccountKey(file: name, passphrase: passphrase) }
    let file = try home.keyFile(name)
    guard FileManager.default.fileExists(atPath: file) else { throw ShellError.unknownKey(name) }
    return try AccountKey(file: file, passphrase: passphrase)
  }

  /// The first line of a file; nil if none is given.
  static func passphrase(in file: String?) throws(ShellError) -> String? {
    guard let file else { return nil }
    guard let data = try PrivateFile.read(file) else {
      throw .fileUnreadable(path: file, reason: "it does not exist")
    }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }

  /// The account to act for.
  ///
  /// - Parameter given: By `--account`.
  /// - Returns: `accounts/{account}`.
  /// - Throws: `noAccount`.
  func account(_ given: String?) throws(ShellError) -> String {
    guard let account = given ?? context.account else { throw .noAccount }
    return account
  }
}
