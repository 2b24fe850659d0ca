internal import APIConventions
package import Accounts
package import EventLoops
internal import Foundation
internal import GRPCCore
package import GRPCNghttp2Transport
package import Logging
package import Outbox
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// The way to the partners' systems: the libraries of who exists, and the SMS gateway.
///
/// One connection over mutual TLS, made anew as often as it is lost; nothing here ever stops a start or
/// fails a registration that does not need it. Neither names nor numbers reach the log.
package struct PartnerGateways: Sendable {
  private let client: GRPCClient<Nghttp2ClientTransport>
  private let transport: Nghttp2ClientTransport
  private let limits: GatewayLimits
  private let gate: CallGate
  private let logger: Logger

  /// Gateways that are not connected yet; `run()` does that.
  ///
  /// - Parameters:
  ///   - host: Where they are: a name or a numeric address, which their certificate must bear.
  ///   - port: Their port.
  ///   - tls: The registry's certificate and key, and the only roots that the gateways' certificate
  ///     may lead to.
  ///   - limits: How long and how many.
  ///   - eventLoop: Where the connection lives.
  ///   - workers: Where names are looked up.
  ///   - logger: Hears of failures, without names and numbers.
  /// - Throws: `TLSError` if certificate, key or roots cannot be used.
  package init(
    host: String,
    port: Int,
    tls: ClientTLSOptions,
    limits: GatewayLimits = GatewayLimits(),
    eventLoop: EventLoop,
    workers: WorkerExecutor,
    logger: Logger = Logger(label: "gateways")
  ) throws(TLSError) {
    var configuration = Nghttp2ClientTransport.Configuration(tls: tls)
    configuration.connectTimeout = .seconds(5)
    configuration.reconnection.initialBackoff = .milliseconds(250)
    configuration.reconnection.maximumBackoff = limits.longestReconnectionPause
    configuration.keepalive = .init(interval: .seconds(30))
    configuration.responseMessageBytes = 65_536
    configuration.userAgent = "liaoning-registry"
    transport = try Nghttp2ClientTransport(
      host: host,
      port: port,
      configuration: configuration,
      eventLoop: eventLoop,
      workers: workers
    )
    client = GRPCClient(transport: transport)
    self.limits = limits
    gate = CallGate(limit: limits.concurrentQuestions)
    self.logger = logger
  }

  /// Keeps the connection until shut down and the last call has ended, or until the task is cancelled.
  ///
  /// - Throws: If it is called twice.
  package func run() async throws {
    try await client.runConnections()
  }

  /// Connects with another certificate and other roots from now on; a connection that these roots
  /// refuse ends with its last call.
  ///
  /// - Throws: `TLSError` if they cannot be used; the present ones stay.
  package func replaceTLS(_ options: ClientTLSOptions) throws(TLSError) {
    try transport.replaceTLS(options)
  }

  /// Refuses new calls; those that run go on to their end.
  package func beginGracefulShutdown() {
    client.beginGracefulShutdown()
  }

  /// What Accounts asks.
  package var libraries: IdentityLibraries {
    IdentityLibraries(
      comparePerson: { name, number, id in
        try await comparison(of: name, number, request: id.uuidString.lowercased())
      },
      lookUpEntity: { code, id in
        try await lookUp(code, request: id.uuidString.lowercased())
      }
    )
  }

  /// How the outbox reaches each receiver.
  package var receivers: [Receiver: Deliverer.Send] {
    [.messages: { delivery in try await receipt(for: delivery) }]
  }

  private func comparison(
    of name: String,
    _ number: ResidentIdentityNumber,
    request requestID: String
  ) async throws -> PersonComparison {
    let response = try await answer(to: requestID) { options in
      try await Liaoning_Partners_V1_PopulationService.Client(wrapping: client).comparePerson(
        .with {
          $0.fullName = name
          $0.identityNumber = number.description
          $0.requestID = requestID
        },
        options: options
      )
    }
    guard let comparison = PersonComparison(rawValue: response.resultCode) else {
      throw unintelligible(requestID, "an unknown result code")
    }
    return comparison
  }

  private func lookUp(
    _ code: UnifiedSocialCreditCode,
    request requestID: String
  ) async throws -> EntityLookUp {
    let response = try await answer(to: requestID) { options in
      try await Liaoning_Partners_V1_LegalEntityService.Client(wrapping: client).lookUpEntity(
        .with {
          $0.creditCode = code.description
          $0.requestID = requestID
        },
        options: options
      )
    }
    guard let outcome = EntityLookUp.Outcome(rawValue: response.resultCode) else {
      throw unintelligible(requestID, "an unknown result code")
    }
    if outcome == .found, response.enterpriseName.isEmpty {
      throw unintelligible(requestID, "an entity without a name")
    }
    return EntityLookUp(
      outcome: outcome,
      enterpriseName: response.enterpriseName,
      entityType: response.entityType,
      legalRepresentative: legalRepresentative(in: response, request: requestID)
    )
  }

  private func legalRepresentative(
    in response: Liaoning_Partners_V1_LookUpEntityResponse,
    request requestID: String
  ) -> PersonRecord? {
    guard !response.legalRepresentativeName.isEmpty else { return nil }
    guard let number = ResidentIdentityNumber(response.legalRepresentativeIdentityNumber) else {
      // Foreign representatives have numbers of other kinds.
      logger.notice("a library names a representative by another number", request: requestID)
      return nil
    }
    return PersonRecord(fullName: response.legalRepresentativeName, identityNumber: number)
  }

  /// Asks a library, within the limits.
  ///
  /// - Throws: `AccountError.sourceUnavailable`; `CancellationError` if the asking task is cancelled.
  private func answer<Response: Sendable>(
    to requestID: String,
    _ ask: (CallOptions) async throws -> Response
  ) async throws -> Response {
    guard gate.enter() else {
      logger.warning("too many questions to the libraries at once", request: requestID)
      throw AccountError.sourceUnavailable
    }
    defer { gate.leave() }
    do {
      return try await ask(options(timeout: limits.answerTimeout))
    } catch {
      try Task.checkCancellation()
      logger.warning("a library does not answer", request: requestID, GatewayFailure(error))
      throw AccountError.sourceUnavailable
    }
  }

  private func unintelligible(_ requestID: String, _ what: String) -> AccountError {
    logger.error("a library answers with \(what)", request: requestID)
    return .sourceUnavailable
  }

  /// Hands a message to the SMS gateway, under the delivery's own id.
  ///
  /// - Throws: `DeliveryRefusal` if the gateway will never take it; `GatewayFailure`.
  private func receipt(for delivery: Delivery) async throws -> String {
    var message: Liaoning_Partners_V1_SendMessageRequest
    do {
      message = try .init(serializedBytes: delivery.payload)
    } catch {
      throw DeliveryRefusal(reason: "The delivery holds no SendMessageRequest.")
    }
    message.deliveryID = delivery.id.uuid.uuidString.lowercased()
    do {
      return try await Liaoning_Partners_V1_MessageService.Client(wrapping: client)
        .sendMessage(message, options: options(timeout: limits.receiptTimeout)).receipt
    } catch let error as RPCError where error.code == .invalidArgument {
      throw DeliveryRefusal(reason: GatewayFailure(error).description)
    } catch {
      try Task.checkCancellation()
      throw GatewayFailure(error)
    }
  }

  private func options(timeout: Duration) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = timeout
    return options
  }
}

extension Logger {
  fileprivate func notice(_ message: Message, request: String) {
    notice(message, metadata: ["request": "\(request)"])
  }

  fileprivate func warning(_ message: Message, request: String) {
    warning(message, metadata: ["request": "\(request)"])
  }

  fileprivate func warning(_ message: Message, request: String, _ failure: GatewayFailure) {
    warning(message, metadata: ["request": "\(request)", "failure": "\(failure)"])
  }

  fileprivate func error(_ message: Message, request: String) {
    error(message, metadata: ["request": "\(request)"])
  }
}
