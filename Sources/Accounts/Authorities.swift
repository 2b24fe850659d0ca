package import Postgres
package import Vocabulary

/// A registration authority (登记机关) as it was on a day.
package struct Authority: Hashable, Sendable {
  /// Its area.
  package let region: RegionCode
  /// The name in full, for instance `沈阳市市场监督管理局`.
  package let name: String
  /// What stands for it in the numbers of notices, for instance `沈`.
  package let shortName: String
  /// Its own unified social credit code.
  package let creditCode: UnifiedSocialCreditCode
}

/// The registration authorities of the province: itself, its cities and their county-level units.
package struct Authorities: Sendable {
  private let transaction: Transaction

  /// The authorities, in an open transaction.
  package init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The authority of a region on a day: administrations for industry and commerce became
  /// administrations for market regulation in November 2018.
  ///
  /// - Returns: Nothing for a region without one, or before 2017.
  /// - Throws: `PostgresError`.
  package func authority(_ region: RegionCode, on day: CivilDate) async throws -> Authority? {
    let row = try await transaction.queryOne(
      """
      SELECT authority_name, short_name, credit_code
      FROM accounts.authority
      WHERE region_code = \(region.rawValue) AND valid_from <= \(day.description)::date
        AND (valid_to IS NULL OR valid_to > \(day.description)::date)
      """
    )
    guard let row else { return nil }
    let (name, shortName, code) = try row.decode(String.self, String.self, String.self)
    guard let creditCode = UnifiedSocialCreditCode(code) else { throw UnreadableRow("authority") }
    return Authority(region: region, name: name, shortName: shortName, creditCode: creditCode)
  }
}
