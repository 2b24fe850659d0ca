internal import APIConventions
internal import Foundation
internal import SwiftProtobuf

extension Surroundings {
  /// The time now in whole milliseconds, as the database keeps it.
  var instant: Date { now().wholeMilliseconds }
}

extension Date {
  /// The instant without what is below a millisecond: what is signed is what the database keeps.
  var wholeMilliseconds: Date {
    Date(timeIntervalSince1970: (timeIntervalSince1970 * 1_000).rounded(.down) / 1_000)
  }

  /// The instant for a message, in whole milliseconds.
  var timestamp: Google_Protobuf_Timestamp {
    let milliseconds = Int64((timeIntervalSince1970 * 1_000).rounded())
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
    return rest < 0
      ? Google_Protobuf_Timestamp(seconds: seconds - 1, nanos: Int32(rest + 1_000) * 1_000_000)
      : Google_Protobuf_Timestamp(seconds: seconds, nanos: Int32(rest) * 1_000_000)
  }
}
