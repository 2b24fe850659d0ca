package import Accounts
internal import Entities
package import Foundation
package import Postgres
package import Vocabulary

/// Who signs for an organization: its statutory signatory (法定有权签字人), looked up when it matters.
package struct StatutorySignatories: Sendable {
  private let database: Database
  private let libraries: IdentityLibraries

  /// Looks up in our register first, then in the legal-entity library.
  package init(database: Database, libraries: IdentityLibraries) {
    self.database = database
    self.libraries = libraries
  }

  /// Looks an organization's signatory up, outside of a transaction.
  ///
  /// - Parameters:
  ///   - code: The organization's code.
  ///   - requestID: The id of the look-up; a repeat finds the same.
  /// - Returns: Nothing if neither our register nor the library knows the organization as active with a
  ///   legal representative.
  /// - Throws: `AccountError.sourceUnavailable` if our register does not know it and the library does not
  ///   answer.
  package func signatory(
    of code: UnifiedSocialCreditCode,
    requestID: UUID
  ) async throws -> PersonRecord? {
    try await found(code, requestID: requestID).signatory
  }

  /// Looks up whether an organization can take part, and who signs for it, outside of a transaction.
  ///
  /// - Parameters:
  ///   - organization: The organization, by its code and the name that it is said to have.
  ///   - requestID: The id of the look-up; a repeat finds the same.
  /// - Returns: How it stands.
  /// - Throws: `AccountError.sourceUnavailable` if our register does not know it and the library does not
  ///   answer.
  package func standing(
    of organization: OrganizationRecord,
    requestID: UUID
  ) async throws -> OrganizationStanding {
    let found = try await found(organization.creditCode, requestID: requestID)
    switch found.outcome {
    case .notFound: return .unknown
    case .notActive: return .inactive
    case .nameMismatch: return .named("")
    case .found, .legalRepresentativeMismatch: break
    case .sourceUnavailable, .timeout, .quota: throw AccountError.sourceUnavailable
    }
    let name = PartyRules.normalizedEnterpriseName(found.enterpriseName)
    if !name.isEmpty, name != organization.enterpriseName { return .named(name) }
    if found.entityType?.entityClass == .branch { return .branch }
    return .active(signatory: found.signatory)
  }

  /// What our register says of an organization or, if it does not know it, the library.
  private func found(
    _ code: UnifiedSocialCreditCode,
    requestID: UUID
  ) async throws -> Found {
    let registered = try await database.withTransaction { transaction in
      try await EntityRegister(transaction).entity(code)
    }
    if let registered {
      return Found(
        outcome: .found,
        enterpriseName: registered.enterpriseName,
        entityType: registered.entityType,
        signatory: registered.responsiblePerson
      )
    }
    let answer = try await libraries.lookUpEntity(code, requestID)
    switch answer.outcome {
    case .sourceUnavailable, .timeout, .quota: throw AccountError.sourceUnavailable
    case .found, .notFound, .nameMismatch, .legalRepresentativeMismatch, .notActive: break
    }
    return Found(
      outcome: answer.outcome,
      enterpriseName: answer.enterpriseName,
      entityType: EntityType(answer.entityType),
      signatory: answer.outcome == .found ? answer.legalRepresentative : nil
    )
  }

  private struct Found {
    let outcome: EntityLookUp.Outcome
    let enterpriseName: String
    let entityType: EntityType?
    let signatory: PersonRecord?
  }
}

/// Whether an organization can take part in another entity, by what is known of it.
package enum OrganizationStanding: Hashable, Sendable {
  /// It exists under its name; its statutory signatory, if known.
  case active(signatory: PersonRecord?)
  /// Neither our register nor the legal-entity library has it.
  case unknown
  /// It was cancelled or revoked, or is otherwise not active.
  case inactive
  /// Its code belongs to another name; empty if that name is not told.
  case named(String)
  /// It is a branch, without legal personality.
  case branch
}
