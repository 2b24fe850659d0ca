internal import GRPCCore
internal import GRPCNghttp2Transport

extension BytesService {
  /// A unary method's handler, whichever way it is called.
  typealias UnaryHandler =
    @Sendable (ServerRequest<[UInt8]>, ServerContext) async throws -> ServerResponse<[UInt8]>

  /// The unary methods by name.
  var unaryHandlers: [String: UnaryHandler] {
    answers.merging(failures) { first, _ in first }.merging(waits) { first, _ in first }
  }

  /// Registers the unary methods to be called past the router.
  func registerUnaryMethods<Interceptor>(with methods: inout UnaryMethods<Interceptor>) {
    for (name, handler) in unaryHandlers {
      methods.register(
        Self.method(name, .unary),
        deserializer: BytesCoding(),
        serializer: BytesCoding(),
        handler: handler
      )
    }
  }

  /// Lets the transport call the unary methods past the router.
  func serveDirectly(by transport: Nghttp2ServerTransport, under policy: TestPolicy?) {
    if let policy {
      var methods = UnaryMethods(through: policy)
      registerUnaryMethods(with: &methods)
      transport.callDirectly(methods)
    } else {
      var methods = UnaryMethods()
      registerUnaryMethods(with: &methods)
      transport.callDirectly(methods)
    }
  }

  private var answers: [String: UnaryHandler] {
    [
      "Echo": { request, _ in
        ServerResponse(message: request.message, metadata: request.metadata)
      },
      "Describe": { _, context in
        ServerResponse(message: Array(Self.describe(context).utf8))
      },
      "Trailers": { request, _ in
        ServerResponse(
          message: request.message,
          metadata: ["first": "1"],
          trailingMetadata: ["last": "2", "last-bin": .binary([0, 255])]
        )
      },
      "Elsewhere": { request, _ in
        // Resumed by a thread that isn't the loop's.
        await withUnsafeContinuation { continuation in
          Task.detached { continuation.resume() }
        }
        return ServerResponse(message: request.message)
      },
    ]
  }

  private var failures: [String: UnaryHandler] {
    [
      "Fail": { _, _ in
        throw RPCError(
          code: .failedPrecondition,
          message: "状态不符 100%\n",
          metadata: ["reason": "TEST", "detail-bin": .binary([0, 255, 10])]
        )
      },
      "Code": { request, _ in
        let number = request.message.first.map { Int($0) } ?? 2
        let code = Status.Code(rawValue: number).flatMap { RPCError.Code($0) }
        throw RPCError(code: code ?? .unknown, message: "as asked")
      },
      "Refuse": { _, _ in
        ServerResponse(error: RPCError(code: .notFound, message: "none", metadata: ["k": "v"]))
      },
      "Convert": { _, _ in throw Convertible() },
      "Break": { _, _ in throw Unexpected() },
      "UnfitMetadata": { _, _ in
        ServerResponse(message: [], metadata: ["name": "沈阳"])
      },
    ]
  }

  private var waits: [String: UnaryHandler] {
    let feed = feed
    return [
      "UntilCancelled": { _, context in
        feed.yield("started")
        try await context.cancellation.cancelled
        feed.yield("cancelled")
        throw RPCError(code: .aborted, message: "too late to be seen")
      },
      "UntilHandled": { request, context in
        let (told, teller) = AsyncStream.makeStream(of: Void.self)
        return await withRPCCancellationHandler {
          feed.yield("started")
          for await _ in told {}
          feed.yield("cancelled")
          return ServerResponse(message: request.message)
        } onCancelRPC: {
          teller.finish()
        }
      },
    ]
  }
}

/// An error that says which status it is.
struct Convertible: RPCErrorConvertible, Error {
  var rpcErrorCode: RPCError.Code { .dataLoss }
  var rpcErrorMessage: String { "lost" }
  var rpcErrorMetadata: Metadata { ["what": "data"] }
}

/// An error that says nothing.
struct Unexpected: Error {}
