/// Organization forms (组织形式), as data, and what a form says about the type of its holder.
enum OrganizationForms {
  /// Forms of limited liability companies, whole.
  static let limited: Set<String> = [
    "有限公司", "有限责任公司", "集团有限公司", "集团有限责任公司", "（集团）有限公司", "（集团）有限责任公司",
  ]

  /// Forms of companies limited by shares, whole.
  static let shares: Set<String> = [
    "股份有限公司", "股份公司", "集团股份有限公司", "集团股份公司", "（集团）股份有限公司", "（集团）股份公司",
  ]

  /// What forms of others end in.
  static let endings = [
    "合作社", "联合社", "总公司", "公司", "企业", "集团", "中心", "工作室", "超市", "市场", "厂", "店", "馆", "部", "行", "社",
    "所", "院", "坊", "站", "场", "铺", "楼", "园", "城", "屋", "堂", "庄", "吧", "苑", "阁", "轩", "室", "庐", "居",
    "摊", "档",
    "厅", "队", "户", "家", "房", "汇", "荟", "斋", "舍", "处", "亭", "府", "栈", "点", "台", "棚", "窑", "矿",
    "基地", "农家乐", "民宿", "沙龙", "俱乐部", "门市", "摊位", "公寓", "大厦",
  ]

  /// What branches end in.
  static let branchEndings = [
    "分公司", "分厂", "分店", "分部", "分行", "分社", "分所", "分院", "分中心", "分号", "营业部", "分馆", "分校", "分场", "分站",
    "支公司", "支行", "支店", "分理处", "营业厅", "营业所", "分园", "分矿",
  ]

  /// What a cooperative's name ends in.
  static let cooperativeEndings = ["专业合作社", "专业合作社联合社", "专业合作联合社"]

  /// What a partnership's name has to carry at its end.
  static let partnershipMarkers = ["（普通合伙）", "（特殊普通合伙）", "（有限合伙）"]

  /// The longest form of a company that ends `text`.
  static func companyForm(ending text: String) -> String? {
    limited.union(shares).filter { text.hasSuffix($0) }.max { $0.count < $1.count }
  }

  /// Whether `text` is the whole form of a company.
  static func isCompanyForm(_ text: String) -> Bool {
    limited.contains(text) || shares.contains(text)
  }

  /// The partnership marker at the end of `text`.
  static func partnershipMarker(ending text: String) -> String? {
    partnershipMarkers.first { text.hasSuffix($0) }
  }

  /// Whether there is more in `text` than a partnership's marker.
  static func holdsForm(_ text: String) -> Bool {
    !text.isEmpty && !partnershipMarkers.contains(text)
  }

  /// Whether `text` is the form of something that is no company.
  static func isForm(_ text: String) -> Bool {
    let bare = partnershipMarker(ending: text).map { String(text.dropLast($0.count)) } ?? text
    return endings.contains { bare.hasSuffix($0) }
  }
}
