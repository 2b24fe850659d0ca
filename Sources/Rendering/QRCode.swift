/// A QR code of bytes, level M where it fits and level L where it doesn't.
///
/// Source: ISO/IEC 18004:2015 (GB/T 18284-2000), byte mode, models 2, versions 1 to 40.
struct QRCode: Sendable, Equatable {
  /// Modules on each side, 21 to 177, without the quiet zone of 4 that belongs around it.
  let size: Int
  /// Dark modules, row by row.
  let modules: [Bool]

  /// - Throws: `qrTextTooLong` above `RenderingLimits.qrBytes`.
  init(_ bytes: [UInt8]) throws(RenderingError) {
    let limit = RenderingLimits.qrBytes
    guard bytes.count <= limit else { throw .qrTextTooLong(bytes: bytes.count, limit: limit) }
    let levels: [QRLevel] = [.m, .l]
    // A small picture first: level L is taken only where level M would pass version 20, 97 modules.
    let versions = levels.map { level in
      (1...40).first { QRCode.capacity(version: $0, level: level) >= bytes.count }
    }
    let level: QRLevel
    let version: Int
    if let m = versions[0], m <= 20 {
      (level, version) = (.m, m)
    } else if let l = versions[1] {
      (level, version) = (.l, l)
    } else {
      throw .qrTextTooLong(bytes: bytes.count, limit: limit)
    }
    let data = QRCode.dataCodewords(bytes, version: version, level: level)
    let codewords = QRCode.interleaved(data, version: version, level: level)
    let matrix = QRMatrix.best(codewords, version: version, level: level)
    size = matrix.size
    modules = matrix.dark
  }
}

/// The levels of error correction that are used here; raw values are the bits in the format information.
enum QRLevel: Int, Sendable {
  /// Recovers about 15 % of the codewords.
  case m = 0
  /// Recovers about 7 % of the codewords.
  case l = 1

  /// Error correction codewords of each block, by version (table 9).
  var correctionPerBlock: [Int] {
    switch self {
    case .l:
      [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
        28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
      ]
    case .m:
      [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
        26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
      ]
    }
  }

  /// The number of blocks, by version (table 9).
  var blocks: [Int] {
    switch self {
    case .l:
      [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
        8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
      ]
    case .m:
      [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
        17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
      ]
    }
  }
}

extension QRCode {
  /// Modules left for data and error correction once all function patterns are placed.
  static func rawModules(version: Int) -> Int {
    var count = (16 * version + 128) * version + 64
    if version >= 2 {
      let alignments = version / 7 + 2
      count -= (25 * alignments - 10) * alignments - 55
      if version >= 7 { count -= 36 }
    }
    return count
  }

  /// Data codewords of a version and level.
  static func dataCapacity(version: Int, level: QRLevel) -> Int {
    rawModules(version: version) / 8
      - level.correctionPerBlock[version - 1] * level.blocks[version - 1]
  }

  /// Bytes that fit: data codewords less the mode and the count.
  private static func capacity(version: Int, level: QRLevel) -> Int {
    (dataCapacity(version: version, level: level) * 8 - 4 - (version < 10 ? 8 : 16)) / 8
  }

  /// Mode, count, bytes, terminator and padding.
  private static func dataCodewords(_ bytes: [UInt8], version: Int, level: QRLevel) -> [UInt8] {
    let total = dataCapacity(version: version, level: level)
    var bits: [Bool] = []
    func append(_ value: Int, _ count: Int) {
      for shift in stride(from: count - 1, through: 0, by: -1) {
        bits.append((value >> shift) & 1 == 1)
      }
    }
    append(0b0100, 4)
    append(bytes.count, version < 10 ? 8 : 16)
    for byte in bytes { append(Int(byte), 8) }
    append(0, min(4, total * 8 - bits.count))
    append(0, (8 - bits.count % 8) % 8)
    var codewords = stride(from: 0, to: bits.count, by: 8).map { start in
      bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
    }
    var pad: UInt8 = 0xEC
    while codewords.count < total {
      codewords.append(pad)
      pad ^= 0xEC ^ 0x11
    }
    return codewords
  }

  /// The blocks' data and error correction, interleaved as they are placed.
  private static func interleaved(_ data: [UInt8], version: Int, level: QRLevel) -> [UInt8] {
    let blocks = level.blocks[version - 1]
    let correction = level.correctionPerBlock[version - 1]
    let short = data.count / blocks
    let long = data.count % blocks
    let generator = ReedSolomon.generator(degree: correction)
    var dataBlocks: [[UInt8]] = []
    var start = 0
    for index in 0..<blocks {
      // The longer blocks come last.
      let count = short + (index >= blocks - long ? 1 : 0)
      dataBlocks.append(Array(data[start..<start + count]))
      start += count
    }
    let correctionBlocks = dataBlocks.map { ReedSolomon.remainder(of: $0, by: generator) }
    var result: [UInt8] = []
    for index in 0...short {
      for block in dataBlocks where index < block.count { result.append(block[index]) }
    }
    for index in 0..<correction {
      for block in correctionBlocks { result.append(block[index]) }
    }
    return result
  }
}

/// Reed-Solomon codes over GF(256) with x⁸ + x⁴ + x³ + x² + 1.
enum ReedSolomon {
  /// The product of two field elements.
  static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
    var result = 0
    for bit in stride(from: 7, through: 0, by: -1) {
      result = (result << 1) ^ ((result >> 7) * 0x11D)
      if (b >> bit) & 1 == 1 { result ^= Int(a) }
    }
    return UInt8(truncatingIfNeeded: result)
  }

  /// The generator polynomial's coefficients below the leading 1, highest power first.
  static func generator(degree: Int) -> [UInt8] {
    var coefficients = [UInt8](repeating: 0, count: degree - 1) + [1]
    var root: UInt8 = 1
    for _ in 0..<degree {
      for index in coefficients.indices {
        coefficients[index] = product(coefficients[index], root)
        if index + 1 < coefficients.count { coefficients[index] ^= coefficients[index + 1] }
      }
      root = product(root, 2)
    }
    return coefficients
  }

  /// The error correction codewords of `data`.
  static func remainder(of data: [UInt8], by generator: [UInt8]) -> [UInt8] {
    var remainder = [UInt8](repeating: 0, count: generator.count)
    for byte in data {
      let factor = byte ^ remainder.removeFirst()
      remainder.append(0)
      for index in remainder.indices {
        remainder[index] ^= product(generator[index], factor)
      }
    }
    return remainder
  }
}
