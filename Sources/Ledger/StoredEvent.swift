internal import APIConventions
package import Foundation
package import ShangMi
internal import Vocabulary

/// An event as the database keeps it: every column of `ledger.event`.
package struct StoredEvent: Hashable, Sendable {
  /// The region of the subject, six digits.
  package let region: Int32
  /// The event's id.
  package let id: UUID
  /// The id of the resource that changed.
  package let subjectID: UUID
  /// The resource's version after the change, from 1.
  package let subjectVersion: Int64
  /// The resource's name.
  package let subject: String
  /// What happened.
  package let kind: String
  /// The filing's name, if it belongs to one.
  package let filing: String?
  /// The entity's name, if it belongs to one.
  package let entity: String?
  /// Who did it.
  package let actor: String
  /// When, in whole milliseconds.
  package let time: Date
  /// 16 random bytes.
  package let salt: [UInt8]
  /// SM3 of the salt and the resource's state, 32 bytes.
  package let stateSM3: [UInt8]
  /// Short values by key, as JSON with sorted keys.
  package let details: String
  /// The transaction that wrote it.
  package let transactionID: Int64
  /// Its number in the order of writing; numbers of rolled-back events are missing.
  package let number: Int64

  /// The leaf of the chain: SM3 (GB/T 32905-2016) over a zero byte, the name of this encoding, and
  /// every column, each behind its length in four bytes, big-endian; 0xFFFFFFFF stands for NULL.
  ///
  /// Integers are eight bytes, big-endian, the time is in milliseconds since 1970, UUIDs are sixteen
  /// bytes, texts UTF-8. No two different rows have the same encoding.
  package var leafSM3: SM3Digest {
    var encoding = LeafEncoding()
    encoding.add("liaoning.registry.ledger.event.v1")
    encoding.add(Int64(region))
    encoding.add(id)
    encoding.add(subjectID)
    encoding.add(subjectVersion)
    encoding.add(subject)
    encoding.add(kind)
    encoding.add(filing)
    encoding.add(entity)
    encoding.add(actor)
    encoding.add(Int64((time.timeIntervalSince1970 * 1_000).rounded()))
    encoding.add(salt)
    encoding.add(stateSM3)
    encoding.add(details)
    encoding.add(transactionID)
    encoding.add(number)
    return SM3.digest(encoding.bytes)
  }
}

/// What a leaf is the digest of.
private struct LeafEncoding {
  /// The zero byte tells a leaf from a link, which begins with 1.
  private(set) var bytes: [UInt8] = [0]

  mutating func add(_ value: [UInt8]) {
    withUnsafeBytes(of: UInt32(value.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: value)
  }

  mutating func add(_ text: String?) {
    if let text {
      add(Array(text.utf8))
    } else {
      bytes.append(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF])
    }
  }

  mutating func add(_ number: Int64) {
    add(withUnsafeBytes(of: number.bigEndian) { Array($0) })
  }

  mutating func add(_ id: UUID) {
    add(withUnsafeBytes(of: id.uuid) { Array($0) })
  }
}

/// The chain: each hash is over the one before and an event's leaf.
package enum Chain {
  /// The hash before the first event: 32 zero bytes.
  package static let seed = [UInt8](repeating: 0, count: 32)

  /// The hash after an event: SM3 over 1, the previous hash and the leaf.
  ///
  /// - Parameters:
  ///   - previous: The hash before, 32 bytes.
  ///   - leaf: The event's leaf.
  /// - Returns: The hash, 32 bytes.
  package static func hash(after previous: [UInt8], leaf: SM3Digest) -> SM3Digest {
    SM3.digest([1] + previous + leaf.bytes)
  }
}

/// The head of the chain: how much is chained, and the hash over it.
package struct ChainHead: Hashable, Sendable {
  /// How many events are chained.
  package let size: Int64
  /// The hash over all of them, 32 bytes.
  package let chainSM3: [UInt8]
  /// When the last event was chained; nothing if none is.
  package let time: Date?

  /// The head of an empty chain.
  static let empty = ChainHead(size: 0, chainSM3: Chain.seed, time: nil)
}

/// A link of the chain as the database keeps it.
struct ChainLink: Hashable, Sendable {
  /// The place in the chain, from 0.
  let index: Int64
  /// The region of the event.
  let region: Int32
  /// The event's id.
  let eventID: UUID
  /// The event's leaf when it was chained, 32 bytes.
  let leafSM3: [UInt8]
  /// The hash up to this event, 32 bytes.
  let chainSM3: [UInt8]
}
