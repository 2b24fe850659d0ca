/// Resource names (AIP-122): collections and ids in turn, joined by `/`.
package enum ResourceName {
  /// The ids of a resource name whose collections are `collections`, in their order; nothing if the
  /// name has another shape, an empty id, or an id longer than 200 bytes.
  package static func ids(in name: String, of collections: String...) -> [Substring]? {
    guard name.utf8.count <= 1_000 else { return nil }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == collections.count * 2 else { return nil }
    var ids: [Substring] = []
    for (index, collection) in collections.enumerated() {
      let id = parts[index * 2 + 1]
      guard parts[index * 2] == collection, !id.isEmpty, id.utf8.count <= 200 else { return nil }
      ids.append(id)
    }
    return ids
  }
}
