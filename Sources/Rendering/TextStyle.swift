/// How a text looks: typeface, size and line height, in points of 1/72 inch.
struct TextStyle: Sendable, Hashable {
  /// The typefaces of Chinese administrative documents.
  enum Typeface: Sendable {
    /// Song (宋体), a serif face, for the text of documents.
    case song
    /// Hei (黑体), a sans-serif face, for headings and labels.
    case hei
    /// Song of a finer cut, for the title of a licence, whose outlines are drawn.
    case fineSong

    /// Font families in order of preference; fontconfig fills any gap from what else is installed.
    ///
    /// What is embedded is TrueType, of which Cairo reads just the characters needed. Of a CFF font as
    /// large as Noto's it copies 25 MB for each PDF and embeds some 100 KB: three times the time and the
    /// size of a document. So Noto serves what the others lack, and the title of a licence.
    var families: String {
      switch self {
      case .song:
        "AR PL SungtiL GB,AR PL UMing CN,Noto Serif CJK SC,WenQuanYi Zen Hei,BabelStone Han"
      case .hei: "WenQuanYi Zen Hei,Noto Sans CJK SC,BabelStone Han"
      case .fineSong: "Noto Serif CJK SC,AR PL SungtiL GB,WenQuanYi Zen Hei,BabelStone Han"
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

  /// The same place and size in the typeface of documents, which embeds well.
  var embeddable: TextStyle {
    var style = self
    (style.typeface, style.isBold) = (.song, false)
    return style
  }

  // Sizes as on official documents: 二号 22, 四号 14, 小四 12, 五号 10.5, 小五 9.
  static let title = TextStyle(typeface: .hei, size: 22, lineHeight: 32)
  static let heading = TextStyle(typeface: .hei, size: 14, lineHeight: 24)
  static let body = TextStyle(size: 12, lineHeight: 21)
  static let cell = TextStyle(size: 10.5, lineHeight: 17)
  static let cellLabel = TextStyle(typeface: .hei, size: 10.5, lineHeight: 17)
  static let note = TextStyle(size: 9, lineHeight: 14)
}
