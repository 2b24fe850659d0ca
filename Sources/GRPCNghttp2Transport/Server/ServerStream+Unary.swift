internal import EventLoops
internal import GRPCCore

extension ServerStream {
  /// Runs a unary method that the router isn't asked for: the call's task.
  func runDirectly() async {
    guard let method, let call = method.unary, let head else { return handlerReturned() }
    let message = takeRequestMessage()
    let result = await withServerContextRPCCancellationHandle { handle in
      if outcome != nil { handle.cancel() }
      cancellation = handle
      var context = ServerContext(
        descriptor: method.descriptor,
        remotePeer: peer.remotePeer,
        localPeer: peer.localPeer,
        cancellation: handle
      )
      context.transportSpecific = Nghttp2ServerTransport.Context(call: self)
      do {
        return Result<UnaryResponse, RPCError>.success(
          try await call(message, head.metadata, context)
        )
      } catch {
        return .failure(Self.rpcError(error))
      }
    }
    // What the handler awaited may have left the task elsewhere.
    if loop.isCurrent {
      answer(result)
    } else {
      loop.execute { self.answer(result) }
    }
  }

  /// As the router does it.
  private static func rpcError(_ error: any Error) -> RPCError {
    switch error {
    case let error as RPCError: error
    case let error as any RPCErrorConvertible: RPCError(error)
    default:
      RPCError(
        code: .unknown,
        message: "Service method threw an unknown error.",
        cause: error
      )
    }
  }

  /// The parts of a response as a handler of the router writes them.
  private func answer(_ result: Result<UnaryResponse, RPCError>) {
    do {
      do {
        let response = try result.get()
        try write(.metadata(response.metadata))
        try write(.message(response.message))
        try write(.status(Status(code: .ok, message: ""), response.trailingMetadata))
      } catch {
        let status = Status(code: Status.Code(error.code), message: error.message)
        try write(.status(status, error.metadata))
      }
    } catch {
      // The call is over: its client has its status, or is gone.
    }
    handlerReturned()
  }
}
