/// What stands on a printed business licence (营业执照), as a pure value.
///
/// Source: Implementing Rules of the Regulations on Market Entity Registration (2022), art. 23 (face
/// items); both editions are equal in law (Regulations, art. 22).
package struct LicensePrint: Sendable, Hashable {
  /// Which face is printed, by class of entity; decides the default labels.
  package var layout: Layout
  /// Original or numbered copy.
  package var edition: Edition
  /// The unified social credit code, 18 characters.
  package var creditCode: String
  /// The entity's name.
  package var enterpriseName: String
  /// The type (类型), such as `有限责任公司（自然人独资）`.
  package var type: String
  /// The responsible person or persons.
  package var responsiblePerson: String
  /// The label of the responsible person; the layout's own by default.
  package var responsiblePersonLabel: String
  /// The form of composition (组成形式) of an individual business, such as `个人经营`; nil elsewhere.
  package var composition: String?
  /// Registered capital or contribution as printed, such as `壹佰万元整`; nil where the face has none.
  package var capital: String?
  /// The label of the capital; the layout's own by default.
  package var capitalLabel: String
  /// Domicile or place of business.
  package var place: String
  /// The label of the place; the layout's own by default.
  package var placeLabel: String
  /// The business scope; what does not fit on the face continues on an annex page.
  package var businessScope: String
  /// The date of establishment as printed, such as `2017年10月09日`.
  package var establishDate: String
  /// The business term as printed, or nil where the face has none.
  package var term: String?
  /// The registration authority.
  package var authority: String
  /// The date of issue as printed, such as `2017年10月09日`.
  package var issueDate: String
  /// The licence's serial number, at most 100 characters, or nil.
  package var serialNumber: String?
  /// What the QR code says, at most 2,300 bytes of UTF-8; nil for no code.
  package var qrText: String?

  /// A licence from its face items; labels not given are the layout's own.
  package init(
    layout: Layout,
    edition: Edition,
    creditCode: String,
    enterpriseName: String,
    type: String,
    responsiblePerson: String,
    responsiblePersonLabel: String? = nil,
    composition: String? = nil,
    capital: String? = nil,
    capitalLabel: String? = nil,
    place: String,
    placeLabel: String? = nil,
    businessScope: String,
    establishDate: String,
    term: String? = nil,
    authority: String,
    issueDate: String,
    serialNumber: String? = nil,
    qrText: String? = nil
  ) {
    self.layout = layout
    self.edition = edition
    self.creditCode = creditCode
    self.enterpriseName = enterpriseName
    self.type = type
    self.responsiblePerson = responsiblePerson
    self.responsiblePersonLabel = responsiblePersonLabel ?? layout.responsiblePersonLabel
    self.composition = composition
    self.capital = capital
    self.capitalLabel = capitalLabel ?? layout.capitalLabel
    self.place = place
    self.placeLabel = placeLabel ?? layout.placeLabel
    self.businessScope = businessScope
    self.establishDate = establishDate
    self.term = term
    self.authority = authority
    self.issueDate = issueDate
    self.serialNumber = serialNumber
    self.qrText = qrText
  }

  /// The edition of a licence.
  package enum Edition: Sendable, Hashable {
    /// The original (正本), 420 × 297 mm.
    case original
    /// A copy (副本), 297 × 210 mm, with its number, such as `1-1`.
    case copy(number: String)
  }

  /// The face by class of entity; the raw value is the layout's letter.
  package enum Layout: String, Sendable, Hashable, CaseIterable {
    /// A company (公司).
    case company = "A"
    /// A legal person that is no company (非公司企业法人).
    case nonCompanyLegalPerson = "B"
    /// A partnership (合伙企业).
    case partnership = "C"
    /// A farmers' cooperative (农民专业合作社).
    case cooperative = "D"
    /// A sole proprietorship (个人独资企业).
    case soleProprietorship = "E"
    /// An individual business (个体工商户).
    case individualBusiness = "F"
    /// A branch, or another enterprise that is no legal person (分支机构).
    case branch = "G"

    /// How the face calls the responsible person.
    package var responsiblePersonLabel: String {
      switch self {
      case .company, .nonCompanyLegalPerson, .cooperative: "法定代表人"
      case .partnership: "执行事务合伙人"
      case .soleProprietorship: "投资人"
      case .individualBusiness: "经营者"
      case .branch: "负责人"
      }
    }

    /// How the face calls the capital.
    package var capitalLabel: String {
      switch self {
      case .company: "注册资本"
      case .nonCompanyLegalPerson: "注册资金"
      case .cooperative: "成员出资总额"
      case .partnership, .soleProprietorship, .individualBusiness, .branch: "出资额"
      }
    }

    /// How the face calls the place.
    package var placeLabel: String {
      switch self {
      case .company, .nonCompanyLegalPerson, .cooperative, .soleProprietorship: "住所"
      case .partnership: "主要经营场所"
      case .individualBusiness, .branch: "经营场所"
      }
    }
  }
}

extension LicensePrint {
  /// Every text with the limit of its length, for the check before anything is drawn.
  var texts: [(field: String, text: String, limit: Int)] {
    let short = RenderingLimits.faceItemCharacters
    var number = ""
    if case .copy(let given) = edition { number = given }
    return [
      ("edition", number, 20),
      ("credit_code", creditCode, 20),
      ("enterprise_name", enterpriseName, short),
      ("type", type, short),
      ("responsible_person", responsiblePersonLabel, 10),
      ("responsible_person", responsiblePerson, short),
      ("composition", composition ?? "", short),
      ("capital", capitalLabel, 10),
      ("capital", capital ?? "", short),
      ("place", placeLabel, 10),
      ("place", place, short),
      ("business_scope", businessScope, RenderingLimits.characters),
      ("establish_date", establishDate, 40),
      ("term", term ?? "", 80),
      ("authority", authority, 60),
      ("issue_date", issueDate, 40),
      ("serial_number", serialNumber ?? "", 100),
    ]
  }
}
