internal import Foundation
internal import RegistryTestKit
internal import Testing

/// The scenario files of the project.
enum ScenarioFiles {
  /// The folder they lie in.
  static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Clients/registryctl/Scenarios"

  /// Their names, in order.
  static let all: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".json") }.sorted()

  static func path(_ name: String) -> String { folder + "/" + name }
}

@Suite(
  "Going the whole way over TLS",
  .registry(.init(database: .shared, hasPartners: true)),
  .serialized
)
struct ScenarioTests {
  @Test("every scenario of the project is there")
  func files() {
    let names = Set(ScenarioFiles.all)
    #expect(
      names.isSuperset(of: [
        "C01.json", "C02.json", "C04.json", "C04-refused.json", "C05.json", "C06.json", "C07.json",
        "C08.json", "C09.json", "C11.json",
      ])
    )
  }

  @Test("a scenario ends as its file says", arguments: ScenarioFiles.all)
  func scenario(file: String) async throws {
    let run = try await JourneyRun.of(
      [file],
      ["--library", ScenarioFiles.folder + "/name-library.tsv"]
    )
    #expect(run.exitCode == 0, "\(run.messages)")
    let end = try #require(run.events.last)
    #expect(end["event"] as? String == "end" && end["passed"] as? Bool == true)
  }

  @Test("those who race on one registry do not get into each other's way")
  func sideBySide() async throws {
    try await withThrowingTaskGroup(of: JourneyRun.self) { tasks in
      for file in ["C05.json", "C02.json", "C09.json"] {
        tasks.addTask { try await JourneyRun.of([file]) }
      }
      for try await run in tasks { #expect(run.exitCode == 0, "\(run.messages)") }
    }
  }
}

@Suite(
  "Telling a journey",
  .registry(.init(database: .shared, hasPartners: true)),
  .serialized
)
struct NarrationTests {
  /// Steps by the number that the project's plan gives them.
  private func numbers(_ run: JourneyRun) -> [Int] {
    run.events.filter { $0["event"] as? String == "step" }.compactMap { $0["step"] as? Int }
  }

  @Test("the whole way passes all nine steps, and a second run logs in with the keys of the first")
  func twice() async throws {
    let first = try await JourneyRun.of(["C01.json"])
    #expect(first.exitCode == 0, "\(first.messages)")
    #expect(Set(numbers(first)).isSuperset(of: 1...9))
    let second = try await JourneyRun.of(["C01.json"])
    #expect(second.exitCode == 0, "\(second.messages)")
    let deeds = { (run: JourneyRun) in run.events.compactMap { $0["what"] as? String } }
    #expect(deeds(first).contains { $0.hasPrefix("registers") })
    #expect(!deeds(second).contains { $0.hasPrefix("registers") })
    #expect(deeds(second).contains { $0.hasPrefix("logs in again") })
    let ends = [first, second].compactMap { $0.events.last }
    #expect(Set(ends.compactMap { $0["license"] as? String }).count == 2)
    for key in ["license_file", "license_pdf", "volume_file"] {
      let path = try #require(ends[1][key] as? String)
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("keys and documents are for their owner only")
  func modes() async throws {
    let run = try await JourneyRun.of(["C06.json"])
    #expect(run.exitCode == 0, "\(run.messages)")
    let folder = try RunningRegistry.ofSuite().folder + "/journey/keys"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.contains { $0.hasSuffix(".key") })
    for file in files {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + file)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
    }
  }

  @Test("people read who did what, and the licence in the end")
  func forPeople() async throws {
    let run = try await JourneyRun.of(["C05.json"], isForPrograms: false)
    #expect(run.exitCode == 0, "\(run.messages)")
    let text = run.lines.joined(separator: "\n")
    for part in [
      "4 sign     冯测试九", "COMPLETED", "营业执照", "家庭经营", "verified by icbc-shenyang",
      "Where to look next:",
    ] {
      #expect(text.contains(part), "\(part) is missing in\n\(text)")
    }
  }

  @Test("a step that should be refused and is not ends the journey with 1")
  func notRefused() async throws {
    let run = try await JourneyRun.edited("C06.json") { scenario in
      scenario.replacing(#""text": "危险化学品经营""#, with: #""text": "会议及展览服务""#)
    }
    #expect(run.exitCode == 1)
    #expect(run.messages.contains("JOURNEY_STEP_NOT_REFUSED"))
  }

  @Test("a step that is refused otherwise ends the journey with 1")
  func refusedOtherwise() async throws {
    let run = try await JourneyRun.edited("C06.json") { scenario in
      scenario.replacing("PRE_APPROVAL_NOT_ONLINE", with: "FILING_STALE")
    }
    #expect(run.exitCode == 1)
    #expect(run.messages.contains("PRE_APPROVAL_NOT_ONLINE"))
  }

  @Test("another state than expected ends the journey with 1")
  func otherState() async throws {
    let run = try await JourneyRun.edited("C09.json") { scenario in
      scenario.replacing("WITHDRAWN", with: "ACCEPTED")
    }
    #expect(run.exitCode == 1)
    #expect(run.messages.contains("JOURNEY_STEP_ENDED_OTHERWISE"))
  }

  @Test(
    "a refusal that the file does not expect ends the journey with its class and every violation"
  )
  func unexpectedRefusal() async throws {
    let run = try await JourneyRun.edited("C01.json") { scenario in
      scenario.replacing(#""manager": "@zhao""#, with: #""manager": "@qian""#)
    }
    #expect(run.exitCode == 3)
    #expect(run.messages.contains("SUPERVISOR_INCOMPATIBLE"))
  }

  @Test(
    "a file that is no scenario is refused before anything is done",
    arguments: ["{", "[]", "{}", #"{"title": 1}"#]
  )
  func malformed(text: String) async throws {
    let run = try await JourneyRun.edited("C01.json") { _ in text }
    #expect(run.exitCode == 2)
    #expect(run.events.isEmpty)
  }

  @Test("a member that means nothing is refused")
  func unknownMember() async throws {
    let run = try await JourneyRun.edited("C09.json") { scenario in
      scenario.replacing(#""expect""#, with: #""expects""#)
    }
    #expect(run.exitCode == 2)
    #expect(run.messages.contains("steps[7].expects"))
  }

  @Test("without a registry the data folder is named")
  func nowhere() async throws {
    let run = try await JourneyRun.of(["C01.json"], ["--data", "/nowhere"])
    #expect(run.exitCode == 9)
    #expect(run.messages.contains("/nowhere"))
  }
}
