@testable internal import Rendering
internal import Testing

@Suite("Writing a QR code")
struct QRCodeTests {
  @Test("error correction is that of the standard's example")
  func standardExample() {
    // ISO/IEC 18004:2015, annex I: "01234567", version 1-M.
    let data: [UInt8] = [
      0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC,
      0x11,
    ]
    let expected: [UInt8] = [0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55]
    let generator = ReedSolomon.generator(degree: 10)
    #expect(ReedSolomon.remainder(of: data, by: generator) == expected)
  }

  @Test(
    "alignment patterns stand where annex E says",
    arguments: [
      (1, []), (2, [6, 18]), (7, [6, 22, 38]), (14, [6, 26, 46, 66]),
      (32, [6, 34, 60, 86, 112, 138]), (40, [6, 30, 58, 86, 114, 142, 170]),
    ]
  )
  func alignment(version: Int, centers: [Int]) {
    #expect(QRMatrix.alignmentCenters(version: version, size: 17 + 4 * version) == centers)
  }

  @Test(
    "data capacity is that of table 7",
    arguments: [(1, 19, 16), (20, 861, 669), (40, 2956, 2334)]
  )
  func capacity(version: Int, low: Int, medium: Int) {
    #expect(QRCode.dataCapacity(version: version, level: .l) == low)
    #expect(QRCode.dataCapacity(version: version, level: .m) == medium)
  }

  @Test(
    "what was written is read again, at every size and with every error check passing",
    arguments: [0, 1, 14, 15, 100, 213, 214, 400, 666, 667, 1_000, 1_500, 2_000, 2_300]
  )
  func roundTrip(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) }
    let code = try QRCode(bytes)
    let reading = try #require(QRReading(code))
    #expect(reading.bytes == bytes)
    #expect(reading.level == (count > 666 ? .l : .m))
  }
}

/// Reads a perfect QR code back; `nil` where anything is not as the standard says.
struct QRReading {
  let bytes: [UInt8]
  let level: QRLevel

  init?(_ code: QRCode) {
    let version = (code.size - 17) / 4
    guard let (level, mask) = QRReading.format(code) else { return nil }
    // The data's places under the mask, most significant bit first.
    let bits = QRMatrix(version: version).dataPositions.map { position in
      code.modules[position]
        != QRMatrix.isMasked(mask, x: position % code.size, y: position / code.size)
    }
    let codewords = stride(from: 0, to: bits.count / 8 * 8, by: 8).map { start in
      bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
    }
    let blocks = level.blocks[version - 1]
    let correction = level.correctionPerBlock[version - 1]
    let data = QRCode.dataCapacity(version: version, level: level)
    var read: [[UInt8]] = Array(repeating: [], count: blocks)
    let firstLong = blocks - data % blocks
    var next = 0
    for index in 0...data / blocks {
      for block in 0..<blocks where index < data / blocks || block >= firstLong {
        read[block].append(codewords[next])
        next += 1
      }
    }
    let content = read.flatMap(\.self)
    for _ in 0..<correction {
      for block in 0..<blocks {
        read[block].append(codewords[next])
        next += 1
      }
    }
    guard read.allSatisfy({ QRReading.isWhole($0, correction: correction) }) else { return nil }
    // Mode 0100, then the count in 8 or 16 bits, then the bytes, all half a byte off.
    var nibbles = content.flatMap { [$0 >> 4, $0 & 15] }
    guard nibbles.removeFirst() == 0b0100 else { return nil }
    let width = version < 10 ? 2 : 4
    let count = nibbles.prefix(width).reduce(0) { $0 << 4 | Int($1) }
    nibbles.removeFirst(width)
    guard nibbles.count >= 2 * count else { return nil }
    bytes = (0..<count).map { nibbles[2 * $0] << 4 | nibbles[2 * $0 + 1] }
    self.level = level
  }

  /// Level and mask from both copies of the format information.
  private static func format(_ code: QRCode) -> (QRLevel, Int)? {
    let size = code.size
    func bit(_ x: Int, _ y: Int) -> Int { code.modules[y * size + x] ? 1 : 0 }
    let corner =
      (0...5).map { bit(8, $0) } + [bit(8, 7), bit(8, 8), bit(7, 8)]
      + (9..<15).map { bit(14 - $0, 8) }
    let edges = (0..<8).map { bit(size - 1 - $0, 8) } + (8..<15).map { bit(8, size - 15 + $0) }
    guard corner == edges, bit(8, size - 8) == 1 else { return nil }
    let value = corner.enumerated().reduce(0) { $0 | $1.element << $1.offset } ^ 0x5412
    // A multiple of the generator polynomial, or the code is damaged.
    var remainder = value
    for shift in stride(from: 4, through: 0, by: -1) where remainder >> (shift + 10) & 1 == 1 {
      remainder ^= 0x537 << shift
    }
    guard remainder == 0, let level = QRLevel(rawValue: value >> 13) else { return nil }
    return (level, value >> 10 & 7)
  }

  /// Whether all syndromes of a block are zero.
  private static func isWhole(_ block: [UInt8], correction: Int) -> Bool {
    var root: UInt8 = 1
    for _ in 0..<correction {
      let syndrome = block.reduce(UInt8(0)) { ReedSolomon.product($0, root) ^ $1 }
      if syndrome != 0 { return false }
      root = ReedSolomon.product(root, 2)
    }
    return true
  }
}
