internal import Foundation

/// The server's clock: the system's, or in development one that was set to another time and runs on
/// from there.
struct ServerClock: Sendable {
  /// How far it is ahead of the system's, in seconds.
  private let offset: TimeInterval

  /// The system's clock.
  init() {
    offset = 0
  }

  /// A clock that starts at `instant`; with the same instant a restart goes on where it was, so that
  /// time never runs backwards over what is recorded.
  ///
  /// - Parameters:
  ///   - instant: What it shows at the first start.
  ///   - folder: Remembers the setting.
  /// - Throws: What the file system says.
  init(startingAt instant: Date, in folder: DataFolder) throws {
    if let data = FileManager.default.contents(atPath: folder.clock),
      let kept = try? JSONDecoder().decode(Setting.self, from: data), kept.start == instant
    {
      offset = kept.offset
      return
    }
    offset = instant.timeIntervalSince(Date())
    let setting = try JSONEncoder().encode(Setting(start: instant, offset: offset))
    try setting.write(to: URL(fileURLWithPath: folder.clock), options: .atomic)
  }

  private struct Setting: Codable {
    let start: Date
    let offset: TimeInterval
  }

  /// The time now.
  var now: Date { Date().addingTimeInterval(offset) }

  /// A new UUID v7: 48 bits of the time now in milliseconds, 74 random bits.
  ///
  /// Source: RFC 9562, section 5.7.
  var newUUID: UUID {
    let milliseconds = UInt64(max(0, now.timeIntervalSince1970 * 1_000))
    let random = UInt64.random(in: .min ... .max)
    let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0...0xfff)
    let low = random >> 2 | 0x8000_0000_0000_0000
    func byte(_ word: UInt64, _ index: UInt64) -> UInt8 {
      UInt8(truncatingIfNeeded: word >> (56 - index * 8))
    }
    return UUID(
      uuid: (
        byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
        byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3),
        byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
      )
    )
  }
}
