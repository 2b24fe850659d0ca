public import GRPCCore
internal import GRPCProtobuf
public import SwiftProtobuf
internal import Synchronization

extension RegistryClient {
  /// Makes a call with one request and one reply, by the client's policy or another.
  ///
  /// The typed methods of `names`, `filings` and so on are this call; use it for methods that are
  /// known at run time only.
  ///
  /// - Parameters:
  ///   - request: The request; a write's `request_id` is made up if it is empty.
  ///   - method: The method.
  ///   - policy: How long it may take, and how often it is tried; nil for the client's.
  /// - Returns: The reply.
  /// - Throws: `RegistryFailure`.
  public func unary<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ request: Request,
    _ method: MethodDescriptor,
    policy: CallPolicy? = nil
  ) async throws(RegistryFailure) -> Response {
    try await unary(request, method, policy: policy, authorized: true)
  }

  func unary<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ request: Request,
    _ method: MethodDescriptor,
    policy: CallPolicy? = nil,
    authorized: Bool
  ) async throws(RegistryFailure) -> Response {
    let request = identified(request)
    let call = Call(request, method, policy ?? self.policy, authorized: authorized)
    return try await tried(call) { [grpc] metadata, options in
      try await grpc.unary(
        request: ClientRequest(message: request, metadata: metadata),
        descriptor: method,
        serializer: ProtobufSerializer<Request>(),
        deserializer: ProtobufDeserializer<Response>(),
        options: options
      ) { response in
        try response.message
      }
    }
  }

  /// Makes a call with one request and many replies.
  ///
  /// It is tried again only if it failed before the first reply.
  ///
  /// - Parameters:
  ///   - request: The request; a write's `request_id` is made up if it is empty.
  ///   - method: The method.
  ///   - policy: How long it may take in all; nil for the client's.
  ///   - take: Takes the next reply; the server waits for it.
  /// - Throws: `RegistryFailure`, and what the closure throws.
  public func stream<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
    _ request: Request,
    _ method: MethodDescriptor,
    policy: CallPolicy? = nil,
    _ take: @escaping @Sendable (Response) async throws -> Void
  ) async throws {
    let request = identified(request)
    let call = Call(request, method, policy ?? self.policy, authorized: true)
    let progress = StreamProgress()
    let foreign: (any Error)? = try await tried(call, while: { !progress.hasStarted }) {
      [grpc] metadata, options in
      try await grpc.serverStreaming(
        request: ClientRequest(message: request, metadata: metadata),
        descriptor: method,
        serializer: ProtobufSerializer<Request>(),
        deserializer: ProtobufDeserializer<Response>(),
        options: options
      ) { response in
        for try await message in response.messages {
          progress.start()
          // What the closure throws is the caller's own, not the call's.
          do { try await take(message) } catch { return error }
        }
        return nil
      }
    }
    if let foreign { throw foreign }
  }

  /// The request with a `request_id`, if it has a place for one.
  private func identified<Request: SwiftProtobuf.Message>(_ request: Request) -> Request {
    guard var write = request as? any IdempotentRequest, write.requestID.isEmpty else {
      return request
    }
    write.requestID = RequestID.new()
    return write as? Request ?? request
  }
}

/// What is known of a call from its first try to its last.
struct Call {
  let method: MethodDescriptor
  let policy: CallPolicy
  let requestID: String
  let mayRepeat: Bool
  let isAuthorized: Bool

  init(
    _ request: some SwiftProtobuf.Message,
    _ method: MethodDescriptor,
    _ policy: CallPolicy,
    authorized: Bool
  ) {
    self.method = method
    self.policy = policy
    requestID = (request as? any IdempotentRequest)?.requestID ?? ""
    mayRepeat = !requestID.isEmpty || Self.reads(method)
    isAuthorized = authorized
  }

  /// Whether a method changes nothing, by the verb that its name begins with.
  private static func reads(_ method: MethodDescriptor) -> Bool {
    ["Get", "List", "Check", "Validate", "Verify"].contains { method.method.hasPrefix($0) }
  }
}

/// Whether a stream has given its first message.
final class StreamProgress: Sendable {
  private let started = Atomic<Bool>(false)
  var hasStarted: Bool { started.load(ordering: .acquiring) }
  func start() { started.store(true, ordering: .releasing) }
}

extension RegistryClient {
  /// Tries a call until it succeeds, must not be repeated, or its time is up.
  private func tried<Value: Sendable>(
    _ call: Call,
    while isUnspoiled: @Sendable () -> Bool = { true },
    _ attempt: (Metadata, CallOptions) async throws -> Value
  ) async throws(RegistryFailure) -> Value {
    let deadline = time.now() + call.policy.deadline
    var tries = 0
    var isRenewed = false
    while true {
      tries += 1
      let token = call.isAuthorized ? sessions.token : nil
      var options = CallOptions.defaults
      options.timeout = time.now().duration(to: deadline)
      options.waitForReady = call.policy.waitsForConnection
      var failure: RegistryFailure
      do {
        return try await attempt(metadata(token: token), options)
      } catch {
        failure = RegistryFailure(error)
        failure.method = call.method.fullyQualifiedMethod
        failure.requestID = call.requestID
        failure.tries = tries
      }
      guard isUnspoiled() else { throw failure }
      if failure.isSessionRefused, let token, !isRenewed, sessions.canRenew {
        // The call was refused before it had any effect, so that it may be repeated in any case.
        isRenewed = true
        try await renewSession(insteadOf: token)
        continue
      }
      guard call.mayRepeat, failure.code == .unavailable, tries < call.policy.tries else {
        throw failure
      }
      let wait = call.policy.wait(afterTry: tries, serverDelay: failure.retryDelay)
      guard time.now() + wait < deadline else { throw failure }
      do {
        try await time.pause(wait)
      } catch {
        failure.code = .cancelled
        throw failure
      }
    }
  }

  private func metadata(token: String?) -> Metadata {
    guard let token else { return [:] }
    return ["authorization": "Bearer \(token)"]
  }
}
