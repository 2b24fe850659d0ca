package import APIConventions
package import Accounts
package import Foundation
internal import Ledger
package import Postgres
internal import RegistryAPI
internal import SwiftProtobuf
package import Vocabulary

/// The register (登记簿): what stands in it, and the one way in, an approved filing.
package struct EntityRegister: Sendable {
  private let transaction: Transaction

  /// The register, in an open transaction.
  package init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// The entity of a credit code; nil if it is not in this register.
  ///
  /// - Throws: `PostgresError`.
  package func entity(_ code: UnifiedSocialCreditCode) async throws -> Entity? {
    try await EntityStore(transaction).entity(code)
  }

  /// Who signs for an entity (法定有权签字人): its legal representative or operator; nil if it is not in
  /// this register.
  ///
  /// - Throws: `PostgresError`.
  package func statutorySignatory(
    of code: UnifiedSocialCreditCode
  ) async throws -> PersonRecord? {
    try await EntityStore(transaction).responsiblePerson(of: code)
  }

  /// Enters a new entity, with a credit code made of the next free subject code.
  ///
  /// - Parameters:
  ///   - establishment: Its items.
  ///   - id: Its id, made by the caller.
  ///   - eventID: The id of the event that tells of it, a UUID v7.
  ///   - filing: The name of the approved filing.
  ///   - actor: Who approved, as a resource name.
  ///   - instant: When.
  /// - Returns: The entity, of version 1.
  /// - Throws: `EntityError.codePoolEmpty`, `incomplete`.
  package func establish(
    _ establishment: Establishment,
    id: RegionalID,
    eventID: UUID,
    filing: String,
    by actor: String,
    at instant: Date
  ) async throws -> Entity {
    let violations = EntityRules.violations(in: establishment)
    guard violations.isEmpty else { throw EntityError.incomplete(violations) }
    let subject = try await CodePool(transaction).take(for: id)
    guard
      let creditCode = CreditCodes.code(
        of: establishment.entityType,
        authority: establishment.authority,
        subject: subject
      )
    else { throw EntityError.codePoolSpoilt }
    let entity = Entity(id: id, creditCode: creditCode, items: establishment, version: 1)
    let face = Liaoning_Registry_V1_LicenseFace(entity)
    try await EntityStore(transaction).insert(
      entity,
      face: try face.serializedBytes(),
      filing: filing,
      at: instant
    )
    let event = LedgerEvent(
      .entityEstablished,
      of: id,
      named: entity.name,
      version: entity.version,
      filing: filing,
      entity: entity.name,
      by: actor,
      at: instant,
      details: [
        "credit_code": entity.creditCode.description,
        "enterprise_name": entity.enterpriseName,
        "entity_type": entity.entityType.code,
      ]
    )
    try await Ledger(transaction).append(event, state: face, id: eventID)
    return entity
  }
}

extension EventKind {
  static let entityEstablished = EventKind(rawValue: "entity.established")
}

extension Liaoning_Registry_V1_LicenseFace {
  /// The public items of an entity; the authority's name is left to whoever prints them.
  init(_ entity: Entity) {
    self = .with {
      $0.creditCode = entity.creditCode.description
      $0.enterpriseName = entity.enterpriseName
      $0.entityType = entity.entityType.code
      $0.responsiblePersonName = entity.responsiblePerson.fullName
      $0.capitalFen = entity.capitalFen ?? 0
      $0.place = entity.domicile
      $0.scope = entity.scopeItems.map(\.text).joined(separator: "；")
      $0.establishmentDate = entity.establishmentDate.description
      $0.termEndDate = entity.termEndDate?.description ?? ""
      $0.authorityCode = entity.authority.description
      $0.compositionForm = entity.compositionForm ?? ""
    }
  }
}
