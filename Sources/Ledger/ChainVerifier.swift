package import Postgres
internal import ShangMi

/// What a verification found.
package struct ChainVerdict: Hashable, Sendable {
  /// How many links were checked, the broken one included.
  package let checkedCount: Int64
  /// The first index that does not fit; nothing if all do.
  package let firstBrokenIndex: Int64?
  /// The head when it was checked.
  package let head: ChainHead

  /// Every event checked hashes to what the chain says.
  package var isIntact: Bool { firstBrokenIndex == nil }
}

/// Recomputes the chain from the stored events.
///
/// It trusts nothing but the link before the range. What was cut off the chain's end shows only to
/// whoever kept an earlier head.
package struct ChainVerifier: Sendable {
  /// How many links a verification checks at most.
  package static let countLimit: Int64 = 1_000_000

  /// A page is reckoned in one go on a loop that others wait for: a fraction of a millisecond.
  private static let pageSize: Int64 = 100
  private let database: Database

  /// A verifier of the chain in a database.
  package init(_ database: Database) {
    self.database = database
  }

  /// Checks a range of the chain, in one moment of the database.
  ///
  /// - Parameters:
  ///   - start: The first index, 0 to the chain's size.
  ///   - count: How many; 0 means all to the head, at most `countLimit`.
  /// - Throws: `TraceError.requestInvalid` if the range is not one of the chain; `PostgresError`.
  /// - Returns: What was found.
  package func verdict(from start: Int64 = 0, count: Int64 = 0) async throws -> ChainVerdict {
    guard start >= 0, (0...Self.countLimit).contains(count) else {
      throw TraceError.rangeInvalid(start: start, count: count, size: nil)
    }
    return try await database.slow { transaction in
      let store = ChainStore(transaction)
      let head = try await store.head().head
      guard start <= head.size, count <= head.size - start else {
        throw TraceError.rangeInvalid(start: start, count: count, size: head.size)
      }
      let end = start + (count == 0 ? min(head.size - start, Self.countLimit) : count)
      var index = start
      var hash = Chain.seed
      if start > 0, start < end {
        guard let previous = try await store.link(at: start - 1) else {
          return ChainVerdict(checkedCount: 1, firstBrokenIndex: start, head: head)
        }
        hash = previous.chainSM3
      }
      while index < end {
        let limit = min(Self.pageSize, end - index)
        let good = try await goodLinks(from: index, limit: Int(limit), after: &hash, in: store)
        index += good
        guard good == limit else {
          return ChainVerdict(checkedCount: index - start + 1, firstBrokenIndex: index, head: head)
        }
      }
      return ChainVerdict(checkedCount: end - start, firstBrokenIndex: nil, head: head)
    }
  }

  /// How many links from `index` on fit, up to the first that does not.
  private func goodLinks(
    from index: Int64,
    limit: Int,
    after hash: inout [UInt8],
    in store: ChainStore
  ) async throws -> Int64 {
    let links = try await store.links(from: index, limit: limit)
    let events = try await store.events(of: links)
    var good: Int64 = 0
    for link in links {
      guard link.index == index + good, let event = events[link.eventID],
        event.region == link.region
      else { break }
      let leaf = event.leafSM3
      let next = Chain.hash(after: hash, leaf: leaf).bytes
      guard leaf.bytes == link.leafSM3, next == link.chainSM3 else { break }
      hash = next
      good += 1
    }
    return good
  }
}
