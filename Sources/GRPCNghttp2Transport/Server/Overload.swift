public import GRPCCore

extension Nghttp2ServerTransport {
  /// How a server keeps answering when more calls come than it can serve in time.
  ///
  /// Who waits too long is served in vain, so that a queue without a bound answers nobody. Here unary
  /// calls beyond a number are refused when their headers come, before anything is done for them: that
  /// costs a tenth of the least call. By Little's law the last one let in waits about `callsAtOnce`
  /// divided by what a loop serves in a second.
  ///
  /// Streams aren't counted: they may be open for hours and do nothing.
  public struct Overload: Sendable {
    /// How many unary calls may be under way on one loop, from the end of the request to the return
    /// of the handler; 1 or more.
    public var callsAtOnce: Int
    /// What the others are told, one after another: let them say to come again at different times.
    ///
    /// Metadata go along, `grpc-status-details-bin` for one. UNAVAILABLE without metadata if empty.
    public var refusals: [RPCError]
    /// The methods that are always served: health checks.
    public var exempt: Set<MethodDescriptor>

    /// A bound.
    public init(
      callsAtOnce: Int,
      refusals: [RPCError] = [],
      exempt: Set<MethodDescriptor> = []
    ) {
      self.callsAtOnce = callsAtOnce
      self.refusals = refusals
      self.exempt = exempt
    }
  }
}

/// The bound of one loop.
///
/// Confined to the loop.
struct OverloadGuard {
  private let limit: Int
  private let responses: [HeaderList]
  private var next = 0
  private var underWay = 0

  init(_ overload: Nghttp2ServerTransport.Overload) {
    limit = max(1, overload.callsAtOnce)
    let refusals =
      overload.refusals.isEmpty
      ? [RPCError(code: .unavailable, message: "The server is overloaded.")] : overload.refusals
    responses = refusals.map { refusal in
      var list = ServerStream.responseHeaders()
      list.append(Status(code: Status.Code(refusal.code), message: refusal.message))
      list.append(refusal.metadata)
      return list
    }
  }

  /// The response to who comes now, if there is no room.
  mutating func refusal() -> HeaderList? {
    guard underWay >= limit else { return nil }
    next = (next + 1) % responses.count
    return responses[next]
  }

  mutating func callStarted() {
    underWay += 1
  }

  mutating func callEnded() {
    underWay -= 1
  }
}
