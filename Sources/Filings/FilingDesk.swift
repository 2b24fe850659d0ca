package import APIConventions
package import Foundation
package import Ledger
internal import Names
package import Postgres
package import RegistryAPI
package import Signatures
package import Vocabulary

/// The filings: the door for later rooms, in the caller's transaction.
///
/// Whoever changes a filing takes it by `lockedFiling` first: two changes of one filing exclude each
/// other by its row's lock, and a change that read an older version is refused.
package struct FilingDesk: Sendable {
  private let transaction: Transaction
  private let store: FilingStore
  private let newUUID: @Sendable () -> UUID

  /// The filings, in an open transaction.
  ///
  /// - Parameters:
  ///   - transaction: The caller's transaction.
  ///   - newUUID: Makes ids of events.
  package init(_ transaction: Transaction, newUUID: @escaping @Sendable () -> UUID) {
    self.transaction = transaction
    self.newUUID = newUUID
    store = FilingStore(transaction)
  }

  /// Reads a filing.
  package func filing(_ id: RegionalID) async throws -> Filing? {
    try await store.filing(id)
  }

  /// Reads a filing and keeps others from changing it until the transaction ends.
  ///
  /// - Throws: `FilingError.notFound`.
  package func lockedFiling(_ id: RegionalID) async throws -> Filing {
    guard let filing = try await store.lockedFiling(id) else {
      throw FilingError.notFound(id.name(in: "filings"))
    }
    return filing
  }

  /// An authority's filings that wait for it, oldest submission first.
  ///
  /// - Parameters:
  ///   - authority: The authority's region.
  ///   - states: Which of submitted, accepted and examined; others never wait.
  ///   - position: After the filing submitted then with that UUID.
  ///   - limit: The most filings.
  /// - Returns: The filings.
  /// - Throws: `PostgresError`.
  package func queue(
    authority: RegionCode,
    states: [Filing.State],
    after position: (submitTime: Date, id: UUID)?,
    limit: Int
  ) async throws -> [Filing] {
    try await store.queue(
      of: authority,
      states: states,
      after: position.map { FilingStore.Position(time: $0.submitTime, id: $0.id) },
      limit: limit
    )
  }

  /// A filing's papers with their PDFs, in the order of their kinds.
  package func documents(of filing: RegionalID) async throws -> [FiledDocument] {
    try await DocumentStore(transaction).documents(of: filing, withPDF: true)
  }

  /// One paper of a filing with its PDF.
  package func document(
    of filing: RegionalID,
    _ kind: DocumentKind
  ) async throws -> FiledDocument? {
    try await DocumentStore(transaction).document(of: filing, kind)
  }

  /// The filing for a reply, all numbers masked: what staff sees.
  package func proto(of filing: Filing) async throws -> Liaoning_Registry_V1_Filing {
    Self.proto(of: filing, try await tasks.progress(of: filing.id))
  }

  /// The same with the progress of its signing, read before.
  package static func proto(
    of filing: Filing,
    _ progress: SignatureProgress
  ) -> Liaoning_Registry_V1_Filing {
    filing.proto(progress, masked: true)
  }

  /// Where signature tasks are.
  var tasks: SignatureTasks { SignatureTasks(transaction, newUUID: newUUID) }

  /// Where names are held.
  var names: NameReservations { NameReservations(transaction, newUUID: newUUID) }
}

// MARK: The authority's steps

