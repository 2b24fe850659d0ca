package import APIConventions
package import Accounts
internal import Entities
internal import Foundation
package import GRPCCore
internal import Identity
package import Postgres
package import RegistryAPI
internal import ShangMi
internal import SwiftProtobuf
internal import Vocabulary

/// Where the PDF of a filing's document is read: a later room keeps it.
package struct DocumentSource: Sendable {
  /// Reads a PDF; nothing if the filing has no such document.
  package let pdf:
    @Sendable (_ transaction: Transaction, _ filing: RegionalID, _ kind: DocumentKind) async throws
      -> [UInt8]?

  /// A source by its function.
  package init(
    pdf: @escaping @Sendable (Transaction, RegionalID, DocumentKind) async throws -> [UInt8]?
  ) {
    self.pdf = pdf
  }
}

/// The RPCs of signing.
package struct SignatureService: Liaoning_Registry_V1_SignatureService.SimpleServiceProtocol {
  private let surroundings: Surroundings
  private let signatories: StatutorySignatories
  private let documents: DocumentSource

  /// The service.
  ///
  /// - Parameters:
  ///   - surroundings: Database, time, ids.
  ///   - libraries: Where an organization's signatory is looked up if our register does not know it.
  ///   - documents: Where the PDFs are that were signed.
  package init(
    _ surroundings: Surroundings,
    libraries: IdentityLibraries,
    documents: DocumentSource
  ) {
    self.surroundings = surroundings
    self.signatories = StatutorySignatories(database: surroundings.database, libraries: libraries)
    self.documents = documents
  }

  package func listSignatureTasks(
    request: Liaoning_Registry_V1_ListSignatureTasksRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListSignatureTasksResponse {
    let caller = try Caller(context)
    let page = try TaskPage(request)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      let store = SignatureStore(transaction)
      let viewer = try await TaskViewer(caller, in: transaction)
      let tasks = try await store.tasks(on: page, for: viewer)
      return page.response(tasks, for: viewer, at: now)
    }
  }

  package func getSignatureTask(
    request: Liaoning_Registry_V1_GetSignatureTaskRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    let caller = try Caller(context)
    let id = try RegionalID(taskName: request.name)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      let viewer = try await TaskViewer(caller, in: transaction)
      let task = try await visibleTask(id, to: viewer, in: transaction)
      return viewer.proto(of: task, at: now)
    }
  }

  package func openSignatureTask(
    request: Liaoning_Registry_V1_OpenSignatureTaskRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    let account = try Caller(context).requireAccount()
    let requestID = try RequestID(request.requestID)
    let id = try RegionalID(taskName: request.name)
    let found = try await lookedUpSignatory(of: id, requestID: requestID)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: account.name, for: request) {
        let (task, signer) = try await ownTask(id, of: account, found, in: transaction)
        let opened = try task.current.opened(at: now)
        if opened.version != task.stored.version {
          try await SignatureTasks(transaction, newUUID: surroundings.newUUID)
            .save(opened, over: task.stored, .signatureTaskOpened, by: account.name, at: now)
        }
        return TaskViewer(signer).proto(of: opened, at: now)
      }
    }
  }

  package func signDocument(
    request: Liaoning_Registry_V1_SignDocumentRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    let account = try Caller(context).requireAccount()
    let requestID = try RequestID(request.requestID)
    let id = try RegionalID(taskName: request.name)
    let found = try await lookedUpSignatory(of: id, requestID: requestID)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: account.name, for: request) {
        let (task, signer) = try await ownTask(id, of: account, found, in: transaction)
        let signed = try task.current.signed(by: account.id, at: now)
        let evidence = try signer.evidence(for: signed, request, at: now)
        try await signer.requireMaySign(signed, in: transaction, at: now)
        try await SignatureTasks(transaction, newUUID: surroundings.newUUID)
          .save(signed, over: task.stored, .signatureTaskSigned, by: account.name, at: now)
        try await SignatureStore(transaction).insert(evidence)
        return TaskViewer(signer).proto(of: signed, at: now)
      }
    }
  }

  package func refuseSignature(
    request: Liaoning_Registry_V1_RefuseSignatureRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_SignatureTask {
    let account = try Caller(context).requireAccount()
    let requestID = try RequestID(request.requestID)
    let id = try RegionalID(taskName: request.name)
    let reason = try refusalReason(request.reason)
    let found = try await lookedUpSignatory(of: id, requestID: requestID)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: account.name, for: request) {
        let (task, signer) = try await ownTask(id, of: account, found, in: transaction)
        let refused = try task.current.refused(because: reason, by: account.id, at: now)
        try await SignatureTasks(transaction, newUUID: surroundings.newUUID)
          .save(refused, over: task.stored, .signatureTaskRefused, by: account.name, at: now)
        return TaskViewer(signer).proto(of: refused, at: now)
      }
    }
  }

  package func verifySignature(
    request: Liaoning_Registry_V1_VerifySignatureRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_VerifySignatureResponse {
    let caller = try Caller(context)
    let id = try RegionalID(taskName: request.name)
    return try await surroundings.database.withTransaction { transaction in
      let viewer = try await TaskViewer(caller, in: transaction)
      let task = try await visibleTask(id, to: viewer, in: transaction)
      guard let evidence = try await SignatureStore(transaction).evidence(of: task) else {
        throw SignatureError.unsigned(id)
      }
      let pdf = try await documents.pdf(transaction, task.filing, task.document.kind)
      return .with {
        $0.reasons = evidence.faults(pdf: pdf)
        $0.valid = $0.reasons.isEmpty
        $0.statement = Data(evidence.statement)
        $0.signature = evidence.protoSignature
        $0.receiveTime = evidence.receiveTime.timestamp
      }
    }
  }
}

