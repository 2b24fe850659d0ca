internal import Foundation
internal import APIConventions
internal import Postgres
internal import Identity
internal import RegistryAPI
internal import RoomsTestKit
internal import SwiftProtobuf

@testable internal import Filings
@testable internal import Reviews

typealias FilingMessage = Liaoning_Registry_V1_Filing

/// Every point of the checklist, passed but for those named.
func checklist(failing: [ChecklistPoint] = []) -> [Liaoning_Registry_V1_ChecklistItem] {
  ChecklistPoint.allCases.map { point in
    .with {
      $0.item = point.rawValue
      $0.passed = !failing.contains(point)
      $0.remark = failing.contains(point) ? "与规定不符。" : ""
    }
  }
}

// The calls of a review, as a client makes them.
extension Hall {
  func accept(
    _ filing: FilingMessage,
    as caller: Caller = .clerk,
    requestID: String = UUID().uuidString
  ) async throws -> FilingMessage {
    try await call(as: caller) {
      try await reviews.acceptFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.requestID = requestID
        },
        context: $0
      )
    }
  }

  func returned(
    _ filing: FilingMessage,
    as caller: Caller = .clerk,
    corrections: [(field: String, description: String)] = [("domicile", "请补充门牌号。")]
  ) async throws -> FilingMessage {
    try await call(as: caller) {
      try await reviews.returnFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.corrections = corrections.map { correction in
            .with {
              $0.field = correction.field
              $0.description_p = correction.description
            }
          }
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  func decline(
    _ filing: FilingMessage,
    as caller: Caller = .clerk,
    reason: String = "不属于本机关管辖。",
    right: String = ""
  ) async throws -> FilingMessage {
    try await call(as: caller) {
      try await reviews.declineFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.reason = reason
          $0.rightAuthorityCode = right
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  func examine(
    _ filing: FilingMessage,
    as caller: Caller = .examiner,
    _ opinion: Liaoning_Registry_V1_Review.Opinion = .approve,
    checklist points: [Liaoning_Registry_V1_ChecklistItem] = checklist(),
    remark: String = ""
  ) async throws -> FilingMessage {
    try await call(as: caller) {
      try await reviews.examineFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.opinion = opinion
          $0.checklist = points
          $0.remark = remark
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  func approve(
    _ filing: FilingMessage,
    as caller: Caller = .examiner,
    requestID: String = UUID().uuidString
  ) async throws -> FilingMessage {
    try await call(as: caller) {
      try await reviews.approveFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.requestID = requestID
        },
        context: $0
      )
    }
  }

  func reject(
    _ filing: FilingMessage,
    as caller: Caller = .head,
    reason: String = "经营范围表述不规范。"
  ) async throws -> FilingMessage {
    try await call(as: caller) {
      try await reviews.rejectFiling(
        request: .with {
          $0.name = filing.name
          $0.etag = filing.etag
          $0.reason = reason
          $0.requestID = UUID().uuidString
        },
        context: $0
      )
    }
  }

  func review(
    of filing: FilingMessage,
    as caller: Caller = .head
  ) async throws -> Liaoning_Registry_V1_Review {
    try await call(as: caller) {
      try await reviews.getReview(request: .with { $0.filing = filing.name }, context: $0)
    }
  }

  func queue(
    as caller: Caller = .clerk,
    state: FilingMessage.State = .unspecified,
    pageSize: Int32 = 0,
    token: String = ""
  ) async throws -> Liaoning_Registry_V1_ListReviewItemsResponse {
    try await call(as: caller) {
      try await reviews.listReviewItems(
        request: .with {
          $0.pageSize = pageSize
          $0.pageToken = token
          $0.state = state
        },
        context: $0
      )
    }
  }

  func get(_ filing: FilingMessage, as caller: Caller = .clerk) async throws -> FilingMessage {
    try await call(as: caller) {
      try await filings.getFiling(request: .with { $0.name = filing.name }, context: $0)
    }
  }

  /// The kinds of a filing's events, in their order.
  func events(of filing: FilingMessage) async throws -> [String] {
    try await surroundings.database.query(
      """
      SELECT e.kind
      FROM ledger.event e
      WHERE e.filing = \(filing.name)
      ORDER BY e.event_number
      LIMIT 1000
      """
    ).map { try $0.decode(String.self) }
  }
}
