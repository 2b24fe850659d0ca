internal import Foundation

/// The bytes that hexadecimal digits stand for.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] << 4 | digits[$0 + 1])
  }
}

/// The bytes that Base64 over several lines stands for.
func bytes(base64: String) -> [UInt8] {
  Data(base64Encoded: base64, options: .ignoreUnknownCharacters).map { Array($0) } ?? []
}

/// An instant in the validity of every certificate of these tests.
let midway = Date(timeIntervalSince1970: 1_900_000_000)
let yearsEarlier = Date(timeIntervalSince1970: 1_800_000_000)
let yearsLater = Date(timeIntervalSince1970: 2_000_000_000)