// MARK: Whose task

extension SignatureService {
  /// A task as it is stored, and as it is now that its organization's signatory is known.
  private struct OwnTask {
    let stored: SignatureTask
    let current: SignatureTask
  }

  /// The task, locked, if the caller is the one to sign it.
  ///
  /// - Throws: `SignatureError.notFound`; what `found` failed with, if the caller may be the signatory.
  private func ownTask(
    _ id: RegionalID,
    of caller: AccountCaller,
    _ found: Result<PersonRecord?, any Error>,
    in transaction: Transaction
  ) async throws -> (OwnTask, Account) {
    let name = id.name(in: "signatureTasks")
    guard
      let stored = try await SignatureStore(transaction).lockedTask(id),
      let account = try await AccountDirectory(transaction).account(caller.id),
      let person = account.holder.person
    else { throw SignatureError.notFound(name) }
    var current = stored
    if let organization = stored.party.organization {
      let registered = try await EntityRegister(transaction)
        .statutorySignatory(of: organization.creditCode)
      current.signatory = if let registered { registered } else { try found.get() }
    }
    guard current.signingPerson == person.identityNumber else {
      throw SignatureError.notFound(name)
    }
    return (OwnTask(stored: stored, current: current), account)
  }

  /// Looks up who signs for the organization of a task, before the transaction.
  ///
  /// A library that is slow then holds no lock. What fails is told only if it is needed.
  private func lookedUpSignatory(
    of id: RegionalID,
    requestID: RequestID
  ) async throws -> Result<PersonRecord?, any Error> {
    let party = try await surroundings.database.withTransaction { transaction in
      try await SignatureStore(transaction).task(id)?.party
    }
    guard let organization = party?.organization else { return .success(nil) }
    do {
      let code = organization.creditCode
      return .success(try await signatories.signatory(of: code, requestID: requestID.uuid))
    } catch {
      return .failure(error)
    }
  }

  /// The task, if the viewer may see it.
  ///
  /// - Throws: `SignatureError.notFound`.
  private func visibleTask(
    _ id: RegionalID,
    to viewer: TaskViewer,
    in transaction: Transaction
  ) async throws -> SignatureTask {
    guard let task = try await SignatureStore(transaction).task(id) else {
      throw SignatureError.notFound(id.name(in: "signatureTasks"))
    }
    if viewer.sees(task) { return task }
    if let organization = task.party.organization,
      let signatory = try await EntityRegister(transaction)
        .statutorySignatory(of: organization.creditCode),
      viewer.code == signatory.identityNumber.description
    {
      return task
    }
    throw SignatureError.notFound(task.name)
  }

  /// - Throws: `SignatureError.requestInvalid` unless the reason has 1 to 500 printable characters.
  private func refusalReason(_ text: String) throws -> String {
    let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...500).contains(reason.unicodeScalars.count) else {
      throw SignatureError.requestInvalid([
        Violation(
          field: "reason",
          rule: "REASON_LENGTH_UNLAWFUL",
          description: "拒签理由须为1至500个字。"
        )
      ])
    }
    guard reason.isPrintable(allowingLines: true) else {
      throw SignatureError.requestInvalid([
        Violation(
          field: "reason",
          rule: "REASON_CHARACTER_UNLAWFUL",
          description: "拒签理由含有不能打印的字符。"
        )
      ])
    }
    return reason
  }
}

extension Account {
  /// The evidence of this account's signature, judged.
  ///
  /// - Throws: `SignatureError.statementMismatch` or `signatureInvalid`.
  fileprivate func evidence(
    for task: SignatureTask,
    _ request: Liaoning_Registry_V1_SignDocumentRequest,
    at instant: Date
  ) throws(SignatureError) -> SignatureEvidence {
    let statement = try SignatureStatement([UInt8](request.statement))
    let violations = statement.violations(against: task, by: id, at: instant)
    guard violations.isEmpty else { throw .statementMismatch(violations) }
    guard
      let signature = DetachedSignature(request.signature), signature.publicKey == publicKey,
      signature.signs(statement.bytes, as: SignatureStatement.messageName)
    else { throw .signatureInvalid(task.id) }
    return SignatureEvidence(
      task: task,
      statement: statement.bytes,
      algorithm: signature.algorithm,
      distinguishingIdentifier: signature.distinguishingIdentifier,
      signature: signature.value,
      publicKey: publicKey.der,
      receiveTime: instant
    )
  }

  /// The signer is real-name, has signed the agreement in force, and no restriction bars him.
  ///
  /// - Throws: `AccountError`.
  fileprivate func requireMaySign(
    _ task: SignatureTask,
    in transaction: Transaction,
    at instant: Date
  ) async throws {
    let directory = AccountDirectory(transaction)
    _ = try await directory.eligibleAccount(id, at: instant)
    guard task.roles.contains(.legalRepresentative), let person = holder.person else { return }
    try await directory.requireUnrestricted(
      [person.identityNumber],
      from: [.legalRepresentative],
      at: instant
    )
  }
}
