internal import Synchronization

extension Nghttp2ServerTransport {
  /// Why the transport refused something by itself, before an interceptor or handler could see it.
  public enum Refusal: String, Sendable, CaseIterable {
    /// A call of a method that isn't registered, whichever it is: UNIMPLEMENTED.
    case unknownMethod = "unknown_method"
    /// A request that isn't a gRPC call: HTTP status 405 or 415.
    case notGRPC = "not_grpc"
    /// A call whose `grpc-encoding` isn't accepted: UNIMPLEMENTED.
    case unsupportedEncoding = "unsupported_encoding"
    /// A call whose headers are too large: RESOURCE_EXHAUSTED.
    case headersTooLarge = "headers_too_large"
    /// A call whose `grpc-timeout` can't be read: INTERNAL.
    case malformedTimeout = "malformed_timeout"
    /// A call beyond `Overload.callsAtOnce`: what `Overload.refusals` say.
    case overload = "overload"
    /// A connection whose client pinged too often: GOAWAY, ENHANCE_YOUR_CALM.
    case tooManyPings = "too_many_pings"
  }

  /// How often the transport refused something; any thread.
  public final class Refusals: Sendable {
    private let counts = Mutex<[Refusal: Int]>([:])

    init() {}

    /// How often, since the transport was made.
    public subscript(_ refusal: Refusal) -> Int { counts.withLock { $0[refusal] ?? 0 } }

    func count(_ refusal: Refusal) {
      counts.withLock { $0[refusal, default: 0] += 1 }
    }
  }
}
