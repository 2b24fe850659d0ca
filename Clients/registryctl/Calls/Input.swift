internal import Foundation
internal import SwiftProtobuf

/// What the user gives by flags: text, files, standard input.
enum Input {
  /// The most bytes that are read.
  private static let mostBytes = 16 << 20

  /// The bytes of a file, or of standard input for `-`.
  ///
  /// - Parameter path: The file.
  /// - Returns: Its content.
  /// - Throws: `fileUnreadable`.
  static func bytes(of path: String) throws(ShellError) -> [UInt8] {
    let data: Data
    if path == "-" {
      do {
        data = try FileHandle.standardInput.readToEnd() ?? Data()
      } catch {
        throw .fileUnreadable(path: "standard input", reason: error.localizedDescription)
      }
    } else {
      guard let content = try PrivateFile.read(path) else {
        throw .fileUnreadable(path: path, reason: "it does not exist")
      }
      data = content
    }
    guard data.count <= mostBytes else {
      throw .fileUnreadable(path: path, reason: "it is larger than 16 MiB")
    }
    return Array(data)
  }

  /// The bytes that a value stands for: itself, `@FILE`, or `-` for standard input.
  ///
  /// - Parameter value: The flag's text.
  /// - Returns: The bytes.
  /// - Throws: `fileUnreadable`.
  static func bytes(for value: String) throws(ShellError) -> [UInt8] {
    if value == "-" { return try bytes(of: "-") }
    if value.hasPrefix("@") { return try bytes(of: String(value.dropFirst())) }
    return Array(value.utf8)
  }

  /// The messages that a value stands for.
  ///
  /// - Parameters:
  ///   - value: JSON of one object or a list of them, `@FILE`, or `-`. A file may hold one message
  ///     serialized instead.
  ///   - type: The type of the messages.
  /// - Returns: The messages, as JSON in the proto's names.
  /// - Throws: `FlagFlaw`, `fileUnreadable`.
  static func messages<Message: SwiftProtobuf.Message>(
    _ value: String,
    _ type: Message.Type
  ) throws -> [JSON] {
    let bytes = try bytes(for: value)
    let json: JSON
    do {
      json = try JSONReader.value(of: String(decoding: bytes, as: UTF8.self))
    } catch let flaw {
      // Only what lies in a file can be a serialized message.
      let isFile = value == "-" || value.hasPrefix("@")
      guard isFile, !bytes.isEmpty else { throw FlagFlaw(reason: "\(flaw)") }
      guard let message = try? Message(serializedBytes: bytes) else {
        throw FlagFlaw(
          reason: "it is neither a serialized \(Self.name(of: type)) nor JSON: \(flaw)"
        )
      }
      return [try message.json()]
    }
    let values: [JSON]
    if case .list(let list) = json { values = list } else { values = [json] }
    return try values.map { value in
      do {
        return try Message(jsonString: value.encoded).json()
      } catch JSONDecodingError.unknownField(let field) {
        throw FlagFlaw(reason: "it is no \(Self.name(of: type)): it has no field \(field)")
      } catch {
        throw FlagFlaw(reason: "it is no \(Self.name(of: type)): \(error)")
      }
    }
  }

  /// The name of a message's type without its package.
  private static func name(of type: any SwiftProtobuf.Message.Type) -> String {
    type.protoMessageName.split(separator: ".").last.map(String.init) ?? ""
  }
}

extension SwiftProtobuf.Message {
  /// The message as JSON in the proto's names.
  ///
  /// - Returns: An object.
  /// - Throws: Where the message holds what JSON cannot, such as a time beyond the year 9999.
  func json() throws -> JSON {
    var options = JSONEncodingOptions()
    options.preserveProtoFieldNames = true
    options.useDeterministicOrdering = true
    return try JSONReader.value(of: jsonString(options: options))
  }
}
