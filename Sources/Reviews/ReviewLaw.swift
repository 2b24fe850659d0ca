internal import Vocabulary

// What the law of 2017 and current law say differently about reviews.
extension LawProfile {
  /// The day by which the authority must decide on a filing that it accepted.
  ///
  /// Under current law 3 working days from receipt, so that the acceptance gives no further time. Under
  /// the law of 2017 15 working days from the acceptance, 20 for a cooperative. The first day is not
  /// counted.
  ///
  /// Source: Regulations on the Registration of Market Entities, art. 19; Regulations on the Registration
  /// of Companies (2016), art. 54; Regulations on the Registration of Farmers' Cooperatives (2014), art.
  /// 16; Administrative Licensing Law, art. 82.
  ///
  /// - Parameters:
  ///   - receipt: The day on which the filing was submitted.
  ///   - acceptance: The day on which it was accepted.
  ///   - entityType: What is to be registered.
  /// - Returns: The day.
  func decisionDueDate(
    receipt: CivilDate,
    acceptance: CivilDate,
    entityType: EntityType
  ) -> CivilDate {
    let calendar = WorkingDayCalendar.stateCouncil
    switch self {
    case .current: return calendar.day(3, workingDaysAfter: receipt)
    case .law2017: return calendar.day(entityType.daysToDecide, workingDaysAfter: acceptance)
    }
  }

  /// How whoever is refused may defend himself: administrative reconsideration within 60 days,
  /// administrative lawsuit within 6 months.
  ///
  /// Source: Administrative Reconsideration Law (2023 revision), art. 20, 24, and (2017), art. 9, 12;
  /// Administrative Litigation Law, art. 46; Administrative Licensing Law, art. 38.
  ///
  /// - Parameter authority: The region of the authority that refuses.
  /// - Returns: A sentence for the decision.
  func remedies(against authority: RegionCode) -> String {
    let government = "\(authority.name)人民政府"
    let instance =
      switch self {
      case .current: government
      case .law2017: "\(government)或者上一级登记机关"
      }
    return "如不服本决定，可以自收到本决定之日起六十日内向\(instance)申请行政复议，"
      + "或者自收到本决定之日起六个月内向人民法院提起行政诉讼。"
  }

  /// By which articles a notice is given.
  ///
  /// Under the law of 2017 each class of entity had its own regulations; what all of them carry out is
  /// the Administrative Licensing Law.
  ///
  /// Source: Administrative Licensing Law, art. 32, 38; Regulations on the Registration of Market
  /// Entities, art. 19 to 21; their Implementing Rules, art. 18.
  ///
  /// - Parameter kind: Which notice.
  /// - Returns: The laws and articles, as a sentence names them.
  func basis(of kind: ReviewNotices.Kind) -> String {
    let regulations = "《中华人民共和国市场主体登记管理条例》"
    let licensing = "《中华人民共和国行政许可法》"
    let (special, general) =
      switch kind {
      case .acceptance, .correction: (regulations + "第十九条", licensing + "第三十二条")
      case .declination:
        ("《中华人民共和国市场主体登记管理条例实施细则》第十八条", licensing + "第三十二条")
      case .registration: (regulations + "第十九条、第二十一条", licensing + "第三十八条")
      case .rejection: (regulations + "第二十条", licensing + "第三十八条")
      }
    switch self {
    case .current: return "\(special)和\(general)"
    case .law2017: return general
    }
  }
}

extension EntityType {
  /// Within how many working days of the acceptance an authority decided under the law of 2017, where it
  /// could not on the spot.
  fileprivate var daysToDecide: Int {
    switch entityClass {
    case .partnership, .farmersCooperative: 20
    case .nonCompanyLegalPerson: 30
    case .limitedLiabilityCompany, .jointStockCompany, .soleProprietorship, .branch,
      .individualBusiness, .other:
      15
    }
  }
}
