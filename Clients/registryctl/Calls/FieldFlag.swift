internal import Foundation
internal import SwiftProtobuf

/// A flag with the field of the request that it fills in.
struct FieldFlag {
  /// The field's path from the request, in the proto's names.
  let path: [String]
  /// The flag without dashes.
  var name: String
  /// The request is refused without it.
  var isRequired = false
  /// It carries the call's `request_id`.
  var isRequestID = false
  private let read: () throws -> JSON?

  private init(_ path: String, read: @escaping () throws -> JSON?) {
    let path = path.split(separator: ".").map(String.init)
    self.path = path
    name = (path.last ?? "").replacing("_", with: "-")
    self.read = read
  }

  /// The field's value, or nil where the flag was not given.
  ///
  /// - Throws: `usage` where the text is no value of the field, `fileUnreadable`.
  func value() throws -> JSON? {
    do {
      return try read()
    } catch let flaw as FlagFlaw {
      throw ShellError.usage("--\(name): \(flaw.reason)")
    }
  }

  /// The same, required.
  var required: FieldFlag {
    var flag = self
    flag.isRequired = true
    return flag
  }

  /// The same under another name.
  func named(_ name: String) -> FieldFlag {
    var flag = self
    flag.name = name
    return flag
  }
}

/// Why a flag's text is no value of its field.
struct FlagFlaw: Error {
  let reason: String
}

extension FieldFlag {
  /// Text as it stands.
  static func text(_ path: String, _ value: String?) -> FieldFlag {
    FieldFlag(path) { value.map { .text($0) } }
  }

  /// Texts as they stand.
  static func texts(_ path: String, _ values: [String]) -> FieldFlag {
    list(path, values) { .text($0) }
  }

  /// A number.
  static func number<Number: LosslessStringConvertible>(_ path: String, _ value: Number?)
    -> FieldFlag
  {
    FieldFlag(path) { value.map { .number(String($0)) } }
  }

  /// Numbers.
  static func numbers<Number: LosslessStringConvertible>(
    _ path: String,
    _ values: [Number]
  ) -> FieldFlag {
    FieldFlag(path) { values.isEmpty ? nil : .list(values.map { .number(String($0)) }) }
  }

  /// Yes or no.
  static func toggle(_ path: String, _ value: Bool?) -> FieldFlag {
    FieldFlag(path) { value.map { .boolean($0) } }
  }

  /// A value of an enum: its short name, or the proto's.
  static func choice(
    _ path: String,
    _ value: String?,
    _ prefix: String,
    _ names: [String]
  ) -> FieldFlag {
    FieldFlag(path) { try value.map { try chosen($0, prefix, names) } }
  }

  /// Values of an enum.
  static func choices(
    _ path: String,
    _ values: [String],
    _ prefix: String,
    _ names: [String]
  ) -> FieldFlag {
    list(path, values) { try chosen($0, prefix, names) }
  }

  /// Bytes in Base64, or a file's.
  static func bytes(_ path: String, _ value: String?, _ file: String?) -> FieldFlag {
    FieldFlag(path) {
      switch (value, file) {
      case (nil, nil): return nil
      case (.some, .some): throw FlagFlaw(reason: "give it or its file, not both")
      case (let text?, nil): return try base64(text)
      case (nil, let file?): return .text(Data(try Input.bytes(of: file)).base64EncodedString())
      }
    }
  }

  /// Several times bytes: first those in Base64, then those of files.
  static func bytess(_ path: String, _ values: [String], _ files: [String]) -> FieldFlag {
    FieldFlag(path) {
      let bytes =
        try values.map(base64)
        + files.map { .text(Data(try Input.bytes(of: $0)).base64EncodedString()) }
      return bytes.isEmpty ? nil : .list(bytes)
    }
  }

  /// An instant by RFC 3339.
  static func time(_ path: String, _ value: String?) -> FieldFlag {
    FieldFlag(path) { try value.map(instant) }
  }

  /// Instants by RFC 3339.
  static func times(_ path: String, _ values: [String]) -> FieldFlag {
    list(path, values, instant)
  }

  /// Paths of fields in the proto's names, joined by commas.
  static func mask(_ path: String, _ value: String?) -> FieldFlag {
    FieldFlag(path) {
      value.map { .text($0.split(separator: ",").map(camelCase).joined(separator: ",")) }
    }
  }

  /// A message as JSON; from a file as JSON or serialized.
  static func message<Message: SwiftProtobuf.Message>(
    _ path: String,
    _ value: String?,
    _ type: Message.Type
  ) -> FieldFlag {
    FieldFlag(path) {
      try value.map { value in
        let messages = try Input.messages(value, type)
        guard let message = messages.first, messages.count == 1 else {
          throw FlagFlaw(reason: "one object is needed, not a list")
        }
        return message
      }
    }
  }

  /// Messages as JSON, each an object or a list of objects.
  static func messages<Message: SwiftProtobuf.Message>(
    _ path: String,
    _ values: [String],
    _ type: Message.Type
  ) -> FieldFlag {
    FieldFlag(path) {
      let messages = try values.flatMap { try Input.messages($0, type) }
      return values.isEmpty ? nil : .list(messages)
    }
  }

  /// The call's `request_id`.
  static func requestID(_ value: String?) -> FieldFlag {
    var flag = FieldFlag("request_id") {
      try value.map { value in
        guard UUID(uuidString: value) != nil else {
          throw FlagFlaw(reason: "\(value) is no UUID")
        }
        return .text(value)
      }
    }
    flag.isRequestID = true
    return flag
  }

  private static func list(
    _ path: String,
    _ values: [String],
    _ convert: @escaping (String) throws -> JSON
  ) -> FieldFlag {
    FieldFlag(path) { values.isEmpty ? nil : .list(try values.map(convert)) }
  }

  private static func chosen(_ value: String, _ prefix: String, _ names: [String]) throws -> JSON {
    let constants = names.map { prefix + $0.uppercased().replacing("-", with: "_") }
    if let index = names.firstIndex(of: value) { return .text(constants[index]) }
    guard constants.contains(value) else {
      throw FlagFlaw(reason: "\(value) is none of \(names.joined(separator: ", "))")
    }
    return .text(value)
  }

  private static func base64(_ text: String) throws -> JSON {
    guard Data(base64Encoded: text) != nil else { throw FlagFlaw(reason: "it is no Base64") }
    return .text(text)
  }

  private static func instant(_ text: String) throws -> JSON {
    guard (try? Google_Protobuf_Timestamp(jsonString: JSON.text(text).encoded)) != nil else {
      throw FlagFlaw(reason: "\(text) is no time such as 2026-03-02T09:00:00+08:00 (RFC 3339)")
    }
    return .text(text)
  }

  private static func camelCase(_ path: Substring) -> String {
    path.split(separator: ".").map { name in
      let words = name.split(separator: "_")
      return (words.first.map(String.init) ?? "")
        + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }.joined(separator: ".")
  }
}
