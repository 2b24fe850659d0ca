package import APIConventions
package import Foundation
package import Postgres
package import Vocabulary

/// Who has an account, and who may act: what later rooms ask, in their own transaction.
package struct AccountDirectory: Sendable {
  private let transaction: Transaction

  /// The directory, in an open transaction.
  package init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The account of that id.
  ///
  /// - Throws: `PostgresError`.
  package func account(_ id: RegionalID) async throws -> Account? {
    try await AccountStore(transaction).account(id)
  }

  /// The accounts by which persons act, as `Account.people` says, by identity number.
  ///
  /// - Parameter numbers: The persons; one who acts by none is missing from the answer.
  /// - Returns: The question, for a transaction.
  package static func accounts(
    ofPeople numbers: Set<String>
  ) -> Query<[String: Set<RegionalID>]> {
    AccountStore.accounts(ofPeople: Array(numbers))
  }

  /// The live account of a person: one that the population library has refused is none.
  ///
  /// - Throws: `PostgresError`.
  package func account(ofPerson number: ResidentIdentityNumber) async throws -> Account? {
    try await AccountStore(transaction).liveAccount(ofPerson: true, code: number.description)
  }

  /// The live account of an organization: one that the legal-entity library has refused is none.
  ///
  /// - Throws: `PostgresError`.
  package func account(ofOrganization code: UnifiedSocialCreditCode) async throws -> Account? {
    try await AccountStore(transaction).liveAccount(ofPerson: false, code: code.description)
  }

  /// The account, if it may file and sign: real-name, the agreement in force signed, and whoever acts
  /// by it barred neither from online filing nor from registration.
  ///
  /// - Throws: `AccountError.notFound`, `notVerified`, `agreementUnsigned`, `restricted`.
  package func eligibleAccount(_ id: RegionalID, at instant: Date) async throws -> Account {
    let store = AccountStore(transaction)
    guard let account = try await store.account(id) else { throw AccountError.notFound }
    try account.requireEligible(under: try await store.currentAgreementVersion(at: instant))
    try await requireUnrestricted(
      account.people.map(\.identityNumber),
      from: [.onlineFiling],
      at: instant
    )
    return account
  }

  /// Refuses if a restriction bars any of these people from any of that.
  ///
  /// Whoever is barred from all registration is barred from everything.
  ///
  /// - Parameters:
  ///   - people: Everyone concerned, in any order, more than once if need be.
  ///   - scopes: What they are about to do.
  ///   - instant: When.
  /// - Throws: `AccountError.restricted`, which names scope and end and never the person.
  package func requireUnrestricted(
    _ people: [ResidentIdentityNumber],
    from scopes: Set<RestrictionScope>,
    at instant: Date
  ) async throws {
    guard let first = try await restrictions(of: people, from: scopes, at: instant).first else {
      return
    }
    throw AccountError.restricted(first.scope, until: first.until)
  }

  /// The restrictions that bar any of these people from any of that, for rooms that report all of them
  /// as violations.
  ///
  /// - Returns: At most one a person: the one that stands longest.
  /// - Throws: `PostgresError`.
  package func restrictions(
    of people: [ResidentIdentityNumber],
    from scopes: Set<RestrictionScope>,
    at instant: Date
  ) async throws -> [StandingRestriction] {
    try await RestrictionStore(transaction).standing(
      against: Array(Set(people)),
      of: scopes.union([.allRegistration]),
      at: instant
    )
  }
}

/// A restriction that stands against a person.
package struct StandingRestriction: Hashable, Sendable {
  /// Whom it bars; personal data.
  package let person: ResidentIdentityNumber
  /// From what.
  package let scope: RestrictionScope
  /// Until when, exclusive; nothing for ever.
  package let until: Date?
}
