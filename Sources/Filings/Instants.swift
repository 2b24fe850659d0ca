internal import APIConventions
internal import Foundation
internal import SwiftProtobuf

extension Surroundings {
  /// The time now in whole milliseconds, as the database keeps it: what a reply says now is what it
  /// says after the row was read again.
  var instant: Date {
    Date(timeIntervalSince1970: (now().timeIntervalSince1970 * 1_000).rounded(.down) / 1_000)
  }
}

extension Date {
  /// The instant for a reply, in whole milliseconds.
  var timestamp: Google_Protobuf_Timestamp {
    let milliseconds = Int64((timeIntervalSince1970 * 1_000).rounded())
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
    return rest < 0
      ? Google_Protobuf_Timestamp(seconds: seconds - 1, nanos: Int32(rest + 1_000) * 1_000_000)
      : Google_Protobuf_Timestamp(seconds: seconds, nanos: Int32(rest) * 1_000_000)
  }
}
