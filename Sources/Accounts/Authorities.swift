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
    let moment = Moment(region: region, day: day)
    return try await transaction.run(Self.authorities(at: [moment]))[moment]
  }

  /// A region on a day.
  package struct Moment: Hashable, Sendable {
    /// The region.
    package let region: RegionCode
    /// The day.
    package let day: CivilDate

    /// A region on a day.
    package init(region: RegionCode, day: CivilDate) {
      self.region = region
      self.day = day
    }
  }

  /// The authorities of regions on days; none for a region without one, or before 2017.
  ///
  /// - Parameter moments: Regions and days.
  /// - Returns: The question, for a transaction.
  package static func authorities(at moments: Set<Moment>) -> Query<[Moment: Authority]> {
    AuthorityStore.authorities(at: Array(moments))
  }
}
