internal import APIConventions
internal import Foundation
internal import ShangMi

/// A version of the handling agreement (全程电子化登记办理协议).
struct Agreement: Sendable {
  let version: Int32
  let text: String
  let textSM3: SM3Digest
  let effectiveTime: Date

  /// `agreements/{version}`.
  static func name(of version: Int32) -> String { "agreements/\(version)" }

  /// The version that a resource name names; nothing if it is not exactly such a name.
  static func version(in name: String) -> Int32? {
    guard let id = ResourceName.ids(in: name, of: "agreements")?.first, let version = Int32(id),
      version > 0, Self.name(of: version) == name
    else { return nil }
    return version
  }
}
