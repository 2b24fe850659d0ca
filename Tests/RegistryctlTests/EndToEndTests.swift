internal import Foundation
internal import RegistryTestKit
internal import ShangMi
internal import Testing

@testable internal import registryctl

@Suite(
  "registryctl against registryd",
  .registry(.init(database: .shared, hasPartners: true)),
  .serialized
)
struct EndToEndTests {
  private let folder: Folder
  private let registry: RunningRegistry

  init() throws {
    folder = try Folder()
    registry = try RunningRegistry.ofSuite()
  }

  /// Runs a command that must succeed; the reply.
  private func reply(_ arguments: [String], input: String = "") async throws -> JSON {
    let outcome = try await CommandLineProgram.registryctl(
      arguments + ["--json"],
      in: folder.path,
      input: input
    )
    try #require(outcome.code == 0, "\(arguments): \(outcome.messages)")
    return try JSONReader.value(of: outcome.output)
  }

  /// Runs a command that must be refused; the reason.
  private func refusal(
    _ arguments: [String],
    _ exit: ExitClass,
    environment: [String: String] = [:]
  ) async throws -> String {
    let outcome = try await CommandLineProgram.registryctl(
      arguments + ["--json"],
      in: folder.path,
      environment: environment
    )
    #expect(outcome.code == exit.rawValue, "\(arguments): \(outcome.output)\(outcome.messages)")
    #expect(outcome.output.isEmpty)
    let line = outcome.messages.split(separator: "\n").last.map(String.init) ?? ""
    return try text(try JSONReader.value(of: line), "error", "reason")
  }

  private func text(_ value: JSON, _ path: String...) throws -> String {
    guard case .text(let text) = value.value(at: path[...]) else {
      Issue.record("\(path) is no text in \(value.encoded)")
      throw ShellError.untrue("\(path)")
    }
    return text
  }

  /// Adds the context of a person with a key, registers, logs in and signs the agreement.
  private func settle(_ context: String, _ name: String, _ number: String) async throws -> String {
    try await call(as: context, endpoint: registry.endpoints.outer)
    _ = try await reply(["key", "new", context])
    let account = try await reply([
      "register", "--context", context, "--key", context, "--full-name", name,
      "--identity-number", number, "--mobile-number", "13800000080",
    ])
    #expect(try text(account, "verification") == "VERIFICATION_VERIFIED")
    _ = try await reply(["login", "--context", context])
    let signed = try await reply(["sign-agreement", "--context", context, "--yes"])
    #expect(!(try text(signed, "agreement")).isEmpty)
    return try text(account, "name")
  }

  private func call(as context: String, endpoint: String, certificate: String? = nil) async throws {
    var arguments = [
      "context", "add", context, "--endpoint", endpoint, "--trust", registry.authorityCertificate,
    ]
    if let certificate {
      arguments += [
        "--certificate", registry.certificate(of: certificate), "--client-key",
        registry.key(of: certificate),
      ]
    }
    _ = try await reply(arguments)
  }

  @Test("from a name to a verified licence and a sealed volume, every step a command")
  func journey() async throws {
    _ = try await settle("wang", "王测试八", "210601190001080080")
    let submitted = try await submittedFiling("wang")
    let creditCode = try await approved(submitted)

    let license = folder.path + "/license.bin"
    _ = try await reply([
      "license", "download-license", "--context", "wang", "--name", "licenses/\(creditCode)",
      "--form", "file", "--output", license,
    ])
    try await call(
      as: "bank",
      endpoint: registry.endpoints.outer,
      certificate: "partner-icbc-shenyang"
    )
    for subject in [["--file", "@" + license], ["--credit-code", creditCode]] {
      let verified = try await reply(
        ["license", "verify-license", "--context", "bank", "--purpose", "ACCOUNT_OPENING"] + subject
      )
      #expect(verified["authentic"] == .boolean(true))
      #expect(try text(verified, "face", "creditCode") == creditCode)
    }

    let volume = try await reply([
      "archive", "package-volume", "--context", "archivist", "--filing", submitted,
    ])
    let name = try text(volume, "name")
    let unsealed = try await refusal(
      ["archive", "download-volume", "--context", "archivist", "--name", name, "--output", "x"],
      .conflict
    )
    #expect(unsealed == "VOLUME_NOT_SEALED")
    _ = try await reply([
      "archive", "seal-volume", "--context", "archivist", "--name", name, "--etag",
      try text(volume, "etag"),
    ])
    let package = folder.path + "/volume.tar"
    let download = try await CommandLineProgram.registryctl(
      [
        "archive", "download-volume", "--context", "archivist", "--name", name, "--output", package,
      ],
      in: folder.path
    )
    #expect(download.code == 0, "\(download.messages)")
    let listed = try await CommandLineProgram.run(
      "/usr/bin/tar",
      ["-tf", package],
      in: folder.path
    )
    #expect(listed.code == 0)
    #expect(!FileManager.default.fileExists(atPath: package + ".part"))
  }

