/// Provinces of China and the prefecture-level divisions outside Liaoning, by their short names,
/// as data.
///
/// Liaoning's own divisions come from Vocabulary's region table.
///
/// Source: GB/T 2260-2007 and the changes since, as of 2024.
enum PlacesOutside {
  /// Province-level divisions other than Liaoning.
  static let provinces = """
    北京 天津 上海 重庆 河北 山西 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南
    四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门
    """

  /// Prefecture-level divisions, province by province.
  static let prefectures = """
    石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水
    太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁
    呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布 兴安盟 锡林郭勒 阿拉善
    长春 吉林 四平 辽源 通化 白山 松原 白城 延边
    哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化 大兴安岭
    南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁
    杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
    合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城
    福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德
    南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶
    济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽
    郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源
    武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 仙桃 潜江 天门 神农架
    长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 湘西
    广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州
    揭阳 云浮
    南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左
    海口 三亚 三沙 儋州
    成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 阿坝
    甘孜 凉山
    贵阳 六盘水 遵义 安顺 毕节 铜仁 黔西南 黔东南 黔南
    昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧 楚雄 红河 文山 西双版纳 大理 德宏 怒江 迪庆
    拉萨 日喀则 昌都 林芝 山南 那曲 阿里
    西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛
    兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 临夏 甘南
    西宁 海东 海北 黄南 海南 果洛 玉树 海西
    银川 石嘴山 吴忠 固原 中卫
    乌鲁木齐 克拉玛依 吐鲁番 哈密 昌吉 博尔塔拉 巴音郭楞 阿克苏 喀什 和田 伊犁 塔城 阿勒泰 石河子
    """

  /// Place names that are also words or surnames of their own, which a trade name may use
  /// (另有含义): those outside, and Liaoning's without 市, 区 or 县.
  static let otherMeaning = """
    大同 大庆 安康 来宾 天门 日照 和平 振兴 太平 宏伟 元宝 明山 灯塔 古塔 白塔 双塔 大东 龙城 文圣 太和 千山
    新乐 孝义 榆树 磐石 五常 富锦 海林 宁安 丹阳 龙泉 江山 天长 明光 无为 永安 永康 福安 瑞安 乐平 高安 德兴
    泰兴 新泰 荣成 灵宝 阳春 东兴 东方 万宁 文昌 隆昌 安宁 兴平 合作 同仁 玉树 阜康 双河 新星 白杨 神木 龙井
    玉环 安达 兴义 兴仁 广德 东阳 大安 集安 海阳 海安 龙港 平湖 建德 清河
    """

  /// What autonomous counties of Liaoning are called for short, beside their first characters.
  static let shortNames = [
    "喀喇沁左翼蒙古族自治县": ["喀左县", "喀左"],
    "阜新蒙古族自治县": ["阜蒙县", "阜蒙"],
  ]
}
