internal import Foundation
internal import SwiftProtobuf

/// Makes a request from `--request` and the flags; a flag wins.
struct RequestAssembly {
  /// `--request`: JSON, `@FILE`, or `-`.
  let whole: String?
  let flags: [FieldFlag]
  /// Makes the `request_id` where none is given.
  var newUUID: () -> UUID = { UUID() }

  /// The request.
  ///
  /// - Parameter type: Its type.
  /// - Returns: The request, with every required field.
  /// - Throws: `ShellError.usage` naming every required flag that is missing, or the flag that is
  ///   wrong; `fileUnreadable`.
  func request<Request: SwiftProtobuf.Message>(_ type: Request.Type) throws -> Request {
    var json = JSON.object([])
    if let whole {
      let flag = FieldFlag.message("request", whole, Request.self)
      json = try flag.value() ?? json
    }
    for flag in flags {
      if let value = try flag.value() { json = json.setting(flag.path[...], to: value) }
    }
    for flag in flags where flag.isRequestID && (json.value(at: flag.path[...]) ?? .null).isEmpty {
      json = json.setting(flag.path[...], to: .text(newUUID().uuidString.lowercased()))
    }
    let missing = missing(in: json)
    guard missing.isEmpty else {
      throw ShellError.usage(
        "Missing: " + missing.map { "--\($0)" }.joined(separator: ", ") + "."
      )
    }
    do {
      return try Request(jsonString: json.encoded)
    } catch {
      throw ShellError.usage("The request cannot be made: \(error)")
    }
  }

  /// The required flags whose fields are empty.
  ///
  /// A message with flags of its own is named by those; theirs are required where the message is
  /// there or required.
  private func missing(in json: JSON) -> [String] {
    let parents = Set(flags.filter { $0.path.count > 1 && $0.isRequired }.compactMap(\.path.first))
    return flags.filter { flag in
      guard flag.isRequired, (json.value(at: flag.path[...]) ?? .null).isEmpty else { return false }
      if flag.path.count == 1 { return !parents.contains(flag.path[0]) }
      let parent = flag.path.prefix(1)
      return json.value(at: parent) != nil
        || flags.contains { $0.path[...] == parent && $0.isRequired }
    }.map(\.name)
  }
}
