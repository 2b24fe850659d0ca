internal import APIConventions
package import GRPCCore
package import GRPCNghttp2Transport
package import Logging

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
/// One policy for all methods: those of the router meet it as `ServerInterceptor`, unary methods that
/// the transport calls directly as `UnaryInterceptor`. The deadline is the transport's: it answers
/// `DEADLINE_EXCEEDED` and cancels.
package struct CallPolicy: ServerInterceptor, UnaryInterceptor {
  private let listener: Listener
  private let directory: CallerDirectory
  private let counter: CallCounter
  private let logger: Logger
  private let rule: @Sendable (MethodDescriptor) -> Permissions.Rule?
  private let translate: @Sendable (any Error) -> any Error
  /// What the policy knows of the one method that it is bound to, if it is.
  private var terms: MethodTerms?

  /// The policy of a listener.
  ///
  /// - Parameters:
  ///   - listener: Where the calls come in.
  ///   - directory: How callers are known.
  ///   - counter: Counts the calls.
  ///   - logger: Hears of unexpected failures.
  ///   - rule: Says who may call a method; nothing means nobody.
  ///   - translate: Makes an expected failure of what is one below the rooms, such as a database that
  ///     cannot be reached.
  package init(
    on listener: Listener,
    directory: CallerDirectory,
    counter: CallCounter,
    logger: Logger,
    ruledBy rule: @escaping @Sendable (MethodDescriptor) -> Permissions.Rule? = {
      Permissions.rule(of: $0.method, in: $0.service.fullyQualifiedService)
    },
    translating translate: @escaping @Sendable (any Error) -> any Error = { $0 }
  ) {
    self.listener = listener
    self.directory = directory
    self.counter = counter
    self.logger = logger
    self.rule = rule
    self.translate = translate
  }

  /// The policy with the rule and the count of one method at hand.
  package func bound(to method: MethodDescriptor) -> CallPolicy {
    var policy = self
    policy.terms = terms(of: method)
    return policy
  }

  private func terms(of method: MethodDescriptor) -> MethodTerms {
    terms ?? MethodTerms(rule: rule(method), tally: counter.tally(of: method))
  }

  /// Runs a unary call under the policy.
  package func intercept(
    metadata: Metadata,
    context: ServerContext,
    next: (_ metadata: Metadata, _ context: ServerContext) async throws -> UnaryResponse
  ) async throws -> UnaryResponse {
    let terms = terms(of: context.descriptor)
    do {
      let caller = try await admitted(metadata, context, terms)
      var context = context
      context.transportSpecific = CallContext(caller: caller, listener: listener)
      let response = try await next(metadata, context)
      terms.tally.countSuccess()
      return response
    } catch {
      throw answer(to: error, of: context.descriptor, terms)
    }
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
    let terms = terms(of: context.descriptor)
    do {
      let caller = try await admitted(request.metadata, context, terms)
      var context = context
      context.transportSpecific = CallContext(caller: caller, listener: listener)
      let response = try await next(request, context)
      return shielded(response, of: context.descriptor, terms)
    } catch {
      throw answer(to: error, of: context.descriptor, terms)
    }
  }

  /// The caller, if the permission table admits it.
  private func admitted(
    _ metadata: Metadata,
    _ context: ServerContext,
    _ terms: MethodTerms
  ) async throws -> Caller {
    let method = context.descriptor
    guard let rule = terms.rule else {
      throw IdentityError.permissionDenied(method.fullyQualifiedMethod)
    }
    let caller = try await caller(metadata, context)
    guard rule.admits(caller, on: listener) else {
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
    of method: MethodDescriptor,
    _ terms: MethodTerms
  ) -> StreamingServerResponse<Output> {
    switch response.accepted {
    case .failure(let error):
      var refused = response
      refused.accepted = .failure(answer(to: error, of: method, terms))
      return refused
    case .success(let contents):
      var served = response
      served.accepted = .success(
        .init(metadata: contents.metadata) { writer in
          do {
            let trailers = try await contents.producer(writer)
            terms.tally.countSuccess()
            return trailers
          } catch {
            throw answer(to: error, of: method, terms)
          }
        }
      )
      return served
    }
  }

  /// What the caller is told of a failure: expected ones as they are, anything else logged whole and
  /// answered as `INTERNAL` with a number to ask for.
  private func answer(
    to error: any Error,
    of method: MethodDescriptor,
    _ terms: MethodTerms
  ) -> RPCError {
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
    terms.tally.count(told.code)
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

/// What the policy looks up of a method once.
private struct MethodTerms: Sendable {
  let rule: Permissions.Rule?
  let tally: CallCounter.Tally
}
