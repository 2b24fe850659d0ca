internal import EventLoops
public import GRPCCore

extension Nghttp2ServerTransport {
  /// How a server keeps answering when more calls come than it can serve in time.
  ///
  /// Who waits too long is served in vain, so that a queue without a bound answers nobody. Here unary
  /// calls beyond a number are refused when their headers come, before anything is done for them.
  ///
  /// The number is what the loop serves within `wantedWait` at the rate that it measures, by Little's
  /// law; it lies between `callsAtLeast` and `callsAtOnce`. A call that ends with UNAVAILABLE or
  /// RESOURCE_EXHAUSTED wasn't served. Streams aren't counted: they may be open for hours and do
  /// nothing.
  public struct Overload: Sendable {
    /// How many unary calls may be under way on one loop at most, from the end of the request to the
    /// return of the handler; 1 or more.
    public var callsAtOnce: Int
    /// For how many there is room always, however slow they are; 1 or more.
    ///
    /// Default 64.
    public var callsAtLeast = 64
    /// How long the last one let in should wait for its answer.
    ///
    /// Default 50 ms.
    public var wantedWait = Duration.milliseconds(50)
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
  private let responses: [HeaderList]
  private var capacity: Capacity
  private var next = 0
  private var underWay = 0

  init(_ overload: Nghttp2ServerTransport.Overload) {
    capacity = Capacity(
      wantedWait: overload.wantedWait,
      floor: overload.callsAtLeast,
      ceiling: overload.callsAtOnce
    )
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
    guard underWay >= capacity.floor else { return nil }
    capacity.measure(at: .now, load: underWay)
    guard underWay >= capacity.room() else { return nil }
    next = (next + 1) % responses.count
    return responses[next]
  }

  mutating func callStarted() {
    underWay += 1
  }

  /// Whoever was only told to come again wasn't served: if such answers counted, the more there are
  /// the more calls would be let in.
  mutating func callEnded(served: Bool) {
    underWay -= 1
    if served { capacity.countAnswer() }
  }
}
