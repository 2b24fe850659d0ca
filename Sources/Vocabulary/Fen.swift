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
}
