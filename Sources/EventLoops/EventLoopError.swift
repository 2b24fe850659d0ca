internal import Glibc

/// What can fail in starting or using event loops.
public enum EventLoopError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A call of the system failed; `code` is its `errno`.
  case system(call: String, code: Int32)

  /// The failed call and the system's words for its code.
  public var description: String {
    switch self {
    case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
    }
  }
}
