/// The standard Chinese characters (规范汉字) with their readings, and traditional forms.
///
/// 8,105 characters of 通用规范汉字表 (2013), every reading with its tone. Reading it takes no
/// allocation.
///
/// Source: Unihan of Unicode 15, fields kTGHZ2013 and kSimplifiedVariant.
struct HanTable: Sendable {
  /// The table of this program.
  static let standard = HanTable()

  /// A toned syllable, or a character that has no known reading.
  typealias Syllable = UInt32

  private static let firstScalar: UInt32 = 0x3400
  private static let lastScalar: UInt32 = 0x9FFF

  /// By scalar less 0x3400: 0 not standard, else the first reading.
  private var firstReadings: [UInt16]
  /// The readings after the first, and all readings of characters beyond 0x9FFF.
  private var furtherReadings: [UInt32: [UInt16]] = [:]
  private var simplifiedScalars: [UInt32: Unicode.Scalar] = [:]
  /// By syllable less 1: the first syllable of the same letters.
  private var lightest: [UInt16] = []
  /// By the first syllable of the same letters: all of them.
  private var tonesByLetters: [UInt16: [Syllable]] = [:]

  private init() {
    firstReadings = Array(repeating: 0, count: Int(Self.lastScalar - Self.firstScalar) + 1)
    readGroups()
    let pairs = Self.simplifiedPairs.unicodeScalars.filter { $0 != " " && $0 != "\n" }
    var iterator = pairs.makeIterator()
    while let traditional = iterator.next(), let simplified = iterator.next() {
      simplifiedScalars[traditional.value] = simplified
    }
  }

  private mutating func readGroups() {
    var byLetters: [String: UInt16] = [:]
    var letters = ""
    for scalar in Self.readingGroups.unicodeScalars {
      switch scalar {
      case " ", "\n": continue
      case "a"..."z": letters.unicodeScalars.append(scalar)
      case "1"..."5":
        let syllable = UInt16(lightest.count + 1)
        let first = byLetters[letters] ?? syllable
        byLetters[letters] = first
        lightest.append(first)
        tonesByLetters[first, default: []].append(Syllable(syllable))
        letters = ""
      default: add(UInt16(lightest.count), to: scalar)
      }
    }
  }

  private mutating func add(_ syllable: UInt16, to scalar: Unicode.Scalar) {
    let place = Int(scalar.value) - Int(Self.firstScalar)
    if firstReadings.indices.contains(place), firstReadings[place] == 0 {
      firstReadings[place] = syllable
    } else {
      furtherReadings[scalar.value, default: []].append(syllable)
    }
  }

  /// Whether the character is one of 通用规范汉字表.
  func isStandard(_ scalar: Unicode.Scalar) -> Bool {
    firstReading(of: scalar) != 0 || furtherReadings[scalar.value] != nil
  }

  /// Whether the standard form of a character is known without a search to be the character itself.
  func isSettled(_ scalar: Unicode.Scalar) -> Bool {
    firstReading(of: scalar) != 0 || scalar.value >= 0xFF00
  }

  /// The standard form of a traditional character; any other as it is.
  func simplified(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar.value < Self.firstScalar ? scalar : simplifiedScalars[scalar.value] ?? scalar
  }

  /// Every reading, at least one: a character without a known one reads as itself alone.
  func readings(of scalar: Unicode.Scalar) -> [Syllable] {
    let first = firstReading(of: scalar)
    let further = furtherReadings[scalar.value] ?? []
    if first == 0, further.isEmpty { return [scalar.value | 0x8000_0000] }
    return (first == 0 ? [] : [Syllable(first)]) + further.map(Syllable.init)
  }

  /// Whether two characters have a reading in common.
  ///
  /// - Parameters:
  ///   - one: A character.
  ///   - other: Another.
  ///   - ignoringTone: Whether syllables of different tones count as the same.
  /// - Returns: True if a syllable is a reading of both; always for the same character.
  func soundAlike(_ one: Unicode.Scalar, _ other: Unicode.Scalar, ignoringTone: Bool) -> Bool {
    if one == other { return true }
    let first = firstReading(of: one)
    let second = firstReading(of: other)
    if first != 0, first == second { return true }
    if !ignoringTone, furtherReadings[one.value] == nil, furtherReadings[other.value] == nil {
      return false
    }
    let theirs = readings(of: other).map { ignoringTone ? toneless($0) : $0 }
    return readings(of: one).contains { theirs.contains(ignoringTone ? toneless($0) : $0) }
  }

  /// One syllable for all tones of the same letters.
  func toneless(_ syllable: Syllable) -> Syllable {
    let place = Int(syllable) - 1
    return lightest.indices.contains(place) ? Syllable(lightest[place]) : syllable
  }

  /// Every tone of a syllable's letters, the syllable itself included.
  func tones(of syllable: Syllable) -> [Syllable] {
    tonesByLetters[UInt16(truncatingIfNeeded: toneless(syllable))].flatMap {
      $0.contains(syllable) ? $0 : nil
    } ?? [syllable]
  }

  private func firstReading(of scalar: Unicode.Scalar) -> UInt16 {
    guard scalar.value >= Self.firstScalar, scalar.value <= Self.lastScalar else { return 0 }
    return firstReadings[Int(scalar.value - Self.firstScalar)]
  }
}
