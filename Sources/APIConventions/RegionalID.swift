package import Foundation
package import Vocabulary

/// The id of a governed resource: the region whose shard keeps it, and a UUID v7 made by the server.
///
/// As text `{region}-{uuid}` with the UUID in lower case, for instance
/// `210100-019a1b2c-3d4e-7f50-8a9b-0c1d2e3f4a5b`, 43 ASCII characters.
package struct RegionalID: Hashable, Sendable, CustomStringConvertible {
  /// The region that leads every primary key.
  package let region: RegionCode
  /// Unique in the whole system.
  package let uuid: UUID

  /// An id in `region`.
  package init(region: RegionCode, uuid: UUID) {
    self.region = region
    self.uuid = uuid
  }

  /// Parses the text form; nothing if it is not exactly that.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard
      parts.count == 2, parts[0].utf8.count == 6, parts[1].utf8.count == 36,
      let region = RegionCode(String(parts[0])),
      let uuid = UUID(uuidString: String(parts[1])),
      parts[1] == uuid.uuidString.lowercased()
    else { return nil }
    self.init(region: region, uuid: uuid)
  }

  /// Parses a resource name `{collection}/{id}`; nothing if it is not exactly that.
  package init?(resourceName: String, collection: String) {
    guard let ids = ResourceName.ids(in: resourceName, of: collection), ids.count == 1 else {
      return nil
    }
    self.init(ids[0])
  }

  /// The text form.
  package var description: String { "\(region)-\(uuid.uuidString.lowercased())" }

  /// The resource name in `collection` (AIP-122).
  package func name(in collection: String) -> String { "\(collection)/\(self)" }
}
