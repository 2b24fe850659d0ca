internal import APIConventions
package import GRPCCore

/// A call that its caller may not make.
package enum IdentityError: RegistryError, Equatable {
  /// No session or certificate, or one that is no longer good.
  case unauthenticated
  /// The caller is known and may not call this method, which is named.
  case permissionDenied(String)

  /// Who, or not you.
  package var code: RPCError.Code {
    switch self {
    case .unauthenticated: .unauthenticated
    case .permissionDenied: .permissionDenied
    }
  }

  /// The reason by case.
  package var reason: String {
    switch self {
    case .unauthenticated: "CALLER_UNAUTHENTICATED"
    case .permissionDenied: "CALLER_NOT_PERMITTED"
    }
  }

  /// What to do.
  package var message: String {
    switch self {
    case .unauthenticated:
      "Log in first: send the token of CreateSession as metadata `authorization: Bearer …`."
    case .permissionDenied: "The caller may not call this method."
    }
  }

  /// The method.
  package var metadata: [String: String] {
    switch self {
    case .unauthenticated: [:]
    case .permissionDenied(let method): method.isEmpty ? [:] : ["method": method]
    }
  }
}