  /// Reserves a name, drafts, prepares, signs and submits; the filing's name.
  private func submittedFiling(_ context: String) async throws -> String {
    let candidate = try folder.file(
      "candidate.json",
      """
      {"enterprise_name":"沈阳市溪畔巷面馆","trade_name":"溪畔巷","industry_words":"面",\
      "industry_class":"6220","entity_type":"9500","region_code":"210100"}
      """
    )
    let verdict = try await reply(["name", "check-name", "--candidate", "@" + candidate])
    #expect(verdict["outcome"] == .text("OUTCOME_RESERVABLE"))
    let reservation = try await reply([
      "name", "reserve-name", "--context", context, "--candidates", "@" + candidate,
    ])
    let content = """
      {"entity_type":"9500","domicile_region_code":"210103",\
      "domicile":"辽宁省沈阳市沈河区试验二街22号",\
      "scope_items":[{"text":"餐饮服务","industry_class":"6210"}],\
      "liaison":{"full_name":"王测试八","identity_number":"210601190001080080",\
      "mobile_number":"13800000080"},"individual_business":{"form":"FORM_PERSONAL",\
      "operator":{"full_name":"王测试八","identity_number":"210601190001080080",\
      "mobile_number":"13800000080"}}}
      """
    let draft = try await reply(
      [
        "filing", "create-filing", "--context", context, "--business", "establishment",
        "--reservation", try text(reservation, "name"), "--content", "-",
      ],
      input: content
    )
    let name = try text(draft, "name")
    let found = try await reply(["filing", "validate-filing", "--context", context, "--name", name])
    #expect(found == .object([]))
    _ = try await reply([
      "filing", "prepare-filing", "--context", context, "--name", name, "--etag",
      try text(draft, "etag"),
    ])
    try await sign(name, context)
    let ready = try await reply(["filing", "get-filing", "--context", context, "--name", name])
    #expect(try text(ready, "state") == "STATE_READY")
    let submit = [
      "filing", "submit-filing", "--context", context, "--name", name, "--etag",
      try text(ready, "etag"),
    ]
    let submitted = try await reply(submit)
    #expect(try text(submitted, "state") == "STATE_SUBMITTED")
    // By then it has another etag.
    #expect(try await refusal(submit, .conflict).hasPrefix("FILING_"))
    return name
  }

  private func sign(_ filing: String, _ context: String) async throws {
    let tasks = try await reply([
      "signature", "list-signature-tasks", "--context", context, "--filing", filing, "--all",
      "--page-size", "1",
    ])
    guard case .list(let list) = tasks["signatureTasks"] else {
      Issue.record("no tasks: \(tasks.encoded)")
      return
    }
    for task in list {
      let name = try text(task, "name")
      let asked = try await refusal(["sign", name, "--context", context], .local)
      #expect(asked == "SHELL_NOT_CONFIRMED")
      let pdf = folder.path + "/paper.pdf"
      let signed = try await reply([
        "sign", name, "--context", context, "--yes", "--document", pdf,
      ])
      #expect(try text(signed, "state") == "STATE_SIGNED")
      #expect(try Data(contentsOf: URL(fileURLWithPath: pdf)).starts(with: Data("%PDF".utf8)))
    }
  }

