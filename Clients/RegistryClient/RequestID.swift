internal import Foundation

/// The ids of writes (AIP-155).
public enum RequestID {
  /// A new UUID v4, in small letters.
  public static func new() -> String { UUID().uuidString.lowercased() }
}
