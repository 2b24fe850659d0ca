public import GRPCCore

/// What unary calls pass through on their way to a method of `UnaryMethods`: a call policy, a trace.
///
/// It is to unary calls what GRPCCore's `ServerInterceptor` is to all, but sees a call whole instead
/// of as streams. A type that is both is one policy for every method, whichever way it is called.
public protocol UnaryInterceptor: Sendable {
  /// Runs a call.
  ///
  /// - Parameters:
  ///   - metadata: What the client sent with its request.
  ///   - context: The call's facts; `transportSpecific` is a `Nghttp2ServerTransport.Context`.
  ///   - next: Goes on: reads the request (`INVALID_ARGUMENT` if it can't be read), runs the handler
  ///     and writes its response; or throws. Call it once, or not at all to refuse the call.
  /// - Throws: What ends the call: `RPCError` and `RPCErrorConvertible` as they are, `UNKNOWN` for
  ///   anything else.
  /// - Returns: What is sent.
  func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse

  /// This interceptor for one method: the place to look up what doesn't change between its calls.
  ///
  /// Called once a method, when it is registered. By default the interceptor itself.
  func bound(to method: MethodDescriptor) -> Self
}

extension UnaryInterceptor {
  /// The interceptor as it is.
  @inlinable
  public func bound(to method: MethodDescriptor) -> Self { self }

  /// This interceptor, and inside it another.
  @inlinable
  public func then<Inner: UnaryInterceptor>(_ inner: Inner) -> UnaryInterceptors<Self, Inner> {
    UnaryInterceptors(outer: self, inner: inner)
  }
}

/// Two interceptors, one inside the other.
public struct UnaryInterceptors<Outer: UnaryInterceptor, Inner: UnaryInterceptor>: UnaryInterceptor
{
  @usableFromInline
  let outer: Outer
  @usableFromInline
  let inner: Inner

  @inlinable
  init(outer: Outer, inner: Inner) {
    self.outer = outer
    self.inner = inner
  }

  /// Runs a call through both.
  @inlinable
  public func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse {
    try await outer.intercept(metadata: metadata, context: context) { metadata, context in
      try await inner.intercept(metadata: metadata, context: context, next: next)
    }
  }

  /// Both for one method.
  @inlinable
  public func bound(to method: MethodDescriptor) -> Self {
    Self(outer: outer.bound(to: method), inner: inner.bound(to: method))
  }
}

/// No interceptor: calls go straight to their handlers.
public struct NoUnaryInterceptor: UnaryInterceptor {
  /// Nothing to pass through.
  public init() {}

  /// Goes on.
  @inlinable
  public func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse {
    try await next(metadata, context)
  }
}
