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
    let registered = try await database.withTransaction { transaction in
      try await EntityRegister(transaction).statutorySignatory(of: code)
    }
    if let registered { return registered }
    let found = try await libraries.lookUpEntity(code, requestID)
    return switch found.outcome {
    case .found: found.legalRepresentative
    case .notFound, .nameMismatch, .legalRepresentativeMismatch, .notActive: nil
    case .sourceUnavailable, .timeout, .quota: throw AccountError.sourceUnavailable
    }
  }
}
