internal import APIConventions
package import GRPCCore
internal import GRPCNghttp2Transport
package import Logging
internal import Synchronization

/// How a caller is known: by session token, or by the certificate's public key.
package struct CallerDirectory: Sendable {
  /// Finds the holder of a session token; nothing if it is not good.
  package let session: @Sendable (_ token: String) async throws -> Caller?
  /// Finds the holder of a certificate by the SHA-256 of its SubjectPublicKeyInfo, 32 bytes.
  package let certificate: @Sendable (_ spkiSHA256: [UInt8], Listener) async throws -> Caller?

  /// A directory made of two look-ups.
  package init(
    session: @escaping @Sendable (_ token: String) async throws -> Caller?,
    certificate: @escaping @Sendable (_ spkiSHA256: [UInt8], Listener) async throws -> Caller?
  ) {
    self.session = session
    self.certificate = certificate
  }
}

/// What every call passes through, in this order: shield, identity and permission, count and log.
///
/// The deadline is the transport's: it answers `DEADLINE_EXCEEDED` and cancels.
package struct CallPolicy: ServerInterceptor {
  private let listener: Listener
  private let directory: CallerDirectory
  private let counter: CallCounter
  private let logger: Logger
  private let translate: @Sendable (any Error) -> any Error

  /// The policy of a listener.
  ///
  /// - Parameters:
  ///   - listener: Where the calls come in.
  ///   - directory: How callers are known.
  ///   - counter: Counts the calls.
  ///   - logger: Hears of unexpected failures.
  ///   - translate: Makes an expected failure of what is one below the rooms, such as a database that
  ///     cannot be reached.
  package init(
    on listener: Listener,
    directory: CallerDirectory,
    counter: CallCounter,
    logger: Logger,
    translating translate: @escaping @Sendable (any Error) -> any Error = { $0 }
  ) {
    self.listener = listener
    self.directory = directory
    self.counter = counter
    self.logger = logger
    self.translate = translate
  }

  /// Runs a call under the policy.
  package func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>,
    context: ServerContext,
    next:
      @Sendable (
        _ request: StreamingServerRequest<Input>,
        _ context: ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    do {
      let caller = try await admitted(request.metadata, context)
      var context = context
      context.transportSpecific = CallContext(caller: caller, listener: listener)
      let response = try await next(request, context)
      return shielded(response, of: context.descriptor)
    } catch {
      throw answer(to: error, of: context.descriptor)
    }
  }

  /// The caller, if the permission table admits it.
  private func admitted(_ metadata: Metadata, _ context: ServerContext) async throws -> Caller {
    let method = context.descriptor
    guard let rule = Permissions.rule(of: method.method, in: method.service.fullyQualifiedService)
    else { throw IdentityError.permissionDenied(method.fullyQualifiedMethod) }
    let caller = try await caller(metadata, context)
    guard rule.admits(caller.roles, on: listener) else {
      if case .anonymous = caller { throw IdentityError.unauthenticated }
      throw IdentityError.permissionDenied(method.fullyQualifiedMethod)
    }
    return caller
  }

  private func caller(_ metadata: Metadata, _ context: ServerContext) async throws -> Caller {
    if let header = metadata[stringValues: "authorization"].first(where: { _ in true }) {
      guard header.hasPrefix("Bearer "), header.utf8.count <= 200,
        let caller = try await directory.session(String(header.dropFirst(7)))
      else { throw IdentityError.unauthenticated }
      return caller
    }
    let connection = context.transportSpecific as? Nghttp2ServerTransport.Context
    if let certificate = connection?.peerCertificate {
      guard let caller = try await directory.certificate(certificate.publicKeySHA256, listener)
      else {
        throw IdentityError.unauthenticated
      }
      return caller
    }
    return .anonymous
  }

  /// Counts the call when its response has ended, and lets nothing internal out of its stream.
  private func shielded<Output: Sendable>(
    _ response: StreamingServerResponse<Output>,
    of method: MethodDescriptor
  ) -> StreamingServerResponse<Output> {
    switch response.accepted {
    case .failure(let error):
      var refused = response
      refused.accepted = .failure(answer(to: error, of: method))
      return refused
    case .success(let contents):
      var served = response
      served.accepted = .success(
        .init(metadata: contents.metadata) { writer in
          do {
            let trailers = try await contents.producer(writer)
            counter.count(method, nil)
            return trailers
          } catch {
            throw answer(to: error, of: method)
          }
        }
      )
      return served
    }
  }

  /// What the caller is told of a failure: expected ones as they are, anything else logged whole and
  /// answered as `INTERNAL` with a number to ask for.
  private func answer(to error: any Error, of method: MethodDescriptor) -> RPCError {
    let told: RPCError
    switch translate(error) {
    case let error as RPCError where error.cause == nil || error.cause is any RPCErrorConvertible:
      told = RPCError(code: error.code, message: error.message, metadata: error.metadata)
    case let error as any RPCErrorConvertible:
      told = RPCError(
        code: error.rpcErrorCode,
        message: error.rpcErrorMessage,
        metadata: error.rpcErrorMetadata
      )
    case is CancellationError:
      told = RPCError(code: .cancelled, message: "The call was cancelled.")
    default:
      let number = String(UInt64.random(in: .min ... .max), radix: 36)
      logger.error(
        "unexpected failure",
        metadata: [
          "method": "\(method.fullyQualifiedMethod)",
          "request": "\(number)",
          "error": "\(String(reflecting: error))",
        ]
      )
      told = InternalFailure(number: number).rpcError
    }
    counter.count(method, told.code)
    return told
  }
}

/// A failure that is the server's own fault.
private struct InternalFailure: RegistryError {
  let number: String
  var code: RPCError.Code { .internalError }
  var reason: String { "INTERNAL_FAILURE" }
  var message: String { "The server failed. Ask its operators about request \(number)." }
  var metadata: [String: String] { ["request": number] }
  var rpcError: RPCError {
    RPCError(code: code, message: message, metadata: rpcErrorMetadata)
  }
}

/// Calls by method and outcome since the start.
package final class CallCounter: Sendable {
  private let counts = Mutex<[MethodDescriptor: [RPCError.Code?: Int]]>([:])

  /// Nothing counted yet.
  package init() {}

  /// Counts a call that ended with `code`; nothing means OK.
  package func count(_ method: MethodDescriptor, _ code: RPCError.Code?) {
    counts.withLock { $0[method, default: [:]][code, default: 0] += 1 }
  }

  /// A number of calls of one method with one outcome.
  package struct Line: Hashable, Sendable {
    /// `{service}/{method}`.
    package let method: String
    /// `OK`, or the code's name.
    package let outcome: String
    /// How many.
    package let count: Int
  }

  /// The counts, by method and outcome.
  package var lines: [Line] {
    var lines: [Line] = []
    for (method, outcomes) in counts.withLock({ $0 }) {
      for (code, count) in outcomes {
        let outcome = code.map { "\($0)" } ?? "OK"
        lines.append(Line(method: method.fullyQualifiedMethod, outcome: outcome, count: count))
      }
    }
    return lines.sorted { ($0.method, $0.outcome) < ($1.method, $1.outcome) }
  }
}
