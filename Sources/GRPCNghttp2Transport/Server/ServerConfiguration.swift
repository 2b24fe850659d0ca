public import GRPCCore

extension Nghttp2ServerTransport {
  /// How a server listens and what it allows.
  public struct Configuration: Sendable {
    /// Certificate, key, and whether clients show certificates.
    public var tls: ServerTLSOptions
    /// What it allows.
    public var limits: Limits
    /// How long running calls may go on after a graceful shutdown has begun; then they are
    /// cancelled.
    public var drainPeriod: Duration
    /// How messages are compressed.
    ///
    /// By default requests may be, and responses are where the handler says so
    /// (`Context.compressResponse`).
    public var compression = MessageCompression()
    /// How dead connections are found, and how often clients may ping.
    public var keepalive = Keepalive()
    /// What is done with more calls than can be served in time; nil to take them all.
    ///
    /// Default nil.
    public var overload: Overload?

    /// A configuration.
    public init(
      tls: ServerTLSOptions,
      limits: Limits = Limits(),
      drainPeriod: Duration = .seconds(30)
    ) {
      self.tls = tls
      self.limits = limits
      self.drainPeriod = drainPeriod
    }
  }

  /// What a server allows.
  ///
  /// What exceeds a limit is refused with a clear status before it has any effect.
  public struct Limits: Sendable {
    /// The most bytes of one request message; RESOURCE_EXHAUSTED beyond.
    ///
    /// Default 4 MiB.
    public var requestMessageBytes = 4_194_304
    /// Other values of `requestMessageBytes` for some methods.
    public var requestMessageBytesByMethod: [MethodDescriptor: Int] = [:]
    /// The most bytes of a call's headers as HTTP/2 counts them (32 more a field);
    /// RESOURCE_EXHAUSTED beyond.
    ///
    /// Default 16 KiB.
    public var headerListBytes = 16_384
    /// The most calls of one connection at once; clients wait beyond.
    ///
    /// Default 100.
    public var concurrentStreams = 100
    /// The most bytes of requests, complete or not, that one connection's calls hold untaken;
    /// RESOURCE_EXHAUSTED beyond.
    ///
    /// Default 64 MiB.
    public var heldRequestBytes = 67_108_864
    /// The most connections at once; further ones are closed at once.
    ///
    /// Default 10,000.
    public var connections = 10_000
    /// The most connections at once from one IPv4 address, or from one IPv6 network of 64 bits;
    /// further ones are closed at once.
    ///
    /// Raise it behind a load balancer, whose address all clients then have. Default 1,000.
    public var connectionsPerAddress = 1_000
    /// The most connections at once whose handshake isn't complete; beyond, the oldest of them is
    /// closed.
    ///
    /// Each loop keeps its share. Default 2,000.
    public var handshakes = 2_000
    /// The most time from a connection to its first HTTP/2 settings.
    ///
    /// Default 10 s.
    public var handshakeTimeout = Duration.seconds(10)
    /// The most time in which a header block must be complete once it has begun; then the connection
    /// ends with ENHANCE_YOUR_CALM.
    ///
    /// Looked for every quarter of it. Default 10 s.
    public var headersTimeout = Duration.seconds(10)
    /// The most time in which the single request of a call must be complete; DEADLINE_EXCEEDED
    /// beyond.
    ///
    /// Default 60 s.
    public var requestTimeout = Duration.seconds(60)
    /// How often a client that owes the rest of a message, or room for a response, must have moved
    /// `progressBytes`.
    ///
    /// One that hasn't loses the call (DEADLINE_EXCEEDED, or CANCEL where no status can be sent), or
    /// if its socket takes nothing, the connection. Default 30 s.
    public var progressPeriod = Duration.seconds(30)
    /// The least bytes of a call's body, or of all that goes to a socket that has been full, in each
    /// `progressPeriod`.
    ///
    /// Default 4 KiB.
    public var progressBytes = 4_096
    /// How many streams a client may reset, or have reset for breaking rules, at once; beyond, the
    /// connection ends with ENHANCE_YOUR_CALM.
    ///
    /// Default 1,000.
    public var resetsAtOnce = 1_000
    /// How many more each second.
    ///
    /// Default 200.
    public var resetsPerSecond = 200
    /// How many frames that carry nothing (SETTINGS, PING, PRIORITY, DATA without data, KeyUpdate of
    /// TLS) a client may send at once; beyond, the connection ends with ENHANCE_YOUR_CALM.
    ///
    /// Default 1,000.
    public var controlFramesAtOnce = 1_000
    /// How many more each second.
    ///
    /// Default 100.
    public var controlFramesPerSecond = 100
    /// The deadline of a unary call that brings none; nil for no deadline.
    ///
    /// Default nil.
    public var unaryTimeout: Duration?
    /// After how much time without a call a connection is closed gracefully; nil for never.
    ///
    /// Default nil.
    public var idleTimeout: Duration?
    /// After how much time a connection is closed gracefully whatever it does, drawn longer or
    /// shorter by up to a tenth for each; nil for never.
    ///
    /// So clients come to know of other servers, and are spread anew. Default nil.
    ///
    /// Source: gRFC A9.
    public var connectionAge: Duration?
    /// How long calls may go on after `connectionAge`; then they end with UNAVAILABLE; nil for as
    /// long as they like.
    ///
    /// Default nil.
    public var connectionAgeGrace: Duration?

