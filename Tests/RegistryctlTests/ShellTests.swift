internal import ArgumentParser
internal import Foundation
internal import GRPCCore
internal import RegistryAPI
internal import RegistryClient
internal import SwiftProtobuf
internal import Testing

@testable internal import registryctl

@Suite("Contexts, keys and sessions are their owner's")
struct ShellTests {
  private let folder: Folder
  private let home: Home

  init() throws {
    folder = try Folder()
    home = Home(folder.path + "/new/home", environment: [:])
  }

  @Test(
    "the home is the flag's, else the environment's, else the user's",
    arguments: [
      (Optional("/a"), ["REGISTRYCTL_HOME": "/b"], "/a"),
      (nil, ["REGISTRYCTL_HOME": "/b", "XDG_CONFIG_HOME": "/c"], "/b"),
      (nil, ["REGISTRYCTL_HOME": "", "XDG_CONFIG_HOME": "/c", "HOME": "/d"], "/c/registryctl"),
      (nil, ["HOME": "/d"], "/d/.config/registryctl"),
    ]
  )
  func homes(given: String?, environment: [String: String], path: String) {
    #expect(Home(given, environment: environment).path == path)
  }

  @Test("files have mode 0600, their folders 0700")
  func modes() throws {
    try Contexts.update(of: home) { $0.contexts["a"] = Context(endpoint: "localhost:1") }
    try StoredSession(token: "t", account: "accounts/1", expireTime: "", endpoint: "localhost:1")
      .write(of: "a", in: home)
    let key = try home.keyFile("k")
    try PrivateFile.makeFolder(ofFile: key)
    try AccountKey().write(to: key)
    for file in [home.contextsFile, try home.sessionFile("a"), key] {
      #expect(try Folder.mode(of: file) == 0o600)
    }
    for folder in [home.path, home.keysFolder, home.path + "/sessions"] {
      #expect(try Folder.mode(of: folder) == 0o700)
    }
  }

