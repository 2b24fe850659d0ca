package import APIConventions
package import Accounts
package import Vocabulary

/// What somebody is to an entity.
package enum EntityRoleKind: String, CaseIterable, Hashable, Sendable {
  /// A shareholder (股东).
  case shareholder
  /// A director (董事).
  case director
  /// A supervisor (监事).
  case supervisor
  /// The manager (经理).
  case manager
  /// The legal representative (法定代表人).
  case legalRepresentative = "legal_representative"
  /// A member of a cooperative (成员).
  case member
  /// The operator of an individual business (经营者).
  case `operator`
  /// A family member who takes part (参加经营的家庭成员).
  case familyMember = "family_member"
  /// The liaison (登记联络员).
  case liaison
}

/// Somebody with a role in an entity.
package struct EntityRoleRecord: Hashable, Sendable {
  /// What the party is to the entity.
  package let kind: EntityRoleKind
  /// Who.
  package let party: PartyRecord
  /// What a shareholder or member has subscribed, in fen.
  package let contributionFen: Int64?
  /// By when it is to be paid in.
  package let dueDate: CivilDate?
  /// Whether a member of a cooperative is a farmer (农民).
  package let farmer: Bool

  /// A role.
  package init(
    kind: EntityRoleKind,
    party: PartyRecord,
    contributionFen: Int64? = nil,
    dueDate: CivilDate? = nil,
    farmer: Bool = false
  ) {
    self.kind = kind
    self.party = party
    self.contributionFen = contributionFen
    self.dueDate = dueDate
    self.farmer = farmer
  }
}

/// An item of the business scope (经营范围).
package struct EntityScopeItem: Hashable, Sendable {
  /// The wording.
  package let text: String
  /// Its class of GB/T 4754-2017.
  package let industryClass: IndustryClass

  /// An item.
  package init(text: String, industryClass: IndustryClass) {
    self.text = text
    self.industryClass = industryClass
  }
}

/// What an approval writes into the register: all items, registered and filed.
package struct Establishment: Hashable, Sendable {
  /// The name (企业名称).
  package let enterpriseName: String
  /// The type (市场主体类型).
  package let entityType: EntityType
  /// The registration authority (登记机关).
  package let authority: RegionCode
  /// The county-level region of the domicile.
  package let domicileRegion: RegionCode
  /// The domicile (住所) or place of business (经营场所).
  package let domicile: String
  /// The registered capital (注册资本) or contributions, in fen.
  package let capitalFen: Int64?
  /// The business scope, item by item.
  package let scopeItems: [EntityScopeItem]
  /// The date of establishment (成立日期).
  package let establishmentDate: CivilDate
  /// The end of the business term (营业期限); nil without limit.
  package let termEndDate: CivilDate?
  /// The form of composition (组成形式) of an individual business.
  package let compositionForm: String?
  /// Who takes part.
  package let roles: [EntityRoleRecord]
  /// The legal representative or operator.
  package let responsiblePerson: PersonRecord

  /// All items.
  package init(
    enterpriseName: String,
    entityType: EntityType,
    authority: RegionCode,
    domicileRegion: RegionCode,
    domicile: String,
    capitalFen: Int64?,
    scopeItems: [EntityScopeItem],
    establishmentDate: CivilDate,
    termEndDate: CivilDate?,
    compositionForm: String?,
    roles: [EntityRoleRecord],
    responsiblePerson: PersonRecord
  ) {
    self.enterpriseName = enterpriseName
    self.entityType = entityType
    self.authority = authority
    self.domicileRegion = domicileRegion
    self.domicile = domicile
    self.capitalFen = capitalFen
    self.scopeItems = scopeItems
    self.establishmentDate = establishmentDate
    self.termEndDate = termEndDate
    self.compositionForm = compositionForm
    self.roles = roles
    self.responsiblePerson = responsiblePerson
  }
}

/// An entity (市场主体) as it stands in the register.
package struct Entity: Hashable, Sendable {
  /// Its id.
  package let id: RegionalID
  /// Its unified social credit code.
  package let creditCode: UnifiedSocialCreditCode
  /// Its items.
  package let items: Establishment
  /// Changes by one with every write, from 1.
  package let version: Int64

  /// `entities/{credit_code}`.
  package var name: String { Self.name(of: creditCode) }

  /// The resource name of an entity.
  package static func name(of creditCode: UnifiedSocialCreditCode) -> String {
    "entities/\(creditCode)"
  }

  /// The name (企业名称).
  package var enterpriseName: String { items.enterpriseName }
  /// The type (市场主体类型).
  package var entityType: EntityType { items.entityType }
  /// The registration authority (登记机关).
  package var authority: RegionCode { items.authority }
  /// The county-level region of the domicile.
  package var domicileRegion: RegionCode { items.domicileRegion }
  /// The domicile (住所) or place of business (经营场所).
  package var domicile: String { items.domicile }
  /// The registered capital (注册资本) or contributions, in fen.
  package var capitalFen: Int64? { items.capitalFen }
  /// The business scope, item by item.
  package var scopeItems: [EntityScopeItem] { items.scopeItems }
  /// The date of establishment (成立日期).
  package var establishmentDate: CivilDate { items.establishmentDate }
  /// The end of the business term (营业期限); nil without limit.
  package var termEndDate: CivilDate? { items.termEndDate }
  /// The form of composition (组成形式) of an individual business.
  package var compositionForm: String? { items.compositionForm }
  /// Who takes part.
  package var roles: [EntityRoleRecord] { items.roles }
  /// The legal representative or operator.
  package var responsiblePerson: PersonRecord { items.responsiblePerson }
}
