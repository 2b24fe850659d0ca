/// An administrative division by its code, 6 digits: province, prefecture-level city, county.
///
/// Source: GB/T 2260; the names are those of 2024.
package struct RegionCode: Hashable, Sendable, CustomStringConvertible {
  /// 100000 to 999999.
  package let rawValue: Int32

  /// A code; nothing if it is out of range.
  package init?(rawValue: Int32) {
    guard (100_000...999_999).contains(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  /// Parses 6 ASCII digits; nothing otherwise.
  package init?(_ text: String) {
    guard text.utf8.count == 6,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let value = Int32(text)
    else { return nil }
    self.init(rawValue: value)
  }

  private init(known value: Int32) {
    rawValue = value
  }

  /// The 6 digits.
  package var description: String { String(rawValue) }

  /// Liaoning province (辽宁省), 210000.
  package static let liaoning = RegionCode(known: 210_000)

  /// The prefecture-level city that the division lies in; the province for itself.
  package var city: RegionCode { RegionCode(known: rawValue / 100 * 100) }

  /// The province that the division lies in; itself for a province.
  package var province: RegionCode { RegionCode(known: rawValue / 10_000 * 10_000) }

  /// Whether it is a county-level unit of Liaoning.
  package var isCounty: Bool { rawValue % 100 != 0 && Self.names[rawValue] != nil }

  /// The name in Chinese, without what it lies in; empty for codes outside Liaoning.
  package var name: String { Self.names[rawValue] ?? "" }

  /// The name with what it lies in, as addresses begin: `辽宁省沈阳市和平区`; empty outside Liaoning.
  package var fullName: String {
    guard !name.isEmpty else { return "" }
    let levels = [province, city, self]
    return levels.enumerated().reduce("") { text, level in
      levels.prefix(level.offset).contains(level.element) ? text : text + level.element.name
    }
  }

  /// The divisions of Liaoning with a name, by code; one name may be several (铁西区).
  ///
  /// - Parameter name: The whole name, with 市, 区 or 县.
  /// - Returns: None if there is no such division today.
  package static func named(_ name: String) -> [RegionCode] {
    names.filter { $0.value == name }.map { RegionCode(known: $0.key) }
      .sorted { $0.rawValue < $1.rawValue }
  }

  /// The 14 prefecture-level cities, by code.
  package static let cities: [(code: RegionCode, name: String)] = divisions.map {
    (RegionCode(known: $0.code), $0.name)
  }

  /// The 100 county-level units, by code.
  package static let counties: [(code: RegionCode, name: String)] = divisions.flatMap { city in
    city.counties.map { (RegionCode(known: city.code + $0.number), $0.name) }
  }

  private static let names: [Int32: String] = Dictionary(
    uniqueKeysWithValues: [(liaoning.rawValue, "辽宁省")]
      + (cities + counties).map { ($0.code.rawValue, $0.name) }
  )

  private typealias City = (code: Int32, name: String, counties: [(number: Int32, name: String)])

  /// The cities of Liaoning with their counties by the code's last two digits.
  private static let divisions: [City] = [
    (
      210_100, "沈阳市",
      [
        (2, "和平区"), (3, "沈河区"), (4, "大东区"), (5, "皇姑区"), (6, "铁西区"), (11, "苏家屯区"), (12, "浑南区"),
        (13, "沈北新区"), (14, "于洪区"), (15, "辽中区"), (23, "康平县"), (24, "法库县"), (81, "新民市"),
      ]
    ),
    (
      210_200, "大连市",
      [
        (2, "中山区"), (3, "西岗区"), (4, "沙河口区"), (11, "甘井子区"), (12, "旅顺口区"), (13, "金州区"),
        (14, "普兰店区"), (24, "长海县"), (81, "瓦房店市"), (83, "庄河市"),
      ]
    ),
    (
      210_300, "鞍山市",
      [
        (2, "铁东区"), (3, "铁西区"), (4, "立山区"), (11, "千山区"), (21, "台安县"), (23, "岫岩满族自治县"),
        (81, "海城市"),
      ]
    ),
    (
      210_400, "抚顺市",
      [
        (2, "新抚区"), (3, "东洲区"), (4, "望花区"), (11, "顺城区"), (21, "抚顺县"), (22, "新宾满族自治县"),
        (23, "清原满族自治县"),
      ]
    ),
    (
      210_500, "本溪市",
      [
        (2, "平山区"), (3, "溪湖区"), (4, "明山区"), (5, "南芬区"), (21, "本溪满族自治县"), (22, "桓仁满族自治县"),
      ]
    ),
    (
      210_600, "丹东市",
      [
        (2, "元宝区"), (3, "振兴区"), (4, "振安区"), (24, "宽甸满族自治县"), (81, "东港市"), (82, "凤城市"),
      ]
    ),
    (
      210_700, "锦州市",
      [
        (2, "古塔区"), (3, "凌河区"), (11, "太和区"), (26, "黑山县"), (27, "义县"), (81, "凌海市"), (82, "北镇市"),
      ]
    ),
    (
      210_800, "营口市",
      [
        (2, "站前区"), (3, "西市区"), (4, "鲅鱼圈区"), (11, "老边区"), (81, "盖州市"), (82, "大石桥市"),
      ]
    ),
    (
      210_900, "阜新市",
      [
        (2, "海州区"), (3, "新邱区"), (4, "太平区"), (5, "清河门区"), (11, "细河区"), (21, "阜新蒙古族自治县"),
        (22, "彰武县"),
      ]
    ),
    (
      211_000, "辽阳市",
      [
        (2, "白塔区"), (3, "文圣区"), (4, "宏伟区"), (5, "弓长岭区"), (11, "太子河区"), (21, "辽阳县"), (81, "灯塔市"),
      ]
    ),
    (
      211_100, "盘锦市",
      [
        (2, "双台子区"), (3, "兴隆台区"), (4, "大洼区"), (22, "盘山县"),
      ]
    ),
    (
      211_200, "铁岭市",
      [
        (2, "银州区"), (4, "清河区"), (21, "铁岭县"), (23, "西丰县"), (24, "昌图县"), (81, "调兵山市"), (82, "开原市"),
      ]
    ),
    (
      211_300, "朝阳市",
      [
        (2, "双塔区"), (3, "龙城区"), (21, "朝阳县"), (22, "建平县"), (24, "喀喇沁左翼蒙古族自治县"), (81, "北票市"),
        (82, "凌源市"),
      ]
    ),
    (
      211_400, "葫芦岛市",
      [
        (2, "连山区"), (3, "龙港区"), (4, "南票区"), (21, "绥中县"), (22, "建昌县"), (81, "兴城市"),
      ]
    ),
  ]
}