  @Test("a key that others can read is refused, and none is overwritten")
  func keys() throws {
    let settings = try Self.settings(["--home", home.path, "--endpoint", "localhost:1"], [:])
    #expect(throws: ShellError.noKey) { try settings.accountKey(nil, passphraseFile: nil) }
    #expect(throws: ShellError.unknownKey("k")) {
      try settings.accountKey("k", passphraseFile: nil)
    }
    let file = try home.keyFile("k")
    try PrivateFile.makeFolder(ofFile: file)
    let key = AccountKey()
    try key.write(to: file)
    #expect(throws: RegistryFailure.self) { try AccountKey().write(to: file) }
    let read = try settings.accountKey("k", passphraseFile: nil)
    #expect(read.fingerprint == key.fingerprint)
    #expect(try settings.accountKey(file, passphraseFile: nil).fingerprint == key.fingerprint)
    #expect(chmod(file, 0o640) == 0)
    #expect(throws: RegistryFailure.self) { try settings.accountKey("k", passphraseFile: nil) }
  }

  @Test("a key may be encrypted")
  func encryptedKey() async throws {
    let secret = try folder.file("secret", "correct horse\n")
    let code = await Main.outcome(
      of: ["key", "new", "k", "--home", home.path, "--passphrase-file", secret, "--json"]
    )
    #expect(code == .done)
    let settings = try Self.settings(["--home", home.path, "--endpoint", "localhost:1"], [:])
    #expect(throws: RegistryFailure.self) { try settings.accountKey("k", passphraseFile: nil) }
    _ = try settings.accountKey("k", passphraseFile: secret)
    // A name that exists is never taken again.
    #expect(await Main.outcome(of: ["key", "new", "k", "--home", home.path]) == .local)
  }

  @Test(
    "names that could leave the folder are refused",
    arguments: [
      "", ".", "..", "../a", "a/b", "-a", "a b", "a\n", String(repeating: "a", count: 65),
    ]
  )
  func unlawfulNames(name: String) {
    #expect(throws: ShellError.nameUnlawful(name)) { try home.keyFile(name) }
    #expect(throws: ShellError.nameUnlawful(name)) { try home.sessionFile(name) }
  }

  @Test("lawful names are kept", arguments: ["张三", "a.b-c_1", String(repeating: "a", count: 64)])
  func lawfulNames(name: String) throws {
    #expect(try home.keyFile(name).hasSuffix("/keys/\(name).pem"))
  }

  @Test("contexts are added, used, removed by name")
  func contexts() async throws {
    let trust = try folder.file("ca.pem", "")
    let add = [
      "context", "add", "--home", home.path, "--endpoint", "localhost:1", "--trust", trust,
    ]
    #expect(await Main.outcome(of: add + ["a"]) == .done)
    #expect(await Main.outcome(of: add + ["b", "--account", "accounts/2"]) == .done)
    #expect(await Main.outcome(of: add + ["a"]) == .local)
    #expect(await Main.outcome(of: add + ["a", "--replace"]) == .done)
    #expect(await Main.outcome(of: add + ["c", "--certificate", trust]) == .usage)
    #expect(await Main.outcome(of: add + ["c", "--trust", trust + "x"]) == .local)
    #expect(try Contexts(of: home).current == "a")
    #expect(await Main.outcome(of: ["context", "use", "b", "--home", home.path]) == .done)
    #expect(await Main.outcome(of: ["context", "use", "z", "--home", home.path]) == .local)
    #expect(try Contexts(of: home).current == "b")
    #expect(try Contexts(of: home).contexts["b"]?.account == "accounts/2")
    #expect(await Main.outcome(of: ["context", "remove", "b", "--home", home.path]) == .done)
    #expect(try Contexts(of: home).current == nil)
    #expect(try Contexts(of: home).contexts.keys.sorted() == ["a"])
    #expect(await Main.outcome(of: ["context", "list", "--home", home.path, "--json"]) == .done)
    try PrivateFile.write(Array("{".utf8), to: home.contextsFile)
    #expect(await Main.outcome(of: ["context", "list", "--home", home.path]) == .local)
  }

  @Test("many processes add contexts at once and none is lost")
  func concurrentContexts() async throws {
    let (folder, home) = (folder.path, home.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<12 {
        group.addTask {
          let outcome = try await CommandLineProgram.registryctl(
            ["context", "add", "c\(number)", "--endpoint", "localhost:\(number + 1)"],
            in: folder,
            environment: ["REGISTRYCTL_HOME": home]
          )
          #expect(outcome.code == 0, "\(outcome.messages)")
        }
      }
      try await group.waitForAll()
    }
    #expect(try Contexts(of: self.home).contexts.count == 12)
  }
}

extension ShellTests {
  private static func settings(
    _ arguments: [String],
    _ environment: [String: String]
  ) throws -> Settings {
    try ConnectionFlags.parse(arguments).settings(environment)
  }