  /// Accepts, examines and approves; the credit code.
  private func approved(_ filing: String) async throws -> String {
    let staff = [("clerk", "01"), ("examiner", "02"), ("head", "03"), ("archivist", "04")]
    for (context, number) in staff {
      try await call(
        as: context,
        endpoint: registry.endpoints.inner,
        certificate: "staff-S210100\(number)"
      )
    }
    func etag() async throws -> String {
      let filing = try await reply(["filing", "get-filing", "--context", "clerk", "--name", filing])
      return try text(filing, "etag")
    }
    _ = try await reply([
      "review", "accept-filing", "--context", "clerk", "--name", filing, "--etag", etag(),
    ])
    let points = [
      "MATERIALS_COMPLETE", "LEGAL_FORM", "NAME", "SCOPE", "SIGNATURES", "JURISDICTION",
    ]
    let checklist = points.flatMap { ["--checklist", #"{"item":"\#($0)","passed":true}"#] }
    _ = try await reply(
      [
        "review", "examine-filing", "--context", "examiner", "--name", filing, "--etag", etag(),
        "--opinion", "approve",
      ] + checklist
    )
    let completed = try await reply([
      "review", "approve-filing", "--context", "head", "--name", filing, "--etag", etag(),
    ])
    #expect(try text(completed, "state") == "STATE_COMPLETED")
    return String(try text(completed, "entity").dropFirst("entities/".count))
  }

  @Test("sessions, lists and refusals, each in its class")
  func refusals() async throws {
    let account = try await settle("zhou", "周测试五", "210301190001050053")
    let session = folder.path + "/shell/sessions/zhou.json"
    #expect(try Folder.mode(of: session) == 0o600)
    #expect(try Folder.mode(of: folder.path + "/shell/keys/zhou.pem") == 0o600)
    let again = try await refusal(
      [
        "register", "--key", "zhou", "--full-name", "周测试五", "--identity-number",
        "210301190001050053", "--mobile-number", "13800000080",
      ],
      .conflict
    )
    #expect(again == "ACCOUNT_EXISTS")
    let own = try await CommandLineProgram.registryctl(
      ["account", "get-account", "--name", account],
      in: folder.path
    )
    #expect(own.output.contains("周测试五"))
    #expect(own.output.contains("natural-person"))
    let none = try await CommandLineProgram.registryctl(
      ["filing", "list-filings", "--all"],
      in: folder.path
    )
    #expect(none.output == "No filings.\n")
    let malformed = try await refusal(["name", "check-name", "--candidate", Self.halfName], .usage)
    #expect(malformed == "SHELL_USAGE")
    let invalid = try await refusal(
      [
        "name", "check-name", "--enterprise-name", "x", "--trade-name", "x", "--industry-class",
        "1", "--entity-type", "1", "--region-code", "1",
      ],
      .invalid
    )
    #expect(invalid == "NAME_REQUEST_INVALID")
    let missing = "filings/210000-00000000-0000-4000-8000-000000000000"
    let unknown = ["filing", "get-filing", "--name", missing]
    #expect([ExitClass.notFound, .invalid].contains(try await exit(unknown)))
    let staffOnly = try await refusal(["account", "list-restrictions"], .permission)
    #expect(!staffOnly.isEmpty)
    _ = try await reply(["logout"])
    #expect(!FileManager.default.fileExists(atPath: session))
    _ = try await refusal(["filing", "list-filings"], .permission)
  }

  private static let halfName = #"{"enterprise_name":"沈阳溪畔软件有限公司"}"#

  private func exit(_ arguments: [String]) async throws -> ExitClass? {
    let outcome = try await CommandLineProgram.registryctl(arguments, in: folder.path)
    return ExitClass(rawValue: outcome.code)
  }

  @Test("the environment is enough, without any file")
  func environmentOnly() async throws {
    let outcome = try await CommandLineProgram.registryctl(
      ["account", "get-agreement", "--name", "agreements/current"],
      in: folder.path,
      environment: [
        "REGISTRYCTL_ENDPOINT": registry.endpoints.outer,
        "REGISTRYCTL_TRUST": registry.authorityCertificate,
        "REGISTRYCTL_HOME": folder.path + "/none",
      ]
    )
    #expect(outcome.code == 0, "\(outcome.messages)")
    #expect(outcome.output.hasPrefix("Name"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/none"))
  }

  @Test("a registry that is not there, or not the one to trust, is unavailable")
  func unreachable() async throws {
    let flags = ["account", "get-agreement", "--name", "agreements/current", "--timeout", "2"]
    let trust = ["--trust", registry.authorityCertificate]
    // Port 1 of the loopback address is nobody's.
    _ = try await refusal(flags + trust + ["--endpoint", "127.0.0.1:1"], .unavailable)
    let stranger = try folder.file("stranger.pem", try Self.strangersRoot())
    _ = try await refusal(
      flags + ["--endpoint", registry.endpoints.outer, "--trust", stranger],
      .unavailable
    )
  }

  private static func strangersRoot() throws -> String {
    let now = Date()
    return try CertificateAuthority(
      commonName: "Somebody else's root",
      keyKind: .p256,
      notBefore: now.addingTimeInterval(-3_600),
      notAfter: now.addingTimeInterval(3_600)
    ).certificate.pem
  }
}
