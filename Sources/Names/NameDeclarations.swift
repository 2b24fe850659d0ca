internal import APIConventions
internal import Foundation
internal import Postgres
internal import RegistryAPI
internal import SwiftProtobuf
internal import Vocabulary

/// Declares names: judges candidates and reserves the first that may be, all in one transaction with
/// the declarant's and the scopes' rows locked.
struct NameDeclarations: Sendable {
  private let transaction: Transaction
  private let surroundings: Surroundings
  private var store: ReservationStore { ReservationStore(transaction) }
  private var library: NameLibraryStore { NameLibraryStore(transaction) }

  init(_ transaction: Transaction, _ surroundings: Surroundings) {
    self.transaction = transaction
    self.surroundings = surroundings
  }

  /// Reserves the first candidate that may be reserved.
  ///
  /// - Throws: `NameError.hoarding`, or why no candidate may be reserved: what is nearest to success.
  func reserve(
    _ declaration: NameDeclaration,
    for declarant: RegionalID,
    at instant: Date
  ) async throws -> Reservation {
    let live = try await store.lockDeclarant(declarant, at: instant)
    let limit = surroundings.law.liveReservationLimit
    guard live < limit else { throw NameError.hoarding(limit: limit) }
    try await library.lock(Set(declaration.candidates.map(\.scope)))
    var assessments: [NameAssessment] = []
    for structure in declaration.candidates {
      let found = try await library.search(for: structure, at: instant)
      let assessment = NameAssessment(
        structure,
        among: found.near,
        containing: found.contained,
        under: surroundings.law
      )
      switch assessment.outcome {
      case .reservable:
        return try await reserve(assessment, for: declarant, at: instant)
      case .reservableWithRisk where declaration.similarConfirmed:
        return try await reserve(assessment, for: declarant, at: instant)
      case .reservableWithRisk, .manualReview, .refused: assessments.append(assessment)
      }
    }
    throw NameError(refusing: assessments)
  }

  private func reserve(
    _ assessment: NameAssessment,
    for declarant: RegionalID,
    at instant: Date
  ) async throws -> Reservation {
    let structure = assessment.structure
    let compared = ComparedName(structure)
    let reservations = NameReservations(transaction, newUUID: surroundings.newUUID)
    if let overdue = try await store.overdue(
      exactName: compared.whole,
      in: compared.scope,
      at: instant
    ) {
      try await reservations.save(
        overdue.expired(),
        .reservationExpired,
        unless: nil,
        by: "system",
        at: instant
      )
    }
    let day = CivilDate(instant)
    let sequence = try await store.nextNumber(in: compared.scope, on: day.compactNumber)
    let reservation = Reservation(
      id: surroundings.newID(in: compared.scope),
      number: NameNumber.text(scope: compared.scope, day: day, sequence: sequence),
      candidate: structure.candidate,
      declarant: declarant,
      verdict: try Liaoning_Registry_V1_CheckNameResponse(assessment).serializedBytes(),
      createTime: instant,
      storedState: .reserved,
      expireTime: surroundings.law.reservationEnd(from: instant),
      version: 1
    )
    try await store.insert(
      reservation,
      record: NameLibraryStore.Record(
        libraryID: reservation.libraryID,
        enterpriseName: structure.candidate.enterpriseName,
        division: structure.divisionText,
        compared: compared,
        entityType: structure.candidate.entityType,
        standing: .reserved,
        standingTime: instant,
        blocksUntil: reservation.blocksUntil,
        creditCode: nil
      )
    )
    try await reservations.append(
      .reservationCreated,
      reservation,
      by: declarant.name(in: "accounts"),
      at: instant
    )
    return reservation
  }
}

extension NameError {
  /// Why none of the candidates may be reserved.
  ///
  /// Of several reasons the one that needs least to mend: a confirmation, an examiner, another
  /// trade name, another name.
  init(refusing assessments: [NameAssessment]) {
    if let similar = assessments.first(where: { $0.outcome == .reservableWithRisk }),
      let hit = similar.hits.first
    {
      let name = similar.structure.candidate.enterpriseName
      self = .similarUnconfirmed(hit, candidate: name, count: similar.hits.count)
      return
    }
    let violations = assessments.enumerated().flatMap { index, assessment in
      assessment.violations.map { $0.violation(field: "candidates[\(index)]") }
    }
    if assessments.contains(where: { $0.outcome == .manualReview }) {
      self = .needsManualReview(violations)
      return
    }
    let lawful = assessments.first { assessment in
      !assessment.violations.contains { !$0.rule.isForExaminer }
    }
    if let lawful, let hit = lawful.hits.first {
      self = .taken(hit, candidate: lawful.structure.candidate.enterpriseName)
      return
    }
    self = .unlawful(violations)
  }
}

/// Declaration numbers (名称申报号): `N`, the scope, the day, the business, a sequence of the day and a
/// check digit, 24 characters.
enum NameNumber {
  /// The number of the `sequence`-th name reserved in a scope on a day.
  static func text(scope: RegionCode, day: CivilDate, sequence: Int) -> String {
    "N" + BusinessNumber(authority: scope, day: day, business: "00", serial: sequence).description
  }
}
