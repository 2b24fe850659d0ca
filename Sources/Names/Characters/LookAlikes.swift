/// Characters that the eye confuses (形近字), in classes.
enum LookAlikes {
  /// The version of the classes below; keys derived under another have to be derived anew.
  static let version = 1

  /// One class a word.
  ///
  /// Classes do not overlap. Taken from what primers teach as easily confused; pairs of merely
  /// one common part (such as 由 and 田) are left out.
  static let classes = """
    己已巳 未末 土士 千干于 今令 人入 日曰 天夭 午牛 九丸 戊戌戍 侯候 辨辩辫 折拆析
    崇祟 睛晴 历厉 治冶 洒酒 毫豪 券卷 拔拨 茶荼 宴晏 宣宜 名各 免兔 乌鸟 亨享 璧壁
    赢嬴羸 盲肓 孟盂 杏杳 炙灸 粟栗 粱梁 胃胄 贫贪 遗遣 幻幼 字宇 刀刁 几凡 太犬 丐丏
    汨汩 沐沭 侍待 徒徙 撒撤 密蜜 竞竟 籍藉 辍缀 惴揣 喘湍 玖玫 祎袆 祐佑 弋戈 卯卵
    爪瓜 斤斥 仓仑 凤风 壶壸 萧箫 沧沦 抢抡 竿竽 晰淅 钓钩钧 锺钟 铂钼
    暖暧 缓援 椽掾 睢雎 蓝篮 博搏 翌翊 昱晅
    """

  private static let representatives: [Unicode.Scalar: Unicode.Scalar] = {
    var table: [Unicode.Scalar: Unicode.Scalar] = [:]
    for word in classes.split(whereSeparator: { $0 == " " || $0.isNewline }) {
      let members = Array(word.unicodeScalars)
      guard let first = members.first else { continue }
      for member in members { table[member] = first }
    }
    return table
  }()

  /// The character that stands for the class of `scalar`; itself if it is in none.
  static func representative(of scalar: Unicode.Scalar) -> Unicode.Scalar {
    representatives[scalar] ?? scalar
  }

  /// Whether a character is in any class.
  static func isClassified(_ scalar: Unicode.Scalar) -> Bool {
    representatives[scalar] != nil
  }

  /// Whether two characters are the same or easily confused.
  static func areAlike(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> Bool {
    one == other || representative(of: one) == representative(of: other)
  }
}
