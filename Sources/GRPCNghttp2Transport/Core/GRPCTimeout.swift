/// The header `grpc-timeout`: 1 to 8 digits and a unit of `H M S m u n`.
///
/// Source: gRPC over HTTP/2, "Requests".
enum GRPCTimeout {
  /// - Returns: The duration, or nil if the text has another shape.
  static func parse(_ text: some Collection<UInt8>) -> Duration? {
    guard (2...9).contains(text.count) else { return nil }
    var amount: Int64 = 0
    for character in text.dropLast() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
      amount = amount * 10 + Int64(character - UInt8(ascii: "0"))
    }
    switch text.suffix(1).first {
    case UInt8(ascii: "H"): return .seconds(amount * 3600)
    case UInt8(ascii: "M"): return .seconds(amount * 60)
    case UInt8(ascii: "S"): return .seconds(amount)
    case UInt8(ascii: "m"): return .milliseconds(amount)
    case UInt8(ascii: "u"): return .microseconds(amount)
    case UInt8(ascii: "n"): return .nanoseconds(amount)
    default: return nil
    }
  }

  /// Puts a duration in the finest unit in which it has at most 8 digits, rounded up; a negative
  /// one is zero.
  static func format(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return "0n" }
    let limit: Int64 = 99_999_999
    if seconds < 100 {
      let nanoseconds = seconds * 1_000_000_000 + roundedUp(attoseconds, 1_000_000_000)
      if nanoseconds <= limit { return "\(nanoseconds)n" }
      let microseconds = roundedUp(nanoseconds, 1000)
      if microseconds <= limit { return "\(microseconds)u" }
    }
    if seconds < 100_000 {
      let milliseconds = seconds * 1000 + roundedUp(attoseconds, 1_000_000_000_000_000)
      if milliseconds <= limit { return "\(milliseconds)m" }
    }
    let whole = attoseconds > 0 && seconds < Int64.max ? seconds + 1 : seconds
    if whole <= limit { return "\(whole)S" }
    if roundedUp(whole, 60) <= limit { return "\(roundedUp(whole, 60))M" }
    return "\(min(limit, roundedUp(whole, 3600)))H"
  }

  private static func roundedUp(_ amount: Int64, _ divisor: Int64) -> Int64 {
    amount / divisor + (amount % divisor > 0 ? 1 : 0)
  }
}
