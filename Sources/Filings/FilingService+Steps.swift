internal import APIConventions
internal import Accounts
internal import Foundation
internal import GRPCCore
internal import Identity
internal import Names
internal import Postgres
internal import RegistryAPI
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

extension FilingService {
  /// Changes one of the caller's own filings, once a request id.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - name: The filing's name in it.
  ///   - requestID: Its request id.
  ///   - context: The call.
  ///   - body: The change; returns the filing as it is afterwards.
  /// - Returns: The filing for a reply.
  /// - Throws: `FilingError.notFound` if the filing is not the caller's; what `body` throws.
  func change<Request: Message>(
    _ request: Request,
    _ name: String,
    _ requestID: String,
    _ context: ServerContext,
    _ body: @Sendable (FilingStep) async throws -> Filing
  ) async throws -> Liaoning_Registry_V1_Filing {
    let account = try Caller(context).requireAccount()
    let requestID = try RequestID(requestID)
    let id = try RegionalID(filingName: name)
    let now = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: now).once(requestID, by: account.name, for: request) {
        let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
        let filing = try await desk.lockedFiling(id)
        guard filing.applicant == account.id,
          let applicant = try await AccountDirectory(transaction).account(account.id)
        else { throw FilingError.notFound(name) }
        let step = FilingStep(
          transaction: transaction,
          applicant: applicant,
          filing: filing,
          now: now,
          desk: desk
        )
        let changed = try await body(step)
        let progress = try await desk.tasks.progress(of: id)
        return changed.proto(
          progress,
          masked: true,
          to: applicant.holder.person?.identityNumber
        )
      }
    }
  }

  /// Opens a draft and holds its name.
  ///
  /// - Throws: `RESERVATION_NOT_FOUND`, `RESERVATION_NOT_LIVE`, `RESERVATION_HELD`;
  ///   `FilingError.numbersExhausted`.
  func opened(
    _ creation: FilingCreation,
    by applicant: Account,
    in transaction: Transaction,
    at instant: Date
  ) async throws -> Filing {
    let authority = creation.content.domicileRegion.city
    let id = surroundings.newID(in: authority)
    let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
    let reservation = try await desk.names.hold(
      creation.reservation,
      for: id,
      of: applicant.id,
      by: applicant.name,
      at: instant
    )
    let day = CivilDate(instant)
    // The day's serial is locked last and shortly: whoever opens a draft next waits for this commit.
    let serial = try await FilingStore(transaction)
      .nextSerial(authority: authority, day: day, business: creation.business)
    let number = BusinessNumber(
      authority: authority,
      day: day,
      business: creation.business.code,
      serial: serial
    )
    let filing = Filing(
      id: id,
      business: creation.business,
      name: Filing.ReservedName(reservation),
      content: creation.content,
      number: number.description,
      applicant: applicant.id,
      at: instant
    )
    try await desk.insert(filing, by: applicant.name, at: instant)
    return filing
  }

  /// Looks the organizations of a draft up and, if they stand, renders its papers, before the transaction
  /// that prepares it.
  ///
  /// - Returns: Nothing if the draft cannot be prepared as it stands; the transaction says why.
  func preparation(
    of request: Liaoning_Registry_V1_PrepareFilingRequest,
    _ context: ServerContext
  ) async throws -> FilingPreparation? {
    let account = try Caller(context).requireAccount()
    let id = try RegionalID(filingName: request.name)
    let (draft, earlier) = try await surroundings.database.withTransaction { transaction in
      (
        try await FilingStore(transaction).filing(id),
        try await DocumentStore(transaction).documents(of: id, withPDF: false)
      )
    }
    let now = surroundings.instant
    guard let draft, draft.applicant == account.id,
      ETag(version: draft.version).description == request.etag,
      (try? draft.prepared(at: now, under: surroundings.law)) != nil
    else { return nil }
    let standings = await standings(in: draft.content)
    var papers: [FilingPreparation.RenderedPaper] = []
    let isLawful = PartyStandingRules.violations(in: draft.content, standings: standings).isEmpty
    for paper in FilingPapers.papers(of: draft) where isLawful {
      papers.append(
        try await paper.rendered(of: draft, earlier: earlier, by: renderer, at: now)
      )
    }
    return FilingPreparation(
      version: draft.version,
      papers: papers,
      standings: standings
    )
  }

  /// How the organizations stand that contribute and sign.
  ///
  /// A library that does not answer blocks nothing: it is asked again when the task is opened.
  func standings(
    in content: FilingContent
  ) async -> [UnifiedSocialCreditCode: OrganizationStanding] {
    var found: [UnifiedSocialCreditCode: OrganizationStanding] = [:]
    for organization in content.contributors.compactMap(\.party.organization)
    where found[organization.creditCode] == nil {
      do {
        found[organization.creditCode] = try await signatories.standing(
          of: organization,
          requestID: surroundings.newUUID()
        )
      } catch {
        // It would not answer for the others either.
        break
      }
    }
    return found
  }

  /// - Throws: `FilingError.requestInvalid` if the reason is longer than 500 characters or cannot be
  ///   printed.
  func withdrawalReason(_ text: String) throws(FilingError) -> String {
    let reason = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard reason.unicodeScalars.count <= 500 else {
      throw .requestInvalid([
        Violation(
          field: "reason",
          rule: "REASON_LENGTH_UNLAWFUL",
          description: "撤回理由不得超过500个字。"
        )
      ])
    }
    guard reason.isPrintable(allowingLines: true) else {
      throw .requestInvalid([
        Violation(
          field: "reason",
          rule: "REASON_CHARACTER_UNLAWFUL",
          description: "撤回理由含有不能打印的字符。"
        )
      ])
    }
    return reason
  }
}

extension Filing.ReservedName {
  /// The name of a reservation.
  fileprivate init(_ reservation: Reservation) {
    self.init(
      reservation: reservation.id,
      enterpriseName: reservation.candidate.enterpriseName,
      entityType: reservation.candidate.entityType,
      region: reservation.candidate.region
    )
  }
}