  @Test("a flag wins over the environment, the environment over the context")
  func precedence() throws {
    try Contexts.update(of: home) {
      $0.current = "a"
      $0.contexts["a"] = Context(endpoint: "a:1", trust: "/a", key: "ka", account: "accounts/a")
      $0.contexts["b"] = Context(endpoint: "b:1", trust: "/b")
    }
    let flags = ["--home", home.path]
    #expect(try Self.settings(flags, [:]).context.endpoint == "a:1")
    #expect(try Self.settings(flags, ["REGISTRYCTL_CONTEXT": "b"]).context.endpoint == "b:1")
    let both = try Self.settings(
      flags + ["--context", "a", "--trust", "/c"],
      ["REGISTRYCTL_CONTEXT": "b", "REGISTRYCTL_TRUST": "/d", "REGISTRYCTL_CLIENT_KEY": "/k"]
    )
    #expect(both.context.trust == "/c")
    #expect(both.context.clientKey == "/k")
    #expect(both.context.account == "accounts/a")
    #expect(throws: ShellError.unknownContext("z")) {
      try Self.settings(flags + ["--context", "z"], [:])
    }
  }

  @Test("another endpoint gets nothing of the current context, and no token of any")
  func elsewhere() throws {
    try Contexts.update(of: home) {
      $0.current = "a"
      $0.contexts["a"] = Context(endpoint: "a:1", clientKey: "/secret", account: "accounts/a")
    }
    try StoredSession(token: "t", account: "accounts/a", expireTime: "", endpoint: "a:1")
      .write(of: "a", in: home)
    let flags = ["--home", home.path]
    #expect(try Self.settings(flags, [:]).token == "t")
    let other = try Self.settings(flags + ["--endpoint", "evil:1"], [:])
    #expect(other.token == nil && other.context.clientKey == nil && other.contextName == nil)
    let named = try Self.settings(flags + ["--context", "a", "--endpoint", "evil:1"], [:])
    #expect(named.token == nil && named.context.account == "accounts/a")
    // A session of a registry that the context no longer calls.
    try Contexts.update(of: home) { $0.contexts["a"]?.endpoint = "b:1" }
    #expect(try Self.settings(flags, [:]).token == nil)
    #expect(try Self.settings(flags, ["REGISTRYCTL_TOKEN": "e"]).token == "e")
  }

  @Test(
    "endpoints are host and port",
    arguments: [
      ("localhost:8443", "localhost", 8443), ("[::1]:1", "::1", 1),
      ("10.0.0.1:65535", "10.0.0.1", 65535),
    ]
  )
  func endpoint(text: String, host: String, port: Int) throws {
    let parts = try Settings.hostAndPort(text)
    #expect(parts.host == host && parts.port == port)
  }

  @Test(
    "what is no endpoint is refused",
    arguments: ["", "localhost", ":1", "a:0", "a:65536", "a:b"]
  )
  func noEndpoint(text: String) {
    #expect(throws: ShellError.self) { try Settings.hostAndPort(text) }
  }

  @Test("without an endpoint nothing is called; a certificate needs roots to trust")
  func incomplete() throws {
    let settings = try Self.settings(["--home", home.path], [:])
    #expect(throws: ShellError.noEndpoint) { try settings.registryEndpoint() }
    let untrusting = try Self.settings(
      ["--home", home.path, "--endpoint", "a:1", "--certificate", "/c", "--client-key", "/k"],
      [:]
    )
    #expect(throws: ShellError.self) { try untrusting.registryEndpoint() }
    #expect(throws: ShellError.noAccount) { try untrusting.account(nil) }
  }

  @Test("strokes come from a file, else the home, else are one mark")
  func strokes() throws {
    #expect(try Strokes.of(nil, in: home).count == 1)
    let two = #"[{"points":[{"x":1,"y":2}]},{"points":[{"x":3}]}]"#
    try PrivateFile.write(Array(two.utf8), to: home.strokesFile)
    #expect(try Strokes.of(nil, in: home).map { $0.points.map(\.x) } == [[1], [3]])
    let given = try folder.file("strokes.json", #"[{"points":[{"x":9}]}]"#)
    #expect(try Strokes.of(given, in: home).map { $0.points.map(\.x) } == [[9]])
    let wrong = try folder.file("wrong.json", "[{\"pen\":1}]")
    #expect(throws: ShellError.self) { try Strokes.of(wrong, in: home) }
  }

  @Test(
    "who registers is a person or an organization, not both, not half",
    arguments: [
      ["--full-name", "赵测试一"], ["--full-name", "赵", "--credit-code", "9"], [],
      ["--full-name", "赵", "--identity-number", "2", "--enterprise-name", "甲"],
      ["--full-name", "赵", "--identity-number", "2", "--other-organization"],
    ]
  )
  func holder(arguments: [String]) throws {
    let command = try RegisterCommand.parse(arguments)
    #expect(throws: UsageFailure.self) { try command.holder() }
  }

  @Test("a request with a signature is kept when its outcome is in doubt")
  func pending() async throws {
    let request = Liaoning_Registry_V1_SubmitFilingRequest.with {
      $0.name = "filings/1"
      $0.requestID = "r"
    }
    let doubt = RegistryFailure(code: .unavailable, message: "", requestID: "r")
    await #expect(throws: doubt) {
      try await Pending.keeping(request, in: home) { throw doubt }
    }
    let kept = try #require(try PrivateFile.read(home.pendingFile("r")))
    #expect(try Liaoning_Registry_V1_SubmitFilingRequest(jsonUTF8Data: kept) == request)
    #expect(try Folder.mode(of: home.pendingFile("r")) == 0o600)
    let certain = RegistryFailure(code: .notFound, message: "", requestID: "s")
    await #expect(throws: certain) {
      try await Pending.keeping(request, in: home) { throw certain }
    }
    #expect(try PrivateFile.read(home.pendingFile("s")) == nil)
  }
}
