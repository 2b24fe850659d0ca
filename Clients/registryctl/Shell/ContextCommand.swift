internal import ArgumentParser
internal import Foundation

/// `registryctl context`: where to call and as whom, by name.
struct ContextCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context",
    abstract: "Where to call and as whom, by name.",
    subcommands: [Add.self, List.self, Use.self, Remove.self]
  )

  /// `registryctl context add`.
  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a context and uses it if it is the first."
    )
    @Argument(help: "The name, for instance a person's.") var name: String
    @Option(help: .init("Where to call.", valueName: "host:port")) var endpoint: String
    @Option(help: .init("PEM with the roots to trust.", valueName: "path")) var trust: String?
    @Option(help: .init("PEM with the certificate of staff or a partner.", valueName: "path"))
    var certificate: String?
    @Option(help: .init("PEM with the certificate's key.", valueName: "path"))
    var clientKey: String?
    @Option(help: "The name that the server's certificate bears, if not the host's.")
    var serverName: String?
    @Option(help: "The name or file of the key that signs.") var key: String?
    @Option(help: "Format: accounts/{account}.") var account: String?
    @Flag(help: "Replaces a context of that name.") var replace = false
    @Flag(help: "Uses the context from now on.") var use = false
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      let name = try Home.checked(name)
      _ = try Settings.hostAndPort(endpoint)
      guard (certificate == nil) == (clientKey == nil) else {
        throw UsageFailure("--certificate and --client-key go together.", in: Self.self)
      }
      let context = Context(
        endpoint: endpoint,
        trust: try Self.standing(trust),
        certificate: try Self.standing(certificate),
        clientKey: try Self.standing(clientKey),
        serverName: serverName,
        key: key.map { $0.contains("/") ? Self.absolute($0) : $0 },
        account: account
      )
      let (replace, use) = (replace, use)
      try Contexts.update(of: shell.place) { contexts in
        guard replace || contexts.contexts[name] == nil else {
          throw ShellError.contextExists(name)
        }
        contexts.contexts[name] = context
        if use || contexts.current == nil { contexts.current = name }
      }
      shell.show.fact(
        "Context \(name) calls \(endpoint).",
        ["context": name, "endpoint": endpoint]
      )
    }

    /// The path from the root of a file that can be read, so that it holds in every folder.
    private static func standing(_ path: String?) throws -> String? {
      guard let path else { return nil }
      guard FileManager.default.isReadableFile(atPath: path) else {
        throw ShellError.fileUnreadable(path: path, reason: "it does not exist, or is not ours")
      }
      return absolute(path)
    }

    private static func absolute(_ path: String) -> String {
      URL(fileURLWithPath: path).standardizedFileURL.path
    }
  }

  /// `registryctl context list`.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the contexts.")
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      let contexts = try Contexts(of: shell.place)
      let rows = contexts.contexts.sorted { $0.key < $1.key }.map { name, context in
        [
          name, name == contexts.current ? "yes" : "", context.endpoint, context.account ?? "",
          context.key ?? "", context.certificate ?? "",
        ]
      }
      shell.show.table(
        Table(
          headings: ["CONTEXT", "IN USE", "ENDPOINT", "ACCOUNT", "KEY", "CERTIFICATE"],
          rows: rows
        ),
        none: "No contexts. Add one: registryctl context add NAME --endpoint HOST:PORT --trust PEM"
      )
    }
  }

  /// `registryctl context use`.
  struct Use: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Uses a context from now on.")
    @Argument(help: "Its name.") var name: String
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      let name = name
      try Contexts.update(of: shell.place) { contexts in
        _ = try contexts.context(name)
        contexts.current = name
      }
      shell.show.fact("Context \(name) is in use.", ["context": name])
    }
  }

  /// `registryctl context remove`.
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes a context and its session; keys stay."
    )
    @Argument(help: "Its name.") var name: String
    @OptionGroup var shell: ShellFlags

    mutating func run() async throws {
      let (name, home) = (name, shell.place)
      try Contexts.update(of: home) { contexts in
        _ = try contexts.context(name)
        contexts.contexts[name] = nil
        if contexts.current == name { contexts.current = nil }
      }
      unlink(try home.sessionFile(name))
      shell.show.fact("Context \(name) is removed.", ["context": name])
    }
  }
}

/// The flags of commands that call nobody.
struct ShellFlags: ParsableArguments {
  @Option(help: "The folder of contexts, keys and sessions (REGISTRYCTL_HOME).") var home: String?
  @Flag(help: "For programs: JSON.") var json = false

  /// The home.
  var place: Home { Home(home, environment: ProcessInfo.processInfo.environment) }
  /// Where to show things.
  var show: Show { Show(json: json) }
}
