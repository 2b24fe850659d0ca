internal import SwiftProtobuf
internal import SwiftProtobufPluginLibrary

/// A flag of a command: one field of the request, or of a message directly in it.
struct RequestFlag {
  /// How the flag's text becomes the field's JSON.
  enum Kind {
    case text
    /// The Swift type of the number.
    case number(String)
    case toggle
    /// The prefix of the enum's values, and their short names.
    case choice(prefix: String, names: [String])
    case bytes
    case time
    case mask
    /// The Swift type of the message, and whether fields of its own are flags as well.
    case message(String, isFlat: Bool)
    case requestID
  }

  /// The field's path from the request, for instance `candidate.trade_name`.
  let path: String
  /// The flag without its dashes, as snake case: `trade_name`.
  let name: String
  let kind: Kind
  let isRepeated: Bool
  let isRequired: Bool
  let help: String

  /// The flag's property in the command.
  var property: String {
    let name = Words.property(self.name)
    return ["operator", "import", "in", "default", "case", "public", "internal"].contains(name)
      ? "`\(name)`" : name
  }

  /// Flags that every command has, and properties of its machinery.
  static let taken: Set<String> = [
    "help", "version", "request", "json", "output", "all", "context", "home", "endpoint", "trust",
    "certificate", "client_key", "token", "timeout", "call", "flags", "rpc", "configuration",
  ]

  /// The flags of a method's request.
  ///
  /// - Parameter method: The RPC.
  /// - Returns: In the order of the fields; the fields of a message follow it.
  /// - Throws: `UnsuitableProto` where two flags would have one name.
  static func flags(of method: MethodDescriptor) throws -> [RequestFlag] {
    let namer = SwiftProtobufNamer()
    let request: Descriptor = method.inputType
    let own = Set(request.fields.map(\.name))
    let isCreation = method.name.hasPrefix("Create")
    let isUpdate = method.name.hasPrefix("Update")
    var flags: [RequestFlag] = []
    for field in request.fields {
      let inner = isFlat(field) ? field.messageType.fields : []
      flags.append(
        RequestFlag(field, named: field.name, isFlat: !inner.isEmpty, namer: namer)
      )
      for part in inner {
        let behavior = FieldBehavior(of: part)
        // An update names its resource and the etag last read; a creation names nothing.
        let isEtag = isUpdate && part.name == "etag"
        guard !(behavior.isOutput && !isEtag), !(behavior.isIdentifier && isCreation) else {
          continue
        }
        flags.append(
          RequestFlag(
            part,
            in: field,
            named: own.contains(part.name) ? "\(field.name)_\(part.name)" : part.name,
            isRequired: isUpdate ? behavior.isIdentifier : behavior.isRequired,
            namer: namer
          )
        )
      }
    }
    var seen = Self.taken
    for flag in flags where !seen.insert(flag.name).inserted {
      throw UnsuitableProto(description: "\(request.fullName): two flags named --\(flag.name)")
    }
    return flags
  }

  /// A message that a caller fills in, and that stands in the request once.
  private static func isFlat(_ field: FieldDescriptor) -> Bool {
    guard field.type == .message, !field.isRepeated, field.messageType.wellKnownType == nil else {
      return false
    }
    return field.messageType.fields.contains { FieldBehavior(of: $0).isStated }
  }
}

extension RequestFlag {
  private init(
    _ field: FieldDescriptor,
    in parent: FieldDescriptor? = nil,
    named name: String,
    isRequired: Bool? = nil,
    isFlat: Bool = false,
    namer: SwiftProtobufNamer
  ) {
    path = (parent.map { $0.name + "." } ?? "") + field.name
    self.name = name
    kind = Self.kind(of: field, isFlat: isFlat, namer)
    isRepeated = field.isRepeated && !field.isMap
    self.isRequired = isRequired ?? FieldBehavior(of: field).isRequired
    help = Self.help(field, kind, isRequired: self.isRequired)
  }

  private static func kind(
    of field: FieldDescriptor,
    isFlat: Bool,
    _ namer: SwiftProtobufNamer
  ) -> Kind {
    switch field.type {
    case .string: return field.name == "request_id" ? .requestID : .text
    case .bytes: return .bytes
    case .bool: return .toggle
    case .double, .float: return .number("Double")
    case .int32, .sint32, .sfixed32: return .number("Int32")
    case .int64, .sint64, .sfixed64: return .number("Int64")
    case .uint32, .fixed32: return .number("UInt32")
    case .uint64, .fixed64: return .number("UInt64")
    case .enum: return choice(field.enumType)
    case .message, .group:
      switch field.messageType.wellKnownType {
      case .timestamp: return .time
      case .fieldMask: return .mask
      case .duration: return .text
      default: return .message(namer.fullName(message: field.messageType), isFlat: isFlat)
      }
    }
  }

  /// The values that may be given, by short names: `STATE_DRAFT` is `draft`.
  private static func choice(_ type: EnumDescriptor) -> Kind {
    let prefix = Words.constant(type.name) + "_"
    let names = type.values.filter { $0.number != 0 }.map(\.name)
    let isPrefixed = names.allSatisfy { $0.hasPrefix(prefix) }
    return .choice(
      prefix: isPrefixed ? prefix : "",
      names: names.map { Words.kebab(String($0.dropFirst(isPrefixed ? prefix.count : 0))) }
    )
  }

  private static func help(_ field: FieldDescriptor, _ kind: Kind, isRequired: Bool) -> String {
    var parts = [ProtoComment(before: field).line]
    switch kind {
    case .choice(_, let names): parts.append("One of: \(names.joined(separator: ", ")).")
    case .message(_, isFlat: false):
      parts.append("Fields: \(field.messageType.fields.map(\.name).joined(separator: ", ")).")
    case .message(_, isFlat: true): parts.append("Or by the flags below.")
    case .requestID: return parts[0] + " Made fresh if not given."
    case .text, .number, .toggle, .bytes, .time, .mask: break
    }
    if isRequired { parts.append("Required.") }
    if field.isRepeated { parts.append("May be given several times.") }
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
