/// Business-scope items that need an approval, as data: an item a line, its columns separated by tabs.
///
/// Columns: `PRE` (approval before registration, 前置) or `POST` (after it, 后置); nouns and verbs, each
/// set separated by `|`, that name the item when one of each stand side by side (verbs may be `-`: the
/// noun alone names it); the permit; the act and article that the approval rests on, or `-`.
///
/// Sources: the acts that are named, each read for a permit shown to the registration authority before
/// registration. The State Council's directory may move an item; edit the line then.
enum ScopeApprovalTable {
  static let text = """
    PRE\t民用爆炸物品|民爆物品|炸药|雷管\t生产|制造\t民用爆炸物品生产许可证\t民用爆炸物品安全管理条例第十二条
    PRE\t民用爆炸物品|民爆物品|炸药|雷管\t销售|经营|批发|零售\t民用爆炸物品销售许可证\t民用爆炸物品安全管理条例第十九条
    PRE\t营业性爆破|爆破\t作业|作业服务|工程|施工|服务\t爆破作业单位许可证\t民用爆炸物品安全管理条例第三十二条
    PRE\t危险化学品|危化品|剧毒化学品\t经营|销售|批发|零售|贸易|购销|买卖\t危险化学品经营许可证\t危险化学品安全管理条例第三十五条
    PRE\t烟花爆竹|烟花|爆竹\t生产|制造\t烟花爆竹安全生产许可证\t烟花爆竹安全管理条例第十条
    PRE\t保安服务|武装守护押运|保安押运\t-\t保安服务许可证\t保安服务管理条例第十二条
    PRE\t国内快递|国际快递|省内快递|同城快递\t-\t快递业务经营许可证\t邮政法第五十三条
    PRE\t快递\t服务|业务|经营\t快递业务经营许可证\t邮政法第五十三条
    PRE\t烟草制品|烟草|卷烟|香烟|雪茄烟|烟丝\t生产|制造\t烟草专卖生产企业许可证\t烟草专卖法第十二条
    PRE\t烟草制品|烟草|卷烟|香烟|雪茄烟|烟丝\t批发\t烟草专卖批发企业许可证\t烟草专卖法第十五条
    PRE\t商业银行\t业务|服务|经营\t金融许可证\t商业银行法第十六条
    PRE\t保险|财产保险|人身保险|再保险\t业务|经营\t经营保险业务许可证\t保险法第七十七条
    PRE\t证券\t业务|经营|经纪|承销|自营\t批准文件\t证券法第一百一十九条
    PRE\t出版物|图书|报纸|期刊|音像制品|电子出版物\t出版\t出版许可证\t出版管理条例第十五条
    PRE\t出版物|图书|报纸|期刊|音像制品|电子出版物\t进口\t出版物进口经营许可证\t出版管理条例第四十三条
    PRE\t融资担保|融资性担保\t业务|服务|经营\t融资担保业务经营许可证\t融资担保公司监督管理条例第六条
    PRE\t民用枪支|枪支|弹药\t制造|生产|配售|销售\t民用枪支（弹药）制造、配售许可证件\t枪支管理法第十三条
    POST\t餐饮\t服务|经营\t食品经营许可\t-
    POST\t食品\t销售|经营|批发|零售\t食品经营许可\t-
    POST\t药品\t零售|批发|销售|经营\t药品经营许可\t-
    POST\t道路货物|道路旅客|货物|旅客\t运输\t道路运输经营许可\t-
    POST\t建设工程|建筑工程\t施工\t建筑业资质\t-
    POST\t旅行社\t业务|服务|经营\t旅行社业务经营许可\t-
    POST\t劳务派遣\t服务|经营|业务\t劳务派遣经营许可\t-
    POST\t烟草制品|烟草|卷烟|香烟|雪茄烟|烟丝\t零售\t烟草专卖零售许可证\t-
    POST\t出版物|图书|报纸|期刊|音像制品|电子出版物\t零售|批发\t出版物经营许可证\t-
    """

  /// Words that, right after an item's name, make it another business: the phrase is then left to the
  /// examiner.
  static let otherBusinesses = [
    "设备", "机械", "器材", "装备", "技术", "咨询", "培训", "软件", "系统", "包装", "材料", "代收", "柜",
    "策划", "设计", "市场", "原料", "耗材", "用品", "服装",
  ]

  /// What opens an exclusion within parentheses.
  static let exclusionOpenings = ["不含", "不包含", "不包括", "除", "不得", "禁止", "非"]

  /// What ends an exclusion within parentheses.
  static let inclusionOpenings = ["含", "包含", "包括", "其中", "仅限", "限", "可", "以及", "及"]

  /// Traditional and variant forms of the characters that the table uses, each with its standard form.
  static let standardCharacters: [Character: Character] = {
    let pairs = """
      險险 學学 產产 製制 藥药 煙烟 菸烟 經经 營营 銷销 業业 務务 證证 遞递 衛卫 圖图 報报 紙纸 電电 發发 輸输 進进 貿贸
      購购 買买 賣卖 劇剧 銀银 財财 資资 擔担 槍枪 彈弹 飲饮 運运 設设 築筑 護护 貨货 剝剥 開开 專专 絲丝 際际 內内 遊游
      質质 勞劳 務务 術术 詢询
      """
    return Dictionary(
      pairs.split(whereSeparator: \.isWhitespace).compactMap { pair in
        pair.first.flatMap { traditional in pair.last.map { (traditional, $0) } }
      },
      uniquingKeysWith: { first, _ in first }
    )
  }()

  /// What closes an exclusion within parentheses.
  static let exclusionClosings = ["除外"]
}
