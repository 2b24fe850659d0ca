internal import APIConventions
internal import Accounts
internal import Vocabulary

/// What the register demands of an entity before it stands in it, whatever the filing was.
enum EntityRules {
  /// Every rule that an establishment breaks.
  ///
  /// Source: Implementing Rules for the Regulations on the Registration of Market Entities, art. 6, 7.
  static func violations(in establishment: Establishment) -> [Violation] {
    responsiblePerson(establishment) + scope(establishment) + contributors(establishment)
      + term(establishment)
  }

  /// The responsible person is the legal representative, or the operator of an individual business.
  private static func responsiblePerson(_ establishment: Establishment) -> [Violation] {
    let responsible = PartyRecord.person(establishment.responsiblePerson)
    let holds = establishment.roles.contains { role in
      switch role.kind {
      case .legalRepresentative, .operator: role.party.isSameParty(as: responsible)
      case .shareholder, .director, .supervisor, .manager, .member, .familyMember, .liaison: false
      }
    }
    return holds
      ? []
      : [violation("responsible_person", "RESPONSIBLE_PERSON_MISSING", "缺少法定代表人或者经营者。")]
  }

  /// There is a business scope.
  private static func scope(_ establishment: Establishment) -> [Violation] {
    establishment.scopeItems.isEmpty
      ? [violation("scope_items", "SCOPE_MISSING", "缺少经营范围。")] : []
  }

  /// Whoever has capital has those who contribute it.
  private static func contributors(_ establishment: Establishment) -> [Violation] {
    guard establishment.capitalFen != nil else { return [] }
    let contributes = establishment.roles.contains { $0.contributionFen != nil }
    return contributes
      ? [] : [violation("roles", "CONTRIBUTORS_MISSING", "有注册资本（出资额），但没有出资人。")]
  }

  /// A term ends after the establishment.
  private static func term(_ establishment: Establishment) -> [Violation] {
    guard let end = establishment.termEndDate, end <= establishment.establishmentDate else {
      return []
    }
    return [violation("term_end_date", "TERM_ENDS_TOO_EARLY", "营业期限应当晚于成立日期。")]
  }

  private static func violation(
    _ field: String,
    _ rule: String,
    _ description: String
  ) -> Violation {
    Violation(field: field, rule: rule, description: description, basis: "市场主体登记管理条例实施细则第六、七条")
  }
}
