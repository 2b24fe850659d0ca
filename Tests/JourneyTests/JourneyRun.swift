internal import Foundation
internal import RegistryTestKit

/// One run of `registryctl journey` on the suite's registry, by the built program.
struct JourneyRun: Sendable {
  let exitCode: Int32
  /// What it wrote to standard output.
  let lines: [String]
  /// What it wrote to standard error.
  let messages: String

  /// The JSON objects it told.
  var events: [[String: Any]] {
    lines.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
  }

  /// Runs scenarios of the project.
  static func of(
    _ scenarios: [String],
    _ arguments: [String] = [],
    isForPrograms: Bool = true
  ) async throws -> JourneyRun {
    try await run(
      scenarios.map { ScenarioFiles.path($0) } + (isForPrograms ? ["--json"] : []) + arguments
    )
  }

  /// Runs a scenario of the project after a change of its text.
  static func edited(_ scenario: String, _ change: (String) -> String) async throws -> JourneyRun {
    let text = try String(contentsOfFile: ScenarioFiles.path(scenario), encoding: .utf8)
    let file = try RunningRegistry.ofSuite().folder + "/\(UUID().uuidString).json"
    try change(text).write(toFile: file, atomically: true, encoding: .utf8)
    return try await run([file, "--json"])
  }

  private static func run(_ arguments: [String]) async throws -> JourneyRun {
    let registry = try RunningRegistry.ofSuite()
    let messages = registry.folder + "/\(UUID().uuidString).messages"
    let place = arguments.contains("--data") ? [] : ["--data", registry.folder]
    let process = try ChildProcess(
      "registryctl",
      ["journey"] + arguments + place,
      messages: messages
    )
    var lines: [String] = []
    while let line = try? await process.nextLine(within: 120) { lines.append(line) }
    return JourneyRun(
      exitCode: try await process.exitCode(),
      lines: lines,
      messages: process.messagesSoFar
    )
  }
}
