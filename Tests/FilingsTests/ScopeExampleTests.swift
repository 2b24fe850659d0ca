internal import APIConventions
internal import Testing
internal import Vocabulary

@testable internal import Filings

@Suite("Judging scopes that no listed case knows")
struct ScopeExampleTests {
  @Test(
    "what needs approval before registration is found however it is worded",
    arguments: [
      "批发、零售卷烟", "批发零售：卷烟、雪茄烟", "卷烟、雪茄烟的批发", "烟草制品零售、批发", "香烟批发", "烟草制品零售；烟草制品批发",
      "图书、报纸、期刊出版", "出版图书、期刊", "报纸和期刊的出版", "音像制品进口", "进口：图书、报纸", "图书零售、出版",
      "国内快递（邮政企业专营业务除外）", "国际快递（邮政企业专营业务除外）", "快递业务", "同城快递", "快递 服务", "软件开发及快递服务",
      "烟花爆竹生产、销售", "生产、销售烟花爆竹", "烟花的制造", "爆破工程施工", "爆破服务", "营业性爆破作业服务",
      "危化品贸易", "危险化学品（易制爆）经营", "危险化学品(剧毒)零售", "经营危险化学品", "销售：危险化学品", "危险化学品购销",
      "食品销售；危险化学品经营", "化工产品销售，危险化学品批发", "危險化學品經營", "保險業務", "快遞服務", "捲煙批發、卷菸批发",
      "除软件外的危险化学品经营", "不含剧毒化学品的危险化学品经营", "危险化学品经营（不含剧毒化学品）", "危险化学品经营，不含剧毒化学品",
      "财产保险业务", "人身保险业务", "再保险业务", "证券经纪", "证券承销", "商业银行业务", "融资担保业务", "融资性担保服务",
      "保安服务（不含武装押运）", "武装守护押运", "雷管销售", "炸药制造", "民爆物品批发", "民用枪支制造", "弹药配售",
      "【危险化学品】危险化学品经营", "烟丝生产", "雪茄烟制造",
    ]
  )
  func before(text: String) {
    guard case .pre(let permit, let basis) = ScopeRules.approval(of: text) else {
      Issue.record("\(text) needs approval before registration")
      return
    }
    #expect(!permit.isEmpty)
    #expect(!basis.isEmpty)
  }

  @Test(
    "what needs a permit after registration, or none, may be filed, and is not flagged",
    arguments: [
      ("卷烟零售", true), ("零售：卷烟、雪茄烟", true), ("图书、报纸零售", true), ("国内图书、期刊批发零售", true),
      ("图书零售、软件出版服务外包", true), ("食品进口、图书零售", true), ("食品批发零售", true), ("餐饮服务（不含烧烤）", true),
      ("道路货物运输（不含危险货物）", true), ("药品零售（不含冷藏药品）", true), ("劳务派遣服务", true), ("旅行社业务", true),
      ("建筑工程施工", true), ("普通货物运输", true), ("软件开发", false), ("宠物服务", false), ("非烟草制品批发", false),
      ("化工产品销售（不含危险化学品）", false), ("化工产品销售（危险化学品除外）", false), ("化工产品销售【不含危险化学品、剧毒化学品】", false),
      ("化工产品销售（不含危险化学品，剧毒化学品）", false), ("化工产品销售（不含许可类（危险化学品）项目）", false),
      ("化工产品销售，不含危险化学品", false), ("不含危险化学品的化工产品经营", false), ("除危险化学品外的化工产品销售", false),
      ("化工产品销售（除危险化学品外）", false), ("化工产品销售（非危险化学品）", false), ("图书租赁", false), ("报刊亭设计", false),
      ("保险柜销售", false), ("防弹玻璃制造", false), ("烟具销售", false), ("快递柜租赁", false), ("粮食种植", false),
      ("信息咨询服务（不含许可类信息咨询服务）", false), ("证券投资者教育", false), ("机械设备销售", false), ("烟叶种植", false),
    ]
  )
  func fileable(text: String, needsPermit: Bool) {
    switch ScopeRules.approval(of: text) {
    case .none: #expect(!needsPermit, "\(text)")
    case .post(let permit):
      #expect(needsPermit, "\(text)")
      #expect(!permit.isEmpty)
    case .pre: Issue.record("\(text) may be filed")
    }
    #expect(ScopeRules.flags(in: .sample(scope: [text])).isEmpty, "\(text)")
  }

  @Test(
    "what may hide such an item is left to the examiner",
    arguments: [
      "化工产品销售（含危险化学品）", "化工产品销售（不含剧毒品，含危险化学品）", "食品销售（含危险化学品）", "食品销售、危险化学品仓储",
      "危险化学品运输", "烟花爆竹销售", "保安服务系统软件", "爆破工程技术研究", "商业银行业务咨询", "图书出版策划", "卷烟、饮料的批发",
      "烟草制品批发市场管理", "融资担保咨询", "化工产品销售（危险化学品", "剧毒化学品回收", "快递服务软件开发",
    ]
  )
  func hidden(text: String) {
    let content = FilingContent.sample(scope: ["宠物服务", text])
    #expect(ScopeRules.preApprovalItems(in: content).isEmpty)
    let flags = ScopeRules.flags(in: content)
    #expect(flags.map(\.field) == ["scope_items[1].text"])
    #expect(flags.allSatisfy { !$0.basis.isEmpty && $0.rule == "SCOPE_MAY_NEED_PRE_APPROVAL" })
  }

