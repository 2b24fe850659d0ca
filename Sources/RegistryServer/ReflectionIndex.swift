internal import RegistryAPI
internal import SwiftProtobuf

/// The protos served, found by file, symbol or extension, with what each file imports.
struct ReflectionIndex: Sendable {
  private let files: [String: File]
  private let fileOfSymbol: [String: String]
  private let extensions: [String: [Int32: String]]
  /// The full names of the services served, sorted.
  let services: [String]

  private struct File: Sendable {
    let serialized: [UInt8]
    let dependencies: [String]
  }

  /// An index of a serialized `FileDescriptorSet`.
  ///
  /// - Parameters:
  ///   - descriptorSet: The set, with every import.
  ///   - served: The full names of the services to list.
  /// - Throws: If the set cannot be parsed.
  init(descriptorSet: [UInt8], served: Set<String>) throws {
    let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: descriptorSet)
    var files: [String: File] = [:]
    var symbols: [String: String] = [:]
    var extensions: [String: [Int32: String]] = [:]
    for file in set.file {
      files[file.name] = File(
        serialized: try file.serializedBytes(),
        dependencies: file.dependency
      )
      let package = file.package.isEmpty ? "" : file.package + "."
      for symbol in Self.symbols(of: file, in: package) { symbols[symbol] = file.name }
      for field in file.extension {
        extensions[String(field.extendee.drop { $0 == "." }), default: [:]][field.number] =
          file.name
      }
    }
    self.files = files
    self.fileOfSymbol = symbols
    self.extensions = extensions
    self.services = served.sorted()
  }

  /// A file and all that it imports, each serialized; nothing if it is unknown.
  func file(named name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var found: [[UInt8]] = []
    var seen: Set<String> = []
    var waiting = [name]
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted, let file = files[next] else { continue }
      found.append(file.serialized)
      waiting += file.dependencies
    }
    return found
  }

  /// The file that declares a service, method, message, enum or field.
  func file(declaring symbol: String) -> [[UInt8]]? {
    fileOfSymbol[symbol].flatMap(file(named:))
  }

  /// The file that declares an extension of a message.
  func file(extending message: String, number: Int32) -> [[UInt8]]? {
    extensions[message]?[number].flatMap(file(named:))
  }

  /// The numbers of a message's extensions; nothing if the message is unknown.
  func extensionNumbers(of message: String) -> [Int32]? {
    guard fileOfSymbol[message] != nil else { return nil }
    return (extensions[message] ?? [:]).keys.sorted()
  }

  private static func symbols(
    of file: Google_Protobuf_FileDescriptorProto,
    in package: String
  ) -> [String] {
    file.messageType.flatMap { symbols(of: $0, in: package) }
      + file.enumType.map { package + $0.name }
      + file.extension.map { package + $0.name }
      + file.service.flatMap { service in
        [package + service.name] + service.method.map { package + service.name + "." + $0.name }
      }
  }

  private static func symbols(
    of message: Google_Protobuf_DescriptorProto,
    in scope: String
  ) -> [String] {
    let name = scope + message.name
    return [name]
      + message.field.map { name + "." + $0.name }
      + message.enumType.map { name + "." + $0.name }
      + message.nestedType.flatMap { symbols(of: $0, in: name + ".") }
  }
}
