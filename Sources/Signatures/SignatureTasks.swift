package import APIConventions
package import Accounts
package import Foundation
internal import Ledger
package import Postgres
internal import RegistryAPI
internal import ShangMi

/// How far the signing of a filing has come.
package struct SignatureProgress: Hashable, Sendable {
  /// How many tasks there are that are not void.
  package let total: Int
  /// How many of them are signed.
  package let signed: Int
  /// Why a signer refused, if one did.
  package let refusal: String?

  /// Whether there are tasks and all are signed.
  package var isComplete: Bool { total > 0 && signed == total }

  /// No task yet.
  package static let none = SignatureProgress(total: 0, signed: 0, refusal: nil)

  /// Counts, as they are.
  package init(total: Int, signed: Int, refusal: String?) {
    self.total = total
    self.signed = signed
    self.refusal = refusal
  }
}

/// The signature tasks of filings: the door for later rooms, in the caller's transaction.
///
/// Lock the filing first: these functions lock tasks in the order of their ids.
package struct SignatureTasks: Sendable {
  /// The most tasks of one filing that are not void.
  package static let taskLimit = 4_000

  private let store: SignatureStore
  private let ledger: Ledger
  private let newUUID: @Sendable () -> UUID

  /// The tasks, in an open transaction.
  ///
  /// - Parameters:
  ///   - transaction: The caller's transaction.
  ///   - newUUID: Makes ids of tasks and events.
  package init(_ transaction: Transaction, newUUID: @escaping @Sendable () -> UUID) {
    store = SignatureStore(transaction)
    ledger = Ledger(transaction)
    self.newUUID = newUUID
  }

  /// Opens a task for each request.
  ///
  /// A task that is signed, or waits and is not expired, and asks for exactly the same stays; every other
  /// task of the filing is made void.
  ///
  /// - Parameters:
  ///   - requests: One a party and document, at most `taskLimit`.
  ///   - filing: The filing.
  ///   - applicant: The filing's applicant, who may see all of its tasks.
  ///   - actor: Who prepares the filing.
  ///   - instant: The time now.
  /// - Throws: `SignatureError.stale` if a task changed meanwhile; `PostgresError`.
  package func open(
    _ requests: [SignatureRequest],
    for filing: RegionalID,
    applicant: RegionalID,
    by actor: String,
    at instant: Date
  ) async throws {
    let earlier = try await store.lockedTasks(of: filing)
    var missing = requests
    for task in earlier {
      if let place = missing.firstIndex(where: { task.stands(for: $0, at: instant) }) {
        missing.remove(at: place)
      } else if let void = task.voided(at: instant) {
        try await save(void, over: task, .signatureTaskVoided, by: actor, at: instant)
      }
    }
    for request in missing {
      let id = RegionalID(region: filing.region, uuid: newUUID())
      let task = SignatureTask(request, id: id, filing: filing, applicant: applicant, at: instant)
      try await store.insert(task)
      try await note(.signatureTaskCreated, task, by: actor, at: instant)
    }
  }

  /// Makes tasks void: those of documents that changed, or all when a filing ends; refused ones always,
  /// because what was refused is being changed or has ended.
  ///
  /// - Parameters:
  ///   - filing: The filing.
  ///   - documents: Which papers changed; all if nothing.
  ///   - actor: Who changed or ended the filing.
  ///   - instant: The time now.
  /// - Returns: The tasks that are void now and were not before.
  /// - Throws: `SignatureError.stale` if a task changed meanwhile; `PostgresError`.
  @discardableResult
  package func void(
    _ filing: RegionalID,
    documents: Set<DocumentKind>?,
    by actor: String,
    at instant: Date
  ) async throws -> [SignatureTask] {
    var voided: [SignatureTask] = []
    for task in try await store.lockedTasks(of: filing) {
      let isConcerned = documents.map { $0.contains(task.document.kind) } ?? true
      guard isConcerned || task.state == .refused, let void = task.voided(at: instant) else {
        continue
      }
      try await save(void, over: task, .signatureTaskVoided, by: actor, at: instant)
      voided.append(void)
    }
    return voided
  }

  /// How far the signing of a filing has come.
  ///
  /// Whoever holds the filing's lock may rely on a complete one: a signature is taken back only under
  /// that lock.
  package func progress(of filing: RegionalID) async throws -> SignatureProgress {
    try await progress(of: [filing])[filing.uuid] ?? .none
  }

  /// How far the signing of several filings has come, by the filings' UUIDs; none for those without
  /// tasks.
  package func progress(of filings: [RegionalID]) async throws -> [UUID: SignatureProgress] {
    try await store.progress(of: filings)
  }

  /// The same as a question, for a transaction.
  package static func progress(of filings: [RegionalID]) -> Query<[UUID: SignatureProgress]> {
    SignatureStore.progress(of: filings)
  }

  /// Who was asked to sign a filing, each party once.
  package func parties(of filing: RegionalID) async throws -> [PartyRecord] {
    var parties: [PartyRecord] = []
    for task in try await store.liveTasks(of: filing)
    where !parties.contains(where: { $0.isSameParty(as: task.party) }) {
      parties.append(task.party)
    }
    return parties
  }

  /// The papers of a filing for which a person or organization was asked to sign, itself or for an
  /// organization; empty for whoever is not a signer.
  ///
  /// - Parameters:
  ///   - filing: The filing.
  ///   - code: The identity number or credit code.
  /// - Returns: The papers.
  /// - Throws: `PostgresError`.
  package func documentKinds(
    of filing: RegionalID,
    concerning code: String
  ) async throws -> Set<DocumentKind> {
    try await store.documentKinds(of: filing, concerning: code)
  }

  /// How many bytes the statements of a filing's signatures have that are not void, before somebody
  /// reads them all.
  package func evidenceSize(of filing: RegionalID) async throws -> Int {
    try await store.evidenceSize(of: filing)
  }

  /// The evidence of every signature of a filing that is not void, for the archive.
  package func evidence(of filing: RegionalID) async throws -> [SignatureEvidence] {
    var evidence: [SignatureEvidence] = []
    for task in try await store.liveTasks(of: filing) where task.state == .signed {
      if let found = try await store.evidence(of: task) { evidence.append(found) }
    }
    return evidence
  }
}

