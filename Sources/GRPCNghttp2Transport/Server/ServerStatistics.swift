extension Nghttp2ServerTransport {
  /// What a transport's connections hold at the moment, and how many were turned away since it
  /// listens.
  public struct Statistics: Sendable, Equatable {
    /// Connections, those in the handshake included.
    public internal(set) var connections = 0
    /// Connections whose handshake isn't complete.
    public internal(set) var handshakes = 0
    /// Streams that are open.
    public internal(set) var streams = 0
    /// Calls whose handler runs.
    public internal(set) var runningCalls = 0
    /// Of these, calls whose stream is closed.
    public internal(set) var abandonedCalls = 0
    /// Bytes of requests that came and that handlers haven't taken.
    public internal(set) var heldRequestBytes = 0
    /// Bytes of responses that wait for a client to take them.
    public internal(set) var queuedResponseBytes = 0
    /// HTTP/2 frames that wait to be sent, those of bodies left aside.
    public internal(set) var queuedFrames = 0
    /// Bytes, encrypted, that wait for sockets.
    public internal(set) var unsentBytes = 0
    /// Connections closed on arrival because there were as many as allowed.
    public internal(set) var refusedConnections = 0
    /// Connections ended because their handshake took longer than allowed.
    public internal(set) var lateHandshakes = 0
    /// Connections ended in the handshake to make room for others.
    public internal(set) var displacedHandshakes = 0
    /// Connections ended with ENHANCE_YOUR_CALM.
    public internal(set) var expelledConnections = 0

    mutating func add(_ part: Statistics) {
      connections += part.connections
      handshakes += part.handshakes
      streams += part.streams
      runningCalls += part.runningCalls
      abandonedCalls += part.abandonedCalls
      heldRequestBytes += part.heldRequestBytes
      queuedResponseBytes += part.queuedResponseBytes
      queuedFrames += part.queuedFrames
      unsentBytes += part.unsentBytes
      lateHandshakes += part.lateHandshakes
      displacedHandshakes += part.displacedHandshakes
      expelledConnections += part.expelledConnections
    }
  }
}

/// What has become of a worker's connections.
struct ServerTotals {
  private(set) var expelled = 0
  private(set) var displaced = 0
  private(set) var late = 0

  mutating func count(_ failure: TransportFailure) {
    switch failure {
    case .misconduct(.hasTakenTooLongToShakeHands): displaced += 1
    case .misconduct: expelled += 1
    case .handshakeTimeout: late += 1
    case .socket, .peerClosed, .tls, .http2, .loop, .closedHere: break
    }
  }
}
