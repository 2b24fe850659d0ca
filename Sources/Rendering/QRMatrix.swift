/// The square of modules of a QR code: function patterns, data, mask and format.
struct QRMatrix {
  let version: Int
  let size: Int
  private(set) var dark: [Bool]
  /// Modules that hold no data and are never masked.
  private(set) var isFunction: [Bool]

  /// Places the codewords under each of the eight masks and keeps the one with the least penalty.
  static func best(_ codewords: [UInt8], version: Int, level: QRLevel) -> QRMatrix {
    var bare = QRMatrix(version: version)
    bare.placeData(codewords)
    func masked(_ mask: Int) -> QRMatrix {
      var matrix = bare
      matrix.apply(mask: mask)
      matrix.placeFormat(mask: mask, level: level)
      return matrix
    }
    var best = masked(0)
    var least = best.penalty
    for mask in 1..<8 {
      let candidate = masked(mask)
      let penalty = candidate.penalty
      if penalty < least { (best, least) = (candidate, penalty) }
    }
    return best
  }

  /// A matrix with its function patterns placed.
  init(version: Int) {
    self.version = version
    size = 17 + 4 * version
    dark = Array(repeating: false, count: size * size)
    isFunction = dark
    for index in 0..<size {
      place(index.isMultiple(of: 2), x: 6, y: index)
      place(index.isMultiple(of: 2), x: index, y: 6)
    }
    for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { placeFinder(x: x, y: y) }
    let centers = QRMatrix.alignmentCenters(version: version, size: size)
    for (row, y) in centers.enumerated() {
      for (column, x) in centers.enumerated() {
        let last = centers.count - 1
        // Not where the three finders are.
        if (row, column) != (0, 0), (row, column) != (0, last), (row, column) != (last, 0) {
          placeAlignment(x: x, y: y)
        }
      }
    }
    placeFormat(mask: 0, level: .m)
    placeVersion()
  }

  /// Rows and columns on which alignment patterns are centered (annex E).
  static func alignmentCenters(version: Int, size: Int) -> [Int] {
    guard version > 1 else { return [] }
    let count = version / 7 + 2
    let step = version == 32 ? 26 : (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
    return [6] + (0..<count - 1).reversed().map { size - 7 - $0 * step }
  }

  /// Whether the mask turns the module around (table 10).
  static func isMasked(_ mask: Int, x: Int, y: Int) -> Bool {
    switch mask {
    case 0: (x + y) % 2 == 0
    case 1: y % 2 == 0
    case 2: x % 3 == 0
    case 3: (x + y) % 3 == 0
    case 4: (x / 3 + y / 2) % 2 == 0
    case 5: x * y % 2 + x * y % 3 == 0
    case 6: (x * y % 2 + x * y % 3) % 2 == 0
    default: ((x + y) % 2 + x * y % 3) % 2 == 0
    }
  }

  private mutating func place(_ isDark: Bool, x: Int, y: Int) {
    dark[y * size + x] = isDark
    isFunction[y * size + x] = true
  }

  private mutating func placeFinder(x: Int, y: Int) {
    for dy in -4...4 {
      for dx in -4...4 where (0..<size).contains(x + dx) && (0..<size).contains(y + dy) {
        let distance = max(abs(dx), abs(dy))
        place(distance != 2 && distance != 4, x: x + dx, y: y + dy)
      }
    }
  }

  private mutating func placeAlignment(x: Int, y: Int) {
    for dy in -2...2 {
      for dx in -2...2 { place(max(abs(dx), abs(dy)) != 1, x: x + dx, y: y + dy) }
    }
  }

  /// Level and mask with 10 bits of BCH code, twice, and the one module that is always dark.
  private mutating func placeFormat(mask: Int, level: QRLevel) {
    let data = level.rawValue << 3 | mask
    var remainder = data
    for _ in 0..<10 { remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537) }
    let bits = (data << 10 | remainder) ^ 0x5412
    func bit(_ index: Int) -> Bool { (bits >> index) & 1 == 1 }
    for index in 0...5 { place(bit(index), x: 8, y: index) }
    place(bit(6), x: 8, y: 7)
    place(bit(7), x: 8, y: 8)
    place(bit(8), x: 7, y: 8)
    for index in 9..<15 { place(bit(index), x: 14 - index, y: 8) }
    for index in 0..<8 { place(bit(index), x: size - 1 - index, y: 8) }
    for index in 8..<15 { place(bit(index), x: 8, y: size - 15 + index) }
    place(true, x: 8, y: size - 8)
  }

