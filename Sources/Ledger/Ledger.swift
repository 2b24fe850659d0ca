package import APIConventions
package import Foundation
package import Postgres
internal import ShangMi
package import SwiftProtobuf
internal import Vocabulary

/// What happened, in a word: `{resource}.{participle}`, for instance `filing.submitted`.
///
/// Each room names its own.
package struct EventKind: RawRepresentable, Hashable, Sendable {
  /// The word.
  package let rawValue: String

  /// A kind named by its word.
  package init(rawValue: String) {
    self.rawValue = rawValue
  }
}

/// A change of a governed resource, as its room tells it.
package struct LedgerEvent: Sendable {
  /// What happened.
  package let kind: EventKind
  /// The resource that changed.
  package let subject: RegionalID
  /// The resource's name, for instance `filings/{filing}`.
  package let subjectName: String
  /// The resource's version after the change, from 1.
  package let version: Int64
  /// The name of the filing that it belongs to, if any.
  package let filing: String?
  /// The name of the entity that it belongs to, if any.
  package let entity: String?
  /// Who did it: a caller's resource name, or `system`.
  package let actor: String
  /// When, by the server's clock.
  package let time: Date
  /// Short values by key; no personal data.
  package let details: [String: String]

  /// A change of `subject`.
  package init(
    _ kind: EventKind,
    of subject: RegionalID,
    named subjectName: String,
    version: Int64,
    filing: String? = nil,
    entity: String? = nil,
    by actor: String,
    at time: Date,
    details: [String: String] = [:]
  ) {
    self.kind = kind
    self.subject = subject
    self.subjectName = subjectName
    self.version = version
    self.filing = filing
    self.entity = entity
    self.actor = actor
    self.time = time
    self.details = details
  }
}

/// The trace (留痕): events written in the transaction of the change itself.
package struct Ledger: Sendable {
  let transaction: Transaction

  /// The ledger, in an open transaction.
  package init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Appends an event, which the governed row's deferrable foreign key finds at commit.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - state: The resource after the change; only its salted SM3 digest is kept.
  ///   - id: The event's id, a UUID v7.
  /// - Throws: `PostgresError`; a second event of the same version violates `one_event_a_version`.
  package func append(_ event: LedgerEvent, state: some Message, id: UUID) async throws {
    let salt = secureRandomBytes(16)
    let bytes: [UInt8] = try state.serializedBytes()
    let digest = SM3.digest(salt + bytes)
    let details = try JSONEncoder.sorted.encode(event.details)
    _ = try await transaction.execute(
      """
      INSERT INTO ledger.event (region_code, event_id, subject_id, subject_version, subject, kind,
        filing, entity, actor, event_time, salt, state_sm3, details)
      VALUES (\(event.subject.region.rawValue), \(id), \(event.subject.uuid), \(event.version),
        \(event.subjectName), \(event.kind.rawValue), \(event.filing), \(event.entity),
        \(event.actor), \(event.time), \(salt), \(digest.bytes),
        \(String(decoding: details, as: UTF8.self)))
      """
    )
  }
}

extension JSONEncoder {
  fileprivate static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