// MARK: One task

extension SignatureTasks {
  /// Writes a task's change with its event.
  func save(
    _ task: SignatureTask,
    over earlier: SignatureTask,
    _ kind: EventKind,
    by actor: String,
    at instant: Date
  ) async throws {
    try await store.save(task, expecting: earlier.version)
    try await note(kind, task, by: actor, at: instant)
  }

  /// Writes the event of a task's change.
  private func note(
    _ kind: EventKind,
    _ task: SignatureTask,
    by actor: String,
    at instant: Date
  ) async throws {
    try await ledger.append(
      LedgerEvent(
        kind,
        of: task.id,
        named: task.name,
        version: task.version,
        filing: task.filing.name(in: "filings"),
        by: actor,
        at: instant,
        details: [
          "document": task.document.kind.rawValue,
          "document_sm3": task.document.pdfSM3.hexadecimal,
        ]
      ),
      state: task.proto(masked: false, at: task.createTime),
      id: newUUID()
    )
  }
}

extension EventKind {
  /// A task was opened for a party.
  static let signatureTaskCreated = EventKind(rawValue: "signature_task.created")
  /// The signer opened the document.
  static let signatureTaskOpened = EventKind(rawValue: "signature_task.opened")
  /// The signer signed.
  static let signatureTaskSigned = EventKind(rawValue: "signature_task.signed")
  /// The signer refused.
  static let signatureTaskRefused = EventKind(rawValue: "signature_task.refused")
  /// The document changed, or the filing ended.
  static let signatureTaskVoided = EventKind(rawValue: "signature_task.voided")
}
