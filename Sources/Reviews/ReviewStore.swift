internal import APIConventions
internal import Filings
internal import Foundation
internal import Postgres
internal import Vocabulary

/// The SQL of reviews.
///
/// A review is written under the lock of its filing's row.
struct ReviewStore: Sendable {
  private let transaction: Transaction

  /// The tables, in an open transaction.
  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The review of a filing, with its checklist.
  func review(of filing: RegionalID) async throws -> Review? {
    let row = try await transaction.queryOne(
      """
      SELECT r.review_id, r.state::text, r.clerk, r.examiner, r.decider, r.opinion::text, r.remark,
        r.acceptance_number, r.decision_number, r.accept_time, r.examine_time, r.decide_time,
        r.version
      FROM reviews.review r
      WHERE r.region_code = \(filing.region.rawValue) AND r.filing_id = \(filing.uuid)
      """
    )
    guard let row else { return nil }
    let id = RegionalID(region: filing.region, uuid: try row.decode(UUID.self, at: 0))
    let isExamined = try row.decode(String?.self, at: 3) != nil
    let checklist = isExamined ? try await self.checklist(of: id) : []
    return try Review(row: row, id: id, filing: filing, checklist: checklist)
  }

  private func checklist(of review: RegionalID) async throws -> [ChecklistEntry] {
    try await transaction.query(
      """
      SELECT c.point::text, c.passed, c.remark
      FROM reviews.checklist_item c
      WHERE c.region_code = \(review.region.rawValue) AND c.review_id = \(review.uuid)
      ORDER BY c.point
      LIMIT 100
      """
    ).map { row in
      let (point, passed, remark) = try row.decode(ChecklistPoint.self, Bool.self, String?.self)
      return ChecklistEntry(point: point, passed: passed, remark: remark)
    }
  }

  /// Writes the first version of a review.
  func insert(_ review: Review) async throws {
    try await transaction.execute(
      """
      INSERT INTO reviews.review (region_code, review_id, filing_id, state, clerk,
        acceptance_number, decision_number, accept_time, decide_time, version)
      VALUES (\(review.id.region.rawValue), \(review.id.uuid), \(review.filing.uuid),
        \(review.state.rawValue)::reviews.review_state, \(review.clerk),
        \(review.acceptanceNumber?.description), \(review.decisionNumber?.description),
        \(review.acceptTime), \(review.decideTime), \(review.version))
      """
    )
  }

  /// Writes the next version of a review.
  ///
  /// - Throws: `FilingError.stale` if the version before is not the one that stands there.
  func save(_ review: Review) async throws {
    let updated = try await transaction.execute(
      """
      UPDATE reviews.review
      SET state = \(review.state.rawValue)::reviews.review_state,
          clerk = \(review.clerk),
          examiner = \(review.examiner),
          decider = \(review.decider),
          opinion = \(review.opinion?.rawValue)::reviews.opinion,
          remark = \(review.remark),
          acceptance_number = \(review.acceptanceNumber?.description),
          decision_number = \(review.decisionNumber?.description),
          accept_time = \(review.acceptTime),
          examine_time = \(review.examineTime),
          decide_time = \(review.decideTime),
          version = \(review.version)
      WHERE region_code = \(review.id.region.rawValue) AND review_id = \(review.id.uuid)
        AND version = \(review.version - 1)
      """
    )
    guard updated == 1 else { throw FilingError.stale(review.filing) }
  }

  /// Writes the checklist of an examination; the review's row is written after it.
  func insertChecklist(of review: Review) async throws {
    try await transaction.execute(
      """
      INSERT INTO reviews.checklist_item (region_code, review_id, point, passed, remark)
      SELECT \(review.id.region.rawValue), \(review.id.uuid), t.point::reviews.checklist_point,
        t.passed, t.remark
      FROM unnest(\(review.checklist.map(\.point.rawValue))::text[],
          \(review.checklist.map(\.passed)), \(review.checklist.map(\.remark))::text[])
        AS t (point, passed, remark)
      """
    )
  }

  /// Takes the next serial of an authority's year; whoever takes one after waits for this commit.
  func nextSerial(of authority: RegionCode, year: Int) async throws -> Int {
    let row = try await transaction.queryOne(
      """
      INSERT INTO reviews.number_year AS n (region_code, year, last_serial)
      VALUES (\(authority.rawValue), \(year), 1)
      ON CONFLICT (region_code, year) DO UPDATE SET last_serial = n.last_serial + 1
      RETURNING n.last_serial
      """
    )
    guard let row else { throw StoredReviewUnknown() }
    return try row.decode(Int.self, at: 0)
  }
}

extension Review {
  fileprivate init(
    row: Row,
    id: RegionalID,
    filing: RegionalID,
    checklist: [ChecklistEntry]
  ) throws {
    self.init(
      id: id,
      filing: filing,
      state: try row.decode(State.self, at: 1),
      clerk: try row.decode(String.self, at: 2),
      examiner: try row.decode(String?.self, at: 3),
      decider: try row.decode(String?.self, at: 4),
      opinion: try row.decode(Opinion?.self, at: 5),
      checklist: checklist,
      remark: try row.decode(String?.self, at: 6),
      acceptanceNumber: try row.decode(String?.self, at: 7).map(NoticeNumber.init(stored:)),
      decisionNumber: try row.decode(String?.self, at: 8).map(NoticeNumber.init(stored:)),
      acceptTime: try row.decode(Date?.self, at: 9),
      examineTime: try row.decode(Date?.self, at: 10),
      decideTime: try row.decode(Date?.self, at: 11),
      version: try row.decode(Int64.self, at: 12)
    )
  }
}

/// A statement returned what this program never makes it return.
struct StoredReviewUnknown: Error {}

extension Review.State: PostgresDecodable {}
extension Review.Opinion: PostgresDecodable {}
extension ChecklistPoint: PostgresDecodable {}
