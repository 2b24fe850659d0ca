internal import Postgres
internal import Vocabulary

/// The SQL of authorities.
enum AuthorityStore {
  /// The authorities of regions on days.
  static func authorities(
    at asked: [Authorities.Moment]
  ) -> Query<[Authorities.Moment: Authority]> {
    Query(
      """
      SELECT asked.place, a.authority_name, a.short_name, a.credit_code
      FROM unnest(\(asked.map(\.region.rawValue)), \(asked.map(\.day.description))::text[])
        WITH ORDINALITY AS asked (region_code, day, place)
      JOIN accounts.authority a
        ON a.region_code = asked.region_code AND a.valid_from <= asked.day::date
          AND (a.valid_to IS NULL OR a.valid_to > asked.day::date)
      """
    ) { rows in
      var authorities: [Authorities.Moment: Authority] = [:]
      for row in rows {
        let (place, name, shortName, code) = try row.decode(
          Int.self,
          String.self,
          String.self,
          String.self
        )
        guard let creditCode = UnifiedSocialCreditCode(code) else {
          throw UnreadableRow("authority")
        }
        let moment = asked[place - 1]
        authorities[moment] = Authority(
          region: moment.region,
          name: name,
          shortName: shortName,
          creditCode: creditCode
        )
      }
      return authorities
    }
  }
}
