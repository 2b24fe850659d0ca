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
      SELECT \(Review.columns)
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

  /// The reviews of filings that were returned or declined before, without the checklist of an
  /// examination: no filing that was examined comes before a clerk again.
  static func receptions(of filings: [RegionalID]) -> Query<[RegionalID: Review]> {
    Query(
      """
      SELECT \(Review.columns), r.region_code, r.filing_id
      FROM reviews.review r
      JOIN unnest(\(filings.map(\.region.rawValue)), \(filings.map(\.uuid)))
        AS asked (region_code, filing_id)
        ON asked.region_code = r.region_code AND asked.filing_id = r.filing_id
      """
    ) { rows in
      var reviews: [RegionalID: Review] = [:]
      for row in rows {
        let code = try row.decode(Int32.self, at: 13)
        guard let region = RegionCode(rawValue: code) else { throw StoredReviewUnknown() }
        let filing = RegionalID(region: region, uuid: try row.decode(UUID.self, at: 14))
        let id = RegionalID(region: region, uuid: try row.decode(UUID.self, at: 0))
        reviews[filing] = try Review(row: row, id: id, filing: filing, checklist: [])
      }
      return reviews
    }
  }

  /// Writes the first version of a review.
  func insert(_ review: Review) async throws {
    try await transaction.execute(Self.inserting([review]))
  }

  /// Writes the first versions of reviews.
  static func inserting(_ reviews: [Review]) -> SQL {
    """
    INSERT INTO reviews.review (region_code, review_id, filing_id, state, clerk,
      acceptance_number, decision_number, accept_time, decide_time, version)
    SELECT t.region_code, t.review_id, t.filing_id, t.state::reviews.review_state, t.clerk,
      t.acceptance_number, t.decision_number, t.accept_time, t.decide_time, t.version
    FROM unnest(\(reviews.map(\.id.region.rawValue)), \(reviews.map(\.id.uuid)),
        \(reviews.map(\.filing.uuid)), \(reviews.map(\.state.rawValue))::text[],
        \(reviews.map(\.clerk))::text[],
        \(reviews.map(\.acceptanceNumber?.description))::text[],
        \(reviews.map(\.decisionNumber?.description))::text[], \(reviews.map(\.acceptTime)),
        \(reviews.map(\.decideTime)), \(reviews.map(\.version)))
      AS t (region_code, review_id, filing_id, state, clerk, acceptance_number, decision_number,
        accept_time, decide_time, version)
    """
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
    let series = Series(authority: authority, year: year)
    let last = try await transaction.run(Self.lastSerials(taking: [series: 1]))[series]
    guard let last else { throw StoredReviewUnknown() }
    return last
  }

  /// The notices of an authority's year, which are numbered together.
  struct Series: Hashable, Sendable {
    let authority: RegionCode
    let year: Int
  }

  /// Takes serials, one after the other, of each series; whoever takes one after waits for this commit.
  ///
  /// The series are locked in one order.
  ///
  /// - Parameter counts: How many serials, by series.
  /// - Returns: The statement, for a transaction; its value is the last serial taken of each series.
  static func lastSerials(taking counts: [Series: Int]) -> Query<[Series: Int]> {
    let series = Array(counts.keys)
    return Query(
      """
      INSERT INTO reviews.number_year AS n (region_code, year, last_serial)
      SELECT t.region_code, t.year, t.taken
      FROM unnest(\(series.map(\.authority.rawValue)), \(series.map { Int32(clamping: $0.year) }),
          \(series.map { Int32(clamping: counts[$0] ?? 0) })) AS t (region_code, year, taken)
      ORDER BY t.region_code, t.year
      ON CONFLICT (region_code, year)
        DO UPDATE SET last_serial = n.last_serial + EXCLUDED.last_serial
      RETURNING n.region_code, n.year, n.last_serial
      """
    ) { rows in
      var last: [Series: Int] = [:]
      for row in rows {
        let (code, year, serial) = try row.decode(Int32.self, Int32.self, Int32.self)
        guard let authority = RegionCode(rawValue: code) else { throw StoredReviewUnknown() }
        last[Series(authority: authority, year: Int(year))] = Int(serial)
      }
      return last
    }
  }
}

extension Review {
  /// The columns that a review is read from, of `reviews.review r`.
  fileprivate static let columns: SQL = """
    r.review_id, r.state::text, r.clerk, r.examiner, r.decider, r.opinion::text, r.remark,
    r.acceptance_number, r.decision_number, r.accept_time, r.examine_time, r.decide_time, r.version
    """

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
