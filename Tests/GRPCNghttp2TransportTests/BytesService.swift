internal import EventLoops
internal import GRPCCore
internal import GRPCNghttp2Transport
internal import Synchronization

/// Messages that are their own bytes, but for one that can't be read.
struct BytesCoding: MessageSerializer, MessageDeserializer {
  /// The message that can't be read.
  static let unreadable = Array("unreadable".utf8)

  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
    Bytes(message)
  }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    let message = bytes.withUnsafeBytes { Array($0) }
    guard message != Self.unreadable else {
      throw RPCError(code: .invalidArgument, message: "That can't be read.")
    }
    return message
  }
}

/// The two ways to a unary method.
enum CallPath: CaseIterable {
  /// Through GRPCCore's router.
  case router
  /// Past it: `UnaryMethods`.
  case direct
}

/// The service that the transport's tests call: `test.Bytes`.
struct BytesService: RegistrableRPCService {
  /// What handlers saw, for tests to await.
  let events: AsyncStream<String>
  let feed: AsyncStream<String>.Continuation

  init() {
    (events, feed) = AsyncStream.makeStream(of: String.self)
  }

  /// Waits until an event comes; others are dropped.
  func saw(_ event: String) async -> Bool {
    for await seen in events where seen == event { return true }
    return false
  }

  /// Whether an event has come by now, and then another, which may still be to come.
  func hasSeen(_ event: String, then next: String) async -> (Bool, Bool) {
    feed.yield("now")
    var seen: Set<String> = []
    for await event in events {
      if event == "now" { break }
      seen.insert(event)
    }
    guard seen.contains(event) else { return (false, false) }
    if seen.contains(next) { return (true, true) }
    return (true, await saw(next))
  }

  static func method(
    _ name: String,
    _ type: MethodDescriptor.RPCType? = nil
  ) -> MethodDescriptor {
    MethodDescriptor(fullyQualifiedService: "test.Bytes", method: name, type: type)
  }

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    for (name, handler) in unaryHandlers {
      stream(name, .unary, &router) { request, context in
        let single = try await ServerRequest(stream: request)
        return StreamingServerResponse(single: try await handler(single, context))
      }
    }
    registerStreams(with: &router)
    registerPacking(with: &router)
  }

  static func describe(_ context: ServerContext) -> String {
    guard let specific = context.transportSpecific as? Nghttp2ServerTransport.Context else {
      return "no context"
    }
    let certificate = specific.peerCertificate
    let left = specific.deadline.map { ContinuousClock.now.duration(to: $0) }
    return """
      connection=\(specific.connectionID) authority=\(specific.authority) \
      onLoop=\(EventLoop.current != nil) deadline=\(left.map { $0 > .zero } ?? false) \
      name=\(certificate?.subjectCommonName ?? "-") subject=\(certificate?.subject ?? "-") \
      uri=\(certificate?.uriNames ?? []) dns=\(certificate?.dnsNames ?? []) \
      serial=\(certificate?.serialNumber ?? []) key=\(certificate?.publicKeySHA256.count ?? 0) \
      verified=\(certificate?.isVerified ?? false) peer=\(context.remotePeer.hasPrefix("ipv")) \
      resumed=\(specific.isResumedSession)
      """
  }

  private func registerStreams<Transport: ServerTransport>(with router: inout RPCRouter<Transport>)
  {
    let feed = feed
    stream("Count", .clientStreaming, &router) { request, _ in
      var (messages, bytes) = (0, 0)
      for try await message in request.messages {
        messages += 1
        bytes += message.count
      }
      return StreamingServerResponse(
        single: ServerResponse(message: Array("\(messages) \(bytes)".utf8))
      )
    }
    stream("Repeat", .serverStreaming, &router) { request, _ in
      let message = try await ServerRequest(stream: request).message
      return StreamingServerResponse { writer in
        do {
          for number in 0..<10_000 {
            feed.yield("writing \(number)")
            try await writer.write(message)
          }
        } catch {
          feed.yield("stopped: \((error as? RPCError)?.code.description ?? "other")")
          throw error
        }
        return ["end": "yes"]
      }
    }
    stream("Chat", .bidirectionalStreaming, &router) { request, context in
      StreamingServerResponse { writer in
        feed.yield("started")
        do {
          for try await message in request.messages { try await writer.write(message) }
        } catch {
          feed.yield("stopped: \((error as? RPCError)?.code.description ?? "other")")
          throw error
        }
        return ["end": "yes"]
      }
    }
    registerAwkwardStreams(with: &router)
  }

  /// Handlers that leave their task, wait for the shutdown, or give up reading.
  private func registerAwkwardStreams<Transport: ServerTransport>(
    with router: inout RPCRouter<Transport>
  ) {
    let feed = feed
    stream("DetachedChat", .bidirectionalStreaming, &router) { request, _ in
      StreamingServerResponse { writer in
        try await Task.detached {
          for try await message in request.messages { try await writer.write(message) }
        }.value
        return [:]
      }
    }
    stream("Watch", .bidirectionalStreaming, &router) { _, context in
      StreamingServerResponse { writer in
        feed.yield("started")
        let specific = context.transportSpecific as? Nghttp2ServerTransport.Context
        await specific?.shutdown.begun()
        try await writer.write(Array("bye".utf8))
        return [:]
      }
    }
    stream("CancelReading", .bidirectionalStreaming, &router) { request, _ in
      let reader = Task {
        for try await _ in request.messages {}
      }
      reader.cancel()
      let result = await reader.result
      return StreamingServerResponse { writer in
        if case .failure(let error) = result, error is CancellationError {
          try await writer.write(Array("cancelled".utf8))
        }
        return [:]
      }
    }
  }

  func stream<Transport: ServerTransport>(
    _ name: String,
    _ type: MethodDescriptor.RPCType,
    _ router: inout RPCRouter<Transport>,
    _ handler:
      @escaping @Sendable (StreamingServerRequest<[UInt8]>, ServerContext) async throws
      -> StreamingServerResponse<[UInt8]>
  ) {
    router.registerHandler(
      forMethod: Self.method(name, type),
      deserializer: BytesCoding(),
      serializer: BytesCoding(),
      handler: handler
    )
  }
}
