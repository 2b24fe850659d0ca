internal import Vocabulary

/// Keys derived from names, by which the library is searched.
///
/// Two names that any rule of comparison finds identical or similar have a key in common; what
/// else they bring up, the rules sort out.
struct NameKeys: Hashable, Sendable {
  /// Raise it when the derivation changes, or a list that it reads: keys of another version have to
  /// be derived anew.
  static let version = 1 + LookAlikes.version * 100 + IndustryWords.version * 10_000

  /// A key with the industry that it counts in.
  struct Key: Hashable, Sendable {
    let hash: Int64
    /// A division of GB/T 4754-2017 (大类), 1 to 97; 0 counts in every industry.
    let industry: Int16
  }

  /// What a key says of a name.
  private enum Kind: UInt8 {
    /// The whole name.
    case whole = 1
    /// The trade name and the meaning of its industry words.
    case tradeAndIndustry
    /// The trade name's toned syllables, all of them.
    case syllables
    /// A run of two or more of them, not all.
    case run
    /// The characters, sorted.
    case characters
    /// The characters, each as its class of look-alikes.
    case shape
  }

  /// How many syllables of a run a key reads; longer ones share a key, and the rules tell them apart.
  private static let syllablesRead = 3

  /// The keys to keep with a name of the library.
  static func kept(for name: ComparedName) -> Set<Key> {
    var keys: Set<Key> = [Key(hash: wholeHash(name.whole), industry: 0)]
    if name.isBranch { return keys }
    keys.insert(Key(hash: tradeAndIndustryHash(name), industry: 0))
    let industry = name.namesNoIndustry ? 0 : name.industryClass.divisionNumber
    func keep(_ hashes: [Int64]) {
      for hash in hashes { keys.insert(Key(hash: hash, industry: industry)) }
    }
    keep(syllableHashes(of: name.trade, as: .syllables))
    keep(properRuns(of: name.trade).flatMap { syllableHashes(of: Array($0), as: .run) })
    keep([charactersHash(name.trade)])
    keep(shapeHash(name.trade).map { [$0] } ?? [])
    return keys
  }

  /// What to look for.
  struct Search: Hashable, Sendable {
    /// Keys that count in every industry.
    let everywhere: [Int64]
    /// Keys that count in the candidate's industry, or in all if it names none.
    let inIndustry: [Int64]
    /// The industries of `inIndustry`: the candidate's and 0; nil for all.
    let industries: [Int16]?
  }

  /// The keys to look for.
  ///
  /// - Parameters:
  ///   - name: The candidate.
  ///   - ignoringTone: Whether syllables of every tone are looked for.
  /// - Returns: What the store looks for.
  static func sought(for name: ComparedName, ignoringTone: Bool = false) -> Search {
    if name.isBranch {
      return Search(everywhere: [wholeHash(name.whole)], inIndustry: [], industries: [0])
    }
    var hashes: Set<Int64> = [charactersHash(name.trade)]
    if let shape = shapeHash(name.trade) { hashes.insert(shape) }
    // Mine among theirs, and theirs among mine.
    for kind in [Kind.syllables, .run] {
      hashes.formUnion(syllableHashes(of: name.trade, as: kind, ignoringTone: ignoringTone))
    }
    for run in properRuns(of: name.trade) {
      hashes.formUnion(
        syllableHashes(of: Array(run), as: .syllables, ignoringTone: ignoringTone)
      )
    }
    return Search(
      everywhere: [wholeHash(name.whole), tradeAndIndustryHash(name)],
      inIndustry: hashes.sorted(),
      industries: name.namesNoIndustry ? nil : [0, name.industryClass.divisionNumber]
    )
  }

  /// The key of a whole name, in any industry.
  static func wholeHash(_ whole: String) -> Int64 {
    hash(.whole, whole.unicodeScalars.lazy.map(\.value))
  }

  private static func tradeAndIndustryHash(_ name: ComparedName) -> Int64 {
    hash(
      .tradeAndIndustry,
      name.trade.map(\.value) + [0] + name.industryKey.unicodeScalars.map(\.value)
    )
  }

  private static func charactersHash(_ trade: [Unicode.Scalar]) -> Int64 {
    hash(.characters, trade.map(\.value).sorted())
  }

  /// Nothing if no character is in a class: then only the same characters look alike.
  private static func shapeHash(_ trade: [Unicode.Scalar]) -> Int64? {
    guard trade.contains(where: LookAlikes.isClassified) else { return nil }
    return hash(.shape, trade.map { LookAlikes.representative(of: $0).value })
  }

  /// Every run of two characters or more, the whole left out.
  private static func properRuns(of trade: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
    guard trade.count > 2 else { return [] }
    var runs: [ArraySlice<Unicode.Scalar>] = []
    for start in 0...(trade.count - 2) {
      // Runs beyond the syllables read have one key, whatever their length.
      let longest = min(trade.count - start, syllablesRead + 1)
      for length in 2...max(2, longest) where start + length <= trade.count && length < trade.count
      {
        runs.append(trade[start..<start + length])
      }
    }
    return runs
  }

  /// A key for every combination of readings of the first syllables.
  private static func syllableHashes(
    of text: [Unicode.Scalar],
    as kind: Kind,
    ignoringTone: Bool = false
  ) -> [Int64] {
    let table = HanTable.standard
    var combinations: [[UInt32]] = [[UInt32(min(text.count, syllablesRead + 1))]]
    for scalar in text.prefix(syllablesRead) {
      let readings = table.readings(of: scalar)
      let heard =
        ignoringTone ? Array(Set(readings.flatMap(table.tones(of:)))) : readings
      combinations = combinations.flatMap { head in heard.map { head + [$0] } }
    }
    return combinations.map { hash(kind, $0) }
  }

  /// FNV-1a of 64 bits: stable across processes, which Swift's hashing is not.
  private static func hash(_ kind: Kind, _ values: some Sequence<UInt32>) -> Int64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ byte: UInt8) {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    mix(kind.rawValue)
    for value in values {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        mix(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
    return Int64(bitPattern: hash)
  }
}
