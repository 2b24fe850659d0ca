public import EventLoops
public import GRPCCore

/// A gRPC client's transport: HTTP/2 over TLS 1.3, one connection on one event loop.
///
/// Use it with `GRPCClient` or `withGRPCClient`. All calls share one connection. It is made when
/// `connect()` starts; a lost one is replaced when a call asks for it, and an attempt that fails is
/// repeated after a growing, jittered wait. Calls started meanwhile wait if their options say
/// `waitForReady` or if no attempt has failed yet; else they fail with UNAVAILABLE and the reason.
///
/// A call costs least if its task prefers the transport's loop:
/// `Task(executorPreference: transport.eventLoop)`.
///
/// Failures of the transport, by code: UNAVAILABLE no connection, connection lost, or the server
/// refused the call unseen; CANCELLED given up by the caller; RESOURCE_EXHAUSTED a message or
/// header list over its limit; INTERNAL the server broke the protocol; else what gRPC's tables say
/// of an HTTP status or an HTTP/2 error code.
public final class Nghttp2ClientTransport: ClientTransport {
  /// Messages are arrays of bytes.
  public typealias Bytes = [UInt8]

  /// The tokens that limit retries, if the service configuration says so.
  public let retryThrottle: RetryThrottle?
  /// Where the connection lives.
  public var eventLoop: EventLoop { channel.loop }

  let channel: ClientChannel
  private let methodConfigs: MethodConfigs

  /// A transport that isn't connected yet; `connect()` does that.
  ///
  /// - Parameters:
  ///   - host: A name, or a numeric address of version 4 or 6 (without brackets).
  ///   - port: 1 to 65,535.
  ///   - configuration: TLS, limits and waits.
  ///   - eventLoop: Where the connection lives; needed until `connect()` has returned.
  ///   - workers: Where names are looked up; needed as long.
  /// - Throws: `TLSError` if certificate, key or trust roots can't be used.
  public init(
    host: String,
    port: Int,
    configuration: Configuration,
    eventLoop: EventLoop,
    workers: WorkerExecutor
  ) throws(TLSError) {
    let throttling = configuration.serviceConfig.retryThrottling
    retryThrottle = throttling.map { RetryThrottle(policy: $0) }
    methodConfigs = MethodConfigs(configuration.serviceConfig)
    channel = try ClientChannel(
      host: host,
      port: port,
      configuration: configuration,
      loop: eventLoop,
      workers: workers
    )
  }

  /// Keeps the connection until the transport is shut down and the last call has ended, or until
  /// the task is cancelled, which ends all calls with UNAVAILABLE.
  ///
  /// Returns at once if it was shut down before.
  ///
  /// - Throws: `RPCError` with `failedPrecondition` if called twice.
  public func connect() async throws {
    try await channel.run()
  }

  /// Uses another certificate, key and other trust roots for connections made from now on.
  ///
  /// A connection whose server the new roots refuse takes no more calls and ends with its last one;
  /// any other stays.
  ///
  /// - Parameter options: `serverName` doesn't count: it stays.
  /// - Throws: `TLSError` if they can't be used; the present ones stay.
  public func replaceTLS(_ options: ClientTLSOptions) throws(TLSError) {
    channel.replace(try TLSContext(client: options))
  }

  /// Refuses new calls with `failedPrecondition`; those that have a connection run to their end.
  public func beginGracefulShutdown() {
    channel.beginShutdown()
  }

  /// Opens a call, lends it to a closure, and closes it; what is then incomplete is reset.
  ///
  /// - Parameters:
  ///   - descriptor: The method to call.
  ///   - options: `timeout`, `waitForReady`, `compression` and the message limits are used here.
  ///   - closure: Uses the call.
  /// - Throws: `RPCError` with `failedPrecondition` once shut down, `unavailable` without a
  ///   connection, `cancelled` while waiting for one; what the closure throws.
  /// - Returns: What the closure returns.
  public func withStream<T: Sendable>(
    descriptor: MethodDescriptor,
    options: CallOptions,
    _ closure: (_ stream: RPCStream<Inbound, Outbound>, _ context: ClientContext) async throws -> T
  ) async throws -> T {
    let connection = try await channel.reserveConnection(
      waitsForReady: options.waitForReady ?? false
    )
    let call = ClientCall(descriptor: descriptor, options: options, carrier: connection)
    defer { call.close() }
    let stream = RPCStream(
      descriptor: descriptor,
      inbound: Inbound(wrapping: ResponseParts(queue: call.inbound)),
      outbound: Outbound(wrapping: RequestWriter(call: call))
    )
    let context = ClientContext(
      descriptor: descriptor,
      remotePeer: connection.remotePeer,
      localPeer: connection.localPeer
    )
    return try await closure(stream, context)
  }

  /// What the service configuration says of a method.
  public func config(forMethod descriptor: MethodDescriptor) -> MethodConfig? {
    methodConfigs[descriptor]
  }
}
