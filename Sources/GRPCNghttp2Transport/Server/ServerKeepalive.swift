extension Nghttp2ServerTransport {
  /// How dead connections are found, and how often clients may ping.
  ///
  /// The defaults are those of gRFC A8.
  public struct Keepalive: Sendable {
    /// After how much silence a client is pinged (one to two of these); nil for never.
    ///
    /// Default 2 h.
    public var interval: Duration? = .seconds(7200)
    /// How long its answer may take before the connection is closed.
    ///
    /// Default 20 s.
    public var timeout = Duration.seconds(20)
    /// The least time between a client's pings, unless something is sent to it in between.
    ///
    /// Two that come earlier are let pass; the next ends the connection with GOAWAY,
    /// ENHANCE_YOUR_CALM, "too_many_pings". Default 5 min.
    public var minimumPingInterval = Duration.seconds(300)
    /// Whether that is the least time also while the client has no call; else it is 2 h.
    ///
    /// Default false.
    public var allowsPingsWithoutCalls = false

    /// The defaults.
    public init() {}
  }
}
