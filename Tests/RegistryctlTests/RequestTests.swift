internal import ArgumentParser
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Testing

@testable internal import registryctl

@Suite("Flags make requests")
struct RequestTests {
  private static let candidate = [
    "--enterprise-name", "沈阳青禾智能科技有限公司", "--trade-name", "青禾", "--industry-class", "6513",
    "--entity-type", "1130", "--region-code", "210100",
  ]
  private static let filing = "filings/0190a0c2-0000-7000-8000-000000000001"

  private func parsed<Command: ParsableCommand>(
    _ type: Command.Type,
    _ arguments: [String]
  ) throws -> Command {
    try #require(try Command.parseAsRoot(arguments) as? Command)
  }

  @Test("every RPC of every service of the registry has its subcommand")
  func everyRPC() throws {
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: DescriptorSet.serialized)
    let services = set.file.filter { $0.package == "liaoning.registry.v1" }.flatMap(\.service)
    #expect(services.count == 8)
    let words = { (name: String) in
      name.reduce("") { $0 + ($1.isUppercase && !$0.isEmpty ? "-" : "") + $1.lowercased() }
    }
    for service in services {
      let group = words(String(service.name.dropLast("Service".count)))
      for method in service.method {
        let arguments = [group, words(method.name), "--help"]
        var command = try Registryctl.parseAsRoot(arguments)
        let help = #expect(throws: (any Error).self) { try command.run() }
        let text = Registryctl.fullMessage(for: try #require(help))
        #expect(text.contains("USAGE: registryctl \(group) \(words(method.name))"))
      }
    }
  }

