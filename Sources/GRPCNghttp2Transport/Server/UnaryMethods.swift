public import GRPCCore

/// Unary methods that the transport calls itself, past GRPCCore's router.
///
/// The router treats every call as two streams; of a unary call that is most of the work. A method
/// registered here is a function from the request's bytes to the response's, in one task. The service
/// is written against grpc-swift-2's generated protocols all the same, and behaves the same; the
/// plugin `protoc-gen-grpc-swift-unary` writes the registration of each service.
///
/// ```swift
/// var methods = UnaryMethods(through: policy)
/// service.registerUnaryMethods(with: &methods)
/// transport.callDirectly(methods)
/// ```
///
/// Interceptors of the router don't see these calls; each passes through `Interceptor` instead.
public struct UnaryMethods<Interceptor: UnaryInterceptor>: Sendable {
  @usableFromInline
  let interceptor: Interceptor
  /// What is registered, in that order.
  @usableFromInline
  private(set) var calls: [(method: MethodDescriptor, call: UnaryCall)] = []

  /// No methods yet.
  ///
  /// - Parameter interceptor: What each call passes through.
  public init(through interceptor: Interceptor) {
    self.interceptor = interceptor
  }

  /// The methods registered.
  public var methods: [MethodDescriptor] { calls.map(\.method) }

  /// Registers a method; of two registrations of one method the later counts.
  ///
  /// Called where service and interceptor are concrete, it makes code specialised for both.
  ///
  /// - Parameters:
  ///   - method: Its descriptor; the type must be `.unary`.
  ///   - deserializer: Reads the request.
  ///   - serializer: Writes the response.
  ///   - handler: Answers the request. It runs on the connection's loop and must not block.
  @inlinable
  public mutating func register<Input: Sendable, Output: Sendable>(
    _ method: MethodDescriptor,
    deserializer: some MessageDeserializer<Input>,
    serializer: some MessageSerializer<Output>,
    handler:
      @escaping @Sendable (
        _ request: ServerRequest<Input>,
        _ context: ServerContext
      ) async throws -> ServerResponse<Output>
  ) {
    let interceptor = interceptor.bound(to: method)
    add(method) { message, metadata, context in
      try await interceptor.intercept(metadata: metadata, context: context) { metadata, context in
        // Here, so that an interceptor refuses who may not call before anything is read.
        let request = ServerRequest(
          metadata: metadata,
          message: try deserializer.deserialize(message)
        )
        let response = try await handler(request, context)
        let contents = try response.accepted.get()
        return UnaryResponse(
          message: try serializer.serialize(contents.message),
          metadata: contents.metadata,
          trailingMetadata: contents.trailingMetadata
        )
      }
    }
  }

  @usableFromInline
  mutating func add(_ method: MethodDescriptor, _ call: @escaping UnaryCall) {
    calls.append((method, call))
  }
}

extension UnaryMethods where Interceptor == NoUnaryInterceptor {
  /// No methods yet, and nothing that calls pass through.
  public init() {
    self.init(through: NoUnaryInterceptor())
  }
}

/// A unary method as the transport calls it: the request's bytes in, the response's out.
@usableFromInline
typealias UnaryCall =
  @Sendable (
    _ message: [UInt8],
    _ metadata: Metadata,
    _ context: ServerContext
  ) async throws -> UnaryResponse

/// A unary method's whole response, serialised.
public struct UnaryResponse: Sendable {
  /// The message's bytes.
  public var message: [UInt8]
  /// What is sent before the message.
  public var metadata: Metadata
  /// What is sent behind it, with the status.
  public var trailingMetadata: Metadata

  /// A response.
  @inlinable
  public init(message: [UInt8], metadata: Metadata = [:], trailingMetadata: Metadata = [:]) {
    self.message = message
    self.metadata = metadata
    self.trailingMetadata = trailingMetadata
  }
}