extension FilingDesk {
  /// Returns a filing with the full list of corrections (一次性告知).
  ///
  /// - Parameters:
  ///   - filing: The filing, locked in this transaction.
  ///   - corrections: 1 to 100.
  ///   - version: The version that the clerk read.
  ///   - actor: The clerk.
  ///   - instant: When.
  /// - Returns: The filing, returned; its name stays held.
  /// - Throws: `FilingError.notSubmitted`, `stale`.
  package func returnForCorrection(
    _ filing: Filing,
    corrections: [FilingCorrection],
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Filing {
    let returned = try filing.returned(with: corrections)
    try requireVersion(version, of: filing)
    try await save(returned, over: filing, .filingReturned, by: actor, at: instant)
    try await store.replaceCorrections(of: returned)
    return returned
  }

  /// Declines a filing (不予受理) and gives its name back.
  ///
  /// - Parameters:
  ///   - filing: The filing, locked in this transaction.
  ///   - reason: Why, with the right authority and the remedies.
  ///   - version: The version that the clerk read.
  ///   - actor: The clerk.
  ///   - instant: When.
  /// - Returns: The filing, declined.
  /// - Throws: `FilingError.notSubmitted`, `stale`.
  package func decline(
    _ filing: Filing,
    reason: String,
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Filing {
    let declined = try filing.declined(because: reason, at: instant)
    try requireVersion(version, of: filing)
    try await giveNameBack(of: filing, by: actor, at: instant)
    try await save(declined, over: filing, .filingDeclined, by: actor, at: instant)
    return declined
  }

  /// Records that an accepted filing was examined (审查).
  ///
  /// - Parameters:
  ///   - filing: The filing, locked in this transaction.
  ///   - version: The version that the examiner read.
  ///   - actor: The examiner.
  ///   - instant: When.
  /// - Returns: The filing, examined.
  /// - Throws: `FilingError.notAccepted`, `stale`.
  package func examine(
    _ filing: Filing,
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Filing {
    let examined = try filing.examined(at: instant)
    try requireVersion(version, of: filing)
    try await save(examined, over: filing, .filingExamined, by: actor, at: instant)
    return examined
  }

  /// Completes an examined filing: its entity stands in the register (核准).
  ///
  /// The caller has written the entity and consumes the name in the same transaction.
  ///
  /// - Parameters:
  ///   - filing: The filing, locked in this transaction.
  ///   - entity: The entity's code.
  ///   - version: The version that the decider read.
  ///   - actor: Who decides.
  ///   - instant: When.
  /// - Returns: The filing, completed.
  /// - Throws: `FilingError.notExamined`, `stale`.
  package func complete(
    _ filing: Filing,
    entity: UnifiedSocialCreditCode,
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Filing {
    let completed = try filing.completed(as: entity, at: instant)
    try requireVersion(version, of: filing)
    try await save(completed, over: filing, .filingCompleted, by: actor, at: instant)
    return completed
  }

  /// Rejects an examined filing (不予登记) and gives its name back.
  ///
  /// - Parameters:
  ///   - filing: The filing, locked in this transaction.
  ///   - reason: Why, with the remedies, 1 to 4,000 characters.
  ///   - version: The version that the decider read.
  ///   - actor: Who decides.
  ///   - instant: When.
  /// - Returns: The filing, rejected.
  /// - Throws: `FilingError.notExamined`, `stale`.
  package func reject(
    _ filing: Filing,
    reason: String,
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Filing {
    let rejected = try filing.rejected(because: reason, at: instant)
    try requireVersion(version, of: filing)
    try await giveNameBack(of: filing, by: actor, at: instant)
    try await save(rejected, over: filing, .filingRejected, by: actor, at: instant)
    return rejected
  }

  /// Closes a completed filing whose volume is sealed (归档).
  ///
  /// - Parameters:
  ///   - filing: The filing, locked in this transaction.
  ///   - version: The version that the archivist read.
  ///   - actor: Who archives.
  ///   - instant: When.
  /// - Returns: The filing, archived.
  /// - Throws: `FilingError.notCompleted`, `stale`.
  package func archive(
    _ filing: Filing,
    expecting version: Int64,
    by actor: String,
    at instant: Date
  ) async throws -> Filing {
    let archived = try filing.archived()
    try requireVersion(version, of: filing)
    try await save(archived, over: filing, .filingArchived, by: actor, at: instant)
    return archived
  }
}

// MARK: Writing

extension FilingDesk {
  /// Writes a new filing with its event.
  func insert(_ filing: Filing, by actor: String, at instant: Date) async throws {
    try await store.insert(filing)
    try await note(.filingCreated, filing, by: actor, at: instant, [:])
  }

  /// Writes a filing's change with its event.
  func save(
    _ filing: Filing,
    over earlier: Filing,
    _ kind: EventKind,
    by actor: String,
    at instant: Date,
    details: [String: String] = [:]
  ) async throws {
    try await store.save(filing, expecting: earlier.version)
    try await note(kind, filing, by: actor, at: instant, details)
  }

  /// - Throws: `FilingError.stale` unless the caller read the current version.
  func requireVersion(_ version: Int64, of filing: Filing) throws(FilingError) {
    guard version == filing.version else { throw .stale(filing.id) }
  }

  /// Sets the name of a filing that ends free again, with the time that remained.
  func giveNameBack(of filing: Filing, by actor: String, at instant: Date) async throws {
    do {
      try await names.giveBack(filing.name.reservation, by: actor, at: instant)
    } catch let error as any RegistryError where error.reason == "RESERVATION_NOT_LIVE" {
      // It ran out while the filing was a draft: there is nothing to give back.
    }
  }

  private func note(
    _ kind: EventKind,
    _ filing: Filing,
    by actor: String,
    at instant: Date,
    _ details: [String: String]
  ) async throws {
    try await transaction.execute(
      Ledger.appending([try entry(kind, filing, by: actor, at: instant, details)])
    )
  }

  private func entry(
    _ kind: EventKind,
    _ filing: Filing,
    by actor: String,
    at instant: Date,
    _ details: [String: String]
  ) throws -> LedgerEntry {
    var details = details
    details["state"] = filing.state.rawValue
    details["number"] = filing.number
    return try LedgerEntry(
      LedgerEvent(
        kind,
        of: filing.id,
        named: filing.resourceName,
        version: filing.version,
        filing: filing.resourceName,
        entity: filing.entity.map { "entities/\($0)" },
        by: actor,
        at: instant,
        details: details
      ),
      state: filing.proto(.none, masked: false),
      id: newUUID()
    )
  }
}

// MARK: Acceptance, of many filings at once

extension FilingDesk {
  /// Reads filings and keeps others from changing them until the transaction ends.
  ///
  /// They are locked in the order of their ids. Corrections aren't read: no filing before the authority
  /// shows any.
  ///
  /// - Parameters:
  ///   - ids: Each once.
  ///   - waits: Whether those that somebody else holds are waited for; otherwise they are left out.
  /// - Returns: The question, for a transaction.
  package static func lockedFilings(
    _ ids: [RegionalID],
    waits: Bool
  ) -> Query<[RegionalID: Filing]> {
    FilingStore.lockedFilings(ids, waits: waits)
  }

  /// Writes filings that were accepted (受理); it affects each, and each needs its event.
  ///
  /// - Parameter filings: What `Filing.accepted(by:at:dueDate:)` made of filings that are locked in the
  ///   transaction.
  /// - Returns: The statement, for a transaction.
  package static func saveAccepted(_ filings: [Filing]) -> Query<Int> {
    FilingStore.saveAccepted(filings)
  }

  /// The event of an acceptance.
  ///
  /// - Parameters:
  ///   - filing: The filing, accepted.
  ///   - actor: The clerk, `staff/{number}`.
  ///   - instant: When.
  /// - Returns: The entry for the ledger.
  /// - Throws: Only if the filing cannot be serialized.
  package func acceptance(
    of filing: Filing,
    by actor: String,
    at instant: Date
  ) throws -> LedgerEntry {
    try entry(.filingAccepted, filing, by: actor, at: instant, [:])
  }
}

extension EventKind {
  /// A draft was opened.
  package static let filingCreated = EventKind(rawValue: "filing.created")
  /// The content was changed.
  package static let filingEdited = EventKind(rawValue: "filing.edited")
  /// A draft was prepared.
  package static let filingPrepared = EventKind(rawValue: "filing.prepared")
  /// It was submitted.
  package static let filingSubmitted = EventKind(rawValue: "filing.submitted")
  /// It was accepted.
  package static let filingAccepted = EventKind(rawValue: "filing.accepted")
  /// It was returned for correction.
  package static let filingReturned = EventKind(rawValue: "filing.returned")
  /// It was declined.
  package static let filingDeclined = EventKind(rawValue: "filing.declined")
  /// It was examined.
  package static let filingExamined = EventKind(rawValue: "filing.examined")
  /// It was approved and completed.
  package static let filingCompleted = EventKind(rawValue: "filing.completed")
  /// It was rejected.
  package static let filingRejected = EventKind(rawValue: "filing.rejected")
  /// Its volume was sealed.
  package static let filingArchived = EventKind(rawValue: "filing.archived")
  /// It was withdrawn.
  package static let filingWithdrawn = EventKind(rawValue: "filing.withdrawn")
  /// It was deleted.
  package static let filingDeleted = EventKind(rawValue: "filing.deleted")
}
