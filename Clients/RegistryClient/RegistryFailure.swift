public import GRPCCore
internal import GRPCProtobuf

/// Why a call failed, as the registry told it (AIP-193), or as the client found.
public struct RegistryFailure: Error, Sendable, Equatable {
  /// A rule that the request or the filing breaks.
  public struct Violation: Sendable, Hashable {
    /// The field's path, for instance `company.shareholders[2].contribution_fen`; may be empty.
    public var field: String
    /// The rule's id, for instance `SHAREHOLDER_COUNT_UNLAWFUL`.
    public var rule: String
    /// What is wrong and how to mend it, with the article that says so; in Chinese where an
    /// applicant reads it.
    public var description: String

    /// A broken rule.
    public init(field: String, rule: String, description: String) {
      self.field = field
      self.rule = rule
      self.description = description
    }
  }

  /// The class of the failure, which says what may be done about it.
  public var code: RPCError.Code
  /// The machine-readable reason, for instance `FILING_STALE`; empty if the server gave none.
  ///
  /// Reasons that begin with `CLIENT_`, `ENDPOINT_` or `KEY_` are the client's own.
  public var reason: String
  /// What happened and what to do, in English.
  public var message: String
  /// Values that the reason needs, by key.
  public var metadata: [String: String]
  /// Every rule broken; the server names at most 40, and how many there are in metadata
  /// `violation_count`.
  public var violations: [Violation]
  /// After which time a repeat may succeed, if the server said so.
  public var retryDelay: Duration?
  /// The method that was called, `{service}/{method}`; empty if none was.
  public var method: String
  /// The `request_id` that was sent, to repeat a write whose outcome is in doubt; empty if none.
  public var requestID: String
  /// How often the call was tried.
  public var tries: Int

  /// A failure.
  public init(
    code: RPCError.Code,
    reason: String = "",
    message: String,
    metadata: [String: String] = [:],
    violations: [Violation] = [],
    retryDelay: Duration? = nil,
    method: String = "",
    requestID: String = "",
    tries: Int = 0
  ) {
    self.code = code
    self.reason = reason
    self.message = message
    self.metadata = metadata
    self.violations = violations
    self.retryDelay = retryDelay
    self.method = method
    self.requestID = requestID
    self.tries = tries
  }

  /// The number under which the server's operators find an internal failure; nil for others.
  public var requestNumber: String? { reason == "INTERNAL_FAILURE" ? metadata["request"] : nil }

  /// How many rules are broken, with those that the server did not name.
  public var violationCount: Int {
    metadata["violation_count"].flatMap { Int($0) } ?? violations.count
  }

  /// Whether the write may or may not have happened, so that it should be repeated with
  /// `requestID`.
  public var isInDoubt: Bool {
    !requestID.isEmpty
      && [.unavailable, .deadlineExceeded, .cancelled, .unknown, .internalError].contains(code)
  }

  /// Whether the call was refused because its session is unknown, ended or expired.
  var isSessionRefused: Bool { code == .unauthenticated && reason == "CALLER_UNAUTHENTICATED" }
}

extension RegistryFailure {
  /// What any error of a call comes to.
  ///
  /// - Parameter error: What was thrown: a failure stays as it is; the rich status of an `RPCError`
  ///   is taken apart.
  public init(_ error: any Error) {
    switch error {
    case let failure as RegistryFailure: self = failure
    case let error as RPCError: self.init(rpc: error)
    case let error as RuntimeError where error.code == .clientIsStopped:
      self.init(
        code: .failedPrecondition,
        reason: "CLIENT_SHUT_DOWN",
        message: "The client was shut down."
      )
    case is CancellationError:
      self.init(code: .cancelled, reason: "CLIENT_CANCELLED", message: "The call was given up.")
    default:
      self.init(code: .unknown, reason: "CLIENT_FAILED", message: String(describing: error))
    }
  }

  private init(rpc error: RPCError) {
    self.init(code: error.code, message: error.message)
    // A status that cannot be read, or is not there, leaves code and message.
    guard let status = try? error.unpackGoogleRPCStatus() else { return }
    for detail in status.details {
      if let info = detail.errorInfo {
        reason = info.reason
        metadata = info.metadata
      }
      if let request = detail.badRequest {
        violations += request.violations.map {
          Violation(field: $0.field, rule: $0.reason, description: $0.violationDescription)
        }
      }
      if let retry = detail.retryInfo { retryDelay = retry.delay }
    }
  }

  static func endpointInvalid(_ message: String) -> RegistryFailure {
    RegistryFailure(code: .invalidArgument, reason: "ENDPOINT_INVALID", message: message)
  }

  static func fileUnreadable(_ path: String) -> RegistryFailure {
    RegistryFailure(
      code: .invalidArgument,
      reason: "ENDPOINT_FILE_UNREADABLE",
      message: "Cannot read \(path).",
      metadata: ["path": path]
    )
  }

  static func keyUnusable(_ message: String) -> RegistryFailure {
    RegistryFailure(code: .invalidArgument, reason: "KEY_UNUSABLE", message: message)
  }

  static func untrue(_ reason: String, _ message: String) -> RegistryFailure {
    RegistryFailure(code: .dataLoss, reason: reason, message: message)
  }
}

extension RegistryFailure: CustomStringConvertible {
  /// Code, reason, message and violations, a line each.
  public var description: String {
    let head = reason.isEmpty ? "\(code)" : "\(code) \(reason)"
    return
      ([head + ": " + message] + violations.map { "  \($0.rule) \($0.field): \($0.description)" })
      .joined(separator: "\n")
  }
}
