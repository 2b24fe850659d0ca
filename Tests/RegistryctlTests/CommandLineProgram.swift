internal import Foundation
internal import RegistryTestKit

/// Runs programs of this build, and protoc, to their end.
enum CommandLineProgram {
  /// What a program said and how it ended.
  struct Outcome: Sendable {
    let code: Int32
    let output: String
    let messages: String
  }

  /// Runs `registryctl`.
  ///
  /// - Parameters:
  ///   - arguments: Its arguments.
  ///   - folder: An existing folder, which is its home and where its output is kept.
  ///   - environment: Variables beside `PATH` and the home.
  ///   - input: What stands on its standard input.
  /// - Returns: What it said and how it ended.
  /// - Throws: Where it cannot be started.
  static func registryctl(
    _ arguments: [String],
    in folder: String,
    environment: [String: String] = [:],
    input: String = ""
  ) async throws -> Outcome {
    try await run(
      ChildProcess.path(of: "registryctl"),
      arguments,
      in: folder,
      environment: ["REGISTRYCTL_HOME": folder + "/shell"].merging(environment) { $1 },
      input: input
    )
  }

  /// Runs any program.
  static func run(
    _ path: String,
    _ arguments: [String],
    in folder: String,
    environment: [String: String] = [:],
    input: String = ""
  ) async throws -> Outcome {
    let run = folder + "/" + UUID().uuidString
    let files = (input: run + ".in", output: run + ".out", messages: run + ".err")
    try input.write(toFile: files.input, atomically: false, encoding: .utf8)
    for file in [files.output, files.messages] {
      _ = FileManager.default.createFile(atPath: file, contents: nil)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let inherited = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    process.environment = ["PATH": inherited, "LC_ALL": "C.UTF-8"].merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: files.input)
    process.standardOutput = FileHandle(forWritingAtPath: files.output)
    process.standardError = FileHandle(forWritingAtPath: files.messages)
    let code = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return Outcome(
      code: code,
      output: try String(contentsOfFile: files.output, encoding: .utf8),
      messages: try String(contentsOfFile: files.messages, encoding: .utf8)
    )
  }
}

/// A folder of a test's own, removed when the test is over.
final class Folder {
  let path: String

  init() throws {
    var template = Array("/tmp/registryctl-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    path = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file.
  ///
  /// - Returns: Its path.
  func file(_ name: String, _ content: String) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
      withIntermediateDirectories: true
    )
    try content.write(toFile: file, atomically: false, encoding: .utf8)
    return file
  }

  /// The permissions of a file or folder.
  static func mode(of path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? Int ?? 0) & 0o777
  }
}
