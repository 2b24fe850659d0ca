package import Foundation
package import SwiftProtobuf

extension Surroundings {
  /// The time now in whole milliseconds, as the database keeps it.
  package var instant: Date { now().wholeMilliseconds }
}

extension Date {
  /// The instant without what is below a millisecond, as the database keeps it: what a reply says now
  /// is what it says after the row was read again.
  package var wholeMilliseconds: Date {
    Date(timeIntervalSince1970: (timeIntervalSince1970 * 1_000).rounded(.down) / 1_000)
  }

  /// The instant for a reply, in whole milliseconds.
  package var timestamp: Google_Protobuf_Timestamp {
    let milliseconds = Int64((timeIntervalSince1970 * 1_000).rounded())
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
    return rest < 0
      ? Google_Protobuf_Timestamp(seconds: seconds - 1, nanos: Int32(rest + 1_000) * 1_000_000)
      : Google_Protobuf_Timestamp(seconds: seconds, nanos: Int32(rest) * 1_000_000)
  }

  /// Reads an instant from a request, down to milliseconds.
  ///
  /// - Returns: Nothing outside the years 1 to 9999, or for a lawless count of nanoseconds.
  package init?(lawful timestamp: Google_Protobuf_Timestamp) {
    guard
      (-62_135_596_800...253_402_300_799).contains(timestamp.seconds),
      (0..<1_000_000_000).contains(timestamp.nanos)
    else { return nil }
    self.init(
      timeIntervalSince1970: Double(timestamp.seconds) + Double(timestamp.nanos / 1_000_000) / 1_000
    )
  }
}
