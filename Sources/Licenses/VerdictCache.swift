internal import ShangMi
internal import Synchronization

/// Remembers which licence files have been found authentic, so that SM2 is reckoned once a file.
///
/// A file is known by 128 bits of the SM3 over a secret of this process and the file's bytes: whoever
/// does not know the secret cannot make a file that stands for another. Only authentic files are
/// remembered, so that nobody fills it with files of his own. Full sets forget their oldest entry.
final class VerdictCache: Sendable {
  /// What a file is known by.
  struct Fingerprint: Hashable, Sendable {
    fileprivate let high: UInt64
    fileprivate let low: UInt64
  }

  private struct Table {
    var slots: [Fingerprint]
    var turns: [UInt8]
    var count = 0
  }

  private static let ways = 4
  private static let empty = Fingerprint(high: 0, low: 0)

  private let secret = secureRandomBytes(32)
  private let mostSets: Int
  private let table: Mutex<Table>

  /// An empty memory.
  ///
  /// - Parameter limit: How many files it remembers at most, 16 bytes each; rounded up to 4 times a
  ///   power of 2.
  init(limit: Int) {
    var sets = 1
    while sets * Self.ways < limit { sets *= 2 }
    mostSets = sets
    table = Mutex(Self.table(sets: min(sets, 1_024)))
  }

  /// How many files are remembered.
  var count: Int { table.withLock { $0.count } }

  /// Reckons what a file is known by.
  func fingerprint(of file: [UInt8]) -> Fingerprint {
    let digest = SM3.digest(secret + file).bytes
    func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
      bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
    // The lowest bit is set, so that no file is known by what an empty slot holds.
    return Fingerprint(high: number(digest[0..<8]), low: number(digest[8..<16]) | 1)
  }

  /// Whether a file was found authentic.
  func contains(_ fingerprint: Fingerprint) -> Bool {
    table.withLock { table in
      let start = Self.start(of: fingerprint, in: table)
      return table.slots[start..<start + Self.ways].contains(fingerprint)
    }
  }

  /// Remembers that a file is authentic.
  func insert(_ fingerprint: Fingerprint) {
    table.withLock { table in
      if table.count * 2 > table.slots.count, table.turns.count < mostSets { Self.grow(&table) }
      Self.insert(fingerprint, into: &table)
    }
  }

  private static func table(sets: Int) -> Table {
    Table(
      slots: [Fingerprint](repeating: empty, count: sets * ways),
      turns: [UInt8](repeating: 0, count: sets)
    )
  }

  private static func start(of key: Fingerprint, in table: Table) -> Int {
    Int(key.high & UInt64(table.turns.count - 1)) * ways
  }

  private static func insert(_ key: Fingerprint, into table: inout Table) {
    let start = start(of: key, in: table)
    let slots = table.slots[start..<start + ways]
    if slots.contains(key) { return }
    if let free = slots.firstIndex(of: empty) {
      table.slots[free] = key
      table.count += 1
      return
    }
    let turn = Int(table.turns[start / ways])
    table.slots[start + turn] = key
    table.turns[start / ways] = UInt8((turn + 1) % ways)
  }

  private static func grow(_ table: inout Table) {
    var larger = Self.table(sets: table.turns.count * 2)
    for key in table.slots where key != empty { insert(key, into: &larger) }
    table = larger
  }
}
