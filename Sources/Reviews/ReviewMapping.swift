internal import APIConventions
internal import Filings
internal import Foundation
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

extension Review {
  /// The review as a message.
  var proto: Liaoning_Registry_V1_Review {
    .with {
      $0.filing = filing.name(in: "filings")
      $0.clerk = clerk
      $0.examiner = examiner ?? ""
      $0.decider = decider ?? ""
      if let opinion { $0.opinion = opinion.proto }
      $0.checklist = checklist.map(\.proto)
      $0.remark = remark ?? ""
      $0.acceptanceNumber = acceptanceNumber?.description ?? ""
      $0.decisionNumber = decisionNumber?.description ?? ""
      if let acceptTime { $0.acceptTime = acceptTime.timestamp }
      if let examineTime { $0.examineTime = examineTime.timestamp }
      if let decideTime { $0.decideTime = decideTime.timestamp }
    }
  }
}

extension Review.Opinion {
  /// The opinion for a reply.
  var proto: Liaoning_Registry_V1_Review.Opinion {
    switch self {
    case .approve: .approve
    case .reject: .reject
    }
  }
}

extension ChecklistEntry {
  /// The point for a reply.
  fileprivate var proto: Liaoning_Registry_V1_ChecklistItem {
    .with {
      $0.item = point.rawValue
      $0.passed = passed
      $0.remark = remark ?? ""
    }
  }
}

extension Filing {
  /// The filing as it stands in the queue.
  var reviewItem: Liaoning_Registry_V1_ReviewItem {
    .with {
      $0.filing = resourceName
      $0.number = number
      $0.enterpriseName = name.enterpriseName
      $0.entityType = content.entityType.code
      $0.state = state.proto
      if let submitTime { $0.submitTime = submitTime.timestamp }
      $0.dueDate = dueDate?.description ?? ""
      $0.etag = ETag(version: version).description
    }
  }
}

/// A page of the queue, as it is asked for.
struct ReviewPage {
  private static let list = "reviewItems"

  /// How many.
  let size: PageSize
  /// Which states.
  let states: [Filing.State]
  /// Where to go on.
  let position: (submitTime: Date, id: UUID)?

  /// Parses a request.
  ///
  /// - Throws: `PagingError`; `ReviewError.requestInvalid` for a state that never waits.
  init(_ request: Liaoning_Registry_V1_ListReviewItemsRequest) throws {
    size = try PageSize(request.pageSize)
    states = try Self.states(request.state)
    position = try PageToken.position(request.pageToken, in: Self.list)
      .map { (submitTime: $0.time, id: $0.id) }
  }

  /// Where to go on after a filing; nothing for one that was never submitted.
  static func token(after filing: Filing) -> String {
    guard let submitTime = filing.submitTime else { return "" }
    return PageToken(list: list, after: submitTime, filing.id.uuid).text
  }

  private static func states(
    _ asked: Liaoning_Registry_V1_Filing.State
  ) throws(ReviewError) -> [Filing.State] {
    switch asked {
    case .unspecified: return [.submitted, .accepted, .examined]
    case .submitted: return [.submitted]
    case .accepted: return [.accepted]
    case .examined: return [.examined]
    case .draft, .awaitingSignatures, .ready, .returned, .notAccepted, .completed, .rejected,
      .archived, .withdrawn, .deleted, .UNRECOGNIZED:
      throw .requestInvalid([
        Violation(
          field: "state",
          rule: "STATE_NEVER_WAITS",
          description: "待办列表只有已提交、已受理和已审查的申请。"
        )
      ])
    }
  }
}
