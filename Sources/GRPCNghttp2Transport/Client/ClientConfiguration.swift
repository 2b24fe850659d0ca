public import GRPCCore

extension Nghttp2ClientTransport {
  /// How a client connects, and its limits.
  public struct Configuration: Sendable {
    /// Whom to trust, and who we are.
    public var tls: ClientTLSOptions
    /// How lost connections are made anew.
    public var reconnection = Reconnection()
    /// How dead connections are found; nil leaves that to TCP.
    ///
    /// Default nil.
    public var keepalive: Keepalive?
    /// The most time of one attempt: look-up, TCP, TLS and the server's first settings.
    ///
    /// A look-up that takes longer is left behind, not cut short. Default 20 s.
    public var connectTimeout = Duration.seconds(20)
    /// The most bytes of one response message, where the call sets no limit of its own;
    /// RESOURCE_EXHAUSTED beyond.
    ///
    /// Default 4 MiB.
    public var responseMessageBytes = 4_194_304
    /// The most bytes of a response's headers or trailers as HTTP/2 counts them (32 more a field);
    /// RESOURCE_EXHAUSTED beyond.
    ///
    /// Default 16 KiB.
    public var headerListBytes = 16_384
    /// How many bytes of one call's messages the server may send ahead of their reader; 65,535 or
    /// more.
    ///
    /// Default 256 KiB.
    public var streamWindowBytes: Int32 = 262_144
    /// The most bytes of responses that all calls together hold unread; RESOURCE_EXHAUSTED beyond.
    ///
    /// Default 64 MiB.
    public var heldResponseBytes = 67_108_864
    /// How messages are compressed; a call's options may say otherwise for its request.
    ///
    /// By default responses may be, and requests are where the call's options say so.
    public var compression = MessageCompression()
    /// Which methods wait for a connection, have a timeout or are retried; what a call sets itself
    /// comes first.
    public var serviceConfig = ServiceConfig()
    /// The `user-agent` sent; printable ASCII.
    public var userAgent = "grpc-swift-nghttp2"

    /// The defaults.
    public init(tls: ClientTLSOptions) {
      self.tls = tls
    }
  }

  /// The waits between attempts to connect, growing and jittered.
  ///
  /// The defaults are those of gRPC's connection backoff protocol, but for a cap of 30 s.
  public struct Reconnection: Sendable {
    /// The wait after the first failure.
    public var initialBackoff = Duration.seconds(1)
    /// The longest wait, before jitter.
    public var maximumBackoff = Duration.seconds(30)
    /// By how much each wait is longer than the one before; 1 or more.
    public var multiplier = 1.6
    /// The share by which a wait is drawn longer or shorter; 0 to 1.
    public var jitter = 0.2

    /// The defaults.
    public init() {}
  }

  /// Pings that find a connection whose peer is gone.
  public struct Keepalive: Sendable {
    /// After how much silence the server is pinged (one to two of these).
    ///
    /// Servers may refuse what they find too often: keep to 10 s or more, and know the server's
    /// limit, usually 5 min. Doubled each time a server complains.
    public var interval: Duration
    /// How long an answer may take before the connection counts as lost.
    public var timeout: Duration
    /// Whether to ping while no call is open.
    public var pingsWithoutCalls: Bool

    /// Pings every `interval`.
    public init(
      interval: Duration,
      timeout: Duration = .seconds(20),
      pingsWithoutCalls: Bool = false
    ) {
      self.interval = interval
      self.timeout = timeout
      self.pingsWithoutCalls = pingsWithoutCalls
    }
  }
}
