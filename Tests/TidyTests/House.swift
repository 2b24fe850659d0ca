internal import Foundation

/// The source tree, or a sample of one: what the checks read.
struct House: Sendable {
  let files: [HouseFile]

  /// The files by path, so that a check's samples can be written down.
  init(_ texts: [String: String]) {
    files = texts.sorted { $0.key < $1.key }.map { HouseFile(path: $0.key, text: $0.value) }
  }

  /// The tree in which this file stands.
  static let standing = House(HouseReading.texts())

  /// Hand-written Swift under any of the folders.
  func swift(under folders: String...) -> [HouseFile] {
    files.filter { file in
      file.swift != nil && folders.contains { file.path.hasPrefix($0 + "/") }
    }
  }

  /// Hand-written Swift of any of the modules.
  func swift(of modules: [String]) -> [HouseFile] {
    files.filter { $0.swift != nil && $0.area == "Sources" && modules.contains($0.module) }
  }

  /// The modules that hold anything in an area: `Sources`, `Clients` or `Tests`.
  func modules(in area: String) -> [String] {
    Set(files.filter { $0.area == area && $0.module != "" }.map(\.module)).sorted()
  }

  func file(_ path: String) -> HouseFile? {
    files.first { $0.path == path }
  }
}

/// One file with its path from the root.
struct HouseFile: Sendable {
  let path: String
  let text: String
  /// The file taken apart, for Swift written by hand.
  let swift: SwiftText?

  init(path: String, text: String) {
    self.path = path
    self.text = text
    let isGenerated = path.contains("/Generated/") || path.contains("/Resources/")
    swift = path.hasSuffix(".swift") && !isGenerated ? SwiftText(text) : nil
  }

  private var parts: [Substring] { path.split(separator: "/") }
  var name: String { String(parts.last ?? "") }
  /// The first folder: `Sources`, `Clients`, `Tests`, or another.
  var area: String { parts.count > 1 ? String(parts[0]) : "" }
  /// The second folder, which is the module's name; empty for files beside the modules.
  var module: String { parts.count > 2 ? String(parts[1]) : "" }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// The file's lines that a pattern matches, each as a finding.
  func findings(_ pattern: String, _ rule: String, in lines: [String]) -> [Finding] {
    let pattern = Pattern(pattern)
    return lines.enumerated().filter { pattern.matches($0.element) }
      .map { Finding(path: path, line: $0.offset + 1, rule: rule) }
  }
}

/// A place where the house departs from the style guide.
struct Finding: Sendable, Hashable, CustomStringConvertible {
  let path: String
  /// From 1; 0 when the finding is about the whole file or folder.
  let line: Int
  let rule: String

  var description: String { line == 0 ? "\(path): \(rule)" : "\(path):\(line): \(rule)" }
}

/// A regular expression; one that doesn't compile matches everything, so that it can't go unnoticed.
struct Pattern {
  private let expression: NSRegularExpression?

  init(_ pattern: String) {
    expression = try? NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
  }

  func matches(_ text: String) -> Bool {
    guard let expression else { return true }
    let range = NSRange(text.startIndex..., in: text)
    return expression.firstMatch(in: text, range: range) != nil
  }

  /// The groups of each match, an empty string for a group that took no part.
  func groups(in text: String) -> [[String]] {
    guard let expression else { return [] }
    return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
      (0..<match.numberOfRanges).map { index in
        Range(match.range(at: index), in: text).map { String(text[$0]) } ?? ""
      }
    }
  }
}

/// Reads the tree from disk: what git tracks or would, or all but build folders where git can't say.
private enum HouseReading {
  static func texts() -> [String: String] {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    var texts: [String: String] = [:]
    for path in tracked(root) ?? walked(root) {
      let file = root.appendingPathComponent(path)
      // Binary files and those deleted but not yet committed are no text to check.
      if let text = try? String(contentsOf: file, encoding: .utf8) { texts[path] = text }
    }
    return texts
  }

  private static func tracked(_ root: URL) -> [String]? {
    let git = Process()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = [
      "git", "-C", root.path, "ls-files", "-z", "--cached", "--others", "--exclude-standard",
    ]
    let output = Pipe()
    git.standardOutput = output
    git.standardError = FileHandle.nullDevice
    guard (try? git.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    git.waitUntilExit()
    guard git.terminationStatus == 0, !data.isEmpty else { return nil }
    return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func walked(_ root: URL) -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
    var paths: [String] = []
    for case let path as String in walk {
      let top = path.split(separator: "/").first ?? ""
      if top.hasPrefix(".build") || top == ".git" || top == ".swiftpm" || top == "data" {
        walk.skipDescendants()
      } else {
        paths.append(path)
      }
    }
    return paths
  }
}
