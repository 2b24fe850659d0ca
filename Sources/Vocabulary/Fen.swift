/// An amount of money in fen (分), a hundredth of a yuan.
package struct Fen: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// How many fen.
  package let amount: Int64

  /// An amount.
  package init(_ amount: Int64) {
    self.amount = amount
  }

  /// As papers print it: `人民币1,000,000元`, with `.50` where there are fen.
  package var description: String {
    let (yuan, fen) = amount.magnitude.quotientAndRemainder(dividingBy: 100)
    let digits = Array(String(yuan))
    let grouped = digits.indices.map { index in
      let left = digits.count - index
      return String(digits[index]) + (left > 1 && left % 3 == 1 ? "," : "")
    }
    let hundredths = fen == 0 ? "" : fen < 10 ? ".0\(fen)" : ".\(fen)"
    return "人民币\(amount < 0 ? "-" : "")\(grouped.joined())\(hundredths)元"
  }

  /// Smaller amounts come first.
  package static func < (left: Fen, right: Fen) -> Bool { left.amount < right.amount }

  /// The sum; nothing if it exceeds what 64 bits hold.
  package func adding(_ other: Fen) -> Fen? {
    let (sum, overflows) = amount.addingReportingOverflow(other.amount)
    return overflows ? nil : Fen(sum)
  }

  /// The sum of amounts, 0 for none; nothing if it exceeds what 64 bits hold.
  package static func sum(_ amounts: some Sequence<Fen>) -> Fen? {
    amounts.reduce(Fen?.some(Fen(0))) { $0?.adding($1) }
  }

  /// The amount in the numerals that cannot be altered, as a licence prints it:
  /// `人民币壹佰万元整`; `负` leads what is below 0.
  ///
  /// Source: 支付结算办法 (1997), annex 1.
  package var inWords: String {
    let (yuan, fen) = amount.magnitude.quotientAndRemainder(dividingBy: 100)
    let (jiao, rest) = Int(fen).quotientAndRemainder(dividingBy: 10)
    var text = yuan > 0 || fen == 0 ? Self.numeral(yuan) + "元" : ""
    if jiao > 0 { text += Self.digits[jiao] + "角" }
    // A zero is read out where jiao are lacking between yuan and fen.
    if rest > 0 { text += (jiao == 0 && yuan > 0 ? "零" : "") + Self.digits[rest] + "分" }
    return "人民币" + (amount < 0 ? "负" : "") + text + (rest == 0 ? "整" : "")
  }

  private static let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]

  /// A whole number in words, by 亿 and 万; a zero is read out where a place is skipped.
  private static func numeral(_ number: UInt64) -> String {
    guard number >= 10_000 else { return number == 0 ? digits[0] : words(below10000: Int(number)) }
    let (unit, name): (UInt64, String) = number < 100_000_000 ? (10_000, "万") : (100_000_000, "亿")
    let (high, low) = number.quotientAndRemainder(dividingBy: unit)
    let head = numeral(high) + name
    guard low > 0 else { return head }
    return head + (low < unit / 10 ? digits[0] : "") + numeral(low)
  }

  private static func words(below10000 section: Int) -> String {
    var text = ""
    var gap = false
    for (unit, name) in [(1_000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
      let digit = section / unit % 10
      guard digit > 0 else {
        gap = !text.isEmpty
        continue
      }
      text += (gap ? digits[0] : "") + digits[digit] + name
      gap = false
    }
    return text
  }
}
