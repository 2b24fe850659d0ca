internal import GRPCCore
internal import RegistryClient

/// A failure as people and programs read it.
struct FailureReport: Equatable {
  let code: String
  let reason: String
  let message: String
  let advice: String
  var metadata: [String: String] = [:]
  var violations: [RegistryFailure.Violation] = []
  /// Violations that the server did not name.
  var furtherCount = 0
  /// To repeat the call with.
  var requestID = ""
  /// Nobody knows whether it was done.
  var isInDoubt = false

  init(_ error: any Error) {
    switch error {
    case let failure as RegistryFailure:
      code = Self.name(of: failure.code)
      reason = failure.reason
      message = failure.message
      advice = Self.advice(for: failure)
      metadata = failure.metadata
      violations = failure.violations
      furtherCount = max(0, failure.violationCount - failure.violations.count)
      requestID = failure.requestID
      isInDoubt = failure.isInDoubt
    case let error as ShellError:
      code = "LOCAL"
      reason = error.reason
      message = error.message
      advice = ""
    default:
      code = "LOCAL"
      reason = "SHELL_FAILED"
      message = String(describing: error)
      advice = ""
    }
  }

  /// The lines for people, without what could steer a terminal.
  var text: String {
    let head = reason.isEmpty ? code : "\(reason) (\(code))"
    var lines = ["Error: " + (code == "LOCAL" ? "" : head + ": ") + message]
    let fields = violations.map(\.field)
    let width = fields.map { TextWidth.of($0) }.max() ?? 0
    for violation in violations {
      lines.append("  - " + TextWidth.padded(violation.field, to: width) + "  " + violation.rule)
      lines.append("    " + violation.description)
    }
    if furtherCount > 0 { lines.append("  - and \(furtherCount) more") }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != "violation_count" {
      lines.append("  \(key): \(value)")
    }
    if !advice.isEmpty { lines.append("What to do: " + advice) }
    if isInDoubt { lines.append("Request id: \(requestID)") }
    return PeopleText.clean(lines.joined(separator: "\n"))
  }

  /// The object for programs.
  var json: JSON {
    var members: [JSON.Member] = [
      .init(name: "code", value: .text(code)), .init(name: "reason", value: .text(reason)),
      .init(name: "message", value: .text(message)),
    ]
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
      members.append(
        .init(
          name: "metadata",
          value: .object(pairs.map { .init(name: $0.key, value: .text($0.value)) })
        )
      )
    }
    if !violations.isEmpty {
      let list = violations.map { violation in
        JSON.object([
          .init(name: "field", value: .text(violation.field)),
          .init(name: "rule", value: .text(violation.rule)),
          .init(name: "description", value: .text(violation.description)),
        ])
      }
      members.append(.init(name: "violations", value: .list(list)))
    }
    if !requestID.isEmpty { members.append(.init(name: "requestId", value: .text(requestID))) }
    return .object([.init(name: "error", value: .object(members))])
  }

  private static func advice(for failure: RegistryFailure) -> String {
    switch ExitClass(failure) {
    case .invalid: "correct what is named above and call again; nothing was changed."
    case .notFound: "look at the name, and whether this account may see it."
    case .conflict:
      failure.code == .aborted
        ? "read it again and repeat with the etag read."
        : failure.code == .alreadyExists
          ? "it is there already; nothing was changed." : "look at its state first."
    case .permission:
      failure.code == .unauthenticated
        ? "log in (registryctl login), or give the certificate that this call needs."
        : "use a context whose account or certificate may do this."
    case .unavailable:
      // What the registry refuses has a reason; without one nobody there was reached.
      (failure.code == .unavailable && failure.reason.isEmpty
        ? "see whether a registry serves there, and whether --trust, --certificate and "
          + "--server-name fit; then call again" : "call again later")
        + (failure.retryDelay.map { ", after \($0.components.seconds + 1) s" } ?? "")
        + (failure.requestID.isEmpty ? "." : ", with the same request id.")
    case .internal:
      failure.requestNumber.map { "tell the operators the request number \($0)." }
        ?? "tell the operators what you called and when."
    case .done, .otherwise, .usage, .local: ""
    }
  }

  /// `failedPrecondition` as `FAILED_PRECONDITION`.
  private static func name(of code: RPCError.Code) -> String {
    if code == .internalError { return "INTERNAL" }
    var name = ""
    for character in String(describing: code) {
      if character.isUppercase { name += "_" }
      name += character.uppercased()
    }
    return name
  }
}
