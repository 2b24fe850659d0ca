package import GRPCCore
internal import GRPCProtobuf

/// A rule that a request or a filing breaks: where, which, and how to mend it.
package struct Violation: Hashable, Sendable {
  /// The field's path in the request, for instance `company.shareholders[2].contribution_fen`.
  package let field: String
  /// The rule's id in upper snake case, for instance `SHAREHOLDER_COUNT_UNLAWFUL`.
  package let rule: String
  /// What is wrong and how to mend it, in Chinese where an applicant reads it.
  package let description: String
  /// The article that says so; empty where none does.
  package let basis: String

  /// A violation of `rule` by `field`.
  package init(field: String, rule: String, description: String, basis: String = "") {
    self.field = field
    self.rule = rule
    self.description = description
    self.basis = basis
  }
}

/// An expected failure of a room.
///
/// It reaches the caller as `google.rpc.Status` with `ErrorInfo`
/// and, where there are violations, `BadRequest` (AIP-193).
package protocol RegistryError: Error, Sendable, RPCErrorConvertible {
  /// The status that the failure maps to.
  var code: RPCError.Code { get }
  /// The machine-readable reason, upper snake case, unique in the system.
  var reason: String { get }
  /// What happened and what to do, in English.
  var message: String { get }
  /// Values that the reason needs, by key; no personal data.
  var metadata: [String: String] { get }
  /// Every rule broken.
  var violations: [Violation] { get }
  /// When a repeat may succeed, if one may.
  var retryDelay: Duration? { get }
}

extension RegistryError {
  /// No values.
  package var metadata: [String: String] { [:] }
  /// No violations.
  package var violations: [Violation] { [] }
  /// No repeat.
  package var retryDelay: Duration? { nil }

  /// The code of the gRPC status.
  package var rpcErrorCode: RPCError.Code { code }
  /// The message of the gRPC status.
  package var rpcErrorMessage: String { message }
  /// The rich status, `grpc-status-details-bin`.
  ///
  /// Trailers stay below 16 KiB: at most 40 violations
  /// of together 9,000 bytes are named, and `ErrorInfo.metadata` tells how many there are.
  package var rpcErrorMetadata: Metadata { status.rpcErrorMetadata }

  private var status: GoogleRPCStatus {
    var values = metadata
    var details: [ErrorDetails] = []
    if !violations.isEmpty {
      values["violation_count"] = String(violations.count)
      details.append(
        .badRequest(
          violations: named.map { violation in
            .init(
              field: violation.field,
              description: violation.shortDescription,
              reason: violation.rule,
              localizedMessage: nil
            )
          }
        )
      )
    }
    if let retryDelay { details.append(.retryInfo(delay: retryDelay)) }
    details.insert(
      .errorInfo(reason: reason, domain: "registry.liaoning", metadata: values),
      at: 0
    )
    return GoogleRPCStatus(code: code, message: message, details: details)
  }
}

extension RegistryError {
  /// The violations that fit into the trailers, from the first.
  private var named: ArraySlice<Violation> {
    var room = 9_000
    return violations.prefix(40).prefix { violation in
      room -= violation.field.utf8.count + violation.rule.utf8.count
      room -= violation.shortDescription.utf8.count + 16
      return room >= 0
    }
  }
}

extension Violation {
  /// What is wrong and the article, each cut to a length that an applicant still reads.
  fileprivate var shortDescription: String {
    basis.isEmpty
      ? String(description.prefix(200)) : "\(description.prefix(160)) (\(basis.prefix(60)))"
  }
}
