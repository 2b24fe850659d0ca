internal import APIConventions
internal import Accounts
internal import Foundation
package import GRPCCore
internal import Identity
internal import Names
internal import Postgres
package import RegistryAPI
internal import Signatures
internal import SwiftProtobuf
internal import Vocabulary

extension FilingService {
  package func getFiling(
    request: Liaoning_Registry_V1_GetFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let caller = try Caller(context)
    let id = try RegionalID(filingName: request.name)
    return try await surroundings.database.withTransaction { transaction in
      let viewer = try await FilingViewer(caller, in: transaction)
      let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
      guard let filing = try await desk.filing(id),
        try await viewer.papers(of: filing, desk.tasks) != nil
      else { throw FilingError.notFound(request.name) }
      let progress = try await desk.tasks.progress(of: id)
      return filing.proto(progress, masked: true, to: viewer.person)
    }
  }

  package func listFilings(
    request: Liaoning_Registry_V1_ListFilingsRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListFilingsResponse {
    let account = try Caller(context).requireAccount()
    let page = try FilingPage(request)
    return try await surroundings.database.withTransaction { transaction in
      let viewer = try await FilingViewer(.account(account), in: transaction)
      let store = FilingStore(transaction)
      let found = try await store.filings(
        of: account.id,
        after: page.position,
        limit: page.size.rows + 1
      )
      let shown = Array(found.prefix(page.size.rows))
      let ids = shown.map(\.id)
      let corrections = try await store.corrections(of: ids)
      let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
      let progress = try await desk.tasks.progress(of: ids)
      return .with {
        $0.filings = shown.map { filing in
          var filing = filing
          if filing.state.showsCorrections {
            filing.corrections = corrections[filing.id.uuid] ?? []
          }
          return filing.proto(
            progress[filing.id.uuid] ?? .none,
            masked: true,
            to: viewer.person
          )
        }
        if found.count > shown.count, let last = shown.last {
          $0.nextPageToken = FilingPage.token(after: last)
        }
      }
    }
  }

  package func validateFiling(
    request: Liaoning_Registry_V1_ValidateFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ValidateFilingResponse {
    let account = try Caller(context).requireAccount()
    let id = try RegionalID(filingName: request.name)
    let now = surroundings.instant
    let filing = try await surroundings.database.withTransaction { transaction in
      try await FilingStore(transaction).filing(id)
    }
    guard let filing, filing.applicant == account.id else {
      throw FilingError.notFound(request.name)
    }
    var violations = FilingRules.violations(
      in: filing,
      on: CivilDate(now),
      under: surroundings.law
    )
    violations += ScopeRules.preApprovalItems(in: filing.content).map(\.violation)
    violations += PartyStandingRules.violations(
      in: filing.content,
      standings: await standings(in: filing.content)
    )
    violations += try await nameViolations(of: filing, at: now)
    return .with { $0.violations = violations.map(\.filingProto) }
  }

  package func listDocuments(
    request: Liaoning_Registry_V1_ListDocumentsRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListDocumentsResponse {
    let caller = try Caller(context)
    let id = try RegionalID(filingName: request.parent)
    return try await surroundings.database.withTransaction { transaction in
      let viewer = try await FilingViewer(caller, in: transaction)
      let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
      guard let filing = try await desk.filing(id),
        let papers = try await viewer.papers(of: filing, desk.tasks)
      else { throw FilingError.notFound(request.parent) }
      let documents = try await DocumentStore(transaction).documents(of: id, withPDF: false)
      return .with {
        $0.documents = documents.filter { papers.contains($0.kind) }
          .map { $0.proto(of: id, withPDF: false) }
      }
    }
  }

  package func getDocument(
    request: Liaoning_Registry_V1_GetDocumentRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Document {
    let caller = try Caller(context)
    let name = try DocumentName(request.name)
    return try await surroundings.database.withTransaction { transaction in
      let viewer = try await FilingViewer(caller, in: transaction)
      let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
      guard let filing = try await desk.filing(name.filing),
        try await viewer.papers(of: filing, desk.tasks)?.contains(name.kind) ?? false,
        let document = try await desk.document(of: name.filing, name.kind)
      else { throw FilingError.documentNotFound(request.name) }
      return document.proto(of: name.filing, withPDF: true)
    }
  }

  /// What stands against the name of a filing: nothing, or that it is not alive any more.
  private func nameViolations(of filing: Filing, at instant: Date) async throws -> [Violation] {
    do {
      try await surroundings.database.withTransaction { transaction in
        let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
        _ = try await desk.names.requireLive(
          filing.name.reservation,
          heldBy: filing.id,
          at: instant
        )
      }
      return []
    } catch let error as any RegistryError where error.reason.hasPrefix("RESERVATION_") {
      return [
        Violation(
          field: "reservation",
          rule: error.reason,
          description: "名称“\(filing.name.enterpriseName)”的申报已失效，请删除本申请，重新申报名称后再申请。",
          basis: "企业名称登记管理规定（2020）第十八条"
        )
      ]
    }
  }
}

/// Who looks at filings, and so which of their papers he sees and whose numbers are masked.
struct FilingViewer {
  private enum Kind {
    case staff(RegionCode)
    case account(Account)
  }

  private let kind: Kind

  /// The viewer who calls.
  ///
  /// - Throws: `IdentityError` unless it is an account or a registrar.
  init(_ caller: Caller, in transaction: Transaction) async throws {
    if case .staff(let staff) = caller {
      kind = .staff(staff.authority)
      return
    }
    let id = try caller.requireAccount().id
    guard let account = try await AccountDirectory(transaction).account(id) else {
      throw IdentityError.unauthenticated
    }
    kind = .account(account)
  }

  /// The viewer's own number, which is not masked to him.
  var person: ResidentIdentityNumber? {
    switch kind {
    case .staff: nil
    case .account(let account): account.holder.person?.identityNumber
    }
  }

  /// Which papers of a filing the viewer sees: all as its applicant or at its authority, those that he
  /// was asked to sign as a signer.
  ///
  /// - Returns: Nothing if he does not see the filing at all.
  func papers(of filing: Filing, _ tasks: SignatureTasks) async throws -> Set<DocumentKind>? {
    switch kind {
    case .staff(let authority):
      return authority == filing.authority ? Set(DocumentKind.allCases) : nil
    case .account(let account):
      if account.id == filing.applicant { return Set(DocumentKind.allCases) }
      let kinds = try await tasks.documentKinds(of: filing.id, concerning: account.holder.code)
      return kinds.isEmpty ? nil : kinds
    }
  }
}

/// A page of the list of one's own filings, as it is asked for.
struct FilingPage {
  private static let list = "filings"

  /// How many.
  let size: PageSize
  /// Where to go on.
  let position: FilingStore.Position?

  /// Parses a request.
  ///
  /// - Throws: `PagingError`.
  init(_ request: Liaoning_Registry_V1_ListFilingsRequest) throws(PagingError) {
    size = try PageSize(request.pageSize)
    position = try PageToken.position(request.pageToken, in: Self.list)
      .map { FilingStore.Position(time: $0.time, id: $0.id) }
  }

  /// Where to go on after a filing.
  static func token(after filing: Filing) -> String {
    PageToken(list: list, after: filing.createTime, filing.id.uuid).text
  }
}
