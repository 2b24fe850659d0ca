/// How a text looks: typeface, size and line height, in points of 1/72 inch.
struct TextStyle: Sendable, Hashable {
  /// The two typefaces of Chinese administrative documents.
  enum Typeface: Sendable {
    /// Song (宋体), a serif face, for the text itself.
    case song
    /// Hei (黑体), a sans-serif face, for headings and labels.
    case hei

    /// Font families in order of preference; fontconfig fills any gap from what else is installed.
    var families: String {
      switch self {
      case .song:
        "Noto Serif CJK SC,Source Han Serif SC,AR PL UMing CN,WenQuanYi Zen Hei,BabelStone Han"
      case .hei:
        "WenQuanYi Zen Hei,Noto Sans CJK SC,Source Han Sans SC,AR PL UMing CN,BabelStone Han"
      }
    }
  }

  var typeface = Typeface.song
  var isBold = false
  var size: Double
  var lineHeight: Double
  /// Space added after each character.
  var spacing = 0.0

  /// Where the baseline stands below the top of a line: the em box of the ideographs, which reaches
  /// 0.88 em above the baseline and 0.12 em below it, is centered in the line.
  var baseline: Double { (lineHeight - size) / 2 + 0.88 * size }

  // Sizes as on official documents: 二号 22, 四号 14, 小四 12, 五号 10.5, 小五 9.
  static let title = TextStyle(typeface: .hei, size: 22, lineHeight: 32)
  static let heading = TextStyle(typeface: .hei, size: 14, lineHeight: 24)
  static let body = TextStyle(size: 12, lineHeight: 21)
  static let cell = TextStyle(size: 10.5, lineHeight: 17)
  static let cellLabel = TextStyle(typeface: .hei, size: 10.5, lineHeight: 17)
  static let note = TextStyle(size: 9, lineHeight: 14)
}
