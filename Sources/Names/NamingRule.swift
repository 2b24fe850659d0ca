/// A rule on the form of a name, by its published id.
///
/// "Regulations" is 企业名称登记管理规定 (State Council, 2020 revision), "Measures" is
/// 企业名称登记管理规定实施办法 (2023).
enum NamingRule: String, CaseIterable, Sendable {
  case foreignCharacter = "V01a"
  case nonStandardCharacter = "V01b"
  case divisionElsewhere = "V02a"
  case districtWithoutCity = "V02b"
  case zoneAlone = "V02c"
  case divisionMissing = "V02d"
  case tradeNameTooShort = "V03"
  case tradeNameIsPlace = "V04a"
  case tradeNameIsIndustry = "V04b"
  case formMissing = "V05a"
  case formUnfit = "V05b"
  case offendsState = "V06a"
  case violence = "V06b"
  case colonial = "V06c"
  case vice = "V06d"
  case discrimination = "V06e"
  case offendsCustom = "V06f"
  case nationalPrefix = "V07"
  case nationalInside = "V08"
  case foreignState = "V09a"
  case internationalOrganization = "V09b"
  case stateOrgan = "V10"
  case nonProfit = "V11"
  case superlative = "V12"
  case parentNameMissing = "V13a"
  case branchSuffixMissing = "V13b"
  case partnershipMarker = "V14"
  case cooperativeMarker = "V15"
  case licensedTrade = "V16"
  case otherEnterprise = "V17"
  case title = "V18"
  case statePolicy = "V19"

  /// Whether an examiner decides, instead of the rule.
  var isForExaminer: Bool {
    switch self {
    case .nationalInside, .licensedTrade, .statePolicy: true
    case .foreignCharacter, .nonStandardCharacter, .divisionElsewhere, .districtWithoutCity,
      .zoneAlone, .divisionMissing, .tradeNameTooShort, .tradeNameIsPlace, .tradeNameIsIndustry,
      .formMissing, .formUnfit, .offendsState, .violence, .colonial, .vice, .discrimination,
      .offendsCustom, .nationalPrefix, .foreignState, .internationalOrganization, .stateOrgan,
      .nonProfit, .superlative, .parentNameMissing, .branchSuffixMissing, .partnershipMarker,
      .cooperativeMarker, .otherEnterprise, .title:
      false
    }
  }

  /// The article that says so.
  var basis: String {
    switch self {
    case .foreignCharacter, .nonStandardCharacter: "企业名称登记管理规定第五条"
    case .divisionElsewhere, .districtWithoutCity, .zoneAlone, .divisionMissing:
      "企业名称登记管理规定第七条"
    case .tradeNameTooShort, .tradeNameIsPlace, .tradeNameIsIndustry: "企业名称登记管理规定第八条"
    case .formMissing, .formUnfit: "企业名称登记管理规定第十条"
    case .offendsState: "企业名称登记管理规定第十一条第一项"
    case .violence, .vice: "企业名称登记管理规定第十一条第五项"
    case .colonial: "企业名称登记管理规定第十一条第二项"
    case .discrimination: "企业名称登记管理规定第十一条第六项"
    case .offendsCustom: "企业名称登记管理规定第十一条第七项"
    case .nationalPrefix, .nationalInside: "企业名称登记管理规定第十二条"
    case .foreignState, .internationalOrganization: "企业名称登记管理规定第十一条第四项"
    case .stateOrgan: "企业名称登记管理规定第十一条第三项"
    case .nonProfit, .superlative, .title: "企业名称登记管理规定第十一条第八项"
    case .parentNameMissing, .branchSuffixMissing: "企业名称登记管理规定第十三条"
    case .partnershipMarker: "合伙企业法第十五条、第五十六条、第六十二条"
    case .cooperativeMarker: "农民专业合作社登记管理条例第六条"
    case .licensedTrade: "企业名称登记管理规定第十一条第九项"
    case .otherEnterprise: "企业名称登记管理规定第十五条"
    case .statePolicy: "企业名称登记管理规定实施办法"
    }
  }

  /// What is wrong and how to mend it.
  ///
  /// - Parameter part: The offending part of the name.
  /// - Returns: A sentence or two, in Chinese.
  func description(of part: String) -> String {
    switch self {
    case .foreignCharacter: "名称应当使用规范汉字，不得含有“\(part)”。请删除字母、数字或符号。"
    case .nonStandardCharacter: "“\(part)”不是规范汉字。请改用《通用规范汉字表》中的字。"
    case .divisionElsewhere: "行政区划“\(part)”不是企业所在地。请改用住所所在地县级以上行政区划名称。"
    case .districtWithoutCity: "市辖区“\(part)”前应当冠以其所属的市。"
    case .zoneAlone: "开发区“\(part)”不能单独作为行政区划。请冠以所在地的市。"
    case .divisionMissing: "名称缺少行政区划。不含行政区划的名称由国家市场监督管理总局办理。"
    case .tradeNameTooShort: "字号“\(part)”少于两个汉字。"
    case .tradeNameIsPlace: "字号“\(part)”是县级以上行政区划名称。请另选字号。"
    case .tradeNameIsIndustry: "字号“\(part)”是行业或者经营特点用语。请另选有识别性的字号。"
    case .formMissing: "名称缺少组织形式，“\(part)”不是组织形式。"
    case .formUnfit: "组织形式“\(part)”与主体类型不符。"
    case .offendsState: "“\(part)”有损国家尊严或者利益。"
    case .violence: "“\(part)”含有恐怖、暴力或者分裂的内容。"
    case .colonial: "“\(part)”带有殖民文化色彩。"
    case .vice: "“\(part)”含有淫秽、色情、赌博、毒品或者迷信的内容。"
    case .discrimination: "“\(part)”含有民族、种族、宗教或者性别歧视的内容。"
    case .offendsCustom: "“\(part)”违背公序良俗，或者是英雄烈士的姓名。"
    case .nationalPrefix: "名称冠以“\(part)”须经国务院批准。"
    case .nationalInside: "名称中间含有“\(part)”，由登记人员审查是否仅为行业限定语。"
    case .foreignState: "名称不得含有外国国家（地区）名称“\(part)”。"
    case .internationalOrganization: "名称不得含有国际组织名称“\(part)”。"
    case .stateOrgan: "名称不得含有政党、党政军机关、群团组织的名称“\(part)”。"
    case .nonProfit: "“\(part)”明示或者暗示为非营利组织。"
    case .superlative: "“\(part)”是绝对化用语。"
    case .parentNameMissing: "分支机构名称应当冠以其所从属企业的名称“\(part)”。"
    case .branchSuffixMissing: "分支机构名称应当缀以“分公司”“分厂”“分店”等字词，不能是“\(part)”。"
    case .partnershipMarker: "合伙企业名称应当标明“\(part)”。"
    case .cooperativeMarker: "农民专业合作社名称应当含有“专业合作社”字样。"
    case .licensedTrade: "“\(part)”须经有关部门许可，由登记人员审查。"
    case .otherEnterprise: "名称含有另一企业的名称“\(part)”。须有投资关系或者经其授权。"
    case .title: "字号“\(part)”是职务、学位或者军衔。请另选字号。"
    case .statePolicy: "“\(part)”与国家重大战略政策相关联，由登记人员审查。"
    }
  }
}
