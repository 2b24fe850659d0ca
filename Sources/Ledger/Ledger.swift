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

/// An event with the evidence of its resource's state, ready to be written.
package struct LedgerEntry: Sendable {
  fileprivate let event: LedgerEvent
  fileprivate let id: UUID
  fileprivate let salt: [UInt8]
  fileprivate let stateSM3: [UInt8]
  fileprivate let details: String

  /// An entry.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - state: The resource after the change; only its salted SM3 digest is kept.
  ///   - id: The event's id, a UUID v7.
  /// - Throws: Only if `state` cannot be serialized.
  package init(_ event: LedgerEvent, state: some Message, id: UUID) throws {
    self.event = event
    self.id = id
    salt = secureRandomBytes(16)
    let bytes: [UInt8] = try state.serializedBytes()
    stateSM3 = SM3.digest(salt + bytes).bytes
    details = event.details.sortedJSON
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
    try await transaction.execute(
      Self.appending([try LedgerEntry(event, state: state, id: id)])
    )
  }

  /// Appends events in their order.
  ///
  /// - Parameter entries: The events.
  /// - Returns: The statement, for a transaction.
  package static func appending(_ entries: [LedgerEntry]) -> SQL {
    let events = entries.map(\.event)
    return """
      INSERT INTO ledger.event (region_code, event_id, subject_id, subject_version, subject, kind,
        filing, entity, actor, event_time, salt, state_sm3, details)
      SELECT t.region_code, t.event_id, t.subject_id, t.subject_version, t.subject, t.kind,
        t.filing, t.entity, t.actor, t.event_time, t.salt, t.state_sm3, t.details
      FROM unnest(\(events.map(\.subject.region.rawValue)), \(entries.map(\.id)),
          \(events.map(\.subject.uuid)), \(events.map(\.version)),
          \(events.map(\.subjectName))::text[], \(events.map(\.kind.rawValue))::text[],
          \(events.map(\.filing))::text[], \(events.map(\.entity))::text[],
          \(events.map(\.actor))::text[], \(events.map(\.time)), \(entries.map(\.salt)),
          \(entries.map(\.stateSM3)), \(entries.map(\.details))::text[])
        AS t (region_code, event_id, subject_id, subject_version, subject, kind, filing, entity,
          actor, event_time, salt, state_sm3, details)
      """
  }
}
