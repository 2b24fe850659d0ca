package import APIConventions
package import GRPCCore

/// Every expected failure of this room.
package enum EntityError: RegistryError, Equatable {
  /// No subject code is left; the code center has to send more.
  case codePoolEmpty
  /// A subject code of the pool makes no credit code; an operator has to mend the pool.
  case codePoolSpoilt
  /// What an approval would enter lacks what an entity must have.
  case incomplete([Violation])

  /// By case.
  package var code: RPCError.Code {
    switch self {
    case .codePoolEmpty: .unavailable
    case .codePoolSpoilt: .internalError
    case .incomplete: .failedPrecondition
    }
  }

  /// By case.
  package var reason: String {
    switch self {
    case .codePoolEmpty: "ENTITY_CODE_POOL_EMPTY"
    case .codePoolSpoilt: "ENTITY_CODE_POOL_SPOILT"
    case .incomplete: "ENTITY_INCOMPLETE"
    }
  }

  /// What happened and what to do.
  package var message: String {
    switch self {
    case .codePoolEmpty: "No subject code is left to make a credit code of. Try again later."
    case .codePoolSpoilt: "A subject code of the pool is malformed."
    case .incomplete: "What is to be registered lacks what an entity must have."
    }
  }

  /// What it lacks.
  package var violations: [Violation] {
    switch self {
    case .incomplete(let violations): violations
    case .codePoolEmpty, .codePoolSpoilt: []
    }
  }

  /// A minute until the pool may be filled.
  package var retryDelay: Duration? {
    switch self {
    case .codePoolEmpty: .seconds(60)
    case .codePoolSpoilt, .incomplete: nil
    }
  }
}