  @Test("a message's fields are flags of their own")
  func nestedFields() throws {
    let command = try parsed(NameCommands.CheckName.self, Self.candidate)
    let expected = Liaoning_Registry_V1_CheckNameRequest.with {
      $0.candidate.enterpriseName = "沈阳青禾智能科技有限公司"
      $0.candidate.tradeName = "青禾"
      $0.candidate.industryClass = "6513"
      $0.candidate.entityType = "1130"
      $0.candidate.regionCode = "210100"
    }
    #expect(try command.assembledRequest() == expected)
    #expect(
      try parsed(NameCommands.CheckName.self, ["--request", expected.jsonString()])
        .assembledRequest() == expected
    )
    #expect(
      try parsed(NameCommands.CheckName.self, ["--candidate", expected.candidate.jsonString()])
        .assembledRequest() == expected
    )
  }

  @Test("every required flag that is missing is named at once, an empty one too")
  func missing() throws {
    let command = try parsed(
      NameCommands.CheckName.self,
      ["--trade-name", "青禾", "--entity-type", ""]
    )
    let failure = #expect(throws: UsageFailure.self) { try command.assembledRequest() }
    #expect(
      failure?.message
        == "Missing: --enterprise-name, --industry-class, --entity-type, --region-code."
    )
    #expect(failure?.usage.contains("registryctl name check-name") == true)
  }

  @Test("a flag wins over the whole request")
  func precedence() throws {
    let command = try parsed(
      NameCommands.ReserveName.self,
      [
        "--request",
        #"{"candidates":[{"enterpriseName":"甲"}],"similar_confirmed":true,"requestId":"7"}"#,
        "--no-similar-confirmed", "--candidates", #"[{"tradeName":"乙"},{"tradeName":"丙"}]"#,
        "--candidates", #"{"trade_name":"丁"}"#,
      ]
    )
    let request = try command.assembledRequest()
    #expect(request.candidates.map(\.tradeName) == ["乙", "丙", "丁"])
    #expect(!request.similarConfirmed)
    #expect(request.requestID == "7")
  }

  @Test("a request id is made fresh, or is the one given")
  func requestID() throws {
    let flags = ["--name", Self.filing, "--etag", "e"]
    let fresh = try parsed(FilingCommands.PrepareFiling.self, flags).assembledRequest()
    #expect(UUID(uuidString: fresh.requestID) != nil)
    #expect(fresh.requestID == fresh.requestID.lowercased())
    let again = try parsed(FilingCommands.PrepareFiling.self, flags).assembledRequest()
    #expect(again.requestID != fresh.requestID)
    let given = try parsed(
      FilingCommands.PrepareFiling.self,
      flags + ["--request-id", fresh.requestID]
    )
    #expect(try given.assembledRequest().requestID == fresh.requestID)
    #expect(throws: UsageFailure.self) {
      try parsed(FilingCommands.PrepareFiling.self, flags + ["--request-id", "7"])
        .assembledRequest()
    }
  }

  @Test(
    "an enum is given by its short name, or the proto's",
    arguments: [
      ("copy-pdf", Liaoning_Registry_V1_DownloadLicenseRequest.Form.copyPdf),
      ("FORM_FILE", .file),
    ]
  )
  func choice(text: String, form: Liaoning_Registry_V1_DownloadLicenseRequest.Form) throws {
    let command = try parsed(
      LicenseCommands.DownloadLicense.self,
      ["--name", "licenses/1", "--form", text]
    )
    #expect(try command.assembledRequest().form == form)
  }

  @Test(
    "what is no value of a flag is refused with the flag's name",
    arguments: [
      ["license", "download-license", "--name", "licenses/1", "--form", "paper"],
      ["trace", "list-events", "--start-time", "yesterday"],
      ["account", "create-session", "--statement", "!", "--signature", "{}"],
      ["name", "check-name", "--candidate", "{"],
      ["name", "check-name", "--candidate", #"{"nonsense":1}"#],
      ["name", "check-name", "--candidate", "[]"],
      ["name", "check-name", "--candidate", "@/nonexistent"],
    ]
  )
  func flaw(arguments: [String]) throws {
    let command = try #require(try Registryctl.parseAsRoot(arguments) as? any RPCCommand)
    let error = #expect(throws: (any Error).self) { try assembled(command) }
    switch error {
    case let usage as UsageFailure:
      #expect(
        usage.message.hasPrefix(arguments[arguments.count > 4 ? 4 : 2])
          || usage.message.hasPrefix("--")
      )
    case let file as ShellError:
      #expect(file == .fileUnreadable(path: "/nonexistent", reason: "it does not exist"))
    default: Issue.record("\(String(describing: error))")
    }
  }

  private func assembled(_ command: some RPCCommand) throws {
    _ = try command.assembledRequest()
  }

  @Test("bytes come in Base64 or from a file, not both")
  func bytes() throws {
    let folder = try Folder()
    let file = try folder.file("statement", "abc")
    let signature = ["--signature", #"{"value":"AQ=="}"#]
    let fromFile = try parsed(
      AccountCommands.CreateSession.self,
      ["--statement-file", file] + signature
    ).assembledRequest()
    #expect(fromFile.statement == Data("abc".utf8))
    #expect(fromFile.signature.value == Data([1]))
    let inBase64 = try parsed(
      AccountCommands.CreateSession.self,
      ["--statement", "YWJj"] + signature
    ).assembledRequest()
    #expect(inBase64 == fromFile)
    #expect(throws: UsageFailure.self) {
      try parsed(
        AccountCommands.CreateSession.self,
        ["--statement", "YWJj", "--statement-file", file] + signature
      ).assembledRequest()
    }
  }

  @Test("a message comes from a file as JSON or serialized")
  func messageFile() throws {
    let folder = try Folder()
    let license = Liaoning_Registry_V1_LicenseFile.with {
      // The length of 123 bytes is an opening brace.
      $0.content = Data(repeating: 0x7B, count: 123)
    }
    let binary = folder.path + "/license.bin"
    try license.serializedData().write(to: URL(fileURLWithPath: binary))
    let json = try folder.file("license.json", try license.jsonString())
    for file in [binary, json] {
      let command = try parsed(
        LicenseCommands.VerifyLicense.self,
        ["--file", "@" + file, "--purpose", "ACCOUNT_OPENING"]
      )
      #expect(try command.assembledRequest().file == license)
    }
  }

  @Test("times, masks and numbers reach their fields")
  func others() throws {
    let events = try parsed(
      TraceCommands.ListEvents.self,
      ["--start-time", "2026-03-02T09:00:00+08:00", "--page-size", "7"]
    ).assembledRequest()
    #expect(events.startTime.seconds == 1_772_413_200)
    #expect(events.pageSize == 7)
    let update = try parsed(
      FilingCommands.UpdateFiling.self,
      [
        "--name", Self.filing, "--etag", "e", "--update-mask",
        "content.company.charter_text,content.domicile",
      ]
    ).assembledRequest()
    #expect(update.updateMask.paths == ["content.company.charter_text", "content.domicile"])
    #expect(update.filing.name == Self.filing && update.filing.etag == "e")
  }

  @Test("JSON out goes in again as the same request")
  func roundTrip() throws {
    let command = try parsed(
      AccountCommands.CreateRestriction.self,
      [
        "--person", #"{"full_name":"赵测试一","identity_number":"210101190001010018"}"#, "--scope",
        "online-filing", "--ground", "沈市监〔2026〕1号\n\"引\"", "--end-time", "2027-01-01T00:00:00Z",
      ]
    )
    let request = try command.assembledRequest()
    let json = try Show.json(of: request)
    #expect(json == (try Show.json(of: request)))
    let again = try parsed(AccountCommands.CreateRestriction.self, ["--request", json])
    #expect(try again.assembledRequest() == request)
  }

  @Test(
    "what is no message says what it is not",
    arguments: [
      (#"{"frob":1}"#, "it is no NameCandidate: it has no field frob"),
      ("@FILE", "it is neither a serialized NameCandidate nor JSON"),
    ]
  )
  func noMessage(value: String, reason: String) throws {
    let folder = try Folder()
    let file = try folder.file("cut.bin", "\u{A}\u{50}x")
    let given = value.replacing("FILE", with: file)
    let command = try parsed(NameCommands.CheckName.self, ["--candidate", given])
    let failure = #expect(throws: UsageFailure.self) { try command.assembledRequest() }
    #expect(failure?.message.hasPrefix("--candidate: \(reason)") == true)
  }
}
