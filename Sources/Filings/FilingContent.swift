package import Accounts
package import Vocabulary

/// What is to be registered and filed (登记事项, 备案事项): whole and well-formed, not yet lawful.
///
/// Source: Implementing Rules for the Regulations on the Registration of Market Entities, art. 6 and 7.
package struct FilingContent: Hashable, Sendable {
  /// The entity type.
  package let entityType: EntityType
  /// The county-level region of the domicile.
  package let domicileRegion: RegionCode
  /// The domicile (住所) or place of business (经营场所), 5 to 200 characters.
  package let domicile: String
  /// The business scope (经营范围), 1 to 100 items.
  package let scopeItems: [ScopeItem]
  /// The liaison (登记联络员).
  package let liaison: PersonRecord
  /// What the class of entity needs beyond that.
  package let details: Details
  /// The day on which the business term ends; without limit if nothing.
  package let termEndDate: CivilDate?

  /// What the class of entity needs.
  package enum Details: Hashable, Sendable {
    /// A limited liability company (有限责任公司).
    case company(CompanyDetails)
    /// A farmers' cooperative (农民专业合作社).
    case cooperative(CooperativeDetails)
    /// An individual business (个体工商户).
    case individualBusiness(IndividualBusinessDetails)
  }
}

/// An item of the business scope.
package struct ScopeItem: Hashable, Sendable {
  /// The wording, 2 to 200 characters.
  package let text: String
  /// Its class of GB/T 4754-2017.
  package let industryClass: IndustryClass
}

/// Who contributes capital, and how much.
package struct Contributor: Hashable, Sendable {
  /// The shareholder or member.
  package let party: PartyRecord
  /// The amount subscribed, in fen.
  package let contributionFen: Int64
  /// The day by which it is paid in.
  package let dueDate: CivilDate?
  /// Whether the member is a farmer (农民).
  package let isFarmer: Bool
}

/// What a limited liability company needs.
package struct CompanyDetails: Hashable, Sendable {
  /// The registered capital (注册资本), in fen.
  package let registeredCapitalFen: Int64
  /// The shareholders (股东).
  package let shareholders: [Contributor]
  /// The legal representative (法定代表人).
  package let legalRepresentative: PersonRecord
  /// The directors (董事).
  package let directors: [PersonRecord]
  /// The supervisors (监事).
  package let supervisors: [PersonRecord]
  /// The manager (经理).
  package let manager: PersonRecord?
  /// The articles of the charter (章程), 10 to 20,000 characters.
  package let charterText: String
}

/// What a farmers' cooperative needs.
package struct CooperativeDetails: Hashable, Sendable {
  /// The members (成员).
  package let members: [Contributor]
  /// The chair (理事长), who is the legal representative.
  package let legalRepresentative: PersonRecord
  /// The charter (章程), 10 to 20,000 characters.
  package let charterText: String
}

/// What an individual business needs.
package struct IndividualBusinessDetails: Hashable, Sendable {
  /// Who runs it (组成形式).
  package enum Form: String, CaseIterable, Hashable, Sendable {
    /// One person.
    case personal = "个人经营"
    /// A family.
    case family = "家庭经营"
  }

  /// Who runs it.
  package let form: Form
  /// The operator (经营者).
  package let `operator`: PersonRecord
  /// The family members that take part (参加经营的家庭成员).
  package let familyMembers: [PersonRecord]
}

extension FilingContent {
  /// The contributors, if the class of entity has any.
  package var contributors: [Contributor] {
    switch details {
    case .company(let company): company.shareholders
    case .cooperative(let cooperative): cooperative.members
    case .individualBusiness: []
    }
  }

  /// The legal representative or, for an individual business, the operator: who answers for it.
  package var responsiblePerson: PersonRecord {
    switch details {
    case .company(let company): company.legalRepresentative
    case .cooperative(let cooperative): cooperative.legalRepresentative
    case .individualBusiness(let business): business.operator
    }
  }

  /// Every natural person concerned, each once, in the order of the form.
  package var people: [PersonRecord] {
    var people: [PersonRecord] = []
    for named in namedPeople where !people.contains(where: { $0.isSamePerson(as: named.person) }) {
      people.append(named.person)
    }
    return people
  }

  /// The registered capital in fen, or the sum of a cooperative's contributions; nothing for an
  /// individual business.
  package var capitalFen: Int64? {
    switch details {
    case .company(let company): company.registeredCapitalFen
    case .cooperative: contributionSumFen
    case .individualBusiness: nil
    }
  }

  /// The sum of the contributions in fen; nothing if it leaves the range of the type.
  var contributionSumFen: Int64? {
    var sum: Int64 = 0
    for contributor in contributors {
      let (next, overflows) = sum.addingReportingOverflow(contributor.contributionFen)
      if overflows { return nil }
      sum = next
    }
    return sum
  }

  /// Every mention of a natural person with the path of its field.
  var namedPeople: [(field: String, person: PersonRecord)] {
    var named: [(field: String, person: PersonRecord)] = []
    func name(_ people: [PersonRecord], _ field: String) {
      named += people.enumerated().map { ("\(field)[\($0.offset)]", $0.element) }
    }
    func name(_ contributors: [Contributor], _ field: String) {
      for (index, contributor) in contributors.enumerated() {
        if let person = contributor.party.person {
          named.append(("\(field)[\(index)].party.person", person))
        }
      }
    }
    switch details {
    case .company(let company):
      named.append(("company.legal_representative", company.legalRepresentative))
      name(company.shareholders, "company.shareholders")
      name(company.directors, "company.directors")
      name(company.supervisors, "company.supervisors")
      if let manager = company.manager { named.append(("company.manager", manager)) }
    case .cooperative(let cooperative):
      named.append(("cooperative.legal_representative", cooperative.legalRepresentative))
      name(cooperative.members, "cooperative.members")
    case .individualBusiness(let business):
      named.append(("individual_business.operator", business.operator))
      name(business.familyMembers, "individual_business.family_members")
    }
    named.append(("liaison", liaison))
    return named
  }
}
