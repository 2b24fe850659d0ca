internal import Accounts
internal import Foundation
internal import GRPCNghttp2Transport
internal import Glibc
internal import Testing
internal import Vocabulary

@testable internal import RegistryServer

@Suite("Configuring the server")
struct ConfigurationTests {
  private typealias Name = ServerSettings.Name

  private static func configuration(
    _ values: [ServerSettings.Name: String],
    environment: [String: String] = [:],
    isRoot: Bool = false
  ) throws -> ServerConfiguration {
    var settings = ServerSettings(environment: environment)
    for (name, value) in values { settings[name] = value }
    return try ServerConfiguration(settings, isRoot: isRoot, home: "/nowhere")
  }

  /// What is said to be wrong.
  private static func problems(
    _ values: [ServerSettings.Name: String],
    isRoot: Bool = false
  ) throws -> [String] {
    let error = #expect(throws: ConfigurationProblems.self) {
      try configuration(values, isRoot: isRoot)
    }
    return try #require(error).problems
  }

  @Test("nothing given is a registry for development")
  func defaults() throws {
    let configuration = try Self.configuration([:])
    #expect(configuration.folder.path == "/nowhere/.local/state/liaoning-registry")
    #expect(configuration.database == .own)
    #expect(configuration.outer.description == "ipv4:127.0.0.1:7443")
    #expect(configuration.inner.description == "ipv4:127.0.0.1:7444")
    #expect(configuration.gateways == nil)
    #expect(configuration.identityVerification == .off)
    #expect(configuration.law == .current)
    #expect(configuration.clock == nil)
    #expect((1...64).contains(configuration.loops))
    #expect(configuration.credentials == .development)
  }

  @Test("under root the data folder is the system's, where user postgres can pass")
  func rootFolder() throws {
    #expect(try Self.configuration([:], isRoot: true).folder.path == "/var/lib/liaoning-registry")
  }

  @Test("everything given is taken")
  func everything() throws {
    let configuration = try Self.configuration([
      .data: "/data/../srv", .database: "host=/run/postgres", .outer: "[::1]:0",
      .inner: "0.0.0.0:65535", .gateways: "gateways.test:443", .identityVerification: "shadow",
      .law: "2017", .clock: "2017-06-01T09:00:00+08:00", .loops: "64",
    ])
    #expect(configuration.folder.path == "/srv")
    #expect(configuration.database == .given(connectionString: "host=/run/postgres"))
    #expect(configuration.outer.description == "ipv6:[::1]:0")
    #expect(configuration.inner.port == 65_535)
    #expect(configuration.gateways?.description == "gateways.test:443")
    #expect(configuration.identityVerification == .shadow)
    #expect(configuration.law == .law2017)
    #expect(configuration.clock == Date(timeIntervalSince1970: 1_496_278_800))
    #expect(configuration.loops == 64)
  }

  @Test("a flag is put over the environment, which fills in for what no flag says")
  func environment() throws {
    let configuration = try Self.configuration(
      [.loops: "3"],
      environment: ["REGISTRYD_LOOPS": "5", "REGISTRYD_IDENTITY_VERIFICATION": "shadow"]
    )
    #expect(configuration.loops == 3)
    #expect(configuration.identityVerification == .shadow)
  }

  @Test(
    "a setting that cannot be read is refused by its flag",
    arguments: [
      (Name.data, ""), (.database, "hunter2"), (.outer, "localhost:1"), (.outer, "127.0.0.1"),
      (.outer, "127.0.0.1:65536"), (.outer, "127.0.0.1:-1"), (.inner, "::1:443"), (.inner, ":443"),
      (.gateways, "gateways.test:0"), (.gateways, "gateways.test"),
      (.identityVerification, "enforced"), (.identityVerification, "on"), (.law, "2020"),
      (.clock, "noon"), (.clock, "2016-12-31T15:59:59Z"), (.clock, "2099-12-31T16:00:00Z"),
      (.loops, "0"), (.loops, "65"), (.loops, "two"), (.data, "/dev/null"),
    ]
  )
  func unreadable(name: ServerSettings.Name, value: String) throws {
    let problems = try Self.problems([name: value])
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("--\(name.rawValue): ") == true)
  }

  @Test("every problem is told at once, and no secret with it")
  func everyProblem() throws {
    let problems = try Self.problems([
      .database: "hunter2", .outer: "x", .inner: "y", .gateways: "z", .law: "w", .loops: "v",
    ])
    #expect(
      problems.compactMap { $0.split(separator: ":").first } == [
        "--database", "--outer", "--inner", "--gateways", "--law", "--loops",
      ]
    )
    #expect(!problems.contains { $0.contains("hunter2") })
  }

  @Test("the listeners are two, unless the system chooses their ports")
  func sameAddress() throws {
    let problems = try Self.problems([.outer: "127.0.0.1:443", .inner: "127.0.0.1:443"])
    #expect(problems == ["--inner: is the same as --outer"])
    _ = try Self.configuration([.outer: "127.0.0.1:0", .inner: "127.0.0.1:0"])
    _ = try Self.configuration([.outer: "127.0.0.1:443", .inner: "127.0.0.2:443"])
  }

  @Test("identities are verified where there are gateways, unless it is said otherwise")
  func verification() throws {
    let gateways = [Name.gateways: "127.0.0.1:1"]
    #expect(try Self.configuration(gateways).identityVerification == .enforced)
    let off = gateways.merging([.identityVerification: "off"]) { $1 }
    #expect(try Self.configuration(off).identityVerification == .off)
    #expect(
      try Self.problems([.identityVerification: "enforced"]) == [
        "--identity-verification: enforced needs --gateways"
      ]
    )
  }

  @Test("own certificates are given whole, and then the clock is the system's")
  func credentials() throws {
    let file = try Self.configuration([
      .certificate: "/dev/null", .key: "/dev/null", .roots: "/dev/null",
      .signingKey: "/dev/null", .identityVerification: "off",
    ])
    #expect(
      file.credentials
        == .files(
          TLSFiles(
            certificate: "/dev/null",
            key: "/dev/null",
            roots: "/dev/null",
            revocationLists: nil
          ),
          signingKey: "/dev/null"
        )
    )
    #expect(file.description.contains("revocation-lists: none: nothing is looked up"))
    let problems = try Self.problems([
      .certificate: "/dev/null", .key: "/nowhere/key", .revocationLists: "/nowhere/list",
      .clock: "2020-01-01T00:00:00Z",
    ])
    #expect(
      problems.compactMap { $0.split(separator: ":").first } == [
        "--key", "--roots", "--signing-key", "--revocation-lists", "--identity-verification",
        "--clock",
      ]
    )
    #expect(
      try Self.problems([.revocationLists: "/dev/null"]) == [
        "--revocation-lists: goes with --roots; the development CA keeps its own list"
      ]
    )
  }

  @Test("a folder that user postgres cannot pass is refused under root, but for another database")
  func closedFolder() throws {
    var template = Array("/tmp/registryd-test-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    defer { rmdir(folder) }
    let problems = try Self.problems([.data: folder + "/data"], isRoot: true)
    #expect(problems.count == 1)
    #expect(problems.first?.contains("user postgres cannot pass \(folder)") == true)
    _ = try Self.configuration([.data: folder + "/data"], isRoot: false)
    _ = try Self.configuration([.data: folder, .database: "dbname=x"], isRoot: true)
    try #require(chmod(folder, 0o711) == 0)
    _ = try Self.configuration([.data: folder + "/data"], isRoot: true)
  }

  @Test("the printed configuration names every setting and shows no secret")
  func description() throws {
    let text = try Self.configuration([
      .database: "host=/run password=hunter2", .clock: "2017-06-01T09:00:00+08:00",
    ]).description
    #expect(!text.contains("hunter2"))
    #expect(text.contains("database: given (hidden)"))
    #expect(text.contains("clock: starts at 2017-06-01T01:00:00Z"))
    #expect(text.split(separator: "\n").count == 11)
  }
}