  @Test(
    "an item stands once, however its spaces and brackets are typed",
    arguments: [
      (["宠物服务", "宠物服务"], 1), (["宠物服务", "宠物 服务"], 1), (["宠物服务（寄养）", "宠物服务(寄养)"], 1),
      (["宠物服务", "宠物寄养服务"], 0), (["茶具销售", "宠物服务", "茶具销售", "茶具销售"], 2),
      (["宠物服务", "宠物服務"], 1), (["宠物服务", "宠物服务。"], 1), (["茶具销售;", "茶具销售；"], 1),
    ]
  )
  func duplicates(texts: [String], count: Int) {
    #expect(ScopeRules.duplicates(in: .sample(scope: texts)).count == count)
  }
}

@Suite("Judging places that no listed case knows")
struct PlaceExampleTests {
  @Test(
    "an address names its county and no other",
    arguments: [
      ("210211", "辽宁省大连市甘井子区虹韵路77号", true), ("210211", "大连市甘井子区虹韵路77号", true),
      ("210211", "大连甘井子区虹韵路77号", false), ("210211", "辽宁省大连市虹韵路77号", false),
      ("210211", "辽宁省沈阳市甘井子区虹韵路77号", false), ("210211", "辽宁省大连市沙河口区虹韵路77号", false),
      ("210211", "辽宁省大连市甘井子区沙河口区虹韵路77号", false),
      ("210211", "辽宁省大连市甘井子区虹韵路77号（沈阳市和平区分店）", false),
      ("210211", "辽宁省大连市甘井子区沈阳路3号", true), ("210211", "辽宁省大连市甘井子区和平广场2号", true),
      ("210303", "鞍山市铁西区九道街3号", true), ("210303", "沈阳市铁西区九道街3号", false),
      ("210303", "铁西区九道街3号", false), ("210106", "沈阳市铁西区重工街3号", true),
      ("210905", "辽宁省阜新市清河门区新北街1号", true), ("210905", "辽宁省铁岭市清河区新北街1号", false),
      ("211204", "辽宁省铁岭市清河区向阳街1号", true), ("211204", "辽宁省阜新市清河门区向阳街1号", false),
      ("211321", "朝阳县柳城街道1号", true), ("211321", "辽宁省朝阳县柳城街道1号", true),
      ("211321", "辽宁省朝阳市柳城街道1号", false), ("211302", "朝阳县柳城街道1号", false),
      ("210521", "本溪满族自治县小市镇1号", true), ("210521", "辽宁省本溪市小市镇1号", false),
      ("211104", "辽宁省盘锦市大洼区田家街道1号", true), ("211104", "辽宁省盘锦市大洼县田家镇1号", false),
      ("210681", "东港市迎宾大街5号", true), ("210603", "辽宁省丹东市振兴区东港市场路5号", true),
      ("210603", "辽宁省丹东市振兴区东港市迎宾大街5号", false), ("210281", "辽宁省大连市瓦房店市文兰街1号", true),
      ("210281", "瓦房店文兰街1号", false), ("211324", "喀喇沁左翼蒙古族自治县大城子街1号", true),
      ("210102", "辽宁省沈阳市和平区", false), ("210102", "辽宁省沈阳市　和平区 南五马路", true),
    ]
  )
  func address(region: String, domicile: String, isLawful: Bool) {
    let filing = Filing.sample(
      content: .sample(region: region, domicile: domicile),
      name: "\(RegionCode(region)?.city.name.dropLast() ?? "")栖梧软件有限公司",
      in: "\(region.prefix(4))00"
    )
    #expect(brokenRules(filing) == (isLawful ? [] : ["DOMICILE_REGION_MISMATCH"]))
  }

  @Test(
    "a county in the name is the domicile's",
    arguments: [
      ("210381", "海城市栖梧软件有限公司", true), ("210302", "海城市栖梧软件有限公司", false),
      ("210302", "鞍山栖梧软件有限公司", true), ("210302", "辽宁栖梧软件有限公司", true),
      ("210302", "鞍山市铁东区栖梧饭店", true), ("210303", "鞍山市铁东区栖梧饭店", false),
      ("210302", "鞍山铁东区栖梧饭店", true), ("210304", "鞍山铁东区栖梧饭店", false),
      ("210321", "台安县栖梧软件有限公司", true), ("210321", "鞍山市岫岩满族自治县栖梧软件有限公司", false),
    ]
  )
  func nameDivision(region: String, name: String, isLawful: Bool) {
    let county = RegionCode(region)
    let filing = Filing.sample(
      content: .sample(region: region, domicile: "\(county?.fullName ?? "")光荣街1号"),
      name: name,
      in: "210300"
    )
    #expect(brokenRules(filing) == (isLawful ? [] : ["RESERVATION_DIVISION_MISMATCH"]))
  }
}
