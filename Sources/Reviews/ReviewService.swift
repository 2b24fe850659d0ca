package import APIConventions
internal import Accounts
internal import Filings
internal import Foundation
package import GRPCCore
internal import Identity
package import Licenses
internal import Postgres
package import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// The RPCs of reviews, for staff of the filing's authority: the prefecture-level city, whose own staff
/// alone sees and moves its filings.
package struct ReviewService: Liaoning_Registry_V1_ReviewService.SimpleServiceProtocol {
  let surroundings: Surroundings
  let signer: LicenseSigner
  let acceptances: AcceptanceBatcher

  /// The service.
  ///
  /// - Parameters:
  ///   - surroundings: Database, time, ids, law.
  ///   - signer: Signs the licences that approvals issue.
  package init(_ surroundings: Surroundings, signer: LicenseSigner) {
    self.surroundings = surroundings
    self.signer = signer
    acceptances = .acceptances(surroundings)
  }

  package func listReviewItems(
    request: Liaoning_Registry_V1_ListReviewItemsRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_ListReviewItemsResponse {
    let staff = try Caller(context).requireStaff()
    let page = try ReviewPage(request)
    return try await surroundings.database.withTransaction { transaction in
      let found = try await FilingDesk(transaction, newUUID: surroundings.newUUID).queue(
        authority: staff.authority,
        states: page.states,
        after: page.position,
        limit: page.size.rows + 1
      )
      let shown = found.prefix(page.size.rows)
      return .with {
        $0.items = shown.map(\.reviewItem)
        if found.count > shown.count, let last = shown.last {
          $0.nextPageToken = ReviewPage.token(after: last)
        }
      }
    }
  }

  package func acceptFiling(
    request: Liaoning_Registry_V1_AcceptFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let staff = try Caller(context).requireStaff()
    let requestID = try RequestID(request.requestID)
    let acceptance = Acceptance(
      staff: staff,
      filing: try ReviewTarget.filing(request.name, of: staff),
      etag: request.etag,
      request: try LoggedRequest(
        requestID,
        by: staff.name,
        for: request,
        at: surroundings.instant
      )
    )
    do {
      return try await acceptances.perform(acceptance)
    } catch let error as PostgresError where RequestLog.wasTaken(error) {
      return try await acceptances.perform(acceptance)
    }
  }

  package func returnFiling(
    request: Liaoning_Registry_V1_ReturnFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let order = try ReturnOrder(request)
    let target = ReviewTarget(request.name, request.etag, request.requestID)
    return try await take(.reception, target, request, context) {
      try await $0.returnForCorrection(order)
    }
  }

  package func declineFiling(
    request: Liaoning_Registry_V1_DeclineFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let declination = try Declination(request)
    let target = ReviewTarget(request.name, request.etag, request.requestID)
    return try await take(.reception, target, request, context) {
      try await $0.decline(declination)
    }
  }

  package func examineFiling(
    request: Liaoning_Registry_V1_ExamineFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let examination = try Examination(request)
    let target = ReviewTarget(request.name, request.etag, request.requestID)
    return try await take(.examination, target, request, context) {
      try await $0.examine(examination)
    }
  }

  package func approveFiling(
    request: Liaoning_Registry_V1_ApproveFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let target = ReviewTarget(request.name, request.etag, request.requestID)
    return try await take(.decision, target, request, context) {
      try await $0.approve(signer: signer)
    }
  }

  package func rejectFiling(
    request: Liaoning_Registry_V1_RejectFilingRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Filing {
    let rejection = try Rejection(request)
    let target = ReviewTarget(request.name, request.etag, request.requestID)
    return try await take(.decision, target, request, context) {
      try await $0.reject(rejection)
    }
  }

  package func getReview(
    request: Liaoning_Registry_V1_GetReviewRequest,
    context: ServerContext
  ) async throws -> Liaoning_Registry_V1_Review {
    let staff = try Caller(context).requireStaff()
    let id = try ReviewTarget.filing(request.filing, of: staff)
    return try await surroundings.database.withTransaction { transaction in
      let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
      guard try await desk.filing(id) != nil else { throw FilingError.notFound(request.filing) }
      let review = try await ReviewStore(transaction).review(of: id)
      return review?.proto ?? .with { $0.filing = request.filing }
    }
  }
}

/// What a step is about: the filing, the version that was read, the id of the request.
struct ReviewTarget: Sendable {
  /// `filings/{filing}`, as sent.
  let name: String
  /// The etag, as sent.
  let etag: String
  /// The request id, as sent.
  let requestID: String

  /// A target.
  init(_ name: String, _ etag: String, _ requestID: String) {
    self.name = name
    self.etag = etag
    self.requestID = requestID
  }

  /// The filing of that name at a registrar's own authority.
  ///
  /// - Throws: `FilingError.notFound` for a filing of another authority, and for what is no name.
  static func filing(_ name: String, of staff: StaffCaller) throws(FilingError) -> RegionalID {
    guard let id = RegionalID(resourceName: name, collection: "filings"),
      id.region == staff.authority
    else { throw .notFound(name) }
    return id
  }
}

extension Filing {
  /// When a step is taken that is asked for at an instant: never before an earlier step, whatever the
  /// clocks of the servers say.
  func stepTime(_ instant: Date) -> Date {
    [submitTime, acceptTime, examineTime].compactMap(\.self).reduce(instant) { max($0, $1) }
  }
}

extension ReviewService {
  /// Takes a step in a filing of the caller's authority, once a request id.
  ///
  /// - Parameters:
  ///   - stage: Which part of the review it belongs to.
  ///   - target: The filing with the version that was read.
  ///   - request: The request.
  ///   - context: The call.
  ///   - body: The step; returns the filing as it is afterwards.
  /// - Returns: The filing for a reply.
  /// - Throws: `FilingError.notFound`, the state's error, `stale`; `ReviewError.ownFiling`; what `body`
  ///   throws.
  private func take<Request: Message>(
    _ stage: ReviewStage,
    _ target: ReviewTarget,
    _ request: Request,
    _ context: ServerContext,
    _ body: @Sendable (ReviewStep) async throws -> Filing
  ) async throws -> Liaoning_Registry_V1_Filing {
    let staff = try Caller(context).requireStaff()
    let requestID = try RequestID(target.requestID)
    let id = try ReviewTarget.filing(target.name, of: staff)
    let instant = surroundings.instant
    return try await surroundings.database.withTransaction { transaction in
      try await RequestLog(transaction, at: instant).once(requestID, by: staff.name, for: request) {
        let desk = FilingDesk(transaction, newUUID: surroundings.newUUID)
        let filing = try await desk.lockedFiling(id)
        try stage.require(filing, etag: target.etag)
        let applicant = try await AccountDirectory(transaction).account(filing.applicant)
        try ReviewRules.requireImpartial(
          staff,
          in: filing,
          applicant: applicant?.people.map(\.identityNumber.description) ?? []
        )
        let step = ReviewStep(
          transaction: transaction,
          staff: staff,
          filing: filing,
          applicant: applicant,
          review: try await ReviewStore(transaction).review(of: id),
          now: filing.stepTime(instant),
          law: surroundings.law,
          desk: desk,
          newUUID: surroundings.newUUID
        )
        return try await desk.proto(of: try await body(step))
      }
    }
  }
}