  /// The version with 12 bits of Golay code, twice, from version 7 on.
  private mutating func placeVersion() {
    guard version >= 7 else { return }
    var remainder = version
    for _ in 0..<12 { remainder = (remainder << 1) ^ ((remainder >> 11) * 0x1F25) }
    let bits = version << 12 | remainder
    for index in 0..<18 {
      let isDark = (bits >> index) & 1 == 1
      place(isDark, x: size - 11 + index % 3, y: index / 3)
      place(isDark, x: index / 3, y: size - 11 + index % 3)
    }
  }

  /// Places codewords in columns of two from the lower right corner, up and down in turn.
  private mutating func placeData(_ codewords: [UInt8]) {
    var index = 0
    for position in dataPositions where index < codewords.count * 8 {
      dark[position] = (codewords[index / 8] >> (7 - index % 8)) & 1 == 1
      index += 1
    }
  }

  /// The modules that hold data, in the order of the bits.
  var dataPositions: [Int] {
    var positions: [Int] = []
    var right = size - 1
    while right >= 1 {
      if right == 6 { right = 5 }
      for step in 0..<size {
        let isUpward = (right + 1) & 2 == 0
        let y = isUpward ? size - 1 - step : step
        for x in [right, right - 1] where !isFunction[y * size + x] {
          positions.append(y * size + x)
        }
      }
      right -= 2
    }
    return positions
  }

  private mutating func apply(mask: Int) {
    for y in 0..<size {
      for x in 0..<size
      where !isFunction[y * size + x] && QRMatrix.isMasked(mask, x: x, y: y) {
        dark[y * size + x].toggle()
      }
    }
  }
}

// MARK: Penalty of a mask (section 7.8.3)

extension QRMatrix {
  fileprivate var penalty: Int {
    var total = 0
    for index in 0..<size {
      total += QRMatrix.penalty(ofLine: dark[index * size..<(index + 1) * size].map(\.self))
      total += QRMatrix.penalty(ofLine: (0..<size).map { dark[$0 * size + index] })
    }
    for y in 0..<size - 1 {
      for x in 0..<size - 1 {
        let at = y * size + x
        if dark[at] == dark[at + 1], dark[at] == dark[at + size], dark[at] == dark[at + size + 1] {
          total += 3
        }
      }
    }
    let count = dark.count { $0 }
    return total + abs(count * 20 - dark.count * 10) / dark.count * 10
  }

  /// Runs of five and more, and patterns that look like a finder.
  private static func penalty(ofLine line: [Bool]) -> Int {
    var total = 0
    var run = 1
    for index in 1...line.count {
      if index < line.count, line[index] == line[index - 1] {
        run += 1
      } else {
        if run >= 5 { total += run - 2 }
        run = 1
      }
    }
    let finder = [true, false, true, true, true, false, true]
    guard line.count >= 11 else { return total }
    for start in 0...line.count - 7 where line[start..<start + 7].elementsEqual(finder) {
      // Four light modules on either side; the quiet zone counts as light.
      let before = (start - 4..<start).allSatisfy { $0 < 0 || !line[$0] }
      let after = (start + 7..<start + 11).allSatisfy { $0 >= line.count || !line[$0] }
      if before || after { total += 40 }
    }
    return total
  }
}
