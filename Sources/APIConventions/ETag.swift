/// The version of a resource as clients carry it (AIP-154): opaque to them.
package struct ETag: Hashable, Sendable, CustomStringConvertible {
  /// The version, from 1.
  package let version: Int64

  /// The etag of a version.
  package init(version: Int64) {
    self.version = version
  }

  /// Parses what `description` wrote; nothing if it is not exactly that.
  package init?(_ text: String) {
    guard text.first == "v", text.utf8.count <= 20, let version = Int64(text.dropFirst()),
      version > 0, "v\(version)" == text
    else { return nil }
    self.version = version
  }

  /// The text that goes to clients.
  package var description: String { "v\(version)" }
}
