internal import APIConventions
package import Accounts
package import Entities
package import Vocabulary

extension Filing {
  /// Every natural person concerned, each once: whoever is one of them decides nothing about the filing.
  package var people: [PersonRecord] { content.people }

  /// What an approval writes into the register.
  ///
  /// - Parameter day: The day of the approval, which is the date of establishment.
  /// - Returns: The items.
  package func establishment(on day: CivilDate) -> Establishment {
    Establishment(
      enterpriseName: name.enterpriseName,
      entityType: content.entityType,
      authority: authority,
      domicileRegion: content.domicileRegion,
      domicile: content.domicile,
      capitalFen: content.capitalFen,
      scopeItems: content.scopeItems.map {
        EntityScopeItem(text: $0.text, industryClass: $0.industryClass)
      },
      establishmentDate: day,
      termEndDate: content.termEndDate,
      compositionForm: content.compositionForm,
      roles: content.roles,
      responsiblePerson: content.responsiblePerson
    )
  }
}

extension FilingContent {
  /// The form of composition (组成形式), for an individual business.
  fileprivate var compositionForm: String? {
    switch details {
    case .company, .cooperative: nil
    case .individualBusiness(let business): business.form.rawValue
    }
  }

  /// Who takes part, in the order of the form, the liaison last.
  fileprivate var roles: [EntityRoleRecord] {
    let liaison = EntityRoleRecord(kind: .liaison, party: .person(liaison))
    switch details {
    case .company(let company):
      return [EntityRoleRecord(kind: .legalRepresentative, party: .person(responsiblePerson))]
        + company.shareholders.map { $0.role(.shareholder) }
        + company.directors.map { EntityRoleRecord(kind: .director, party: .person($0)) }
        + company.supervisors.map { EntityRoleRecord(kind: .supervisor, party: .person($0)) }
        + [company.manager].compactMap(\.self)
        .map { EntityRoleRecord(kind: .manager, party: .person($0)) } + [liaison]
    case .cooperative(let cooperative):
      return [EntityRoleRecord(kind: .legalRepresentative, party: .person(responsiblePerson))]
        + cooperative.members.map { $0.role(.member) } + [liaison]
    case .individualBusiness(let business):
      return [EntityRoleRecord(kind: .operator, party: .person(business.operator))]
        + business.familyMembers.map { EntityRoleRecord(kind: .familyMember, party: .person($0)) }
        + [liaison]
    }
  }
}

extension Contributor {
  fileprivate func role(_ kind: EntityRoleKind) -> EntityRoleRecord {
    EntityRoleRecord(
      kind: kind,
      party: party,
      contributionFen: contributionFen,
      dueDate: dueDate,
      farmer: isFarmer
    )
  }
}
