internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Testing

/// A client that tests call servers with.
typealias TestClient = GRPCClient<Nghttp2ClientTransport>

/// What all clients of these tests run on.
enum ClientHarness {
  private static let made = Result {
    (
      loops: try EventLoopGroup(count: 2, name: "client"),
      workers: try WorkerExecutor(threads: 16, queueLimit: 64)
    )
  }

  /// Look-ups, and the blocking scripts of servers.
  static var workers: WorkerExecutor { get throws { try made.get().workers } }

  /// The usual configuration, with waits short enough for tests.
  static func configuration(
    _ tls: ClientTLSOptions? = nil
  ) throws -> Nghttp2ClientTransport.Configuration {
    var configuration = Nghttp2ClientTransport.Configuration(
      tls: try tls ?? TestCertificates.client()
    )
    // However busy the machine.
    configuration.connectTimeout = .seconds(100)
    configuration.reconnection.initialBackoff = .milliseconds(20)
    configuration.reconnection.maximumBackoff = .milliseconds(50)
    return configuration
  }

  static func transport(
    host: String = "127.0.0.1",
    port: Int,
    _ configuration: Nghttp2ClientTransport.Configuration? = nil
  ) throws -> Nghttp2ClientTransport {
    try Nghttp2ClientTransport(
      host: host,
      port: port,
      configuration: configuration ?? Self.configuration(),
      eventLoop: made.get().loops.next(),
      workers: workers
    )
  }
}

extension ClientHarness {
  /// Runs a client beside a scripted server, and ends with the error of whichever fails.
  static func withScript<Value: Sendable>(
    _ configuration: Nghttp2ClientTransport.Configuration? = nil,
    settings: [(id: UInt16, value: UInt32)] = [],
    script: @escaping @Sendable (ScriptedConnection) throws -> Void,
    _ body: (TestClient) async throws -> Value
  ) async throws -> Value {
    let server = try ScriptedServer(TestCertificates.identity("server"))
    async let served: Void = workers.run {
      let connection = try server.accept(settings: settings)
      try script(connection)
      connection.waitForClose()
    }
    let result = try await withGRPCClient(
      transport: transport(port: server.port, configuration),
      handleClient: body
    )
    try await served
    return result
  }
}

extension ServerTestBed {
  /// Runs a body with a client of this server.
  func withClient<Value: Sendable>(
    _ configuration: Nghttp2ClientTransport.Configuration? = nil,
    _ body: (TestClient) async throws -> Value
  ) async throws -> Value {
    let transport = try ClientHarness.transport(
      host: address.host,
      port: address.port,
      configuration
    )
    return try await withGRPCClient(transport: transport, handleClient: body)
  }
}

extension CallOptions {
  static var patient: CallOptions {
    var options = CallOptions.defaults
    options.waitForReady = true
    return options
  }

  static func timeout(_ timeout: Duration) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = timeout
    return options
  }
}

extension GRPCClient {
  /// Sends one message and gets the whole answer.
  func answer(
    _ method: String = "Echo",
    _ message: [UInt8] = [],
    metadata: Metadata = [:],
    options: CallOptions = .defaults
  ) async throws -> ClientResponse<[UInt8]> {
    try await unary(
      request: ClientRequest(message: message, metadata: metadata),
      descriptor: BytesService.method(method, .unary),
      serializer: BytesCoding(),
      deserializer: BytesCoding(),
      options: options
    ) { $0 }
  }

  /// Sends one message and gets one back.
  func call(
    _ method: String = "Echo",
    _ message: [UInt8] = [],
    metadata: Metadata = [:],
    options: CallOptions = .defaults
  ) async throws -> [UInt8] {
    try await answer(method, message, metadata: metadata, options: options).message
  }

  /// Converses.
  func stream<Value: Sendable>(
    _ method: String,
    metadata: Metadata = [:],
    options: CallOptions = .defaults,
    saying producer: @escaping @Sendable (RPCWriter<[UInt8]>) async throws -> Void,
    _ consumer: @escaping @Sendable (StreamingClientResponse<[UInt8]>) async throws -> Value
  ) async throws -> Value {
    try await bidirectionalStreaming(
      request: StreamingClientRequest(metadata: metadata, producer: producer),
      descriptor: BytesService.method(method, .bidirectionalStreaming),
      serializer: BytesCoding(),
      deserializer: BytesCoding(),
      options: options,
      onResponse: consumer
    )
  }
}

/// Runs what must fail with an `RPCError`, and gives the error back.
func failure<Value>(of work: () async throws -> Value) async throws -> RPCError {
  do {
    _ = try await work()
  } catch let error as RPCError {
    return error
  }
  throw UnexpectedSuccess()
}

/// Something succeeded that had to fail.
struct UnexpectedSuccess: Error {}