    /// The defaults.
    public init() {}

    /// How often it is looked whether a client is late.
    var watchInterval: Duration { min(requestTimeout, progressPeriod, headersTimeout) / 4 }
  }

  /// What this transport knows of a call, in `ServerContext.transportSpecific`.
  public struct Context: ServerContext.TransportSpecific {
    /// All that is read of it here, any thread, doesn't change once there is a context.
    let call: ServerStream

    /// When the client gives the call up, or for a unary call the limit `unaryTimeout` does; nil if
    /// neither sets a time.
    public var deadline: ContinuousClock.Instant? { call.deadline }

    /// The connection's number, unique in this transport's life.
    public var connectionID: UInt64 { call.peer.connectionID }

    /// The client's certificate; nil if it showed none.
    ///
    /// The same value for every call of a connection.
    public var peerCertificate: PeerCertificate? { call.peer.certificate }

    /// Whether the connection resumed an earlier TLS session; its certificate was verified again.
    public var isResumedSession: Bool { call.peer.isResumedSession }

    /// The server's name as the client called it (`:authority`); empty if it gave none.
    public var authority: String { call.head?.authority ?? "" }

    /// Whether the request message taken last was compressed.
    public var isRequestMessageCompressed: Bool { call.isRequestMessageCompressed }

    /// Compresses the response's messages from now on, or no more if `none`.
    ///
    /// To be called before the response begins for an algorithm to count; later only to leave off and
    /// go on. Without effect if the client or the configuration doesn't take the algorithm.
    public func compressResponse(with algorithm: CompressionAlgorithm) {
      call.wantedEncoding = MessageEncoding(algorithm)
    }

    /// Tells when the server begins to shut down, for calls that would never end by themselves.
    public var shutdown: ShutdownNotice { call.peer.shutdown }
  }
}

/// What all calls of a connection share.
final class ConnectionPeer: Sendable {
  let connectionID: UInt64
  let remotePeer: String
  let localPeer: String
  let certificate: PeerCertificate?
  let isResumedSession: Bool
  let shutdown: ShutdownNotice

  init(
    connectionID: UInt64,
    remotePeer: String,
    localPeer: String,
    certificate: PeerCertificate?,
    isResumedSession: Bool,
    shutdown: ShutdownNotice
  ) {
    self.connectionID = connectionID
    self.remotePeer = remotePeer
    self.localPeer = localPeer
    self.certificate = certificate
    self.isResumedSession = isResumedSession
    self.shutdown = shutdown
  }
}
