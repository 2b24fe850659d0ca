internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf

/// What the protos say of the fields of each message, for showing messages to people.
struct Schema: Sendable {
  /// What a field holds.
  enum Kind: Equatable, Sendable {
    case text
    case number
    case boolean
    case bytes
    case time
    /// An enum, by the prefix that its values share.
    case choice(prefix: String)
    /// A message, by its full name.
    case message(String)
    /// A map, from text to anything.
    case map
  }

  /// A field of a message.
  struct Field: Equatable, Sendable {
    let name: String
    let kind: Kind
    let isRepeated: Bool
    /// Where it is left out, it is 0 or no: presence says nothing.
    var isPlain = false
  }

  private let messages: [String: [Field]]

  /// The schema of all protos served.
  ///
  /// - Throws: If the descriptors built into the program cannot be read.
  init() throws {
    try self.init(
      Google_Protobuf_FileDescriptorSet(serializedBytes: DescriptorSet.serialized)
    )
  }

  /// The schema of some protos.
  init(_ set: Google_Protobuf_FileDescriptorSet) {
    var messages: [String: [Field]] = [:]
    for file in set.file {
      for message in file.messageType { Self.add(message, in: file.package, to: &messages) }
    }
    self.messages = messages
  }

  /// The fields of a message in the order of the proto; none of an unknown message.
  func fields(of message: String) -> [Field] { messages[message] ?? [] }

  private static func add(
    _ message: Google_Protobuf_DescriptorProto,
    in scope: String,
    to messages: inout [String: [Field]]
  ) {
    let name = scope + "." + message.name
    let maps = Set(
      message.nestedType.filter(\.options.mapEntry).map { ".\(name).\($0.name)" }
    )
    messages[name] = message.field.map { field in
      let isMap = maps.contains(field.typeName)
      return Field(
        name: field.name,
        kind: isMap ? .map : kind(of: field),
        isRepeated: field.label == .repeated && !isMap,
        isPlain: field.label != .repeated && !field.hasOneofIndex && !field.proto3Optional
      )
    }
    for nested in message.nestedType { add(nested, in: name, to: &messages) }
  }

  private static func kind(of field: Google_Protobuf_FieldDescriptorProto) -> Kind {
    switch field.type {
    case .string: .text
    case .bytes: .bytes
    case .bool: .boolean
    case .enum: .choice(prefix: prefix(of: field.typeName))
    case .message, .group:
      switch field.typeName {
      case ".google.protobuf.Timestamp": .time
      case ".google.protobuf.Duration", ".google.protobuf.FieldMask": .text
      default: .message(String(field.typeName.dropFirst()))
      }
    case .double, .float, .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64,
      .sfixed32, .sfixed64:
      .number
    }
  }

  /// `.a.b.Filing.SignState` as `SIGN_STATE_`.
  private static func prefix(of type: String) -> String {
    let name = type.split(separator: ".").last ?? ""
    var prefix = ""
    for character in name {
      if character.isUppercase, !prefix.isEmpty { prefix += "_" }
      prefix += character.uppercased()
    }
    return prefix + "_"
  }
}
